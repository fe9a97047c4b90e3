"""The page between the password and the session of who has a second factor: a code, or one to recover with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.contracts.api.endpoints import second_factor as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.second_factor import SecondStep
from services.contracts.refusals.accounts import CHALLENGE_OVER
from services.portal.api import Api
from services.portal.forms import command_key, errors_of
from services.portal.pages.entering import Entering
from services.portal.paths import LARGEST_LOGIN, LOGIN_CODE, LOGIN_RECOVERY
from services.portal.rendering import LOGIN, Rendering, come_back, language_of, see_other

CODE: Final = LOGIN_CODE
RECOVERY: Final = LOGIN_RECOVERY
FIELDS: Final = {CODE: ("one_time_code", "code"), RECOVERY: ("recovery_code", "recovery_code")}
"""The field of each page, and the member of the API that it is."""


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    step = SecondSteps(rendering, api)
    return [web.get(path, rendering.guarded(step.show)) for path in FIELDS]


def long_routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes to which longer forms come than to others."""
    step = SecondSteps(rendering, api)
    return [web.post(path, rendering.guarded(step.press, longest=LARGEST_LOGIN)) for path in FIELDS]


@dataclass(frozen=True, slots=True)
class SecondSteps:
    """The two pages; what the password was answered with is in a cookie, sealed, and good for some minutes."""

    rendering: Rendering
    api: Api

    def asked(self, request: web.Request, problem: Problem, *, onward: str, kept: str) -> web.Response:
        """The page that follows the password."""
        token = str(getattr(problem, "challenge", ""))
        self.rendering.visits.of(request).be_asked({"challenge": token, "onward": onward})
        return self._page(request, CODE, kept=kept)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The form; who has shown no password, or not lately, does that first."""
        if self.rendering.visits.of(request).asked is None:
            return see_other(LOGIN)
        return self._page(request, request.path)

    async def press(self, request: web.Request) -> web.StreamResponse:
        """The button: go on where one was, with what was typed there."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=LOGIN)
        visit, language = self.rendering.visits.of(request), language_of(request)
        kept = form.get("kept", "")
        if self.rendering.kept(request, kept) is None:
            kept = ""
        if (asked := visit.asked) is None:
            return await self._over(request, kept)
        if form.get("other"):  # from the other page, by a button that takes along what was kept
            return self._page(request, request.path, kept=kept)
        field, member = FIELDS[request.path]
        given = {"challenge": asked["challenge"], member: form.get(field, "").strip()}
        body = SecondStep.model_construct(_fields_set=set(given), **given)
        key = command_key(form, *given.values())
        begun = await self.api.ask(request, language, endpoints.LOG_IN_FURTHER, body=body, key=key)
        if not isinstance(begun, Problem):
            visit.be_asked(None)
            return await Entering(self.rendering, self.api).enter(
                request, begun, onward=str(asked.get("onward", "")), kept=kept
            )
        if begun.slug == CHALLENGE_OVER.name:
            return await self._over(request, kept, begun)
        said = next(iter(errors_of(begun).values()), begun.detail or begun.title)
        status = 422 if begun.status == 401 else begun.status
        return come_back(self._page(request, request.path, status=status, kept=kept, errors={field: said}), begun)

    async def _over(self, request: web.Request, kept: str, problem: Problem | None = None) -> web.Response:
        """The password is asked for again."""
        visit = self.rendering.visits.of(request)
        onward = "" if visit.asked is None else str(visit.asked.get("onward", ""))
        visit.be_asked(None)
        language = language_of(request)
        why = (problem and problem.detail) or self.rendering.text(language, "code.over")
        return await self.rendering.login(request, status=422, errors={"login": why}, onward=onward, kept=kept)

    def _page(
        self,
        request: web.Request,
        path: str,
        *,
        status: int = 200,
        kept: str = "",
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        return self.rendering.page(
            request,
            "code.html",
            status=status,
            again=path,
            action=path,
            key=secrets.token_urlsafe(16),
            kept=kept,
            field=FIELDS[path][0],
            recovery=path == RECOVERY,
            other=CODE if path == RECOVERY else RECOVERY,
            errors=errors or {},
        )
