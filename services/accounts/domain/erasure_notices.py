"""What people were told of the day on which they are forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ErasureNotice:
    """What somebody was told at an instant: that they go on a `day`, `because` retention ends on that day or before."""

    because: date
    day: date
    at: datetime
