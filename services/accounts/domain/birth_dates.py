"""Dates of birth as papers have them: whole, or without day, or without month and day where nobody knows."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_FORM: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def as_typed(text: str) -> str | None:
    """The date as it is kept: `2003-05-14`, `2003-05` or `2003`; 00 stands for what is not known. None if it is none."""
    matched = _FORM.fullmatch(text)
    if matched is None:
        return None
    year, month, day = (int(part or 0) for part in matched.groups())
    if day and not month:
        return None
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return text if day else text[:7] if month else text[:4]


def span(kept: str) -> tuple[str, str]:
    """The first and the last day that a kept date may be; not every last one is in the calendar, for comparing alone."""
    return kept + "-01-01"[len(kept) - 4 :], kept + "-12-31"[len(kept) - 4 :]
