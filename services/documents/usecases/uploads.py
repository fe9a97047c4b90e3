"""Taking a document in from outside."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, Final

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.failpoints import failpoint
from services.chassis.http.places import asker, network
from services.chassis.ports import Stage
from services.chassis.telemetry import metrics
from services.contracts.refusals import NOT_FOUND, RefusedError
from services.contracts.refusals.documents import CANDIDATE_ACCOUNT_CLOSED, FILE_FROZEN, TOO_MANY_UPLOADS
from services.documents.domain.document import Document
from services.documents.domain.uploads import (
    JPEG,
    PDF,
    DeclaredUpload,
    Rules,
    check_offer,
    default_filename,
    media_type_of,
)
from services.documents.usecases.app import App
from services.documents.usecases.receiving import Body, Pace, receive, recognise
from services.documents.usecases.storing import Incoming, again, examine, id_of, keep, staged

FILLED_IN: Final = ("draft", "incomplete")
"""States in which a file is in its candidate's hands, as applications names them."""


async def counted(uploading: Awaitable[Outcome[Document]]) -> Outcome[Document]:
    """What comes of an upload, told in the metrics too."""
    came = "error"
    try:
        outcome = await uploading
        came = "repeated" if outcome.repeated else "stored"
    except RefusedError as refusal:
        came = refusal.slug.name
        raise
    finally:
        metrics.UPLOADS.labels(came).inc()
    return outcome


async def upload(
    app: App,
    actor: Actor,
    offer: DeclaredUpload,
    body: Body,
    command: CommandContext,
    *,
    client: Client | None = None,
    part: bool = False,
) -> Outcome[Document]:
    """Take a document in; the answer holds its id, digest, size, media type, receipt, and warnings if there are any.

    Of a `part` of a PDF that is to be assembled, the answer tells what has come, without receipt; of a photo a smaller one
    is kept. The same `command.key` with the same bytes gives the same answer again; with others it raises KEY_REUSED.
    Raises what `check_offer`, `receive` and the inspection raise, TOO_MANY_UPLOADS, INFECTED, SCANNER_UNAVAILABLE, BUSY,
    TOO_MANY_AT_ONCE.
    """
    rules = app.part_rules if part else app.rules  # those of the moment at which it began
    filename = check_offer(offer, rules)
    with app.places.take(network(client), asker(actor)):
        id = app.ids.new() if command.key is None else id_of(actor, command.key, "part" if part else "upload")
        known = None if command.key is None else await app.documents.uploaded(actor, id)
        most = app.parameters.in_force.documents.loose_per_account
        if known is None and await app.documents.count_loose(actor) >= most:
            raise TOO_MANY_UPLOADS(max=most)
        async with app.objects.stage(rules.max_bytes) as stage:
            received = await receive(body, stage, pace(app), rules)
            failpoint("documents.received")
            media_type = media_type_of(recognise(received.head), offer.media_type, rules)
            command = replace(command, digest=received.sha256)
            if known is not None:
                return await again(app, actor, id, command)
            answer = None if not part else _came(id, received.sha256, received.size, media_type)
            named = filename or default_filename(media_type)
            incoming = Incoming(actor, id, media_type, named, received, command, answer)
            if part and media_type != PDF:
                return await _keep_photo(app, incoming, stage, rules)
            warnings = await examine(app, incoming, stage)
            return await keep(app, incoming, stage, warnings)


async def standing_in(
    app: App, actor: Actor, application: str, command: CommandContext
) -> tuple[Actor, CommandContext]:
    """Whose a document is that staff take in for an application within reach, and the command as they give it (ADR 83).

    Raises NOT_FOUND; FILE_FROZEN where it is not in the candidate's hands, whose room it would take for nothing, and
    CANDIDATE_ACCOUNT_CLOSED where they go on with another account.
    """
    file = await app.papers.file_in_place(actor, application)
    if file is None:
        raise NOT_FOUND()
    owner = Actor(file.account, deputy=actor)
    is_closed = await app.closed_accounts.of(file.account) is not None
    if (is_closed or file.state not in FILLED_IN) and not await _is_sent_again(app, owner, command):
        raise CANDIDATE_ACCOUNT_CLOSED() if is_closed else FILE_FROZEN(state=file.state)
    return owner, replace(command, personal=False, on_behalf_of=Actor(file.account))


async def _is_sent_again(app: App, owner: Actor, command: CommandContext) -> bool:
    return (
        command.key is not None and await app.documents.uploaded(owner, id_of(owner, command.key, "upload")) is not None
    )


async def _keep_photo(app: App, incoming: Incoming, stage: Stage, rules: Rules) -> Outcome[Document]:
    """Keep what goes into a PDF: nothing of the place where it was taken, and no more pixels than are read."""
    made = await app.inspectors.photo(stage.path, incoming.media_type, rules, incoming.actor.account)
    async with staged(app, made.content) as (photo, received):
        incoming = replace(incoming, media_type=JPEG, received=received)
        await examine(app, incoming, photo)
        return await keep(app, incoming, photo, made.warnings)


def _came(id: str, sha256: str, size: int, media_type: str) -> dict[str, Any]:
    return {"document": id, "sha256": sha256, "size": size, "media_type": media_type}


def pace(app: App) -> Pace:
    """How slow a client may be."""
    settings = app.settings
    return Pace(settings.upload_seconds, settings.upload_grace_seconds, settings.upload_bytes_per_second)
