"""HTTP of documents: those that follow who was handed over."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Final

from services.chassis.ports import Document as Row
from services.chassis.routing import Request, Response, Route
from services.chassis.store.rows import page_of, readable
from services.chassis.texts.catalogues import catalogues
from services.contracts.actors import Role
from services.contracts.api import hand_overs as api
from services.contracts.api.endpoints import hand_overs as endpoints
from services.contracts.events.applications import FileChanged
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND
from services.documents.domain.hand_overs import OWN_REASONS, HandOver, goes
from services.documents.repository.hand_overs import HAND_OVERS, read
from services.documents.usecases import handing_over
from services.documents.usecases.app import App

MOST_LOOKED_AT: Final = 1000
"""Of a pile, for one page of those within reach."""


def routes(app: App) -> Sequence[Route]:
    """The routes of documents that follow who was handed over."""
    return [
        Route(endpoints.HAND_OVERS, partial(_listed, app)),
        Route(endpoints.RETRY_HAND_OVER, partial(_retry, app)),
    ]


async def _listed(app: App, request: Request) -> Response[api.HandOverList]:
    query = request.query(api.HandOverPage)
    found, last = await page_of(_looked_at(app, request, query), query.limit, MOST_LOOKED_AT)
    wanted = app.parameters.in_force.enrolment.documents == "yes"
    following = None if last is None else str(last["_id"])
    connected = app.pre_enrolment is not None
    return Response(api.HandOverList(items=found, next=following, connected=connected, wanted=wanted))


async def _looked_at(
    app: App, request: Request, query: api.HandOverPage
) -> AsyncGenerator[tuple[Row, api.HandOverView | None], None]:
    async for row in app.hand_overs.pile(query.pile, query.after):
        shown = None
        for record in readable("documents", HAND_OVERS.name, [row], read):
            file = await app.papers.file(request.actor, row["_id"], (Role.MANAGER,))
            if file is not None and record.documents:
                shown = await _view(app, request.language, row["_id"], record, file)
        yield row, shown


async def _retry(app: App, request: Request) -> Response[api.HandOverView]:
    id = request.path["application"]
    record = await handing_over.retry(app, request.actor, id, request.command)
    file = await app.papers.file(request.actor, id, (Role.MANAGER,))
    if file is None:
        raise NOT_FOUND()
    return Response(await _view(app, request.language, id, record, file))


async def _view(app: App, language: str, id: str, record: HandOver, file: FileChanged) -> api.HandOverView:
    texts, chosen = catalogues(), handing_over.chosen_pieces(app)
    profile = await app.papers.profile(record.account)
    identity = None if profile is None else profile.identity
    labels = {slot.code: getattr(slot.label, language, None) or slot.label.fr for slot in file.pieces}
    documents = [
        api.HandedDocument(
            document=each.document,
            piece=each.piece,
            label=labels.get(each.piece, each.piece),
            state=each.state.value,
            state_label=texts.text(f"documents.hand_over.{each.state}", language),
            since=instant_text(each.since),
            reason=_reason(each.reason, language),
            failures=each.failures,
            goes=goes(each, chosen),
        )
        for each in record.documents
    ]
    return api.HandOverView(
        id=id,
        file_number=file.file_number,
        family_name=None if identity is None else identity.family_name,
        given_name=None if identity is None else identity.given_name,
        programme=record.programme,
        title=getattr(file.title, language, None) or file.title.fr,
        documents=documents,
    )


def _reason(reason: str, language: str) -> str | None:
    """Theirs as they say it, our own in words."""
    if reason in OWN_REASONS:
        return catalogues().text(f"documents.hand_over.reason.{reason}", language)
    return reason or None
