"""HTTP of documents: the words of letters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, get_args

from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.actors import Role
from services.contracts.api import letter_texts as api
from services.contracts.api.endpoints import letter_texts as endpoints
from services.contracts.instants import instant_text
from services.contracts.languages import Language
from services.contracts.refusals import NOT_FOUND
from services.documents.domain.letter import VARIABLES, LetterTexts
from services.documents.domain.reach import Right, holds
from services.documents.routes.pdfs import made_pdf
from services.documents.usecases import letter_texts
from services.documents.usecases.app import App
from services.documents.usecases.letter_texts import KINDS, InForce

_LANGUAGES: tuple[Language, ...] = get_args(api.LetterPath.model_fields["language"].annotation)


def routes(app: App) -> Sequence[Route]:
    """The routes of the words of letters."""
    return [
        Route(endpoints.LETTER_TEXTS, partial(_all, app)),
        Route(endpoints.SET_LETTER_TEXTS, lambda request: _write(app, request)),
        Route(endpoints.RESET_LETTER_TEXTS, partial(_reset, app)),
        Route(endpoints.LETTER_PREVIEW, lambda request: _preview(app, request)),
    ]


async def _all(app: App, request: Request) -> Response[api.LetterTextsList]:
    centre = _owner(request)
    items = [
        _view(kind, language, centre, await letter_texts.in_force(app, kind, language, centre))
        for kind in KINDS
        for language in _LANGUAGES
    ]
    centres = [] if centre else list(await app.letter_texts.centres())
    return Response(api.LetterTextsList(items=items, centres=centres))


async def _write(app: App, request: Posted[api.LetterTextsBody]) -> Response[api.LetterTextsView]:
    return await _done(app, request, _texts(request.body))


async def _reset(app: App, request: Request) -> Response[api.LetterTextsView]:
    return await _done(app, request, None)


async def _preview(app: App, request: Posted[api.LetterTextsBody]) -> Response[None]:
    kind, language, centre = _wanted(request)
    texts, client = _texts(request.body), request.client
    made = await letter_texts.preview(app, request.actor, kind, language, texts, client=client, centre=centre)
    return made_pdf(made, f"{kind}-{language}.pdf", language)


async def _done(app: App, request: Request | Posted[Any], texts: LetterTexts | None) -> Response[api.LetterTextsView]:
    kind, language, centre = _wanted(request)
    done = await letter_texts.write(app, kind, language, texts, request.command, client=request.client, centre=centre)
    return Response(_view(kind, language, centre, done), etag=done.version)


def _wanted(request: Request | Posted[Any]) -> tuple[str, Language, str]:
    return request.path["kind"], request.path["language"], _owner(request)


def _texts(body: api.LetterTextsBody) -> LetterTexts:
    return LetterTexts(body.title, body.body, body.signatory)


def _view(kind: str, language: Language, centre: str, found: InForce) -> api.LetterTextsView:
    texts, sheet = found.texts, found.sheet
    return api.LetterTextsView.model_validate(
        {
            "kind": kind,
            "language": language,
            "title": texts.title,
            "body": texts.body,
            "signatory": texts.signatory,
            "centre": centre or None,
            "own": sheet.texts is not None,
            "level": found.level,
            "variables": list(VARIABLES),
            "changed_at": None if sheet.at is None else instant_text(sheet.at),
            "changed_by": sheet.by,
            "version": found.version,
        }
    )


def _owner(request: Request | Posted[Any]) -> str:
    """The centre whose letters it is about, nothing for all of them.

    What counts everywhere is out of the scope of whoever administers some centres; raises NOT_FOUND.
    """
    centre = request.query(api.LetterOwner).centre or ""
    rights = [Right(each.role, each.centres, each.commissions) for each in request.actor.grants]
    if not any(holds(each, centre) if centre else each == Right(Role.ADMIN) for each in rights):
        raise NOT_FOUND()
    return centre
