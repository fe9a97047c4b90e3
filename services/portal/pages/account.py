"""One's account: what it is called, where one is logged in, another password."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from services.contracts.api.accounts import PasswordChange
from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.problem import Problem
from services.portal.api import Api, accepted
from services.portal.forms import command_key, errors_of
from services.portal.rendering import Rendering, language_of, see_other

ACCOUNT: Final = "/compte"
PASSWORD: Final = f"{ACCOUNT}/mot-de-passe"
FORGOTTEN: Final = "/reinitialisation/lien"
CHANGED: Final = f"{PASSWORD}/fait"


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes; times are shown on the clock of `zone`."""
    account = _Account(rendering, api, zone)
    return [
        web.get(ACCOUNT, rendering.guarded(account.show, signed_in=True)),
        web.post(f"{ACCOUNT}/connexions/{{session}}", rendering.guarded(account.end, signed_in=True)),
        web.get(PASSWORD, rendering.guarded(account.ask_password, signed_in=True)),
        web.post(PASSWORD, rendering.guarded(account.change_password, signed_in=True)),
        web.get(CHANGED, rendering.guarded(account.password_changed, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Account:
    """The pages of one's account."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What the account is called, and every login of it."""
        language = language_of(request)
        me = await self.api.ask(request, language, endpoints.ME)
        logins = await self.api.ask(request, language, endpoints.OWN_SESSIONS)
        shown, own = accepted(me), accepted(logins)
        return self.rendering.page(request, "account.html", me=shown, logins=own.items, zone=self.zone)

    async def end(self, request: web.Request) -> web.StreamResponse:
        """The button beside a login; one that has ended already is ended."""
        if await self.rendering.form(request) is None:
            return self.rendering.foreign(request, again=ACCOUNT)
        parameters = {"session": request.match_info["session"]}
        ended = await self.api.ask(request, language_of(request), endpoints.END_SESSION, parameters=parameters)
        if isinstance(ended, Problem) and ended.status != 404:
            return self.rendering.problem(request, ended, again=ACCOUNT)
        return see_other(ACCOUNT)

    async def ask_password(self, request: web.Request) -> web.StreamResponse:
        """The form for another password."""
        return await self._password(request, {})

    async def change_password(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=PASSWORD)
        language, password = language_of(request), form.get("password", "")
        if form.get("repeated", "") != password:
            return await self._password(
                request, {"repeated": self.rendering.text(language, "link.differs")}, status=422
            )
        body = PasswordChange.model_construct(current_password=form.get("current_password", ""), password=password)
        key = command_key(form, body.current_password, password)
        changed = await self.api.ask(request, language, endpoints.CHANGE_PASSWORD, body=body, key=key)
        if isinstance(changed, Problem):
            if changed.fields:
                return await self._password(request, errors_of(changed), status=changed.status)
            return self.rendering.problem(request, changed, again=PASSWORD)
        return see_other(CHANGED)

    async def password_changed(self, request: web.Request) -> web.StreamResponse:
        """Say that it is done."""
        further = ACCOUNT, self.rendering.text(language_of(request), "account.title")
        return self.rendering.message(request, "password-changed", status=200, further=further)

    async def _password(self, request: web.Request, errors: Mapping[str, str], *, status: int = 200) -> web.Response:
        asked = await self.api.ask(request, language_of(request), endpoints.ME)
        me = accepted(asked)
        if not me.by_password:
            further = FORGOTTEN, self.rendering.text(language_of(request), "account.by_ent_end")
            return self.rendering.message(request, "password-by-ent", status=200, further=further)
        return self.rendering.page(
            request,
            "password.html",
            status=status,
            again=PASSWORD,
            action=PASSWORD,
            key=secrets.token_urlsafe(16),
            login=me.file_number,
            by_ent=me.by_ent,
            errors=errors,
        )
