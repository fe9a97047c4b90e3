"""Second factors as parts of the documents of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounts.domain.account import Account
from services.accounts.domain.factors import Enrolment, SecondFactor
from services.chassis.ports import Document
from services.contracts.instants import instant, instant_text


def factor_documents(state: Account) -> Document:
    """The members that an account has of its second factor; none where there is none."""
    document: Document = {}
    if (factor := state.second_factor) is not None:
        document["second_factor"] = {
            "sealed": factor.sealed,
            "confirmed_at": instant_text(factor.confirmed_at),
            "step": factor.step,
            "recovery": list(factor.recovery),
        }
    if (enrolment := state.enrolment) is not None:
        document["enrolment"] = {
            "sealed": enrolment.sealed,
            "session": enrolment.session,
            "expires_at": instant_text(enrolment.expires_at),
        }
    return document


def second_factor_of(row: Mapping[str, Any] | None) -> SecondFactor | None:
    """The second factor of a document."""
    if row is None:
        return None
    return SecondFactor(row["sealed"], instant(row["confirmed_at"]), row["step"], tuple(row["recovery"]))


def enrolment_of(row: Mapping[str, Any] | None) -> Enrolment | None:
    """The enrolment of a document."""
    return None if row is None else Enrolment(row["sealed"], row["session"], instant(row["expires_at"]))
