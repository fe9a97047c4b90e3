"""What support does for a person: each act is explained first, and done by a button."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.accounts import HelpName
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import support as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.support import PersonEmailChange, PersonView
from services.portal.forms import command_key, errors_of
from services.portal.pages.supporting.people import ACTS, DONE, PeoplePages, acts_for, address_of
from services.portal.paths import PEOPLE
from services.portal.rendering import language_of, see_other

ASKED_BY: Final[Mapping[HelpName, Endpoint[None, PersonView]]] = {
    "validation-mail": endpoints.MAIL_VALIDATION,
    "password-reset": endpoints.MAIL_RESET,
    "sessions-ended": endpoints.END_SESSIONS,
}
"""The call of each act that asks for nothing more."""
FIELDS: Final = ("email", "email_confirmation", "reason")


def routes(pages: PeoplePages) -> list[web.RouteDef]:
    """The routes."""
    guarded, found = pages.rendering.guarded, []
    for act, part in ACTS.items():
        acting, path = _Acting(pages, act), f"{PEOPLE}/{{id}}/{part}"
        found += [
            web.get(path, guarded(acting.ask, signed_in=True)),
            web.post(path, guarded(acting.do, signed_in=True)),
        ]
    return found


@dataclass(frozen=True, slots=True)
class _Acting:
    """One act: it is asked first, for somebody is mailed by it or logged out."""

    pages: PeoplePages
    act: HelpName

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """For whom, and what it means."""
        view = await self.pages.here(request)
        if self.act not in acts_for(view):
            return see_other(address_of(view.account))
        return self._form(request, view, {})

    async def do(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        rendering, id = self.pages.rendering, request.match_info["id"]
        form = await rendering.form(request)
        if form is None:
            return rendering.foreign(request, again=request.path)
        done = await self._do(request, id, form)
        if not isinstance(done, Problem):
            return see_other(f"{address_of(id)}?{DONE}={ACTS[self.act]}")
        if done.fields:
            return self._form(request, await self.pages.here(request), form, errors=errors_of(done), status=done.status)
        return rendering.problem(request, done, again=address_of(id))

    async def _do(self, request: web.Request, id: str, form: Mapping[str, str]) -> PersonView | Problem:
        api, language, whom = self.pages.api, language_of(request), {"id": id}
        if (endpoint := ASKED_BY.get(self.act)) is not None:
            return await api.ask(request, language, endpoint, parameters=whom, key=command_key(form, self.act, id))
        given = {name: value for name in FIELDS if (value := form.get(name, "").strip())}
        body = PersonEmailChange.model_construct(_fields_set=set(given), **given)
        key = command_key(form, id, *given.values())
        return await api.ask(request, language, endpoints.CHANGE_PERSONS_EMAIL, parameters=whom, body=body, key=key)

    def _form(self, request: web.Request, view: PersonView, typed: Mapping[str, str], **values: Any) -> web.Response:
        given: dict[str, Any] = {"errors": {}, **values}
        return self.pages.rendering.page(
            request,
            "person_act.html",
            again=request.path,
            action=request.path,
            key=secrets.token_urlsafe(16),
            act=self.act,
            shown=self.pages.shown(request, view),
            typed=typed,
            **given,
        )
