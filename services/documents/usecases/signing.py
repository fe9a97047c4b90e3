"""Staff put the picture of a signature, letters carry it, and a letter to nobody shows it before one is sent."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Final

import structlog

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.http.places import asker, network
from services.chassis.objects.whole import DamagedObject, whole
from services.chassis.ports import ObjectExists, ObjectsUnavailable
from services.contracts.api.signatures import LARGEST_SIGNATURE, MOST_PIXELS
from services.contracts.events.commissions import CommissionChanged
from services.contracts.languages import Language
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.documents import INFECTED, TOO_MANY_SIGNATURES
from services.documents.domain.signing import MOST, Board, Signature, Signed, name_of
from services.documents.domain.uploads import JPEG, PNG, DeclaredUpload, Rules, check_offer, media_type_of
from services.documents.usecases.app import App
from services.documents.usecases.letter_texts import in_force, sample_file
from services.documents.usecases.letter_words import LetterWords
from services.documents.usecases.receiving import Body, receive, recognise
from services.documents.usecases.storing import scan, staged
from services.documents.usecases.uploads import pace

log = structlog.get_logger()

OBJECTS: Final = "signatures/"
"""Keys of signatures begin with it, and end in the digest of their bytes: what was put twice is kept once."""
RULES: Final = Rules((PNG, JPEG), LARGEST_SIGNATURE, MOST_PIXELS)


async def keep_board(app: App, event: CommissionChanged, command: CommandContext) -> None:
    """Keep what a board says of its letters, unless it was told later."""
    await app.boards.keep(event)


async def put(
    app: App, commission: str, offer: DeclaredUpload, body: Body, command: CommandContext, *, client: Client | None
) -> Signature:
    """Keep of a picture what is seen of it, upright and on white; the same picture again is the one that is there.

    Raises what `check_offer`, `receive` and the inspection raise; TOO_MANY_SIGNATURES, INFECTED, SCANNER_UNAVAILABLE; BUSY,
    TOO_MANY_AT_ONCE.
    """
    check_offer(offer, RULES)
    with app.places.take(network(client), asker(command.actor)):
        async with app.objects.stage(RULES.max_bytes) as stage:
            received = await receive(body, stage, pace(app), RULES)
            media_type = media_type_of(recognise(received.head), offer.media_type, RULES)
            made = await app.inspectors.photo(stage.path, media_type, RULES, command.actor.asker)
            if await scan(app, stage) is not None:
                raise INFECTED()
        async with staged(app, made.content) as (stage, kept):
            if (there := await app.signatures.get(name_of(commission, kept.sha256))) is not None:
                return there
            if await app.signatures.count(MOST) >= MOST:
                raise TOO_MANY_SIGNATURES(max=MOST)
            with suppress(ObjectExists):  # it is the same bytes
                await stage.commit(key_of(kept.sha256), JPEG)
    return await app.signatures.add(Signature(commission, kept.sha256, kept.size, command.now, str(command.actor)))


def key_of(sha256: str) -> str:
    """The key of the bytes with that digest."""
    return f"{OBJECTS}{sha256}"


async def signed_by(app: App, board: Board) -> Signed:
    """By whom letters of this board are signed; raises ObjectsUnavailable where its picture is not there."""
    if not board.signature:
        return Signed(board.signatory, board.function)
    signature = await app.signatures.get(board.signature)
    try:
        if signature is None:
            raise KeyError(board.signature)
        chunks = whole(app.objects.read(key_of(signature.sha256)), size=signature.size, sha256=signature.sha256)
        picture = b"".join([chunk async for chunk in chunks])
    except (KeyError, DamagedObject):
        log.critical("documents.bytes-missing", document=board.signature)
        raise ObjectsUnavailable("the picture of a signature is missing or damaged") from None
    return Signed(board.signatory, board.function, picture)


async def sample(
    app: App, actor: Actor, board: Board, kind: str, language: Language, *, client: Client | None, centre: str = ""
) -> bytes:
    """The letter in the words that are in force, those of a centre if one is named, with these signers, to nobody.

    Raises INVALID_FIELDS for a signature that was not put for this board; BUSY, TOO_MANY_AT_ONCE beyond the places for
    papers; and as the inspection does.
    """
    if board.signature:
        there = await app.signatures.get(board.signature)
        if there is None or there.commission != board.code:
            raise INVALID_FIELDS(fields=[FieldError("signature", "unknown-signature")])
    said, file = await in_force(app, kind, language, centre), await sample_file(app, centre)
    data = LetterWords(app, language).sample(kind, said.texts, await signed_by(app, board), file)
    with app.paper_places.take(network(client), asker(actor)):
        async with staged(app, json.dumps(data).encode()) as (stage, _):
            return await app.inspectors.paper("letter", stage.path, app.rules, actor.asker)
