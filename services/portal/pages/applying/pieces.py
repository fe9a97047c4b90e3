"""The pieces of an application: each command is a form of its own, and a file passes through without being kept."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import web

from services.contracts.api.applications import ApplicationView, DepositPiece, PieceView
from services.contracts.api.documents import FILENAME_HEADER, Upload, encode_filename
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.endpoints import documents
from services.contracts.api.problem import Problem
from services.contracts.refusals.documents import HEIC_NOT_YET, TYPE_NOT_ALLOWED
from services.portal.api import ApiUnavailable, content_of
from services.portal.downloads import passed_on
from services.portal.forms import command_key
from services.portal.pages.applying.file_form import FileForm, Misnamed, TooLarge, Unreadable, file_form
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import address_of, anchor, warned
from services.portal.paths import PIECE
from services.portal.rendering import come_back, language_of, see_other

Command = Endpoint[None, ApplicationView]
_WRONG_TYPE = (TYPE_NOT_ALLOWED.name, HEIC_NOT_YET.name)


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes of the small commands, and of looking at a file."""
    own = _Pieces(pages)
    guarded = pages.rendering.guarded
    commands = {
        "retrait": endpoints.REMOVE,
        "non-concerne": endpoints.DECLARE_NOT_APPLICABLE,
        "concerne": endpoints.DECLARE_APPLICABLE,
        "reprise": endpoints.REUSE,
    }
    return [
        web.get(PIECE, guarded(own.back, signed_in=True)),
        web.get(PIECE + "/fichier", guarded(own.file, signed_in=True)),
        *(
            web.post(f"{PIECE}/{name}", guarded(own.command(endpoint), signed_in=True))
            for name, endpoint in commands.items()
        ),
    ]


def upload_routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The route that reads its body itself."""
    return [web.post(PIECE, pages.rendering.guarded(_Pieces(pages).deposit, signed_in=True))]


@dataclass(frozen=True, slots=True)
class _Pieces:
    pages: ApplicationPages

    async def back(self, request: web.Request) -> web.StreamResponse:
        """The address of a form that was refused, typed or reloaded: the piece stands on the application's page."""
        return _to_piece(request)

    def command(self, endpoint: Command) -> Any:
        """A handler of one of the commands that need nothing but their button."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if await self.pages.rendering.form(request) is None:
                return self.pages.rendering.foreign(request, again=address_of(request.match_info["id"]))
            done = await self.pages.api.ask(request, language_of(request), endpoint, parameters=_names(request))
            if isinstance(done, Problem):
                return await self._wrong(request, done)
            return _to_piece(request)

        return handle

    async def deposit(self, request: web.Request) -> web.StreamResponse:
        """Take a file in and put it into its piece (acceptance 48-51, 59); it is bounded before it is moved."""
        view = await self.pages.view(request)
        piece = next((piece for piece in view.pieces if piece.code == request.match_info["code"]), None)
        if piece is None:
            raise web.HTTPNotFound
        try:
            form = await file_form(request, self.pages.rendering.csrf, piece.max_bytes)
            if form is None:
                return self.pages.rendering.foreign(request, again=address_of(view.id))
            if form.is_empty:
                return self._said(request, view, self.pages.rendering.text(language_of(request), "piece.missing"), 422)
            put = await self._put(request, form, piece)
        except TooLarge:
            return self._said(request, view, self.pages.showing(request).too_large(piece), 413)
        except Misnamed:
            return self._said(request, view, self.pages.rendering.text(language_of(request), "piece.misnamed"), 422)
        except Unreadable:
            return self._said(request, view, self.pages.rendering.text(language_of(request), "piece.cut"), 400)
        return await self._wrong(request, put) if isinstance(put, Problem) else _to_piece(request, put)

    async def _put(self, request: web.Request, form: FileForm, piece: PieceView) -> Upload | Problem:
        """Upload the file and put it into its piece, unless the API refuses the one or the other."""
        uploaded = await self._upload(request, form)
        if isinstance(uploaded, Problem):
            if uploaded.slug not in _WRONG_TYPE:
                return uploaded
            said = self.pages.showing(request).wrong_type(piece, heic=uploaded.slug == HEIC_NOT_YET.name)
            return uploaded.model_copy(update={"detail": said})
        body, parameters = DepositPiece(receipt=uploaded.receipt), _names(request)
        put = await self.pages.api.ask(
            request, language_of(request), endpoints.DEPOSIT, body=body, parameters=parameters
        )
        return put if isinstance(put, Problem) else uploaded

    async def _upload(self, request: web.Request, form: FileForm) -> Upload | Problem:
        """The file as the API has taken it in; the same button pressed twice sends one."""
        broken: list[Exception] = []
        headers = {
            "Content-Type": form.media_type,
            FILENAME_HEADER: encode_filename(form.filename),
            "Idempotency-Key": command_key(form.fields, form.filename, hashlib.sha256(form.first).hexdigest()),
        }
        content = _noting(form.content(), broken)
        asking = self.pages.api.transfer(request, language_of(request), documents.UPLOAD, content, headers=headers)
        try:
            async with asking as response:
                if isinstance(response, Problem):
                    return response
                return Upload.model_validate_json(await content_of(response))
        except ApiUnavailable:
            if broken:
                raise broken[0] from None
            raise
        except ValueError as error:
            raise ApiUnavailable(type(error).__name__) from error

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The file in a piece, to be kept and never shown as a page of ours; of foreign ones there are none."""
        piece = _piece(await self.pages.view(request), request)
        if piece is None or piece.document is None:
            raise web.HTTPNotFound
        asking = self.pages.api.transfer(
            request, language_of(request), documents.DOCUMENT, parameters={"id": piece.document.id}
        )
        async with asking as found:
            if isinstance(found, Problem):
                return self.pages.rendering.problem(request, found)
            return await passed_on(request, found)

    async def _wrong(self, request: web.Request, problem: Problem) -> web.Response:
        """The application as it is now, and beside the piece why the command was refused."""
        return come_back(self._said(request, await self.pages.view(request), problem.detail, problem.status), problem)

    def _said(self, request: web.Request, view: ApplicationView, said: str, status: int) -> web.Response:
        return self.pages.page(request, view, status=status, errors={anchor(request.match_info["code"]): said})


async def _noting(content: AsyncIterator[bytes], broken: list[Exception]) -> AsyncIterator[bytes]:
    """The same bytes; why they end too soon is kept, for the client tells of the broken line alone."""
    try:
        async for chunk in content:
            yield chunk
    except (TooLarge, Unreadable) as error:
        broken.append(error)
        raise


def _names(request: web.Request) -> dict[str, str]:
    return {"id": request.match_info["id"], "code": request.match_info["code"]}


def _piece(view: ApplicationView, request: web.Request) -> PieceView | None:
    return next((piece for piece in view.pieces if piece.code == request.match_info["code"]), None)


def _to_piece(request: web.Request, uploaded: Upload | None = None) -> web.Response:
    """Back to the piece on its application's page, with what its owner had better look at in the file."""
    code = request.match_info["code"]
    noticed = f"?{warned(code, uploaded.warnings)}" if uploaded is not None and uploaded.warnings else ""
    return see_other(f"{address_of(request.match_info['id'])}{noticed}#{quote(anchor(code), safe='')}-row")
