"""Files that a script sends in pieces, and goes on with when the line comes back: forms do the same without it (ADR 82)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.chassis.http.raw_bodies import RawBody
from services.contracts.api import partial_uploads as api
from services.contracts.api.endpoints import partial_uploads as endpoints
from services.contracts.api.problem import Problem
from services.contracts.refusals.documents import WRONG_OFFSET
from services.portal.api import content_of
from services.portal.csrf import FIELD
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.pieces import PiecePages
from services.portal.pages.applying.showing import address_of
from services.portal.pages.applying.uploading import Announced, TooLargeFile, TooManyFiles, Uploading, parsed
from services.portal.paths import PIECE, PIECES_OF_FILES
from services.portal.rendering import language_of

TOKEN_HEADER: Final = "X-Form-Token"  # noqa: S105 - the name of a header
"""Where the token of the form stands when the body is a file."""
MOST_DIGITS: Final = 15


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes by which a file is announced, and put into its piece once all of it is there."""
    own, guarded = _Resuming(pages), pages.rendering.guarded
    return [
        web.post(f"{PIECE}/envois", guarded(own.begin, signed_in=True)),
        web.post(f"{PIECE}/envois/depot", guarded(own.deposit, signed_in=True)),
    ]


def upload_routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The route that hands on bytes as they come."""
    return [web.patch(PIECES_OF_FILES, pages.rendering.guarded(_Resuming(pages).append, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Resuming:
    pages: ApplicationPages

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Announce a file, or ask how far the one is that was announced by the same form: its address and offset."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return _said(403, "")
        uploading = await self._uploading(request)
        if (file := _announced(form)) is None:
            return _said(400, "")
        try:
            body, key = uploading.announced(file, form)
        except (TooLargeFile, TooManyFiles) as error:
            why, status = uploading.why_not(error)
            return _said(status, why)
        begun = await self.pages.api.ask(request, language_of(request), endpoints.BEGIN, body=body, key=key)
        if isinstance(begun, Problem):
            return _refused(uploading.named(begun, file))
        return web.json_response({"id": begun.id, "offset": begun.offset})

    async def append(self, request: web.Request) -> web.StreamResponse:
        """Hand a piece of a file on; answer how much of it is safe."""
        if not self.pages.rendering.csrf.is_own(request, {FIELD: request.headers.get(TOKEN_HEADER, "")}):
            return _said(403, "")
        headers = {
            "Content-Type": api.MEDIA_TYPE,
            api.OFFSET_HEADER: request.headers.get(api.OFFSET_HEADER, ""),
            api.COMPLETE_HEADER: "?0",
        }
        parameters, content = {"upload": request.match_info["upload"]}, _bytes(RawBody(request))
        asking = self.pages.api.transfer(
            request, language_of(request), endpoints.APPEND, content, headers=headers, parameters=parameters
        )
        async with asking as response:
            if isinstance(response, Problem):
                return _refused(response)
            answer = parsed(api.Partial, await content_of(response))
        return web.json_response({"id": answer.id, "offset": answer.offset})

    async def deposit(self, request: web.Request) -> web.StreamResponse:
        """Put files that are there into their piece, as the form does that brings them along."""
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=address_of(request.match_info["id"]))
        return await PiecePages(self.pages).deposit_sent(request, form)

    async def _uploading(self, request: web.Request) -> Uploading:
        view = await self.pages.view(request)
        piece = next((piece for piece in view.pieces if piece.code == request.match_info["code"]), None)
        if piece is None:
            raise web.HTTPNotFound
        return Uploading(self.pages, request, piece)


async def _bytes(body: RawBody) -> AsyncIterator[bytes]:
    while chunk := await body.readany():
        yield chunk


def _announced(form: Any) -> Announced | None:
    """What a script says of a file; None for what none of ours says."""
    figures = [form.get(name, "") for name in ("size", "all", "number", "count", "modified")]
    if not all(each.isascii() and each.isdigit() and len(each) <= MOST_DIGITS for each in figures):
        return None
    return Announced(form.get("name", ""), form.get("type", ""), *map(int, figures))


def _refused(problem: Problem) -> web.Response:
    """Why a script is refused, for people; where it is only elsewhere, or is to come back, it sees to that itself."""
    elsewhere = problem.slug == WRONG_OFFSET.name
    return _said(problem.status, "" if elsewhere else problem.detail)


def _said(status: int, why: str) -> web.Response:
    return web.json_response({"why": why}, status=status)
