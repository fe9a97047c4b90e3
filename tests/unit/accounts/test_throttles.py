"""Who is slowed down, and who is not (acceptance 15, 109)."""

import math
from datetime import timedelta

import pytest

from services.accounts.domain.throttles import (
    FAILURES_OF_LINE,
    FAILURES_OF_NETWORK,
    NOWHERE,
    SHARDS,
    TRIES,
    TRIES_OF_ALL,
    TRIES_OF_NETWORK,
    TRIES_OF_STRANGERS,
    Measure,
    Pace,
    ThrottleLimit,
    hourly,
    requests,
    searches,
    tries,
    tries_at_one,
)
from services.contracts.slowing import Limit, Past
from tests.unit.accounts.builders import NOW

INSTANT = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


def came(measure: Measure, times: int) -> Past:
    """One each second."""
    past: Past = ()
    for second in range(times):
        past = measure.counted(past, NOW + second * SECOND)
    return past


def test_ten_tries_in_five_minutes_and_the_next_one_waits() -> None:
    assert Limit(10, timedelta(minutes=5)) == TRIES
    assert TRIES.wait(came(TRIES, 9), NOW + 10 * SECOND) == 0
    assert TRIES.wait(came(TRIES, 10), NOW + 10 * SECOND) == 290
    assert TRIES.wait(came(TRIES, 10), NOW + TRIES.window - INSTANT) == 1
    assert TRIES.wait(came(TRIES, 10), NOW + TRIES.window) == 0


def test_no_more_is_remembered_than_counts() -> None:
    assert len(came(TRIES, 25)) == TRIES.times
    assert TRIES.counted(came(TRIES, 10), NOW + timedelta(hours=1)) == (NOW + timedelta(hours=1),)
    assert len(came(TRIES_OF_ALL, 25)) == 1


def test_a_pace_lets_so_many_come_at_once_and_then_one_at_a_time() -> None:
    pace = Pace(3, timedelta(minutes=1))
    past: Past = ()
    for _ in range(3):
        assert pace.wait(past, NOW) == 0
        past = pace.counted(past, NOW)
    assert pace.wait(past, NOW) == 60
    assert pace.wait(past, NOW + timedelta(minutes=1) - INSTANT) == 1
    assert pace.wait(past, NOW + timedelta(minutes=1)) == 0
    past = pace.counted(past, NOW + timedelta(minutes=1))
    assert pace.wait(past, NOW + timedelta(minutes=1)) == 60
    assert pace.wait(past, NOW + timedelta(minutes=1) + pace.kept) == 0
    assert pace.counted(past, NOW + timedelta(hours=1)) == (NOW + timedelta(hours=1, minutes=1),)


@pytest.mark.parametrize(("number", "pace"), [(60, Pace(20, timedelta(minutes=1))), (1, Pace(1, timedelta(hours=1)))])
def test_a_third_of_an_hour_may_come_at_once(number: int, pace: Pace) -> None:
    assert hourly(number) == pace


def bounds(whose: str = "z@etu.test", line: str | None = "203.0.113.7", **more: object) -> dict[str, ThrottleLimit]:
    network = "203.0.113.0/24" if line else None
    device, standing = more.get("device"), bool(more.get("standing"))
    assert device is None or isinstance(device, str)
    return {bound.key: bound for bound in tries(whose, line, network, device, standing=standing)}


def test_a_stranger_is_bounded_by_account_and_line_then_network_then_account_then_line_then_network() -> None:
    measures = [bound.measure for bound in bounds().values()]
    assert measures == [TRIES, TRIES_OF_NETWORK, TRIES_OF_STRANGERS, FAILURES_OF_LINE, FAILURES_OF_NETWORK]
    assert [bound.measure for bound in bounds(standing=True).values()][2] == TRIES_OF_ALL


def test_a_known_device_is_bounded_by_itself_alone() -> None:
    assert [bound.measure for bound in bounds(device="d").values()] == [TRIES]
    assert not bounds(device="d").keys() & bounds().keys()


