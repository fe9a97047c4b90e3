"""The file in a piece as pictures: whoever gave it sees whether it is the right one, whole and the right way up."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from services.contracts.api.applications import ApplicationView, PieceView
from services.contracts.api.deposited import DocumentView
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import address_of, anchor
from services.portal.paths import PIECE
from services.portal.previews import PAGE, Previews
from services.portal.standing import document_of


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes."""
    seeing, guarded = _Seeing(pages, Previews(pages.rendering, pages.api)), pages.rendering.guarded
    return [
        web.get(PIECE + "/apercu", guarded(seeing.show, signed_in=True)),
        web.get(PIECE + "/apercu/" + PAGE, guarded(seeing.picture, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Seeing:
    pages: ApplicationPages
    previews: Previews

    async def show(self, request: web.Request) -> web.StreamResponse:
        """All pages, below each other."""
        view = await self.pages.view(request)
        piece, document = _given(view, request)
        address = address_of(view.id, "pieces", piece.code)
        pictures, said = await self.previews.shown(request, document.id, address)
        back = f"{address_of(view.id)}#{anchor(piece.code)}-row"
        return self.pages.page(
            request,
            view,
            "piece_preview.html",
            again=f"{address}/apercu",
            piece=piece,
            filename=document.filename,
            pictures=pictures,
            said=said,
            file=f"{address}/fichier",
            back=back,
        )

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """One page."""
        _, document = _given(await self.pages.view(request), request)
        return await self.previews.picture(request, document.id)


def _given(view: ApplicationView, request: web.Request) -> tuple[PieceView, DocumentView]:
    for piece in view.pieces:
        if piece.code == request.match_info["code"] and (document := document_of(piece)) is not None:
            return piece, document
    raise web.HTTPNotFound
