"""Beats: that the service was there, minute by minute, from which it is known afterwards when it was not (ADR 110)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple


class Uptime(NamedTuple):
    """For how long a machine has run since it was started, which no clock changes, and a name of that start."""

    boot: str
    ran: timedelta


@dataclass(frozen=True, slots=True)
class Beat:
    """When somebody saw the service work, by the clock and by the machine."""

    at: datetime
    uptime: Uptime


class Gap(NamedTuple):
    """From when until when nobody did."""

    begins: datetime
    ends: datetime


def gap(last: Beat, now: Beat, least: timedelta) -> Gap | None:
    """The gap between two beats, if it is one: that of a clock that leapt while the machine ran is none.

    Where the machine was started anew nothing but the clock can tell.
    """
    lasted = now.at - last.at
    if last.uptime.boot == now.uptime.boot:
        lasted = now.uptime.ran - last.uptime.ran
    return Gap(now.at - lasted, now.at) if lasted >= least else None
