"""A candidate leaves the waiting list."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.problem import Problem
from services.portal.forms import command_key
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import address_of
from services.portal.paths import ONE
from services.portal.rendering import come_back, language_of, see_other


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes."""
    own, path = _Waiting(pages), ONE + "/liste"
    guarded = pages.rendering.guarded
    return [
        web.get(path, guarded(own.ask, signed_in=True)),
        web.post(path, guarded(own.leave, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Waiting:
    pages: ApplicationPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """What comes of leaving it; back to the application where there is no list to leave."""
        view = await self.pages.view(request)
        if not view.can_leave_waitlist:
            return see_other(address_of(view.id))
        action = address_of(view.id, "liste")
        return self.pages.page(request, view, "leaving.html", again=action, action=action)

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Leave it, for ever; pressed twice, once."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        id = request.match_info["id"]
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.LEAVE_WAITLIST,
            parameters={"id": id},
            key=command_key(form, id),
        )
        if not isinstance(done, Problem):
            return see_other(address_of(id))
        view = await self.pages.view(request)
        return come_back(self.pages.page(request, view, status=done.status, errors={"": done.detail}), done)
