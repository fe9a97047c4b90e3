"""Handing an application over, with what is in its way; its receipt; and giving a draft up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from services.chassis.texts.held_words import held_line
from services.contracts.api.applications import SubmissionRecord
from services.contracts.api.documents import attachment
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints import applications as endpoints
from services.contracts.api.endpoints import documents
from services.contracts.api.problem import Problem
from services.contracts.instants import instant
from services.portal.api import accepted
from services.portal.forms import command_key
from services.portal.pages.applying.own import ApplicationPages, paper
from services.portal.pages.applying.showing import address_of
from services.portal.paths import APPLICATIONS, ONE
from services.portal.rendering import language_of, see_other


class Shown(Protocol):
    """Shows the page of a decision."""

    async def __call__(self, request: web.Request, *, status: int) -> web.Response: ...


def routes(pages: ApplicationPages) -> list[web.RouteDef]:
    """The routes."""
    own = _Submission(pages)
    guarded = pages.rendering.guarded
    return [
        web.get(ONE + "/transmission", guarded(own.check, signed_in=True)),
        web.post(ONE + "/transmission", guarded(own.submit, signed_in=True)),
        web.get(ONE + "/accuse", guarded(own.receipt, signed_in=True)),
        web.get(ONE + "/accuse/fichier", guarded(own.receipt_file, signed_in=True)),
        web.get(ONE + "/accuse/pdf", guarded(own.receipt_pdf, signed_in=True)),
        web.get(ONE + "/annulation", guarded(own.ask_cancel, signed_in=True)),
        web.post(ONE + "/annulation", guarded(own.cancel, signed_in=True)),
    ]


@dataclass(frozen=True, slots=True)
class _Submission:
    pages: ApplicationPages

    async def check(self, request: web.Request) -> web.StreamResponse:
        """What would be submitted, and the green button; or all that is in its way, each with its link."""
        return await self._check(request)

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """Hand the file over; pressed twice, it is handed over once (acceptance 69)."""
        handed_over = address_of(request.match_info["id"], "accuse")
        return await self._decided(request, endpoints.SUBMIT, self._check, handed_over)

    async def receipt(self, request: web.Request) -> web.StreamResponse:
        """That the file was handed over, and when."""
        view, record = await self.pages.view(request), await self._record(request)
        labels = {piece.code: piece.label for piece in view.pieces}
        given = [{"label": labels.get(piece.piece, piece.piece), "filename": piece.filename} for piece in record.pieces]
        at = self.pages.showing(request).moment(instant(record.submitted_at))
        for code, held in record.held.items():
            line = held_line(held.label, held.on, held.expires_on, language_of(request))
            given.append({"label": labels.get(code, code), "filename": line})
        return self.pages.page(request, view, "receipt.html", at=at, pieces=given)

    async def receipt_file(self, request: web.Request) -> web.StreamResponse:
        """The signed receipt as a file."""
        view, record = await self.pages.view(request), await self._record(request)
        response = web.Response(text=record.receipt, content_type="application/jose")
        response.headers["Content-Disposition"] = attachment(f"parvis-{view.programme.code}.jws")
        response.headers["Cache-Control"] = "no-store"
        return response

    async def receipt_pdf(self, request: web.Request) -> web.StreamResponse:
        """The receipt to be read and printed, in the reader's language."""
        return await paper(self.pages, request, documents.RECEIPT_PDF)

    async def ask_cancel(self, request: web.Request) -> web.StreamResponse:
        """Whether the draft shall really be given up (acceptance 45)."""
        return await self._cancel(request)

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        """Give it up."""
        return await self._decided(request, endpoints.CANCEL, self._cancel, APPLICATIONS)

    async def _decided(
        self, request: web.Request, endpoint: Endpoint[None, Any], shown: Shown, onward: str
    ) -> web.StreamResponse:
        """Carry a decision out and go on; what the state of the file forbids is shown on the page of the decision."""
        id = request.match_info["id"]
        form = await self.pages.rendering.form(request)
        if form is None:
            return self.pages.rendering.foreign(request, again=request.path)
        key = command_key(form, id)
        done = await self.pages.api.ask(request, language_of(request), endpoint, parameters={"id": id}, key=key)
        if isinstance(done, Problem):
            return (
                await shown(request, status=409) if done.status == 409 else self.pages.rendering.problem(request, done)
            )
        return see_other(onward)

    async def _check(self, request: web.Request, *, status: int = 200) -> web.Response:
        view = await self.pages.view(request)
        again = address_of(view.id, "transmission")
        return self.pages.page(request, view, "submission.html", status=status, again=again)

    async def _cancel(self, request: web.Request, *, status: int = 200) -> web.Response:
        view = await self.pages.view(request)
        return self.pages.page(request, view, "cancel.html", status=status, again=address_of(view.id, "annulation"))

    async def _record(self, request: web.Request) -> SubmissionRecord:
        parameters = {"id": request.match_info["id"]}
        record = await self.pages.api.ask(request, language_of(request), endpoints.RECEIPT, parameters=parameters)
        return accepted(record)
