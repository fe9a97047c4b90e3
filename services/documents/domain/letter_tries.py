"""Slowing down who tries names on a letter whose code they know: its digest holds a name, and nobody is to guess it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.contracts.slowing import Limit, Past

NAMES: Final = Limit(20, timedelta(hours=1))
"""Compared with one letter by everybody together: who holds it types one, and again where they mistyped."""
NAMES_OF_DAY: Final = Limit(60, timedelta(days=1))


def wait(past: Past, now: datetime) -> int:
    """Whole seconds until one more name is compared; 0 if it may be now."""
    return max(NAMES.wait(past, now), NAMES_OF_DAY.wait(past, now))


def counted(past: Past, now: datetime) -> Past:
    """The past with the one of this moment, as far back as it matters."""
    return NAMES_OF_DAY.counted(past, now)
