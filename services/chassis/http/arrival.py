"""When a request arrived: what counts is its first byte at the gateway, not the moment at which it was handled."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

ARRIVED: Final = "Parvis-Arrived"
"""Set by the gateway alone: seconds since 1970 when the head of the request was complete, and how long that had taken."""

LONGEST: Final = timedelta(minutes=15)
"""No request is under way for longer; what claims to be is taken for this old."""

_VALUE: Final = re.compile(r"([0-9]{9,11}\.[0-9]{3}) ([0-9]{1,5}\.[0-9]{3})")


def arrival(value: str | None, now: datetime, system: float) -> datetime:
    """The instant, on the suite's clock that shows `now`, at which the first byte of a request reached the gateway.

    `value` is the header, `system` the time of this machine in seconds since 1970. Anything but what the gateway writes
    counts as now, and so does an arrival in the future: two machines' clocks differ.
    """
    matched = _VALUE.fullmatch(value) if value is not None else None
    if matched is None:
        return now
    delay = timedelta(milliseconds=round((system - float(matched[1]) + float(matched[2])) * 1000))
    return now - min(max(delay, timedelta()), LONGEST)
