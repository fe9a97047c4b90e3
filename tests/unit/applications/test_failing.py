"""Minutes in which most answers were failures, and the spans that they make (ADR 110)."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from services.applications.domain.failing import Spans, behind, follow, goes_on, is_bad, told
from services.chassis.telemetry.answering import MOST_ASKERS, MOST_MINUTES, Answered, Minute
from services.contracts.beats import Gap

NOON = datetime(2027, 4, 15, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minute(number: int, failed: int = 20, asked: int = 20, service: str = "offers", *, of_one: int = 0) -> Minute:
    """`of_one` of the failures were answered to one alone."""
    return Minute(NOON + number * MINUTE, service, asked, failed, asked - of_one, failed - of_one)


@pytest.mark.parametrize(
    ("asked", "failed", "bad"),
    [(20, 20, True), (19, 19, False), (20, 10, False), (20, 11, True), (1000, 500, False), (1000, 501, True)],
)
def test_a_minute_is_bad_by_more_than_so_many_of_at_least_so_many(asked: int, failed: int, bad: bool) -> None:
    assert is_bad(minute(0, failed, asked), 50, 20) is bad


@pytest.mark.parametrize(
    ("asked", "failed", "of_one", "bad"),
    [
        (20, 20, 15, True),
        (20, 20, 16, False),
        (1000, 1000, 995, True),
        (1000, 1000, 996, False),
        (1000, 600, 200, False),
        (1000, 602, 200, True),
    ],
)
def test_one_alone_makes_no_minute_bad(asked: int, failed: int, of_one: int, bad: bool) -> None:
    """Who has found a request that fails; without theirs so many of a hundred must have failed for the others."""
    assert is_bad(minute(0, failed, asked, of_one=of_one), 50, 20) is bad


def test_who_most_failures_were_answered_to_is_left_out_of_what_is_told_of_others() -> None:
    answered = Answered()
    for who, failed in (("zoe", True), ("zoe", True), ("zoe", False), ("kim", True), ("kim", False), ("", True)):
        answered.count("offers", NOON, failed=failed, who=who)
    (told,) = answered.over(NOON + MINUTE)
    assert (told.asked, told.failed, told.asked_by_others, told.failed_for_others) == (6, 4, 3, 2)
    for number in range(MOST_ASKERS + 10):
        answered.count("offers", NOON, failed=False, who=f"other {number}")
    for _ in range(2):
        answered.count("offers", NOON, failed=True, who="kim")
        answered.count("offers", NOON, failed=True, who=f"other {MOST_ASKERS + 9}")
    (told,) = answered.over(NOON + MINUTE)
    assert (told.failed, told.failed_for_others) == (8, 5)


def test_who_asked_in_a_minute_that_is_over_takes_no_memory_while_nobody_reads_it() -> None:
    """In an outage nobody does, for two hours."""
    tracemalloc.start()
    try:
        answered = Answered()
        for at in (NOON + number * MINUTE for number in range(20)):
            for number in range(MOST_ASKERS):
                answered.count("offers", at, failed=number < 3, who=f"other {max(number, 2)}")
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    told = answered.over(NOON + 20 * MINUTE)
    assert {(each.asked, each.failed, each.asked_by_others, each.failed_for_others) for each in told} == {
        (MOST_ASKERS, 3, MOST_ASKERS - 3, 0)
    }
    assert taken < 1_000_000


def test_two_bad_minutes_in_a_row_are_a_span_that_grows_and_one_is_none() -> None:
    spans, found = follow(Spans(), [minute(0), minute(0, service="accounts")], 50, 20)
    assert found == {}
    spans, found = follow(spans, [minute(1), minute(1, 0, service="accounts")], 50, 20)
    assert found == {"offers": [Gap(NOON, NOON + 2 * MINUTE)]}
    spans, found = follow(spans, [minute(2), minute(2, service="accounts")], 50, 20)
    assert found == {"offers": [Gap(NOON, NOON + 3 * MINUTE)]}
    spans, found = follow(spans, [minute(3, 0), minute(4)], 50, 20)
    assert found == {}
    _, found = follow(spans, [minute(5), minute(6, asked=0, failed=0), minute(7), minute(8)], 50, 20)
    assert found == {"offers": [Gap(NOON + 4 * MINUTE, NOON + 6 * MINUTE), Gap(NOON + 7 * MINUTE, NOON + 9 * MINUTE)]}


def test_what_is_answered_is_counted_by_minute_and_service_until_it_is_read_and_never_without_a_bound() -> None:
    answered = Answered()
    for second, failed in ((0, True), (59, False), (60, True)):
        answered.count("offers", NOON + timedelta(seconds=second), failed=failed)
    answered.count("accounts", NOON, failed=False)
    assert answered.over(NOON + timedelta(seconds=59.9)) == []
    over = answered.over(NOON + MINUTE)
    assert over == [minute(0, 0, 1, "accounts"), minute(0, 1, 2)]
    answered.forget(over)
    assert answered.over(NOON + MINUTE) == []
    for number in range(1, MOST_MINUTES + 2):
        answered.count("offers", NOON + number * MINUTE, failed=True)
    kept = answered.over(NOON + timedelta(days=1))
    assert (len(kept), kept[0].at, kept[-1].at) == (
        MOST_MINUTES,
        NOON + 2 * MINUTE,
        NOON + (MOST_MINUTES + 1) * MINUTE,
    )


@pytest.mark.parametrize(
    ("begins", "ends", "is_told", "is_one", "left"),
    [
        (-1, 10, True, True, 0),  # of a stop, which was seen in the midst of a minute
        (0, 11, False, True, 1),
        (-2, 10, False, True, 12),  # of another process, which has seen two minutes more
        (-3, -1, False, False, 2),
        (10, 12, False, True, 2),
        (20, 22, False, True, 2),
        (21, 23, False, False, 2),
    ],
)
def test_a_span_is_told_by_an_incident_goes_on_from_it_or_lies_behind_it(
    begins: int, ends: int, is_told: bool, is_one: bool, left: int
) -> None:
    span, there = Gap(NOON + begins * MINUTE, NOON + ends * MINUTE), Gap(NOON, NOON + 10 * MINUTE)
    after = behind(span, there)
    assert (told(span, there), goes_on(span, there, 10 * MINUTE), after.ends - after.begins) == (
        is_told,
        is_one,
        left * MINUTE,
    )
