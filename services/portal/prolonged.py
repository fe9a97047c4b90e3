"""Until when incidents have extended last days, for the home page."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from services.chassis.ports import Clock
from services.contracts.api.endpoints import incidents as endpoints
from services.contracts.api.problem import Problem
from services.portal.api import Api, ApiUnavailable
from services.portal.rendering import language_of

log = structlog.get_logger()

ASK_SECONDS: Final = 5
"""For so long what was said last is gone by."""
PATIENCE_SECONDS: Final = 1.0
"""How long the home page waits to be told; then it goes by what was known."""


class Prolonged:
    """What applications says of it: asked every `ASK_SECONDS`, by one request, while the others go by what was known.

    Where nobody answered, the next request asks again.
    """

    def __init__(self, api: Api, clock: Clock, zone: ZoneInfo) -> None:
        """`zone` is the institution's: in it days begin."""
        self._api = api
        self._zone = zone
        self._clock = clock
        self._until: date | None = None
        self._asked: datetime | None = None
        self._asking = asyncio.Lock()

    async def until(self, request: web.Request) -> date | None:
        """The latest extended day; None where there is none to come, or nobody can say."""
        if self._is_old and not self._asking.locked():
            async with self._asking:
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        answer = await self._api.ask(request, language_of(request), endpoints.PROLONGED)
                except (ApiUnavailable, TimeoutError) as error:
                    log.warning("portal.prolonged-unknown", error=type(error).__name__)
                else:
                    self._asked = self._clock.now()
                    if not isinstance(answer, Problem):
                        self._until = answer.until
        # What was said last may be over by now, where nobody answers.
        return self._until if self._until is not None and self._until >= self._today else None

    @property
    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    @property
    def _is_old(self) -> bool:
        asked = self._asked
        return asked is None or not timedelta(0) <= self._clock.now() - asked < timedelta(seconds=ASK_SECONDS)