def test_what_a_link_forgives_is_about_its_account_alone() -> None:
    for standing in (True, False):
        forgiven = tries_at_one("z@etu.test", "203.0.113.7", "203.0.113.0/24", standing=standing)
        assert [*bounds(standing=standing).values()][: len(forgiven)] == forgiven
        assert len(forgiven) == 3


def test_what_bounds_one_account_or_line_does_not_bound_another() -> None:
    others = bounds("kim@etu.test").keys() & bounds().keys()
    assert [bounds()[key].measure for key in bounds() if key in others] == [FAILURES_OF_LINE, FAILURES_OF_NETWORK]
    elsewhere = {bound.key for bound in tries("z@etu.test", "198.51.100.1", "198.51.100.0/24", None, standing=False)}
    assert [bounds()[key].measure for key in bounds() if key in elsewhere] == [TRIES_OF_STRANGERS]


def test_who_comes_from_nowhere_is_bounded_by_account() -> None:
    assert [bound.measure for bound in bounds(line=None).values()] == [TRIES, TRIES_OF_NETWORK, TRIES_OF_STRANGERS]


def test_names_of_bounds_are_digests() -> None:
    for key in bounds():
        assert "etu" not in key
        assert "203" not in key.partition(":")[0]


def test_requests_are_bounded_by_line_network_and_a_part_of_all() -> None:
    found = requests("203.0.113.7", "203.0.113.0/24", per_line=60, per_network=600, for_all=SHARDS * 60)
    assert [bound.measure for bound in found] == [hourly(60), hourly(600), hourly(60)]
    nowhere = requests(None, None, per_line=60, per_network=600, for_all=1)
    assert [bound.measure for bound in nowhere] == [hourly(600), hourly(1)]
    assert nowhere[0].key == requests(None, NOWHERE, per_line=1, per_network=1, for_all=1)[0].key
    assert [bound.measure for bound in requests(None, None, per_line=1, per_network=1, for_all=6 * SHARDS + 1)] == [
        hourly(1),
        hourly(6),
    ]


def test_what_bounds_requests_of_one_line_or_network_does_not_bound_another() -> None:
    def keys(line: str | None, network: str) -> list[str]:
        return [bound.key for bound in requests(line, network, per_line=60, per_network=600, for_all=6000)]

    mine = keys("203.0.113.7", "203.0.113.0/24")
    assert len({*mine}) == 3
    assert keys("203.0.113.8", "203.0.113.0/24")[1:] == mine[1:]
    assert not {*keys("198.51.100.7", "198.51.100.0/24")[:2]} & {*mine}
    assert len({keys(None, f"10.{number}.0.0/24")[-1] for number in range(40 * SHARDS)}) == SHARDS


@pytest.mark.parametrize("measure", [Limit(10, timedelta(minutes=5)), Pace(60, timedelta(minutes=5))])
def test_what_came_while_a_clock_was_ahead_keeps_nobody_out_when_it_is_right(measure: Measure) -> None:
    past: Past = ()
    ahead = NOW + timedelta(days=8)
    for _ in range(10 if isinstance(measure, Limit) else 60):
        past = measure.counted(past, ahead)
    assert measure.wait(past, ahead)
    assert not measure.wait(past, NOW)
    assert measure.counted(past, NOW) == measure.counted((), NOW)


@pytest.mark.parametrize("most", [1, 25, 50])
def test_searches_are_paced_by_the_people_asked_for_however_long_a_page_is(most: int) -> None:
    """1,500 at once, and from then on one more in 0.4 seconds."""
    past: Past = ()
    for _ in range(1500 // most):
        (bound,) = searches("staff:kim", most)
        assert bound.measure.wait(past, NOW) == 0
        past = bound.measure.counted(past, NOW)
    wait = math.ceil(most * 0.4)
    assert searches("staff:kim", most)[0].measure.wait(past, NOW) == wait
    assert searches("staff:kim", most)[0].measure.wait(past, NOW + timedelta(seconds=wait)) == 0
    assert searches("staff:kim", 50)[0].measure.wait(past, NOW) == 20
