"""HTTP of documents: signatures of letters."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.http.raw_bodies import RawBody
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import signatures as api
from services.contracts.api.endpoints import signatures as endpoints
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND
from services.documents.domain.signing import Board
from services.documents.routes.pdfs import made_pdf
from services.documents.routes.uploads import declared
from services.documents.usecases import signing
from services.documents.usecases.app import App


def routes(app: App) -> Sequence[Route]:
    """The routes of signatures."""
    return [
        Route(endpoints.PUT_SIGNATURE, lambda request: _put(app, request)),
        Route(endpoints.SAMPLE_LETTER, lambda request: _sample(app, request)),
    ]


async def _put(app: App, request: Request) -> Response[api.SignatureFile]:
    offer, body = declared(request), RawBody(request.http)
    kept = await signing.put(app, request.path["commission"], offer, body, request.command, client=request.client)
    return Response(
        api.SignatureFile(
            commission=kept.commission,
            signature=kept.name,
            size=kept.size,
            sha256=kept.sha256,
            put_at=instant_text(kept.at),
        )
    )


async def _sample(app: App, request: Posted[api.LetterSigners]) -> Response[None]:
    kind, language, body = request.path["kind"], request.path["language"], request.body
    board = Board(
        body.commission,
        signatory=body.signatory.strip(),
        function=body.function.strip(),
        signature=body.signature.strip(),
    )
    centre = body.centre or ""
    if centre and not any(each.centres is None or centre in each.centres for each in request.actor.grants):
        raise NOT_FOUND()
    made = await signing.sample(app, request.actor, board, kind, language, client=request.client, centre=centre)
    return made_pdf(made, f"{kind}-{language}.pdf", language)
