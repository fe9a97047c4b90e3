"""What is wrong with somebody whom the student records hold, or do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.domain.reconciling import (
    MOST_KEPT,
    OUTDATED_AFTER,
    SETTLING,
    Comparison,
    Difference,
    Differing,
    Outcome,
    difference,
    first_of_each,
    is_among_lost,
    is_outdated,
    since,
    with_difference,
)

AS_OF = datetime(2027, 2, 1, 3, 0, tzinfo=UTC)
BEFORE = AS_OF - SETTLING


def record(state: PreEnrolmentState, *, since: datetime = BEFORE, due: datetime | None = None) -> PreEnrolment:
    return PreEnrolment("zoe", "M1", "2027", state=state, since=since, revision=7, due=due)


DONE, REFUSED, CANCELLED, WAITING = (
    PreEnrolmentState.DONE,
    PreEnrolmentState.REFUSED,
    PreEnrolmentState.CANCELLED,
    PreEnrolmentState.WAITING,
)


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (None, 7, Difference.UNKNOWN),
        (None, 0, None),
        (record(DONE), 7, None),
        (record(DONE), 0, Difference.MISSING),
        (record(DONE), 6, Difference.REVISION),
        (record(DONE), 8, Difference.REVISION),
        (record(REFUSED), 7, Difference.UNEXPECTED),
        (record(REFUSED), 0, None),
        (record(CANCELLED), 7, Difference.UNEXPECTED),
        (record(CANCELLED), 0, None),
        (record(WAITING, due=AS_OF), 7, None),
        (record(CANCELLED, due=AS_OF), 7, None),
        (record(DONE, since=BEFORE + timedelta(milliseconds=1)), 0, None),
        (record(CANCELLED, since=AS_OF + timedelta(hours=1)), 7, None),
    ],
)
def test_who_is_settled_on_both_sides_is_compared_and_who_is_under_way_is_not(
    here: PreEnrolment | None, there: int, expected: Difference | None
) -> None:
    assert difference(here, there, AS_OF) is expected


@pytest.mark.parametrize(("what", "most"), [(Difference.MISSING, 5_000), (Difference.REVISION, 100)])
def test_all_that_differ_are_counted_and_the_first_are_kept(what: Difference, most: int) -> None:
    """Of those who are missing as many as can be handed over anew before the next night."""
    assert MOST_KEPT[what] == most
    found = Comparison("2027", AS_OF, Outcome.SAME)
    for number in range(most + 1):
        found = with_difference(found, Differing(f"ref{number}", what, 7, 0))
    assert (found.outcome, dict(found.counts)) == (Outcome.DIFFERENT, {what: most + 1})
    assert [each.reference for each in found.differing] == [f"ref{number}" for number in range(most)]
    assert is_among_lost(found, f"ref{most - 1}", record(DONE)) == (what is Difference.MISSING)
    assert not is_among_lost(found, f"ref{most}", record(DONE))
    hidden = with_difference(found, unknown := Differing("unheard-of", Difference.UNKNOWN, 0, 1))
    assert hidden.differing[-1] == unknown, "of each kind"
    assert [each.reference for each in first_of_each(hidden)] == [
        *(f"ref{number}" for number in range(100)),
        "unheard-of",
    ]


@pytest.mark.parametrize("outcome", Outcome)
def test_what_was_found_stays_while_nothing_can_be_compared(outcome: Outcome) -> None:
    before = with_difference(Comparison("2027", AS_OF, Outcome.SAME), Differing("ref", Difference.MISSING, 7, 0))
    after = since(Comparison("2027", AS_OF, outcome), before)
    stays = outcome not in (Outcome.SAME, Outcome.DIFFERENT)
    assert (after.outcome, after.counts, after.differing) == (
        (outcome, before.counts, before.differing) if stays else (outcome, {}, ())
    )
    assert since(after, None) is after


def test_what_they_said_too_long_ago_tells_nothing() -> None:
    assert not is_outdated(AS_OF, AS_OF + OUTDATED_AFTER)
    assert is_outdated(AS_OF, AS_OF + OUTDATED_AFTER + timedelta(milliseconds=1))
    assert not is_outdated(AS_OF, AS_OF - SETTLING), "clocks differ a little"
    assert is_outdated(AS_OF, AS_OF - SETTLING - timedelta(milliseconds=1))
