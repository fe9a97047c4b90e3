"""Where whoever holds a printed receipt sees whether it is genuine; the code stands in the path, never in a query."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.chassis.texts.held_words import held_line
from services.contracts.api.applications import RECEIPT_PAGE
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.endpoints import offers
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.portal.api import Api
from services.portal.rendering import Rendering, language_of, see_other

_CODE: Final = re.compile(r"[0-9a-z]{26}(?:\.[0-9]{1,4})?")
_BETWEEN: Final = re.compile(r"[\s-]+")
_LOOKS_LIKE: Final = str.maketrans("oil", "011")
"""Letters that no code has, for the figures that they are taken for (Crockford)."""


def routes(rendering: Rendering, api: Api, zone: ZoneInfo) -> list[web.RouteDef]:
    """The routes, open to everybody; instants are written by the clock of `zone`."""
    own = _Receipts(rendering, api, zone)
    return [
        web.get(RECEIPT_PAGE, rendering.guarded(own.ask)),
        web.post(RECEIPT_PAGE, rendering.guarded(own.look)),
        web.get(RECEIPT_PAGE + "/{code}", rendering.guarded(own.check)),
    ]


def code_of(typed: str) -> str | None:
    """The code that was typed, in capitals, in groups, or as a whole address; None of what is none."""
    code = _BETWEEN.sub("", typed.rpartition("/")[2]).lower().translate(_LOOKS_LIKE)
    return code if _CODE.fullmatch(code) else None


@dataclass(frozen=True, slots=True)
class _Receipts:
    rendering: Rendering
    api: Api
    zone: ZoneInfo

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The form for who types the code."""
        return self._form(request)

    async def look(self, request: web.Request) -> web.StreamResponse:
        """On to the page of what was typed, however it was: in capitals, in groups, or as the whole address."""
        form = await self.rendering.form(request, of_anybody=True)
        if form is None:
            return self.rendering.foreign(request, again=RECEIPT_PAGE)
        typed = form.get("code", "").strip()
        if (code := code_of(typed)) is None:
            return self._form(request, typed=typed, status=422)
        return see_other(f"{RECEIPT_PAGE}/{code}")

    async def check(self, request: web.Request) -> web.StreamResponse:
        """What the receipt of a code proves, or that there is none."""
        language, code = language_of(request), request.match_info["code"]
        found = await self.api.ask(request, language, endpoints.CHECK_RECEIPT, parameters={"receipt": code})
        if isinstance(found, Problem):
            if found.status != 404:
                return self.rendering.problem(request, found)
            return self.rendering.page(request, "receipt_unknown.html", status=404, address=RECEIPT_PAGE)
        institution = await self.api.ask(request, language, offers.INSTITUTION)
        at = formats.moment(instant(found.submitted_at), language, self.zone, catalogues().text(MOMENT, language))
        return self.rendering.page(
            request,
            "receipt_checked.html",
            found=found,
            at=at,
            held=[held_line(each.label, each.on, each.expires_on, language) for each in found.held],
            institution=None if isinstance(institution, Problem) else institution.name,
            address=RECEIPT_PAGE,
        )

    def _form(self, request: web.Request, *, typed: str = "", status: int = 200) -> web.Response:
        wrong = {"code": self.rendering.text(language_of(request), "check.malformed")} if status != 200 else {}
        return self.rendering.page(
            request,
            "receipt_code.html",
            status=status,
            again=RECEIPT_PAGE,
            action=RECEIPT_PAGE,
            key=secrets.token_urlsafe(16),
            typed=typed,
            errors=wrong,
        )
