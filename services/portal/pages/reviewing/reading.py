"""What staff read of a file: each document, the whole as one PDF, and the letter (acceptance 61, 62, 86)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from services.contracts.api.endpoints import documents
from services.portal.downloads import handed_on
from services.portal.pages.reviewing.listing import ReviewPages
from services.portal.pages.reviewing.showing import address_of
from services.portal.paths import REVIEW
from services.portal.previews import PAGE, Previews
from services.portal.standing import document_of


def routes(pages: ReviewPages) -> list[web.RouteDef]:
    """The routes."""
    reading, guarded, one = _Reading(pages), pages.rendering.guarded, REVIEW + "/{id}"
    return [
        web.get(one + "/pieces/{code}/fichier", guarded(reading.document, signed_in=True)),
        web.get(one + "/pieces/{code}/apercu", guarded(reading.preview, signed_in=True)),
        web.get(one + "/pieces/{code}/apercu/" + PAGE, guarded(reading.picture, signed_in=True)),
        web.get(one + "/dossier", guarded(reading.dossier, signed_in=True)),
        web.get(one + "/lettre", guarded(reading.letter, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Reading:
    pages: ReviewPages

    async def document(self, request: web.Request) -> web.StreamResponse:
        """The document of a piece, to be kept and never shown as a page of ours."""
        id = await self._given(request)
        return await handed_on(self.pages.rendering, self.pages.api, request, documents.DOCUMENT, {"id": id})

    async def preview(self, request: web.Request) -> web.StreamResponse:
        """Its pages below each other, where nobody judges it: the registrar has given it."""
        view, code = await self.pages.view(request), request.match_info["code"]
        for piece in view.pieces:
            if piece.code == code and (document := document_of(piece)) is not None:
                address = address_of(view.id, "pieces", code)
                previews = Previews(self.pages.rendering, self.pages.api)
                pictures, said = await previews.shown(request, document.id, address)
                shown = self.pages.showing(request).piece(view, piece)
                again = f"{address}/apercu"
                return self.pages.page(
                    request, view, "review_preview.html", again=again, piece=shown, pictures=pictures, said=said
                )
        raise web.HTTPNotFound

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """A page of it."""
        previews = Previews(self.pages.rendering, self.pages.api)
        return await previews.picture(request, await self._given(request))

    async def dossier(self, request: web.Request) -> web.StreamResponse:
        """The whole file."""
        parameters = {"application": request.match_info["id"]}
        return await handed_on(self.pages.rendering, self.pages.api, request, documents.DOSSIER_PDF, parameters)

    async def letter(self, request: web.Request) -> web.StreamResponse:
        """The letter that its candidate can have (acceptance 86)."""
        parameters = {"application": request.match_info["id"]}
        return await handed_on(self.pages.rendering, self.pages.api, request, documents.LETTER_PDF, parameters)

    async def _given(self, request: web.Request) -> str:
        for piece in (await self.pages.view(request)).pieces:
            if piece.code == request.match_info["code"] and (document := document_of(piece)) is not None:
                return document.id
        raise web.HTTPNotFound
