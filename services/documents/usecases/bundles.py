"""Bundles of many files: made in the background (`services/chassis/work`), and fetched when they are ready."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, Final

from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.work.background import BEAT, GivenUpError, RightsUnknownError, Tell
from services.contracts.actors import ActorKind, Role
from services.contracts.api.bundles import NewBundle
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import (
    BUNDLE_RIGHTS_CHANGED,
    BUNDLES_FULL,
    PIECE_NOT_NAMED,
    TOO_MANY_BUNDLES,
)
from services.contracts.work import KEPT
from services.documents.domain.bundles import Bundle
from services.documents.usecases.app import App
from services.documents.usecases.bundle_keeping import background
from services.documents.usecases.bundle_parts import Bounds, Parts, key_of
from services.documents.usecases.bundling import Bundling
from services.documents.usecases.reading import note

_LOOKING: Final = (Role.MANAGER, Role.COMMISSION)


async def ask(app: App, actor: Actor, wanted: NewBundle, language: str, command: CommandContext) -> Versioned[Bundle]:
    """Have files put into one bundle; raises NOT_FOUND if one reaches none of them, PIECE_NOT_NAMED, TOO_MANY_BUNDLES,
    BUNDLES_FULL, BUSY, KEY_REUSED.
    """
    if (wanted.kind == "piece") != (wanted.piece is not None):
        raise PIECE_NOT_NAMED()
    applications = tuple(dict.fromkeys(wanted.applications))

    async def begin(id: str) -> Bundle:
        names, people = await _named(app, actor, applications)
        if not names:
            raise NOT_FOUND()
        # First, so that whatever stops in between none is there that is not found by whom it holds.
        await app.bundle_people.note(id, people, command.now + KEPT)
        return Bundle(
            account=actor.id,
            kind=wanted.kind,
            piece=wanted.piece or "",
            applications=applications,
            names=names,
            people=people,
            people_noted=True,
            language=language,
            asked_at=command.now,
            total=len(applications),
        )

    return await background(app).ask(actor.id, begin, command, too_many=TOO_MANY_BUNDLES, full=BUNDLES_FULL)


async def _named(
    app: App, actor: Actor, applications: tuple[str, ...]
) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """Whose each is that is within reach, and what it is called; and whose they all are."""
    names: list[tuple[str, str, str]] = []
    people: dict[str, None] = {}
    for application in applications:
        file = await app.papers.file(actor, application)
        if file is not None:
            names.append((application, file.account, f"{file.file_number} – {file.programme}"))
        account = await app.papers.whose(application) if file is None else file.account
        if account is not None:
            people[account] = None
    return tuple(names), tuple(people)


async def make_next(app: App, command: CommandContext, *, beat: float = BEAT, bounds: Bounds | None = None) -> int:
    """Make the bundle whose turn it is; answer whether there was one. Raises PortError where the world did not."""

    async def made(claimed: Versioned[Bundle], tell: Tell) -> Mapping[str, Any]:
        return await _made(app, claimed, tell, command, bounds or Bounds())

    return await background(app).make_next(made, command, beat=beat)


async def take(app: App, actor: Actor, id: str, command: CommandContext) -> Versioned[Bundle]:
    """Fetch a bundle, which is noted for each file in it; raises NOT_FOUND, BUNDLE_RIGHTS_CHANGED."""
    saved = await app.bundles.of(actor.id, id)
    if saved is None or not saved.state.is_there(command.now):
        raise NOT_FOUND()
    reached = []
    for application in saved.state.included:
        file = await app.papers.file(actor, application)
        if file is None:
            raise BUNDLE_RIGHTS_CHANGED()
        reached.append(file)
    if await app.objects.info(key_of(background(app).key_of(saved), saved.state.parts - 1)) is None:
        raise NOT_FOUND()
    for file in reached:
        await note(app, file.account, f"bundle:{file.application}", command)
    # Somebody in it may be gone since it was looked at.
    if (again := await app.bundles.of(actor.id, id)) is None or not again.state.is_there(command.now):
        raise NOT_FOUND()
    return again


async def _made(
    app: App, claimed: Versioned[Bundle], tell: Tell, command: CommandContext, bounds: Bounds
) -> Mapping[str, Any]:
    bundle = claimed.state
    # What one may see is what one may see now, and not when it was asked for.
    known = await app.staff.grants(bundle.account, command.now.astimezone(app.zone).date())
    if known is None:
        raise RightsUnknownError
    grants = tuple(each for each in known if each.role in _LOOKING)
    if not grants:
        raise GivenUpError("rights")
    actor = Actor(bundle.account, ActorKind.STAFF, grants=grants)
    making = Bundling(app, actor, bundle, command, bounds.part_bytes * bounds.parts)
    parts = Parts(app.objects, background(app).key_of(claimed), bundle.kind, bounds)
    async with parts.open(), aclosing(making.chunks(tell)) as chunks:
        async for chunk in chunks:
            await parts.write(chunk)
        await parts.finish()
    contents = making.contents
    return {
        "parts": parts.count,
        "size": parts.size,
        "sha256": parts.digest.hexdigest(),
        "included": tuple(contents.applications),
        "left_out": contents.files_lacking,
    }
