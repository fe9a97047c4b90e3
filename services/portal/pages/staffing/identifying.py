"""The page by which an administrator says who at the ENT comes in as a member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.contracts.api.endpoints import staff as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.staff import EntLogin, StaffView
from services.contracts.refusals import STALE_VERSION
from services.contracts.refusals.accounts import ENT_IDENTITY_TAKEN
from services.portal.forms import errors_of
from services.portal.pages.staffing.members import StaffPages
from services.portal.pages.staffing.showing import address_of
from services.portal.paths import STAFF
from services.portal.rendering import language_of, see_other


def routes(pages: StaffPages) -> list[web.RouteDef]:
    """The routes."""
    identifying, guarded = _Identifying(pages), pages.rendering.guarded
    path = STAFF + "/{login}/ent"
    return [
        web.get(path, guarded(identifying.ask, signed_in=True)),
        web.post(path, guarded(identifying.identify, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Identifying:
    """A login of the ENT, or none."""

    pages: StaffPages

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Who there."""
        return self._form(request, await self.pages.here(request))

    async def identify(self, request: web.Request) -> web.StreamResponse:
        """One of the two buttons: a login, or nobody."""
        rendering = self.pages.rendering
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        view = await self.pages.here(request)
        ent_login = None if "nobody" in form else form.get("ent_login", "").strip()
        done = await self.pages.api.ask(
            request,
            language_of(request),
            endpoints.IDENTIFY,
            body=EntLogin.model_construct(ent_login=ent_login),
            parameters={"login": view.login},
            if_match=form.get("version", ""),
        )
        if not isinstance(done, Problem):
            return see_other(address_of(view.login))
        if done.slug == STALE_VERSION.name:
            now = await self.pages.here(request)
            return self._form(request, now, status=412, changed=True, typed=form)
        if done.slug == ENT_IDENTITY_TAKEN.name:
            errors = {"ent_login": rendering.text(language_of(request), "staffing.ent_taken")}
            return self._form(request, view, status=409, errors=errors, typed=form)
        if not done.fields:
            return rendering.problem(request, done, again=address_of(view.login))
        return self._form(request, view, status=done.status, errors=errors_of(done), typed=form)

    def _form(self, request: web.Request, view: StaffView, **values: Any) -> web.Response:
        values = {"typed": {"ent_login": view.ent_login or ""}, **values}
        return self.pages.page(request, "staff_ent.html", again=request.path, view=view, **values)
