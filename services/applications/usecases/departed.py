"""Who looks after files and has no function any more."""

from __future__ import annotations

from typing import Final

from services.applications.usecases.app import App

MOST_GONE: Final = 50
"""Of whom the files are listed at a time; once these are given on, those of others are."""


async def gone(app: App) -> frozenset[str]:
    """They, by account; `MOST_GONE` at most."""
    day = app.clock.now().astimezone(app.zone).date()
    return await app.sheets.looked_after(app.staff.departed(day), MOST_GONE)
