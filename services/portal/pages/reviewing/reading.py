"""What staff read of a file: each document, and the whole as one PDF (acceptance 61, 62)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import documents
from services.contracts.api.problem import Problem
from services.portal.downloads import passed_on
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.paths import REVIEW
from services.portal.previews import PAGE, Previews
from services.portal.rendering import language_of


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    reading, guarded, one = _Reading(pages), pages.rendering.guarded, REVIEW + "/{id}"
    return [
        web.get(one + "/pieces/{code}/fichier", guarded(reading.document, signed_in=True)),
        web.get(one + "/pieces/{code}/apercu/" + PAGE, guarded(reading.picture, signed_in=True)),
        web.get(one + "/dossier", guarded(reading.dossier, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Reading:
    pages: ReviewPages

    async def document(self, request: web.Request) -> web.StreamResponse:
        """The document of a piece, to be kept and never shown as a page of ours."""
        return await self._passed_on(request, documents.DOCUMENT, id=await self._given(request))

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """A page of it."""
        previews = Previews(self.pages.rendering, self.pages.api)
        return await previews.picture(request, await self._given(request))

    async def dossier(self, request: web.Request) -> web.StreamResponse:
        """The whole file."""
        return await self._passed_on(request, documents.DOSSIER_PDF, application=request.match_info["id"])

    async def _given(self, request: web.Request) -> str:
        for piece in (await self.pages.view(request)).pieces:
            if piece.code == request.match_info["code"] and piece.document is not None:
                return piece.document.id
        raise web.HTTPNotFound

    async def _passed_on(
        self, request: web.Request, endpoint: Endpoint[Any, Any], **parameters: str
    ) -> web.StreamResponse:
        asking = self.pages.api.transfer(request, language_of(request), endpoint, parameters=parameters)
        async with asking as found:
            if isinstance(found, Problem):
                return self.pages.rendering.problem(request, found)
            return await passed_on(request, found)
