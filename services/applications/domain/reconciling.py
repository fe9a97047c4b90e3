"""What the student records say that they hold, against what was handed over to them: what one of them lacks shows.

Of who is under way nothing can be said: they may know of it already, or not yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.pre_enrolment_states import PreEnrolmentState

OUTDATED_AFTER: Final = timedelta(hours=36)
"""What they said before that is no comparison: a table that nobody renews would hide whom they have lost."""
SETTLING: Final = timedelta(minutes=15)
"""How long before they spoke somebody may have been on the way to them, though the record says it was done by then."""


class Difference(StrEnum):
    """What is wrong with one."""

    MISSING = "missing"
    """They have taken this person, and do not hold them."""
    UNEXPECTED = "unexpected"
    """They hold somebody whom they have refused or let go of."""
    REVISION = "revision"
    """They hold another revision than the one that they have taken."""
    UNKNOWN = "unknown"
    """They hold somebody of whom nothing is known here."""


MOST_SHOWN: Final = 100
"""Differences of one kind in a campaign that are shown one by one; all are counted. Who is unknown here hides nobody."""
MOST_KEPT: Final[Mapping[Difference, int]] = {**dict.fromkeys(Difference, MOST_SHOWN), Difference.MISSING: 5_000}
"""Those who are missing can be handed over anew: as many in a night as a table that was set back may have lost; 0.5 MB."""


class Outcome(StrEnum):
    """What a comparison has come to."""

    SAME = "same"
    DIFFERENT = "different"
    OUTDATED = "outdated"
    """What they say is too old to tell."""
    SILENT = "silent"
    """They do not say whom they hold."""
    UNAVAILABLE = "unavailable"
    """They could not be asked, or not be understood."""


@dataclass(frozen=True, slots=True)
class Differing:
    """One who is not the same here and there, by reference; a revision is 0 where there is none."""

    reference: str
    what: Difference
    here: int
    there: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of one campaign: what came of it and when, and of which moment they spoke; `differing` are the first of each kind."""

    campaign: str
    at: datetime
    outcome: Outcome
    as_of: datetime | None = None
    here: int = 0
    there: int = 0
    counts: Mapping[Difference, int] = field(default_factory=dict)
    differing: tuple[Differing, ...] = ()


def difference(record: PreEnrolment | None, there: int, as_of: datetime) -> Difference | None:
    """What is wrong with one whom they hold in the revision `there`, or with 0 not; None: nothing, or it is under way."""
    if record is None:
        return Difference.UNKNOWN if there else None
    if record.due is not None or (record.since is not None and record.since > as_of - SETTLING):
        return None
    if record.state is PreEnrolmentState.DONE:
        if not there:
            return Difference.MISSING
        return None if there == record.revision else Difference.REVISION
    return Difference.UNEXPECTED if there else None


def is_held(record: PreEnrolment) -> bool:
    """Whether they should hold this person."""
    return record.state is PreEnrolmentState.DONE


def is_among_lost(comparison: Comparison, reference: str, record: PreEnrolment) -> bool:
    """Whether a comparison names somebody as missing there, and nothing was asked for them since."""
    return any(each.reference == reference and is_still_lost(each, record) for each in comparison.differing)


def is_still_lost(differing: Differing, record: PreEnrolment) -> bool:
    """Whether that was said of this record as missing there, and nothing was asked for them since."""
    return differing.what is Difference.MISSING and is_held(record) and differing.here == record.revision


def first_of_each(comparison: Comparison) -> list[Differing]:
    """What is shown of it: the first of each kind."""
    found, counts = list[Differing](), Counter[Difference]()
    for each in comparison.differing:
        counts[each.what] += 1
        if counts[each.what] <= MOST_SHOWN:
            found.append(each)
    return found


def is_told(comparison: Comparison) -> bool:
    """Whether it could be compared."""
    return comparison.outcome in (Outcome.SAME, Outcome.DIFFERENT)


def since(comparison: Comparison, before: Comparison | None) -> Comparison:
    """The comparison with what the one `before` it has shown, where nothing could be compared: who is lost stays so."""
    if before is None or is_told(comparison):
        return comparison
    return replace(comparison, counts=before.counts, differing=before.differing)


def with_difference(comparison: Comparison, differing: Differing) -> Comparison:
    """The comparison with one more that differs."""
    count = comparison.counts.get(differing.what, 0) + 1
    counts = {**comparison.counts, differing.what: count}
    kept = (*comparison.differing, differing) if count <= MOST_KEPT[differing.what] else comparison.differing
    return replace(comparison, outcome=Outcome.DIFFERENT, counts=counts, differing=kept)


def is_outdated(as_of: datetime, now: datetime) -> bool:
    """Whether what they said then tells nothing of today; a table of tomorrow would never be too old."""
    return now - as_of > OUTDATED_AFTER or as_of - now > SETTLING
