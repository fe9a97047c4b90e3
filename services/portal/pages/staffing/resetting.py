"""The page by which somebody is let set up another device, who has lost theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.contracts.api.endpoints import second_factor as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.staff import StaffView
from services.contracts.refusals import STALE_VERSION
from services.portal.pages.staffing.members import StaffPages
from services.portal.pages.staffing.showing import address_of
from services.portal.paths import STAFF
from services.portal.rendering import language_of, see_other


def routes(pages: StaffPages) -> list[web.RouteDef]:
    """The routes."""
    resetting, guarded = _Resetting(pages), pages.rendering.guarded
    path = STAFF + "/{login}/second-facteur"
    return [
        web.get(path, guarded(resetting.ask, signed_in=True)),
        web.post(path, guarded(resetting.reset, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Resetting:
    """It is asked first, for the person logs in by the password alone until they have set up another."""

    pages: StaffPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Whose device, and what it means."""
        view = await self.pages.here(request)
        if not view.second_factor:
            return see_other(address_of(view.login))
        return self._form(request, view)

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        rendering = self.pages.rendering
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        view = await self.pages.here(request)
        if not view.second_factor:
            return see_other(address_of(view.login))  # pressed twice
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.RESET,
            parameters={"login": view.login},
            if_match=form.get("version", ""),
        )
        if not isinstance(done, Problem):
            return see_other(address_of(view.login))
        if done.slug == STALE_VERSION.name:
            return self._form(request, await self.pages.here(request), status=412, changed=True)
        return rendering.problem(request, done, again=address_of(view.login))

    def _form(self, request: web.Request, view: StaffView, **values: Any) -> web.Response:
        return self.pages.page(request, "staff_factor.html", again=request.path, view=view, **values)
