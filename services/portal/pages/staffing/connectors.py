"""How everything fares that services depend on, and a test button for each; a service that is away is told as such."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.api.connectors import ConnectorTested, ConnectorView
from services.contracts.api.endpoints.connectors import CONNECTORS as LISTED
from services.contracts.api.endpoints.connectors import TESTS
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.portal.api import ApiUnavailable, Refused
from services.portal.pages.staffing.members import StaffPages
from services.portal.paths import CONNECTORS
from services.portal.rendering import language_of, see_other

COLOURS: Final[Mapping[str, str]] = {
    "up": "govuk-tag--green",
    "down": "govuk-tag--red",
    "unknown": "govuk-tag--yellow",
    "off": "govuk-tag--grey",
}
NAMES: Final = ("store", "broker", "objects", "mail", "bounces", "scanner", "ent", "sis", "forms", "pre-enrolment")


def routes(pages: StaffPages) -> list[web.RouteDef]:
    """The routes."""
    own, guarded = _Connectors(pages), pages.rendering.guarded
    one = CONNECTORS + "/{service}/{connector}"
    return [
        web.get(CONNECTORS, guarded(own.show, signed_in=True)),
        web.get(one, guarded(own.back, signed_in=True)),
        web.post(one, guarded(own.test, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Connectors:
    pages: StaffPages

    async def show(self, request: web.Request) -> web.StreamResponse:
        """All of them, service by service."""
        self.pages.require_administrator(request)
        return await self._page(request)

    async def back(self, _: web.Request) -> web.StreamResponse:
        """A test is a button of the page, and nothing to come back to."""
        return see_other(CONNECTORS)

    async def test(self, request: web.Request) -> web.StreamResponse:
        """Have one asked something harmless, and show what came of it above the others."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=CONNECTORS)
        service, connector = request.match_info["service"], request.match_info["connector"]
        if service not in TESTS:
            return see_other(CONNECTORS)
        done = await self.pages.api.ask(
            request, language_of(request), TESTS[service], parameters={"connector": connector}
        )
        if isinstance(done, Problem):
            return self.pages.rendering.problem(request, done, again=CONNECTORS)
        return await self._page(request, tested=(service, done))

    async def _page(self, request: web.Request, tested: tuple[str, ConnectorTested] | None = None) -> web.Response:
        told = await asyncio.gather(*(self._asked(request, service) for service in LISTED))
        return self.pages.rendering.page(
            request,
            "connectors.html",
            services=[
                {
                    "name": service,
                    "rows": None if found is None else [self._row(request, service, each) for each in found],
                }
                for service, found in zip(LISTED, told, strict=True)
            ],
            tested=tested and {"row": self._row(request, tested[0], tested[1].connector), "result": tested[1]},
        )

    async def _asked(self, request: web.Request, service: str) -> Sequence[ConnectorView] | None:
        """Those of one service; None where it does not answer."""
        try:
            found = await self.pages.api.ask(request, language_of(request), LISTED[service])
        except ApiUnavailable:
            return None
        if isinstance(found, Problem):
            if found.status in (401, 403):
                raise Refused(found)
            return None
        return found.items

    def _row(self, request: web.Request, service: str, view: ConnectorView) -> Mapping[str, Any]:
        return {
            "name": view.name,
            "state": view.state,
            "colour": COLOURS[view.state],
            "worked_at": self._moment(request, view.worked_at),
            "failed_at": self._moment(request, view.failed_at),
            "error": view.error or "",
            "service": service,
            "action": None if view.state == "off" else f"{CONNECTORS}/{service}/{view.name}",
        }

    def _moment(self, request: web.Request, at: str | None) -> str:
        language = language_of(request)
        if at is None:
            return ""
        return formats.moment(instant(at), language, self.pages.zone, catalogues().text(MOMENT, language))
