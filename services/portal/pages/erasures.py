"""Where whoever is shown a certificate of an erasure sees whether it is genuine; it is pasted, and stands in no address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.api.endpoints import offers
from services.contracts.api.endpoints import rights as endpoints
from services.contracts.api.problem import Problem
from services.contracts.api.rights import ERASURE_PAGE, MAX_CERTIFICATE, ErasureCertificate
from services.contracts.instants import instant
from services.portal.api import Api
from services.portal.rendering import Rendering, language_of


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes, open to everybody; instants are written by the clock of `zone`."""
    own = _Erasures(rendering, api, zone)
    return [
        web.get(ERASURE_PAGE, rendering.guarded(own.ask)),
        web.post(ERASURE_PAGE, rendering.guarded(own.check)),
    ]


@dataclass(frozen=True, slots=True)
class _Erasures:
    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The form into which the certificate is pasted."""
        return self._form(request)

    async def check(self, request: web.Request) -> web.StreamResponse:
        """What the certificate proves, or that it proves nothing."""
        form = await self.rendering.form(request, of_anybody=True)
        if form is None:
            return self.rendering.foreign(request, again=ERASURE_PAGE)
        pasted = "".join(form.get("certificate", "").split())
        if pasted.count(".") != 2 or len(pasted) > MAX_CERTIFICATE:
            wrong = {"certificate": self.rendering.text(language_of(request), "erasure_check.malformed")}
            return self._form(request, status=422, typed=form.get("certificate", ""), errors=wrong)
        language, body = language_of(request), ErasureCertificate(certificate=pasted)
        found = await self.api.ask(request, language, endpoints.CHECK_ERASURE, body=body)
        if isinstance(found, Problem):
            if found.status != 404:
                return self.rendering.problem(request, found, again=ERASURE_PAGE)
            return self._page(request, "erasure_unknown.html", status=404)
        institution = await self.api.ask(request, language, offers.INSTITUTION)
        return self._page(
            request,
            "erasure_checked.html",
            found=found,
            at=formats.moment(instant(found.erased_at), language, self.zone, catalogues().text(MOMENT, language)),
            institution=None if isinstance(institution, Problem) else institution.name,
        )

    def _form(self, request: web.Request, *, status: int = 200, typed: str = "", **values: Any) -> web.Response:
        given = {"errors": {}, **values}
        return self._page(
            request, "erasure_check.html", status=status, typed=typed, key=secrets.token_urlsafe(16), **given
        )

    def _page(self, request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
        return self.rendering.page(
            request, template, status=status, again=ERASURE_PAGE, action=ERASURE_PAGE, address=ERASURE_PAGE, **values
        )
