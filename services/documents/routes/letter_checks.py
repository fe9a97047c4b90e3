"""HTTP of documents: whether letters are genuine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import letter_checks as api
from services.contracts.api.endpoints import letter_checks as endpoints
from services.documents.usecases.app import App
from services.documents.usecases.letter_checks import checked, named


def routes(app: App) -> Sequence[Route]:
    """The routes that are open to whoever holds a letter."""
    return [
        Route(endpoints.CHECK_LETTER, partial(_check, app)),
        Route(endpoints.CHECK_LETTER_NAME, partial(_name, app)),
    ]


async def _check(app: App, request: Request) -> Response[api.LetterCheck]:
    found = await checked(app, request.path["code"])
    view = api.LetterCheck(
        standing="genuine" if found.counts else "replaced",
        language=found.proof.language,
        facts=[api.LetterFact(label=label, text=text) for label, text in found.proof.facts],
        sha256=found.document.sha256,
        names=bool(found.proof.name_sha256),
    )
    return Response(view)


async def _name(app: App, request: Posted[api.LetterNameBody]) -> Response[api.LetterNameCheck]:
    agrees = await named(app, request.path["code"], request.body.name, request.command)
    return Response(api.LetterNameCheck(agrees=agrees))
