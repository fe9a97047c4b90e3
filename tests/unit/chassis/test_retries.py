"""Pauses before another try grow to a limit, differ by chance, and begin anew after success."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.chassis.retries import AWAY, Retries
from services.contracts.backoff import Backoff

SECOND = timedelta(seconds=1)


def test_pauses_grow_by_the_factor_up_to_the_longest() -> None:
    assert [Backoff(SECOND, 10 * SECOND).after(failures) // SECOND for failures in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    assert [Backoff(SECOND, 100 * SECOND, factor=4).after(n) // SECOND for n in range(1, 6)] == [1, 4, 16, 64, 100]


def test_the_longest_is_met_exactly_and_never_passed() -> None:
    assert [Backoff(SECOND, 8 * SECOND).after(failures) // SECOND for failures in (3, 4, 5)] == [4, 8, 8]
    assert Backoff(10 * SECOND, 8 * SECOND).after(1) == 8 * SECOND


@pytest.mark.parametrize("failures", [-1, 0])
def test_without_a_failure_it_is_the_first(failures: int) -> None:
    assert Backoff(SECOND, 8 * SECOND).after(failures) == SECOND


def test_no_number_of_failures_is_too_many() -> None:
    assert AWAY.after(10**9) == AWAY.longest
    assert Backoff(timedelta(), timedelta()).after(10**9) == timedelta()


@given(some.integers(1, 60))
def test_between_half_and_the_whole_of_a_pause_is_waited(failures: int) -> None:
    retries = Retries(AWAY)
    waited = [retries.failed() for _ in range(failures)][-1]
    assert AWAY.after(failures) / 2 <= timedelta(seconds=waited + 1e-6)
    assert waited <= AWAY.after(failures).total_seconds()
    assert retries.failures == failures


def test_two_that_failed_together_do_not_come_again_together() -> None:
    one, other = Retries(AWAY), Retries(AWAY)
    assert [one.failed() for _ in range(9)] != [other.failed() for _ in range(9)]


def test_success_begins_anew() -> None:
    retries = Retries(AWAY)
    for _ in range(9):
        retries.failed()
    retries.succeeded()
    assert retries.failed() <= AWAY.first.total_seconds()
    assert retries.failures == 1
