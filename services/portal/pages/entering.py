"""Where one comes to from logging in, by whichever way: on with what one wanted, or had typed before."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from yarl import URL

from services.contracts.api.accounts import Tokens
from services.portal.api import Api
from services.portal.pages.landing import landing
from services.portal.paths import SECOND_FACTOR
from services.portal.rendering import RESUME, Rendering, see_other


@dataclass(frozen=True, slots=True)
class Entering:
    """Begins sessions of browsers."""

    rendering: Rendering
    api: Api

    async def enter(self, request: web.Request, tokens: Tokens, *, onward: str, kept: str) -> web.StreamResponse:
        """Be logged in, and go `onward`, or to the form that was `kept`; who has no second factor yet sets it up first."""
        visit = self.rendering.visits.of(request)
        session = self.rendering.visits.begun(tokens)
        visit.begin(session)
        if tokens.device is not None:
            visit.know(tokens.device)
        if session.enrols:
            if kept and visit.carry(kept):
                onward = RESUME
            return see_other(str(URL(SECOND_FACTOR).with_query(next=onward)) if onward else SECOND_FACTOR)
        if kept and visit.carry(kept):
            return see_other(RESUME)
        if kept and (resumed := self.resumed(request, kept)) is not None:
            return resumed
        return see_other(onward or await landing(self.rendering, self.api, request))

    def resumed(self, request: web.Request, sealed: str) -> web.Response | None:
        """What was typed before the session was over, to be sent with one button; None if it is somebody else's."""
        kept = self.rendering.kept(request, sealed)
        session = self.rendering.visits.of(request).session
        if kept is None or session is None:
            return None
        if kept.account not in ("", session.account):
            return None
        return self.rendering.page(request, "resume.html", again=kept.path, action=kept.path, fields=kept.fields)
