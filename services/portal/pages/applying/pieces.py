"""The pieces of an application: each command is a form of its own, and files pass through without being kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import web

from services.contracts.api.applications import ApplicationView, DepositPiece, PieceView
from services.contracts.api.documents import Upload
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.endpoints import documents
from services.contracts.api.problem import Problem
from services.portal.downloads import handed_on
from services.portal.forms import FIELDS, KEY
from services.portal.pages.applying.file_form import FileForm, Misnamed, TooLargeTogether, Unreadable, file_form
from services.portal.pages.applying.own import ApplicationPages
from services.portal.pages.applying.showing import address_of, anchor, warned
from services.portal.pages.applying.uploading import Sent, TooLargeFile, TooManyFiles, Uploading
from services.portal.paths import PIECE
from services.portal.rendering import come_back, language_of, see_other
from services.portal.standing import document_of

Command = Endpoint[None, ApplicationView]


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes of the small commands, and of looking at a file."""
    own = PiecePages(pages)
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
    return [web.post(PIECE, pages.rendering.guarded(PiecePages(pages).deposit, signed_in=True))]


@dataclass(frozen=True, slots=True)
class PiecePages:
    """What is done with one piece."""

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
        """Take files in and put them into their piece (acceptance 48-51, 59, 60); they are bounded while they come."""
        view = await self.pages.view(request)
        piece = next((piece for piece in view.pieces if piece.code == request.match_info["code"]), None)
        if piece is None:
            raise web.HTTPNotFound
        uploading = Uploading(self.pages, request, piece)
        form: FileForm | None = None
        try:
            form = await file_form(request, self.pages.rendering.csrf)
            if form is None:
                return self.pages.rendering.foreign(request, again=address_of(view.id))
            if form.is_empty:
                return self._said(request, view, self.pages.rendering.text(language_of(request), "piece.missing"), 422)
            put = await self._put(request, await uploading.take(form))
        except (TooManyFiles, TooLargeFile, TooLargeTogether) as error:
            return self._said(request, view, *uploading.why_not(error), None if form is None else form.fields.get(KEY))
        except Misnamed:
            return self._said(request, view, self.pages.rendering.text(language_of(request), "piece.misnamed"), 422)
        except Unreadable:
            return self._said(request, view, self.pages.rendering.text(language_of(request), "piece.cut"), 400)
        # With the key of the form the files that are here already need not be taken in again.
        key = form.fields.get(KEY)
        return await self._wrong(request, put, key) if isinstance(put, Problem) else _to_piece(request, put)

    async def deposit_sent(self, request: web.Request, form: Mapping[str, str]) -> web.StreamResponse:
        """Put files into their piece that a script has sent before, each told by `upload`, `name`, `size`."""
        view = await self.pages.view(request)
        if (piece := _piece(view, request)) is None:
            raise web.HTTPNotFound
        columns = [
            [value for name, value in request[FIELDS] if name == column] for column in ("upload", "name", "size")
        ]
        if not columns[0] or len({len(column) for column in columns}) > 1:
            return self._said(request, view, self.pages.rendering.text(language_of(request), "piece.missing"), 422)
        sent = [Sent(*each) for each in zip(*columns, strict=True)]
        uploading = Uploading(self.pages, request, piece)
        try:
            put = await self._put(request, await uploading.take_sent(form, sent))
        except TooManyFiles as error:
            return self._said(request, view, *uploading.why_not(error), form.get(KEY))
        return await self._wrong(request, put, form.get(KEY)) if isinstance(put, Problem) else _to_piece(request, put)

    async def _put(self, request: web.Request, uploaded: Upload | Problem) -> Upload | Problem:
        """Put what was uploaded into its piece, unless the API refuses, or has refused."""
        if isinstance(uploaded, Problem):
            return uploaded
        body, parameters = DepositPiece(receipt=uploaded.receipt), _names(request)
        put = await self.pages.api.ask(
            request, language_of(request), endpoints.DEPOSIT, body=body, parameters=parameters
        )
        return put if isinstance(put, Problem) else uploaded

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The file in a piece, to be kept and never shown as a page of ours; of foreign ones there are none."""
        piece = _piece(await self.pages.view(request), request)
        document = None if piece is None else document_of(piece)
        if document is None:
            raise web.HTTPNotFound
        pages = self.pages
        return await handed_on(pages.rendering, pages.api, request, documents.DOCUMENT, {"id": document.id})

    async def _wrong(self, request: web.Request, problem: Problem, key: str | None = None) -> web.Response:
        """The application as it is now, and beside the piece why the command was refused."""
        view = await self.pages.view(request)
        return come_back(self._said(request, view, problem.detail, problem.status, key), problem)

    def _said(
        self, request: web.Request, view: ApplicationView, said: str, status: int, key: str | None = None
    ) -> web.Response:
        errors = {anchor(request.match_info["code"]): said}
        return self.pages.page(request, view, status=status, errors=errors, **({} if key is None else {"key": key}))


def _names(request: web.Request) -> dict[str, str]:
    return {"id": request.match_info["id"], "code": request.match_info["code"]}


def _piece(view: ApplicationView, request: web.Request) -> PieceView | None:
    return next((piece for piece in view.pieces if piece.code == request.match_info["code"]), None)


def _to_piece(request: web.Request, uploaded: Upload | None = None) -> web.Response:
    """Back to the piece on its application's page, with what its owner had better look at in the file."""
    code = request.match_info["code"]
    noticed = "" if uploaded is None else warned(code, uploaded.warnings or ())
    return see_other(f"{address_of(request.match_info['id'])}{noticed}#{quote(anchor(code), safe='')}-row")
