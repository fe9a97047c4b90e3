"""Staff put files that candidates fill in and give back; everybody may have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from services.chassis.clients import Client
from services.chassis.context import CommandContext
from services.chassis.http.places import asker, network
from services.chassis.objects.whole import whole
from services.chassis.ports import ObjectExists
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import INFECTED, TOO_MANY_MODELS
from services.documents.domain.models import MOST, Model, name_of
from services.documents.domain.uploads import PDF, DeclaredUpload, check_offer, media_type_of
from services.documents.usecases.app import App
from services.documents.usecases.receiving import Body, receive, recognise
from services.documents.usecases.storing import scan
from services.documents.usecases.uploads import pace

OBJECTS: Final = "models/"
"""Keys of models begin with it, and end in the digest of their bytes: what was put twice is kept once."""


async def put(
    app: App, requirement: str, offer: DeclaredUpload, body: Body, command: CommandContext, *, client: Client | None
) -> Model:
    """Keep a file for a requirement; the same file again is the one that is there.

    It is looked into as what candidates give back, by the same bounds: what could not be given back is refused. Raises what
    `check_offer`, `receive` and the inspection raise; TOO_MANY_MODELS, INFECTED, SCANNER_UNAVAILABLE; BUSY,
    TOO_MANY_AT_ONCE.
    """
    rules = replace(app.rules, media_types=(PDF,))
    filename = check_offer(offer, rules)
    with app.places.take(network(client), asker(command.actor)):
        async with app.objects.stage(rules.max_bytes) as stage:
            received = await receive(body, stage, pace(app), rules)
            media_type_of(recognise(received.head), offer.media_type, rules)
            if (there := await app.models.get(name_of(requirement, received.sha256))) is not None:
                return there
            if await app.models.count(MOST) >= MOST:
                raise TOO_MANY_MODELS(max=MOST)
            await app.inspectors.inspect(stage.path, PDF, rules, command.actor.asker)
            if await scan(app, stage) is not None:
                raise INFECTED()
            with suppress(ObjectExists):  # it is the same bytes
                await stage.commit(key_of(received.sha256), PDF)
    named = filename or f"{requirement}.pdf"
    by = str(command.actor)
    return await app.models.add(Model(requirement, named, received.sha256, received.size, command.now, by))


async def found(app: App, name: str) -> Model:
    """The model of that name; raises NOT_FOUND."""
    model = await app.models.get(name)
    if model is None:
        raise NOT_FOUND()
    return model


async def content(app: App, model: Model, part: tuple[int, int] | None) -> AsyncIterator[bytes]:
    """Its bytes, or those of a part; of bytes that are not those that were put, the last ones never come."""
    begin, end = part or (0, model.size)
    at = 0
    async for chunk in whole(app.objects.read(key_of(model.sha256)), size=model.size, sha256=model.sha256):
        if (some := chunk[max(0, begin - at) : max(0, end - at)]) and at < end:
            yield some
        at += len(chunk)


def key_of(sha256: str) -> str:
    """The key of the bytes with that digest."""
    return f"{OBJECTS}{sha256}"
