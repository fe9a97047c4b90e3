"""Coming in by the ENT: sent there, back from there, the first time to a form; and the ENT's own notices."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.contracts.api.accounts import Registration, Tokens
from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.ent import EntEntry, EntGoing, EntNotice, EntReturn
from services.contracts.api.problem import Problem
from services.portal.api import Api
from services.portal.ent_offer import GO
from services.portal.forms import KEY, command_key, errors_of, own_path, read_fields
from services.portal.pages.door import LANDING, REGISTERED, registration_of
from services.portal.rendering import Rendering, language_of, see_other

BACK: Final = "/connexion/ent/retour"
REGISTER: Final = "/inscription/ent"
GOING_SECONDS: Final = 900
"""As long as the API takes somebody back."""
FORM_SECONDS: Final = 3600
"""As long as the form can be sent."""
MAX_NOTICE_BYTES: Final = 16384


def routes(rendering: Rendering, api: Api, base_url: str) -> list[web.RouteDef]:
    """The routes; `base_url` is where people reach the suite."""
    ent = _Ent(rendering, api, secure=base_url.startswith("https:"))
    return [
        web.get(GO, rendering.guarded(ent.go)),
        web.get(BACK, rendering.guarded(ent.come_back)),
        web.get(f"{BACK}/{{state}}", rendering.guarded(ent.come_back)),
        web.post(BACK, rendering.guarded(ent.heed)),
        web.post(f"{BACK}/{{state}}", rendering.guarded(ent.heed)),
        web.get(REGISTER, rendering.guarded(ent.show_registration)),
        web.post(REGISTER, rendering.guarded(ent.register)),
    ]


@dataclass(frozen=True, slots=True)
class _Ent:
    """The pages of the ENT. What must stay in this browser is in two cookies of its own, until it is used."""

    rendering: Rendering
    api: Api
    secure: bool

    async def go(self, request: web.Request) -> web.StreamResponse:
        """To the ENT, and on to where one was afterwards."""
        onward = own_path(request.query.get("next", "")) or LANDING
        query = EntGoing.model_construct(next=onward)
        way = await self.api.ask(request, language_of(request), endpoints.ENT_LOGIN, query=query)
        if isinstance(way, Problem):
            return self._refused(request, way)
        response = web.Response(status=303, headers={"Location": way.url, "Cache-Control": "no-store"})
        self._set(response, "ent", way.state, GOING_SECONDS)
        return response

    async def come_back(self, request: web.Request) -> web.StreamResponse:
        """From the ENT, with the state that this very browser was given, or else with none."""
        brought = request.match_info.get("state") or request.query.get("state", "")
        mine = request.cookies.get(self._name("ent"), "")
        given: dict[str, Any] = {"state": mine if brought == mine else ""}
        given |= {name: request.query[name] for name in ("ticket", "code") if name in request.query}
        body = EntReturn.model_construct(_fields_set=set(given), **given)
        entry = await self.api.ask(request, language_of(request), endpoints.ENT_CALLBACK, body=body)
        if isinstance(entry, Problem):
            response = self._refused(request, entry)
        elif entry.access_token is None:
            response = see_other(REGISTER)
            self._set(response, "entree", self.rendering.visits.seal("ent", _kept(entry)), FORM_SECONDS)
        else:
            visit = self.rendering.visits.of(request)
            visit.begin(self.rendering.visits.begun(Tokens.model_validate(entry.model_dump())))
            response = see_other(own_path(entry.next) or LANDING)
        self._set(response, "ent", "", 0)
        return response

    async def heed(self, request: web.Request) -> web.StreamResponse:
        """The ENT itself says that somebody has logged out there; no browser is there to be shown anything."""
        fields = dict(await read_fields(request, MAX_NOTICE_BYTES) or ())
        notice = EntNotice.model_construct(notice=fields.get("logoutRequest") or fields.get("logout_token") or "")
        heeded = await self.api.ask(request, language_of(request), endpoints.ENT_LOGOUT, body=notice)
        status = heeded.status if isinstance(heeded, Problem) else 200
        return web.Response(status=status, headers={"Cache-Control": "no-store"})

    async def show_registration(self, request: web.Request) -> web.StreamResponse:
        """The form, filled in with what the ENT says; who has not come from there goes there."""
        if (kept := self._kept(request)) is None:
            return see_other(GO)
        return self._registration(request, kept["prefill"], pending=kept["pending"])

    async def register(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=REGISTER)
        if (kept := self._kept(request)) is None:
            return see_other(GO)
        given = registration_of(form, language_of(request)) | {"registration_ticket": kept["ticket"]}
        body = Registration.model_construct(_fields_set=set(given), **given)
        key = command_key(form, *map(str, given.values()))
        asked = await self.api.ask(request, language_of(request), endpoints.REGISTER, body=body, key=key)
        if isinstance(asked, Problem):
            if asked.fields:
                return self._registration(request, form, status=asked.status, errors=errors_of(asked))
            return self._refused(request, asked)
        return see_other(REGISTERED)

    def _registration(
        self,
        request: web.Request,
        typed: Mapping[str, str],
        *,
        status: int = 200,
        pending: bool = False,
        errors: Mapping[str, str] | None = None,
    ) -> web.Response:
        return self.rendering.page(
            request,
            "registration.html",
            status=status,
            again=REGISTER,
            action=REGISTER,
            by_ent=True,
            pending=pending,
            key=typed.get(KEY) or secrets.token_urlsafe(16),
            typed=typed,
            errors=errors or {},
        )

    def _refused(self, request: web.Request, problem: Problem) -> web.Response:
        """Why it did not go, and the two ways on; nothing is asked of browsers here that a 401 would be about."""
        status = 403 if problem.status == 401 else problem.status
        return self.rendering.page(request, "ent_refused.html", status=status, again=GO, way=GO, problem=problem)

    def _kept(self, request: web.Request) -> dict[str, Any] | None:
        kept = self.rendering.visits.open("ent", request.cookies.get(self._name("entree"), ""))
        return kept if isinstance(kept, dict) else None

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    def _set(self, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
        """Lax: it comes along when the ENT sends the browser back."""
        response.set_cookie(
            self._name(name), value, path="/", httponly=True, secure=self.secure, samesite="Lax", max_age=seconds
        )


def _kept(entry: EntEntry) -> dict[str, Any]:
    """What the form needs; an address is to be typed a second time, as everybody's is."""
    said = entry.prefill
    prefill = {} if said is None else {name: getattr(said, name) for name in ("family_name", "given_name", "email")}
    return {"ticket": entry.registration_ticket, "prefill": prefill, "pending": entry.pending}
