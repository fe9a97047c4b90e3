"""Windows of maintenance: candidates find one page, which says until when and keeps what they had typed; staff go on."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, tzinfo
from typing import Final

import structlog
from aiohttp import web

from services.chassis.ports import Clock
from services.contracts.api.endpoints import offers as endpoints
from services.contracts.api.maintenance import Maintenance
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.contracts.maintenance import Window
from services.portal.api import Api, ApiUnavailable
from services.portal.csrf import FIELD
from services.portal.forms import FIELDS, SECRETS
from services.portal.paths import REVIEW
from services.portal.rendering import LOGIN, Rendering, language_of

log = structlog.get_logger()

ASK_SECONDS: Final = 5
"""For so long what offers said of windows is gone by: a window that is set counts within it."""
PATIENCE_SECONDS: Final = 2.0
"""How long a page waits to be told; then it goes by what was known."""
OPEN: Final = (
    LOGIN,
    REVIEW,
    "/deconnexion",
    "/assistance",
    "/donnees-personnelles",
    "/mentions-legales",
    "/accessibilite",
    "/developpeurs",
)
"""Pages that are there all the same, with all below them: staff come in by the door, and notices need nobody."""


class Closures:
    """What offers says of windows of maintenance. What is not known closes nothing."""

    def __init__(self, api: Api, clock: Clock, zone: tzinfo) -> None:
        self._api = api
        self._clock = clock
        self.zone = zone
        self._known: dict[Language, Maintenance] = {}
        self._asked: dict[Language, datetime] = {}
        self._asking = asyncio.Lock()

    def announced(self, rendering: Rendering, language: Language, within: timedelta | None = None) -> str:
        """What is to be said beforehand of the next window, as it was known when the page was asked for.

        Empty where there is none, it has begun, or it is further off than `within`.
        """
        window, now = _window(self._known.get(language)), self._clock.now()
        if window is None or window.begins <= now or (within is not None and window.begins - now > within):
            return ""
        return rendering.text(language, "maintenance.announced", zone=self.zone, begins=window.begins, ends=window.ends)

    async def answer(self, rendering: Rendering, request: web.Request) -> web.Response | None:
        """The page of a window that it is now; None for whoever and whatever goes on in it."""
        path = request.path
        if any(path == each or path.startswith(f"{each}/") for each in OPEN):
            return None
        session = rendering.visits.of(request).session
        if session is not None and session.is_staff:
            return None
        language = language_of(request)
        said, now = await self._said(request, language), self._clock.now()
        if (window := _window(said)) is None or not window.holds(now):
            return None
        response = rendering.page(
            request,
            "maintenance.html",
            status=503,
            again="/",
            until=rendering.text(language, "maintenance.until", zone=self.zone, ends=window.ends),
            message=said.message if said is not None else "",
            here=request.rel_url.raw_path_qs,
            posted=request.method == "POST",
            fields=await _typed(rendering, request),
        )
        response.headers["Retry-After"] = str(window.seconds_left(now))
        return response

    async def _said(self, request: web.Request, language: Language) -> Maintenance | None:
        """What offers said last; whoever finds that old asks, and the others go by it meanwhile."""
        known = self._known.get(language)
        if not self._is_old(language) or (known is not None and self._asking.locked()):
            return known
        async with self._asking:
            if self._is_old(language):
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        answer = await self._api.ask(request, language, endpoints.MAINTENANCE)
                except (ApiUnavailable, TimeoutError) as error:
                    log.warning("portal.maintenance-unknown", error=type(error).__name__)
                else:
                    if not isinstance(answer, Problem):
                        self._known[language] = answer
                self._asked[language] = self._clock.now()
        return self._known.get(language)

    def _is_old(self, language: Language) -> bool:
        asked = self._asked.get(language)
        return asked is None or not timedelta(0) <= self._clock.now() - asked < timedelta(seconds=ASK_SECONDS)


def _window(said: Maintenance | None) -> Window | None:
    if said is None or said.begins_at is None or said.ends_at is None:
        return None
    return Window(instant(said.begins_at), instant(said.ends_at))


async def _typed(rendering: Rendering, request: web.Request) -> list[tuple[str, str]]:
    """What was typed into the form that this request brought, but for passwords: to be sent afterwards, as one command."""
    if request.method != "POST" or await rendering.form(request) is None:
        return []
    return [field for field in request[FIELDS] if field[0] != FIELD and field[0] not in SECRETS]
