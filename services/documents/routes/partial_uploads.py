"""HTTP of documents: uploads that go on where they were cut off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from services.chassis.http.raw_bodies import RawBody
from services.chassis.refusals import INVALID_HEADER
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import documents
from services.contracts.api import partial_uploads as api
from services.contracts.api.endpoints import partial_uploads as endpoints
from services.contracts.instants import instant_text
from services.contracts.refusals.documents import PIECE_TYPE_WRONG
from services.documents.domain.partial import LEAST_PIECE
from services.documents.domain.uploads import DeclaredUpload
from services.documents.repository.partials import OpenUpload
from services.documents.routes.uploads import in_words, plain_type
from services.documents.usecases import resuming
from services.documents.usecases.app import App
from services.documents.usecases.resuming import Sent

_OFFSET: Final = re.compile(r"[0-9]{1,15}")
"""An integer of a structured field (RFC 9651)."""
_COMPLETE: Final = {"?0": False, "?1": True}


def routes(app: App) -> Sequence[Route]:
    """The routes of uploads that go on."""
    return [
        Route(endpoints.BEGIN, lambda request: _begin(app, request)),
        Route(endpoints.LOOK, partial(_look, app)),
        Route(endpoints.APPEND, partial(_append, app)),
        Route(endpoints.GIVE_UP, partial(_give_up, app)),
    ]


async def _begin(app: App, request: Posted[api.NewPartial]) -> Response[api.Partial]:
    body = request.body
    offer = DeclaredUpload(plain_type(body.media_type), body.filename, body.length)
    saved = await resuming.begin(app, request.actor, offer, request.command, part=body.use == "part")
    location = {"Location": endpoints.LOOK.at(upload=saved.id)}
    return Response(_view(saved), headers=_headers(saved) | location)


async def _look(app: App, request: Request) -> Response[None]:
    return Response(headers=_headers(await resuming.look(app, request.actor, request.path["upload"], request.command)))


async def _append(app: App, request: Request) -> Response[api.Partial]:
    http = request.http
    if http.content_type != api.MEDIA_TYPE:
        raise PIECE_TYPE_WRONG(expected=api.MEDIA_TYPE)
    offset, last = http.headers.get(api.OFFSET_HEADER, ""), http.headers.get(api.COMPLETE_HEADER, "")
    if not _OFFSET.fullmatch(offset):
        raise INVALID_HEADER(header=api.OFFSET_HEADER)
    if last not in _COMPLETE:
        raise INVALID_HEADER(header=api.COMPLETE_HEADER)
    body = RawBody(http)
    sent = Sent(int(offset), body.announced, _COMPLETE[last], body, request.client)
    progress = await resuming.append(app, request.actor, request.path["upload"], sent, request.command)
    view = _view(progress.saved)
    if progress.outcome is None:
        return Response(view, headers=_headers(progress.saved))
    upload = in_words(documents.Upload.model_validate(progress.outcome.answer), request.language)
    return Response(
        view.model_copy(update={"upload": upload}), events=progress.outcome.events, headers=_headers(progress.saved)
    )


async def _give_up(app: App, request: Request) -> Response[None]:
    await resuming.give_up(app, request.actor, request.path["upload"], request.command)
    return Response()


def _view(saved: OpenUpload) -> api.Partial:
    upload = saved.partial
    return api.Partial(
        id=saved.id,
        length=upload.length,
        offset=upload.offset,
        least_piece=LEAST_PIECE,
        expires_at=instant_text(upload.due_at),
    )


def _headers(saved: OpenUpload) -> dict[str, str]:
    upload = saved.partial
    return {
        api.OFFSET_HEADER: str(upload.offset),
        api.LENGTH_HEADER: str(upload.length),
        api.COMPLETE_HEADER: "?0" if upload.taken is None else "?1",
    }
