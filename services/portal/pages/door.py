"""The door: create an account, log in, log out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.accounts import Credentials, Registration
from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.problem import Problem
from services.contracts.languages import Language
from services.contracts.refusals.accounts import CAMPAIGN_OVER, SECOND_FACTOR_REQUIRED
from services.portal.api import Api, ApiUnavailable, Refused
from services.portal.forms import KEY, command_key, errors_of, own_path
from services.portal.pages.entering import Entering
from services.portal.pages.landing import landing
from services.portal.pages.second_step import SecondSteps
from services.portal.paths import LARGEST_LOGIN
from services.portal.rendering import LOGIN, RESUME, Rendering, language_of, see_other
from services.portal.visits import LoginNeeded

REGISTER: Final = "/inscription"
REGISTERED: Final = "/inscription/suite"
LOG_OUT: Final = "/deconnexion"
LANDING: Final = "/"
"""Where one is after logging in, when nothing else was asked for."""

_TYPED: Final = ("family_name", "given_name", "email", "email_confirmation")


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The routes."""
    door = _Door(rendering, api)
    return [
        web.get(LOGIN, rendering.guarded(door.show_login)),
        web.get(RESUME, rendering.guarded(door.resume, signed_in=True)),
        web.get(REGISTER, rendering.guarded(door.show_registration)),
        web.post(REGISTER, rendering.guarded(door.register)),
        web.get(REGISTERED, rendering.guarded(door.registered)),
        web.get(LOG_OUT, rendering.guarded(door.logged_out)),
        web.post(LOG_OUT, rendering.guarded(door.log_out)),
    ]


def long_routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The route to which longer forms come than to others."""
    return [web.post(LOGIN, rendering.guarded(_Door(rendering, api).log_in, longest=LARGEST_LOGIN))]


def registration_of(form: Mapping[str, str], language: Language) -> dict[str, Any]:
    """What a form of registration says, as the API takes it."""
    given: dict[str, Any] = {name: form.get(name, "") for name in _TYPED} | {"language": language}
    if "single_name" in form:
        given["single_name"] = True
        if not given["given_name"]:
            del given["given_name"]
    return given


@dataclass(frozen=True, slots=True)
class _Door:
    """The pages of the door."""

    rendering: Rendering
    api: Api

    # --- logging in and out ---

    async def show_login(self, request: web.Request) -> web.StreamResponse:
        """The form; who is logged in already goes on, but for who logs in anew (`encore`) before the session ends."""
        onward = own_path(request.query.get("next", "")) or ""
        if self.rendering.visits.of(request).session is not None and "encore" not in request.query:
            return see_other(onward or await landing(self.rendering, self.api, request))
        return await self.rendering.login(request, onward=onward, ended="fin" in request.query)

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """The button: go on where one was, with what was typed there."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=LOGIN)
        onward, kept = own_path(form.get("next", "")) or "", form.get("kept", "")
        if self.rendering.kept(request, kept) is None:
            kept = ""
        visit = self.rendering.visits.of(request)
        login, password = form.get("login", ""), form.get("password", "")
        body = Credentials.model_construct(login=login, password=password, device=visit.device)
        key = command_key(form, login, password)
        begun = await self.api.ask(request, language_of(request), endpoints.LOG_IN, body=body, key=key)
        if isinstance(begun, Problem):
            if begun.slug == SECOND_FACTOR_REQUIRED.name:
                return SecondSteps(self.rendering, self.api).asked(request, begun, onward=onward, kept=kept)
            return await self._not_logged_in(request, begun, onward=onward, kept=kept, login=login)
        return await Entering(self.rendering, self.api).enter(request, begun, onward=onward, kept=kept)

    async def _not_logged_in(
        self, request: web.Request, problem: Problem, *, onward: str, kept: str, login: str
    ) -> web.Response:
        errors = {"login": message} if (message := problem.detail) and not problem.fields else errors_of(problem)
        response = await self.rendering.login(
            request,
            status=422 if problem.status == 401 else problem.status,
            errors=errors,
            campaign_is_over=problem.slug == CAMPAIGN_OVER.name,
            onward=onward,
            kept=kept,
            login=login,
        )
        if (wait := getattr(problem, "retry_after", None)) is not None:
            response.headers["Retry-After"] = str(wait)
        return response

    async def resume(self, request: web.Request) -> web.StreamResponse:
        """What was typed before one logged in; where it is somebody else's, the page that it was typed on."""
        visit = self.rendering.visits.of(request)
        sealed = visit.kept
        if (resumed := Entering(self.rendering, self.api).resumed(request, sealed)) is not None:
            return resumed
        visit.carry("")
        kept = self.rendering.kept(request, sealed)
        return see_other((kept and kept.onward) or LANDING)

    async def log_out(self, request: web.Request) -> web.StreamResponse:
        """The button in the header: the session ends here in any case, and everywhere if the API can be reached."""
        if await self.rendering.form(request, of_anybody=True) is None:
            return self.rendering.foreign(request)
        visit = self.rendering.visits.of(request)
        if visit.session is not None:
            with suppress(LoginNeeded, Refused, ApiUnavailable):
                await self.api.ask(request, language_of(request), endpoints.LOG_OUT)
            visit.end()
        return see_other(LOG_OUT)

    async def logged_out(self, request: web.Request) -> web.StreamResponse:
        """Say that it is done; who is logged in has not done it."""
        if self.rendering.visits.of(request).session is not None:
            return see_other(LANDING)
        text = self.rendering.text(language_of(request), "logged-out.further")
        return self.rendering.message(request, "logged-out", status=200, further=(LOGIN, text))

    # --- creating an account ---

    async def show_registration(self, request: web.Request) -> web.StreamResponse:
        """The form."""
        return self._registration(request, {})

    async def register(self, request: web.Request) -> web.StreamResponse:
        """The button; the answer is the same for addresses that have an account (acceptance 4)."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=REGISTER)
        language = language_of(request)
        given = registration_of(form, language)
        body = Registration.model_construct(_fields_set=set(given), **given)
        key = command_key(form, *map(str, given.values()))
        asked = await self.api.ask(request, language, endpoints.REGISTER, body=body, key=key)
        if isinstance(asked, Problem):
            if asked.fields:
                return self._registration(request, form, status=asked.status, errors=errors_of(asked))
            return self.rendering.problem(request, asked, again=REGISTER)
        return see_other(REGISTERED)

    async def registered(self, request: web.Request) -> web.StreamResponse:
        """Say where it goes on: in one's mails (acceptance 117)."""
        further = "/validation/lien", self.rendering.text(language_of(request), "registered.further")
        return self.rendering.message(request, "registered", status=200, further=further)

    def _registration(
        self,
        request: web.Request,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        return self.rendering.page(
            request,
            "registration.html",
            status=status,
            again=REGISTER,
            action=REGISTER,
            key=typed.get(KEY) or secrets.token_urlsafe(16),
            typed=typed,
            errors=errors or {},
        )
