"""One's second factor, of staff: setting up a device that shows codes, and the codes to recover with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno
from aiohttp import web
from markupsafe import Markup
from yarl import URL

from services.chassis.texts import formats
from services.contracts.api.endpoints import second_factor as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.second_factor import NewDevice, RecoveryCodes, RenewedCodes, SecondFactorView, ShownCode
from services.contracts.instants import instant
from services.contracts.refusals.accounts import ENROLMENT_OVER
from services.portal.api import Api, accepted
from services.portal.forms import command_key, errors_of, own_path
from services.portal.pages.landing import landing
from services.portal.paths import SECOND_FACTOR
from services.portal.rendering import Rendering, come_back, language_of, see_other

CONFIRM: Final = f"{SECOND_FACTOR}/confirmation"
CODES: Final = f"{SECOND_FACTOR}/codes"
FIELD: Final = "one_time_code"


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes; times are shown on the clock of `zone`."""
    pages, guarded = _Pages(rendering, api, zone), rendering.guarded
    return [
        web.get(SECOND_FACTOR, guarded(pages.show, signed_in=True)),
        web.post(SECOND_FACTOR, guarded(pages.begin, signed_in=True)),
        web.get(CONFIRM, guarded(pages.ask, signed_in=True)),
        web.post(CONFIRM, guarded(pages.confirm, signed_in=True)),
        web.get(CODES, guarded(pages.show_codes, signed_in=True)),
        web.post(CODES, guarded(pages.renew, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages."""

    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What there is, and the button by which a device is set up."""
        return await self._state(request)

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """The button: on to the secret of the device."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=SECOND_FACTOR)
        given = _shown(form.get(FIELD, ""))
        body = NewDevice.model_construct(_fields_set=set(given), **given)
        key = command_key(form, *given.values())
        begun = await self.api.ask(request, language_of(request), endpoints.BEGIN, body=body, key=key)
        onward = own_path(form.get("next", "")) or ""
        if isinstance(begun, Problem):
            if not begun.fields:
                return self.rendering.problem(request, begun, again=SECOND_FACTOR)
            return come_back(await self._state(request, begun, onward=onward), begun)
        return see_other(_with(CONFIRM, onward))

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The secret, as a picture and as text, and the field for the first code."""
        return await self._secret(request, onward=own_path(request.query.get("next", "")) or "")

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        """The button: the codes to recover with, which are shown once."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=SECOND_FACTOR)
        onward, code = own_path(form.get("next", "")) or "", form.get(FIELD, "").strip()
        body, key = ShownCode.model_construct(code=code), command_key(form, code)
        done = await self.api.ask(request, language_of(request), endpoints.CONFIRM, body=body, key=key)
        if isinstance(done, Problem):
            if done.slug == ENROLMENT_OVER.name:
                return see_other(_with(SECOND_FACTOR, onward))
            if not done.fields:
                return self.rendering.problem(request, done, again=CONFIRM)
            response = await self._secret(request, done, onward=onward)
            return come_back(response, done) if isinstance(response, web.Response) else response
        await self.api.prolong(request, language_of(request))
        return await self._codes(request, done, onward=onward)

    async def show_codes(self, request: web.Request) -> web.StreamResponse:
        """The codes are shown nowhere a second time: back to what there is."""
        return see_other(SECOND_FACTOR)

    async def renew(self, request: web.Request) -> web.StreamResponse:
        """The button for other codes to recover with."""
        form = await self.rendering.form(request)
        if form is None:
            return self.rendering.foreign(request, again=SECOND_FACTOR)
        given = _shown(form.get(FIELD, ""))
        body = RenewedCodes.model_construct(_fields_set=set(given), **given)
        key = command_key(form, *given.values())
        done = await self.api.ask(request, language_of(request), endpoints.RENEW_RECOVERY, body=body, key=key)
        if isinstance(done, Problem):
            if not done.fields:
                return self.rendering.problem(request, done, again=SECOND_FACTOR)
            return come_back(await self._state(request, done, renewing=True), done)
        return await self._codes(request, done, onward="")

    # --- parts ---

    async def _asked(self, request: web.Request) -> SecondFactorView:
        asked = await self.api.ask(request, language_of(request), endpoints.STATE)
        return accepted(asked)

    async def _state(
        self, request: web.Request, problem: Problem | None = None, *, onward: str = "", renewing: bool = False
    ) -> web.Response:
        view = await self._asked(request)
        return self._page(
            request,
            "second_factor.html",
            problem,
            again=SECOND_FACTOR,
            onward=onward or own_path(request.query.get("next", "")) or "",
            active=view.since is not None,
            since=None if view.since is None else formats.day(_day(view.since, self.zone), language_of(request)),
            left=view.recovery_codes_left,
            required=view.required,
            renewing=renewing,
        )

    async def _secret(self, request: web.Request, problem: Problem | None = None, *, onward: str) -> web.StreamResponse:
        view = await self._asked(request)
        if view.secret is None or view.uri is None:
            return see_other(_with(SECOND_FACTOR, onward))
        picture = Markup(segno.make(view.uri, error="m", micro=False).svg_inline(scale=5, border=4))  # noqa: S704 - our own
        spaced = " ".join(view.secret[at : at + 4] for at in range(0, len(view.secret), 4))
        return self._page(
            request,
            "second_factor_new.html",
            problem,
            again=_with(CONFIRM, onward),
            action=CONFIRM,
            onward=onward,
            secret=spaced,
            uri=view.uri,
            picture=picture,
        )

    async def _codes(self, request: web.Request, codes: RecoveryCodes, *, onward: str) -> web.Response:
        further = onward or await landing(self.rendering, self.api, request)
        return self.rendering.page(
            request, "recovery_codes.html", again=SECOND_FACTOR, codes=codes.recovery_codes, further=further
        )

    def _page(
        self, request: web.Request, template: str, problem: Problem | None, *, again: str, **values: Any
    ) -> web.Response:
        errors: Mapping[str, str] = {}
        if problem is not None:
            errors = dict.fromkeys((FIELD,), next(iter(errors_of(problem).values())))
        return self.rendering.page(
            request,
            template,
            status=200 if problem is None else problem.status,
            again=again,
            key=secrets.token_urlsafe(16),
            errors=errors,
            **{"action": again, **values},
        )


def _shown(typed: str) -> dict[str, str]:
    """What was typed where either is taken: digits alone are a code of the device, all else is to recover with."""
    typed = typed.strip()
    if not typed:
        return {}
    return {"code" if "".join(typed.split()).isdecimal() else "recovery_code": typed}


def _day(at: str, zone: ZoneInfo) -> Any:
    return instant(at).astimezone(zone).date()


def _with(path: str, onward: str) -> str:
    return str(URL(path).with_query(next=onward)) if onward else path
