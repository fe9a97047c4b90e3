"""Coming in by the ENT: sent there, back from there, the first time to a form; and the ENT's own notices."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from aiohttp import web
from pydantic import ValidationError

from services.contracts.api.accounts import Registration, Tokens
from services.contracts.api.endpoints import accounts as endpoints
from services.contracts.api.ent import EntEntry, EntGoing, EntNotice, EntReturn
from services.contracts.api.problem import Problem
from services.contracts.refusals.accounts import ENT_REGISTRATION_OVER, ENT_STATE_INVALID
from services.portal.api import Api
from services.portal.ent_offer import GO
from services.portal.forms import KEY, command_key, errors_of, own_path, read_fields
from services.portal.pages.door import LANDING, REGISTERED, registration_of
from services.portal.pages.landing import landing
from services.portal.paths import APPLICATIONS, PROFILE, SECOND_FACTOR
from services.portal.rendering import LOGIN, Rendering, language_of, see_other

BACK: Final = "/connexion/ent/retour"
REGISTER: Final = "/inscription/ent"
NOT_ME: Final = f"{REGISTER}/autre"
GOING_SECONDS: Final = 900
"""As long as the API takes somebody back."""
MAX_WAYS: Final = 5
"""How many tabs of a browser can be on their way to the ENT; of more the oldest begins anew."""
_OF_CANDIDATES: Final = (f"{APPLICATIONS}/", f"{PROFILE}/", "/messages/", "/compte/")
"""Pages to which a member of staff comes as a candidate, but for `SECOND_FACTOR`."""
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
        web.post(NOT_ME, rendering.guarded(ent.be_somebody_else)),
    ]


@dataclass(frozen=True, slots=True)
class _Ent:
    """The pages of the ENT. The state of each way there is in a cookie of its own, until one is back."""

    rendering: Rendering
    api: Api
    secure: bool

    async def go(self, request: web.Request) -> web.StreamResponse:
        """To the ENT, and on to where one was afterwards."""
        query = _going(request.query.get("next", ""))
        way = await self.api.ask(request, language_of(request), endpoints.ENT_LOGIN, query=query)
        if isinstance(way, Problem):
            return self._refused(request, way)
        response = web.Response(status=303, headers={"Location": way.url, "Cache-Control": "no-store"})
        under_way = self._ways(request)
        for old in under_way[: max(0, len(under_way) + 1 - MAX_WAYS)]:
            self._set(response, old, "", 0)
        self._set(response, self._way(way.state), way.state, GOING_SECONDS)
        return response

    async def come_back(self, request: web.Request) -> web.StreamResponse:
        """From the ENT, with a state that this very browser was given, or else with none.

        Who comes back a second time, by the history or from another tab, and is logged in, stays so.
        """
        brought = request.match_info.get("state") or request.query.get("state", "")
        way, visit = self._way(brought), self.rendering.visits.of(request)
        is_mine = request.cookies.get(way) == brought
        entry = await self.api.ask(
            request, language_of(request), endpoints.ENT_CALLBACK, body=_return(request, brought if is_mine else "")
        )
        if isinstance(entry, Problem):
            goes_on = entry.slug == ENT_STATE_INVALID.name and visit.session is not None
            response = see_other(LANDING) if goes_on else self._refused(request, entry)
        elif entry.access_token is None:
            visit.enter(_kept(entry))
            response = see_other(REGISTER)
        else:
            visit.enter(None)
            visit.begin(self.rendering.visits.begun(Tokens.model_validate(entry.model_dump())))
            onward = _going(entry.next).next
            response = see_other(await landing(self.rendering, self.api, request) if onward == LANDING else onward)
        if is_mine:
            self._set(response, way, "", 0)
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
        if (entry := self.rendering.visits.of(request).entry) is None:
            return see_other(GO)
        return self._registration(request, entry, entry["prefill"], pending=entry["pending"])

    async def register(self, request: web.Request) -> web.StreamResponse:
        """The button."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=REGISTER)
        visit = self.rendering.visits.of(request)
        if (entry := visit.entry) is None:
            return see_other(GO)
        if form.get("entry") != entry["mark"]:  # somebody else has come from the ENT since the form was opened
            return see_other(REGISTER)
        given = registration_of(form, language_of(request)) | {"registration_ticket": entry["ticket"]}
        body = Registration.model_construct(_fields_set=set(given), **given)
        key = command_key(form, *map(str, given.values()))
        asked = await self.api.ask(request, language_of(request), endpoints.REGISTER, body=body, key=key)
        if isinstance(asked, Problem):
            if asked.fields:
                return self._registration(request, entry, form, status=asked.status, errors=errors_of(asked))
            if asked.slug == ENT_REGISTRATION_OVER.name:
                visit.enter(None)
            return self._refused(request, asked)
        visit.enter(None)
        return see_other(REGISTERED)

    async def be_somebody_else(self, request: web.Request) -> web.StreamResponse:
        """The button of who finds somebody else's name in the form."""
        if await self.rendering.form(request) is None:
            return self.rendering.foreign(request, again=REGISTER)
        self.rendering.visits.of(request).enter(None)
        return see_other(LOGIN)

    def _registration(
        self,
        request: web.Request,
        entry: Mapping[str, Any],
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
            by_ent=" ".join(filter(None, (entry["prefill"].get("given_name"), entry["prefill"].get("family_name")))),
            not_me=NOT_ME,
            entry=entry["mark"],
            pending=pending,
            key=typed.get(KEY) or secrets.token_urlsafe(16),
            typed=typed,
            errors=errors or {},
        )

    def _refused(self, request: web.Request, problem: Problem) -> web.Response:
        """Why it did not go, and the two ways on; nothing is asked of browsers here that a 401 would be about."""
        status = 403 if problem.status == 401 else problem.status
        return self.rendering.page(request, "ent_refused.html", status=status, again=GO, way=GO, problem=problem)

    def _way(self, state: str) -> str:
        """The cookie of a state, after what is random in it."""
        return f"{'__Host-' if self.secure else ''}ent-{state.partition('.')[0]}"

    def _ways(self, request: web.Request) -> list[str]:
        """The cookies of this browser's ways, the oldest first: behind what is random stands when a state ends."""
        found = [name for name in request.cookies if name.startswith(self._way(""))]
        return sorted(found, key=lambda name: request.cookies[name].partition(".")[2])

    def _set(self, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
        """Lax: it comes along when the ENT sends the browser back."""
        response.set_cookie(name, value, path="/", httponly=True, secure=self.secure, samesite="Lax", max_age=seconds)


def _going(text: str) -> EntGoing:
    """On to a page of our own that is not the way to the ENT itself, home where the API would not go on to it."""
    onward = own_path(text) or LANDING
    if f"{unquote(urlsplit(onward).path)}/".startswith(f"{GO}/"):
        onward = LANDING
    path = f"{urlsplit(onward).path}/"
    of_candidates = path.startswith(_OF_CANDIDATES) and not path.startswith(f"{SECOND_FACTOR}/")
    side: Literal["candidate"] | None = "candidate" if of_candidates else None
    try:
        return EntGoing(next=onward) if side is None else EntGoing(next=onward, side=side)
    except ValidationError:
        return EntGoing(next=LANDING)


def _return(request: web.Request, state: str) -> EntReturn:
    """What was brought back with the state of this browser; nothing, where that is longer than any ENT makes it."""
    proofs = {name: request.query[name] for name in ("ticket", "code") if name in request.query}
    try:
        return EntReturn.model_validate({"state": state} | proofs)
    except ValidationError:
        return EntReturn(state="")


def _kept(entry: EntEntry) -> dict[str, Any]:
    """What the form needs; an address is to be typed a second time, as everybody's is."""
    said = entry.prefill
    prefill = {} if said is None else {name: getattr(said, name) for name in ("family_name", "given_name", "email")}
    mark = secrets.token_urlsafe(8)
    return {"ticket": entry.registration_ticket, "mark": mark, "prefill": prefill, "pending": entry.pending}
