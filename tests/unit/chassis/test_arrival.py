"""When a request counts as arrived, by what the gateway says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.http.arrival import LONGEST, arrival

NOW = datetime(2027, 2, 1, 23, 0, 0, 500_000, tzinfo=UTC)
SYSTEM = 1795386123.456


def test_the_first_byte_counts_on_the_suite_s_clock() -> None:
    """The suite's clock may be shifted: what is taken over is how long ago it was."""
    assert arrival("1795386121.456 0.250", NOW, SYSTEM) == NOW - timedelta(seconds=2.25)
    assert arrival("1795386123.456 0.000", NOW, SYSTEM) == NOW


def test_a_gateway_whose_clock_is_ahead_makes_nobody_late() -> None:
    assert arrival("1795386133.456 0.000", NOW, SYSTEM) == NOW
    assert arrival("1795386133.456 4.000", NOW, SYSTEM) == NOW


def test_nothing_arrived_longer_ago_than_a_request_can_take() -> None:
    exactly = f"{SYSTEM - LONGEST.total_seconds():.3f} 0.000"
    beyond = f"{SYSTEM - LONGEST.total_seconds():.3f} 0.001"
    assert arrival(exactly, NOW, SYSTEM) == NOW - LONGEST
    assert arrival(beyond, NOW, SYSTEM) == NOW - LONGEST
    assert arrival("1000000000.000 0.000", NOW, SYSTEM) == NOW - LONGEST


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "now",
        "1795386121.456",
        "1795386121 0",
        "1795386121.4567 0.000",
        "-1795386121.456 0.000",
        "1795386121.456 -1.000",
        "1795386121.456 0.000 ",
        "nan inf",
        "1795386121.456 999999.000",
        "١٧٩٥٣٨٦١٢١.٤٥٦ 0.000",
    ],
)
def test_what_the_gateway_does_not_write_counts_as_now(value: str | None) -> None:
    assert arrival(value, NOW, SYSTEM) == NOW
