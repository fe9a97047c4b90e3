"""The institution's parameters and how they came to be: one aggregate, each change of which is a revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.parameter_rules import Value
from services.contracts.parameters import RULES, Parameters, unfit_for_production, value_of, with_values
from services.contracts.refusals import INVALID_FIELDS, STALE_VERSION
from services.offers.domain.events import ParametersChanged

MAX_REVISIONS: Final = 500
"""How many revisions are remembered; the oldest go."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter that is other than before."""

    key: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Revision:
    """Who changed what, and when; `actor` as events name them."""

    number: int
    at: datetime
    actor: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterSheet:
    """What is in force and since which revision, 0 as long as nothing was said; `history` begins with the oldest."""

    revision: int
    parameters: Parameters
    history: tuple[Revision, ...] = ()


Changed = tuple[ParameterSheet, tuple[ParametersChanged, ...]]


def begin(first: Parameters, at: datetime, actor: str) -> Changed:
    """The first revision: what an institution starts with."""
    return ParameterSheet(1, first, (Revision(1, at, actor),)), (ParametersChanged(),)


def change(
    sheet: ParameterSheet,
    given: Mapping[str, object],
    at: datetime,
    actor: str,
    *,
    expected: int | None = None,
    in_production: bool = False,
) -> Changed:
    """Give parameters other values; no fact if nothing is different.

    `expected` is the revision that was looked at. Raises INVALID_FIELDS with all that is wrong, STALE_VERSION.
    """
    after, faults = with_values(sheet.parameters, given)
    if in_production:
        faults += [fault for fault in unfit_for_production(after) if fault.field in given]
    if faults:
        raise INVALID_FIELDS(fields=faults)
    found = differences(sheet.parameters, after)
    if not found:
        return sheet, ()
    if expected not in (None, sheet.revision):
        raise STALE_VERSION(version=sheet.revision)
    revision = Revision(sheet.revision + 1, at, actor, found)
    history = (*sheet.history, revision)[-MAX_REVISIONS:]
    return ParameterSheet(revision.number, after, history), (ParametersChanged(),)


def differences(before: Parameters, after: Parameters) -> tuple[Difference, ...]:
    """The parameters that are other than before, in the order of their declaration."""
    pairs = [(key, value_of(before, key), value_of(after, key)) for key in RULES]
    return tuple(Difference(key, old, new) for key, old, new in pairs if old != new)
