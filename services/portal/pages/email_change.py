"""Changing the address of one's account: asked for here, in force once the link that is mailed there is followed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.endpoints.rights import CHANGE_EMAIL
from services.contracts.api.problem import Problem
from services.contracts.api.rights import EmailChange
from services.portal.api import Api, accepted
from services.portal.forms import KEY, command_key, errors_of
from services.portal.rendering import Rendering, language_of, see_other

CHANGE: Final = "/compte/adresse"
ASKED: Final = f"{CHANGE}/envoyee"


def routes(rendering: Rendering, api: Api) -> list[web.RouteDef]:
    """The form, and what follows it."""
    change = _EmailChange(rendering, api)
    return [
        web.get(CHANGE, rendering.guarded(change.show, signed_in=True)),
        web.post(CHANGE, rendering.guarded(change.ask, signed_in=True)),
        web.get(ASKED, rendering.guarded(change.asked)),
    ]


@dataclass(frozen=True, slots=True)
class _EmailChange:
    """The pages of a change of address."""

    rendering: Rendering
    api: Api

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The form, with the present address."""
        return await self._form(request, {})

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The button: all sessions end, this one too, so that it goes on where nobody needs to be logged in."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=CHANGE)
        given: dict[str, Any] = {name: form.get(name, "") for name in ("email", "email_confirmation")}
        if password := form.get("password", ""):
            given["password"] = password
        body = EmailChange.model_construct(_fields_set=set(given), **given)
        key = command_key(form, *given.values())
        asked = await self.api.ask(request, language_of(request), CHANGE_EMAIL, body=body, key=key)
        if isinstance(asked, Problem):
            if asked.fields:
                return await self._form(request, form, status=asked.status, errors=errors_of(asked))
            return self.rendering.problem(request, asked, again=CHANGE)
        self.rendering.visits.of(request).end()
        return see_other(ASKED)

    async def asked(self, request: web.Request) -> web.StreamResponse:
        """Say that one is logged out, and where it goes on: in the mails of the new address."""
        further = "/connexion", self.rendering.text(language_of(request), "site.login")
        return self.rendering.message(request, "email-change-asked", status=200, further=further)

    async def _form(
        self,
        request: web.Request,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        asked = await self.api.ask(request, language_of(request), endpoints.ME)
        return self.rendering.page(
            request,
            "email_change.html",
            status=status,
            again=CHANGE,
            action=CHANGE,
            key=typed.get(KEY) or secrets.token_urlsafe(16),
            me=accepted(asked),
            typed=typed,
            errors=errors or {},
        )
