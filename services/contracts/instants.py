"""Instants (RFC 3339 UTC, milliseconds, fixed width) and calendar days as text: order of text is order of time."""

from __future__ import annotations

from datetime import UTC, date, datetime


def instant_text(moment: datetime) -> str:
    """Write an aware datetime as `2026-11-22T21:49:00.123Z`; finer than a millisecond is cut off."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read what `instant_text` wrote; raises ValueError on anything that is not an aware RFC 3339 instant."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return moment.astimezone(UTC)


def calendar_day(text: str) -> date:
    """The calendar day `YYYY-MM-DD`, written so and not otherwise, because copies compare it as text; raises ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"not a calendar day: {len(text)} characters")
    return day
