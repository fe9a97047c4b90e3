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
    _require_all(request)
    items = [
        _view(kind, language, await letter_texts.in_force(app, kind, language))
        for kind in KINDS
        for language in _LANGUAGES
    ]
    return Response(api.LetterTextsList(items=items))


async def _write(app: App, request: Posted[api.LetterTextsBody]) -> Response[api.LetterTextsView]:
    kind, language = _wanted(request)
    texts, client = _texts(request.body), request.client
    return _written(
        kind, language, await letter_texts.write(app, kind, language, texts, request.command, client=client)
    )


async def _reset(app: App, request: Request) -> Response[api.LetterTextsView]:
    kind, language = _wanted(request)
    done = await letter_texts.write(app, kind, language, None, request.command, client=request.client)
    return _written(kind, language, done)


async def _preview(app: App, request: Posted[api.LetterTextsBody]) -> Response[None]:
    kind, language = _wanted(request)
    made = await letter_texts.preview(app, request.actor, kind, language, _texts(request.body), client=request.client)
    return made_pdf(made, f"{kind}-{language}.pdf", language)


def _wanted(request: Request | Posted[Any]) -> tuple[str, Language]:
    _require_all(request)
    return request.path["kind"], request.path["language"]


def _texts(body: api.LetterTextsBody) -> LetterTexts:
    return LetterTexts(body.title, body.body, body.signatory)


def _written(kind: str, language: Language, done: InForce) -> Response[api.LetterTextsView]:
    return Response(_view(kind, language, done), etag=done.version)


def _view(kind: str, language: Language, found: InForce) -> api.LetterTextsView:
    texts, sheet = found.texts, found.sheet
    return api.LetterTextsView.model_validate(
        {
            "kind": kind,
            "language": language,
            "title": texts.title,
            "body": texts.body,
            "signatory": texts.signatory,
            "own": sheet.texts is not None,
            "variables": list(VARIABLES),
            "changed_at": None if sheet.at is None else instant_text(sheet.at),
            "changed_by": sheet.by,
            "version": found.version,
        }
    )


def _require_all(request: Request | Posted[Any]) -> None:
    """What counts everywhere is out of the scope of whoever administers some centres; raises NOT_FOUND."""
    grants = request.actor.grants
    if not any(each.role == Role.ADMIN and each.centres is None and each.commissions is None for each in grants):
        raise NOT_FOUND()
