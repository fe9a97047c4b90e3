"""Several photos become one PDF: parts that a person has uploaded are put together and let go (acceptance 60)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.chassis.failpoints import failpoint
from services.chassis.http.places import asker, network
from services.chassis.objects.whole import whole
from services.chassis.ports import ObjectsUnavailable
from services.contracts.refusals import NOT_FOUND, RefusedError
from services.contracts.refusals.documents import DOCUMENT_ERASED, TOO_MANY_UPLOADS
from services.documents.domain.document import Document
from services.documents.domain.states import State
from services.documents.domain.uploads import PDF, assembled_filename, check_parts
from services.documents.usecases import retention
from services.documents.usecases.app import App
from services.documents.usecases.inspection.pool import Part
from services.documents.usecases.storing import Incoming, again, examine, id_of, keep, staged


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents become one PDF, in the order of their pages, and how many bytes it may have at most."""

    documents: Sequence[str]
    max_bytes: int | None = None


async def assemble(
    app: App, actor: Actor, wanted: Wanted, command: CommandContext, *, client: Client | None = None
) -> Outcome[Document]:
    """One PDF of a person's own documents, in their order, taken in like an upload; parts are let go with it.

    The same `command.key` gives the same answer again, also when the parts are gone. Raises NOT_FOUND and DOCUMENT_ERASED
    for documents that there are not, TOO_MANY_PARTS, PARTS_TOO_LARGE, PAGES_DO_NOT_FIT, TOO_MANY_UPLOADS, and what the
    inspection raises.
    """
    with app.places.take(network(client), asker(actor)):
        id = app.ids.new() if command.key is None else id_of(actor, command.key, "assembly")
        if command.key is not None and await app.documents.uploaded(actor, id) is not None:
            return await again(app, actor, id, command)
        try:
            return await _assemble(app, actor, id, wanted, command)
        except RefusedError:
            # The same command may have come twice at the same time, and the other has let the parts go.
            if command.key is None or await app.documents.uploaded(actor, id) is None:
                raise
            return await again(app, actor, id, command)


async def _assemble(app: App, actor: Actor, id: str, wanted: Wanted, command: CommandContext) -> Outcome[Document]:
    parts = [await _part(app, actor, each) for each in wanted.documents]
    settings = app.settings
    check_parts([part.size for part in parts], most=settings.assembly_parts, max_bytes=settings.assembly_bytes)
    leaving = {each for each, part in zip(wanted.documents, parts, strict=True) if part.part}
    loose, rules = app.parameters.in_force.documents.loose_per_account, app.rules
    if await app.documents.count_loose(actor) - len(leaving) >= loose:
        raise TOO_MANY_UPLOADS(max=loose)
    rules = replace(rules, max_bytes=min(wanted.max_bytes or rules.max_bytes, rules.max_bytes))
    async with _copies(app, parts) as copies:
        made = await app.inspectors.assemble(copies, rules, actor.account)
    async with staged(app, made) as (stage, received):
        incoming = Incoming(actor, id, PDF, assembled_filename(parts[0].filename), received, command)
        warnings = await examine(app, incoming, stage)
        outcome = await keep(app, incoming, stage, warnings)
    failpoint("documents.assembled")
    for each in sorted(leaving):
        await retention.let_part_go(app, each, replace(command, key=None, personal=False))
    return outcome


async def _part(app: App, actor: Actor, id: str) -> Document:
    document = await app.documents.uploaded(actor, id)
    if document is None:
        raise NOT_FOUND()
    if document.state is not State.STORED:
        raise DOCUMENT_ERASED()
    return document


@asynccontextmanager
async def _copies(app: App, parts: Sequence[Document]) -> AsyncIterator[list[Part]]:
    """The bytes in local files, for the inspector reads nothing else; raises ObjectsUnavailable."""
    copies = []
    async with AsyncExitStack() as stages:
        for part in parts:
            stage = await stages.enter_async_context(app.objects.stage(part.size))
            try:
                async for chunk in whole(app.objects.read(part.object or ""), size=part.size, sha256=part.sha256):
                    await stage.write(chunk)
            except KeyError:
                raise ObjectsUnavailable("the bytes of a stored document are missing") from None
            await stage.finish()
            copies.append(Part(stage.path, part.media_type, part.part))
        yield copies
