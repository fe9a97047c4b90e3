"""What runs by the clock for work in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from services.chassis.context import CommandContext
from services.chassis.events.parking import Parking
from services.chassis.service.timers import Timer, item_timer
from services.chassis.work.background import Background

MAKE_SECONDS: Final = 5
EXPIRED_SECONDS: Final = 60
STRAYS_SECONDS: Final = 3600


def timers(
    background: Background[Any], make_next: Callable[[CommandContext], Awaitable[int]], parking: Parking
) -> tuple[Timer, ...]:
    """Makes what was asked for, and takes away what is over and what nobody knows of."""
    name, expired = background.name, background.repository.expired
    return (
        Timer(name, MAKE_SECONDS, make_next, background.asked),
        item_timer(
            f"{name}-expired",
            EXPIRED_SECONDS,
            lambda command: expired(command.now),
            background.sweep,
            parking,
            erases=True,
        ),
        Timer(f"{name}-strays", STRAYS_SECONDS, background.sweep_strays, erases=True),
    )
