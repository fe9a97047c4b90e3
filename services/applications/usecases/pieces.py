"""Filling an application piece by piece."""

from __future__ import annotations

from pydantic import ValidationError

from services.applications.domain import pieces
from services.applications.domain.hands import OWN, Hand
from services.applications.domain.model import Application, Document, DocumentWarning
from services.applications.usecases.app import App
from services.applications.usecases.changing import change
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.security.tokens import ExpiredToken, InvalidToken, KeySets
from services.contracts.api.documents import UPLOAD_RECEIPT
from services.contracts.api.documents import UploadReceiptClaims as UploadClaims
from services.contracts.refusals.applications import INVALID_RECEIPT, RECEIPT_EXPIRED


async def deposit(
    app: App, actor: Actor, id: str, code: str, command: CommandContext, *, receipt: str, hand: Hand = OWN
) -> Outcome[Application]:
    """Put the uploaded document that the receipt names into a piece; raises INVALID_RECEIPT, RECEIPT_EXPIRED as well."""
    document = await _uploaded(app.keysets, actor, receipt)
    moment = app.moment(command)
    return await change(
        app,
        actor,
        id,
        command,
        lambda state: pieces.deposit(state, code, document, moment, role=hand.role),
        hand=hand,
    )


async def remove(
    app: App, actor: Actor, id: str, code: str, command: CommandContext, *, hand: Hand = OWN
) -> Outcome[Application]:
    """Take the document out of a piece."""
    moment = app.moment(command)
    return await change(
        app, actor, id, command, lambda state: pieces.remove(state, code, moment, role=hand.role), hand=hand
    )


async def declare(
    app: App, actor: Actor, id: str, code: str, command: CommandContext, *, not_applicable: bool, hand: Hand = OWN
) -> Outcome[Application]:
    """Declare a conditional piece not applicable, or applicable again."""
    moment = app.moment(command)
    return await change(
        app,
        actor,
        id,
        command,
        lambda state: pieces.declare(state, code, moment, not_applicable=not_applicable, role=hand.role),
        hand=hand,
    )


async def reuse(app: App, actor: Actor, id: str, code: str, command: CommandContext) -> Outcome[Application]:
    """Deposit what the person gave for the same common piece of another application."""
    moment = app.moment(command)
    others = [saved.state for saved in await app.applications.active_of(actor) if saved.id != id]
    return await change(app, actor, id, command, lambda state: pieces.reuse(state, code, others, moment))


async def _uploaded(keysets: KeySets, actor: Actor, receipt: str) -> Document:
    """The document of an upload receipt that documents signed for this very person."""
    try:
        claims = await keysets.verify(receipt, service="documents", typ=UPLOAD_RECEIPT)
        upload = UploadClaims.model_validate(claims)
    except ExpiredToken:
        raise RECEIPT_EXPIRED() from None
    except (InvalidToken, ValidationError):
        raise INVALID_RECEIPT() from None
    if upload.sub != actor.account:
        raise INVALID_RECEIPT()
    noticed = tuple(DocumentWarning(each.slug, each.page, each.dpi) for each in upload.warnings)
    return Document(upload.document, upload.sha256, upload.size, upload.media_type, upload.filename, noticed)
