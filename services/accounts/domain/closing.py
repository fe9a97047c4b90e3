"""An account that is closed since its person has another one: nobody logs in to it, and all of it stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """Which account the person goes on with, and since when this one is closed."""

    kept: str
    at: datetime
