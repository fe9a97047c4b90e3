"""Under which regime somebody pays fees, from which they are exempt, and how much: for staff and student records alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from services.applications.domain.states import Label
from services.contracts.fee_lists import LARGEST_AMOUNT, FeeItem
from services.contracts.refusals import INVALID_FIELDS, FieldError

MEMBERS: Final = frozenset({"regime", "exemption", "amount"})

_UNKNOWN: Final = {"regime": "unknown-regime", "exemption": "unknown-exemption"}


@dataclass(frozen=True, slots=True)
class ItemAsSet:
    """What the institution called a regime or an exemption when it was set, whatever it calls it later."""

    code: str
    label: Label


@dataclass(frozen=True, slots=True)
class Fees:
    """What staff have said of somebody's fees; `amount` in cents of a euro, from 0 to `LARGEST_AMOUNT`."""

    regime: ItemAsSet | None = None
    exemption: ItemAsSet | None = None
    amount: int | None = None


NOTHING: Final = Fees()
"""Nothing is said of them."""


@dataclass(frozen=True, slots=True)
class FeesSaid:
    """What is said of them: of a list by its code; what is not among `said` stays as it is."""

    regime: str | None = None
    exemption: str | None = None
    amount: int | None = None
    said: frozenset[str] = MEMBERS


@dataclass(frozen=True, slots=True)
class FeeLists:
    """What can be chosen now, in the institution's order."""

    regimes: tuple[FeeItem, ...] = ()
    exemptions: tuple[FeeItem, ...] = ()


def set_fees(fees: Fees, said: FeesSaid, lists: FeeLists) -> Fees:
    """The fees with what is said of them; what was chosen stays as it was called, also where it is chosen no more.

    Raises INVALID_FIELDS for what is not in its list, and for an amount beyond its bounds.
    """
    after = fees
    if "regime" in said.said:
        after = replace(after, regime=_chosen("regime", fees.regime, said.regime, lists.regimes))
    if "exemption" in said.said:
        after = replace(after, exemption=_chosen("exemption", fees.exemption, said.exemption, lists.exemptions))
    if "amount" in said.said:
        if said.amount is not None and not 0 <= said.amount <= LARGEST_AMOUNT:
            raise INVALID_FIELDS(fields=[FieldError("amount", "not-an-amount")])
        after = replace(after, amount=said.amount)
    return after


def _chosen(name: str, there: ItemAsSet | None, code: str | None, items: Iterable[FeeItem]) -> ItemAsSet | None:
    if code is None:
        return None
    if there is not None and code == there.code:
        return there
    for each in items:
        if each.code == code:
            return ItemAsSet(code, {"fr": each.fr, "en": each.en} if each.en else {"fr": each.fr})
    raise INVALID_FIELDS(fields=[FieldError(name, _UNKNOWN[name])])
