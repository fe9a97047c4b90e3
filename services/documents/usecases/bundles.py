"""Bundles of many files: made in the background by whichever process is free, and fetched when they are ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Final

import structlog

from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import DuplicateKey, PortError, TooLarge
from services.contracts.actors import ActorKind, Role
from services.contracts.api.bundles import NewBundle
from services.contracts.refusals import BUSY, NOT_FOUND, RefusedError
from services.contracts.refusals.documents import (
    BUNDLE_RIGHTS_CHANGED,
    BUNDLES_FULL,
    PIECE_NOT_NAMED,
    TOO_MANY_BUNDLES,
)
from services.documents.domain import bundles
from services.documents.domain.bundles import LEASE, MAX_ALL, MAX_EACH, Bundle, BundleState, Made
from services.documents.usecases.app import App
from services.documents.usecases.bundle_keeping import change, sweep
from services.documents.usecases.bundle_parts import Bounds, Parts, clear, key_of
from services.documents.usecases.bundling import Bundling, NothingThereError
from services.documents.usecases.reading import note

log = structlog.get_logger()

BEAT: Final = LEASE.total_seconds() / 3
"""Seconds after which a worker says that it is still at it, whatever it is doing."""
MAX_TRIES: Final = 20
_LOOKING: Final = (Role.MANAGER, Role.COMMISSION)


class _LostError(Exception):
    """Another worker is at it, or nobody wants it any more."""


class _RightsUnknownError(Exception):
    """Its person may act, and it was not told yet what they may see."""


async def ask(app: App, actor: Actor, wanted: NewBundle, language: str, command: CommandContext) -> Versioned[Bundle]:
    """Have files put into one bundle; raises NOT_FOUND if one reaches none of them, PIECE_NOT_NAMED, TOO_MANY_BUNDLES,
    BUNDLES_FULL, BUSY, KEY_REUSED.
    """
    if (wanted.kind == "piece") != (wanted.piece is not None):
        raise PIECE_NOT_NAMED()
    command = replace(command, personal=False, expected=None)
    applications = tuple(dict.fromkeys(wanted.applications))
    named: tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]] | None = None
    for _ in range(MAX_TRIES):
        own = await app.bundles.own(actor.id)
        for saved in own:
            if (known := app.bundles.repeated(saved, command)) is not None:
                return known.saved
        slots = set(range(MAX_EACH)) - {saved.state.slot for saved in own}
        if not slots:
            raise TOO_MANY_BUNDLES(limit=MAX_EACH)
        places = set(range(MAX_ALL)) - await app.bundles.places()
        if not places:
            raise BUNDLES_FULL(limit=MAX_ALL, retry_after=300)
        if named is None:
            named = await _named(app, actor, applications)
        names, people = named
        if not names:
            raise NOT_FOUND()
        bundle = Bundle(
            account=actor.id,
            kind=wanted.kind,
            piece=wanted.piece or "",
            applications=applications,
            names=names,
            people=people,
            language=language,
            asked_at=command.now,
            slot=min(slots),
            place=min(places),
            due_at=command.now,
            total=len(applications),
        )
        try:
            outcome = await app.bundles.add(app.ids.new(), Decision(bundle), command)
        except DuplicateKey:  # somebody was faster
            continue
        app.bundles_asked.set()
        return outcome.saved
    raise BUSY(retry_after=1)


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
    """Make the bundle whose turn it is; answer whether there was one. Raises PortError where the world did not.

    What is wrong with one bundle is told of and is that one's end, at the last attempt.
    """
    app.bundles_asked.clear()
    found = await app.bundles.due(command.now)
    if found is None:
        return 0
    holder = app.ids.new()
    claimed = await change(app, found.id, command, lambda bundle: bundles.claim(bundle, holder, command.now))
    if claimed is None or claimed.state.holder != holder:
        if claimed is not None and claimed.state.state is BundleState.FAILED:
            await clear(app, found.id)
        return 1
    attempt = claimed.state.attempts
    try:
        await _make(app, claimed, command, beat, bounds or Bounds())
    except _LostError:
        await clear(app, found.id, attempt)
    except (TooLarge, NothingThereError) as error:
        reason = "too-large" if isinstance(error, TooLarge) else "nothing"
        await change(app, found.id, command, lambda bundle: bundles.give_up(bundle, holder, reason))
        await clear(app, found.id, attempt)
    except PortError:
        await change(app, found.id, command, lambda bundle: bundles.defer(bundle, holder, app.clock.now(), wasted=True))
        raise
    except (RefusedError, _RightsUnknownError) as error:
        if isinstance(error, _RightsUnknownError):
            log.warning("bundle.rights-unknown", id=found.id)
        await change(app, found.id, command, lambda bundle: bundles.defer(bundle, holder, app.clock.now(), wasted=True))
        await clear(app, found.id, attempt)
    except Exception as error:  # noqa: BLE001 - whatever one bundle does to its work, the others are made
        # Its type alone: what it says may hold what is in the files.
        log.error("bundle.broken", id=found.id, error=type(error).__name__)
        await change(
            app, found.id, command, lambda bundle: bundles.defer(bundle, holder, app.clock.now(), wasted=False)
        )
        await clear(app, found.id, attempt)
    return 1


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
    if await app.objects.info(key_of(saved, saved.state.parts - 1)) is None:
        raise NOT_FOUND()
    for file in reached:
        await note(app, file.account, f"bundle:{file.application}", command)
    # Somebody in it may be gone since it was looked at.
    if (again := await app.bundles.of(actor.id, id)) is None or not again.state.is_there(command.now):
        raise NOT_FOUND()
    return again


async def let_go(app: App, actor: Actor, id: str, command: CommandContext) -> None:
    """Take a bundle away, ready or not; raises NOT_FOUND, BUSY."""
    saved = await app.bundles.of(actor.id, id)
    if saved is None:
        raise NOT_FOUND()
    if not await sweep(app, dict(saved.document), command):
        raise BUSY(retry_after=1)


async def _make(app: App, claimed: Versioned[Bundle], command: CommandContext, beat: float, bounds: Bounds) -> None:
    bundle, holder, id = claimed.state, claimed.state.holder, claimed.id
    # What one may see is what one may see now, and not when it was asked for.
    known = await app.staff.grants(bundle.account, command.now.astimezone(app.zone).date())
    if known is None:
        raise _RightsUnknownError
    grants = tuple(each for each in known if each.role in _LOOKING)
    if not grants:
        await change(app, id, command, lambda there: bundles.give_up(there, holder, "rights"))
        return
    # What one that has died has left.
    await clear(app, id, bundle.attempts - 1)

    async def tell(done: int) -> None:
        saved = await change(app, id, command, lambda there: bundles.advance(there, holder, app.clock.now(), done))
        if saved is None or not bundles.is_held(saved.state, holder):
            raise _LostError

    actor = Actor(bundle.account, ActorKind.STAFF, grants=grants)
    making = Bundling(app, actor, bundle, command.now, bounds.part_bytes * bounds.parts)
    parts = Parts(app, claimed, bounds)
    async with _holding(app, claimed, command, beat), parts.open(), aclosing(making.chunks(tell)) as chunks:
        async for chunk in chunks:
            await parts.write(chunk)
        await parts.finish()
    contents = making.contents
    made = Made(
        parts=parts.count,
        size=parts.size,
        sha256=parts.digest.hexdigest(),
        included=tuple(contents.applications),
        left_out=contents.files_lacking,
    )
    saved = await change(app, id, command, lambda there: bundles.finish(there, holder, made))
    if saved is None or saved.state.state is not BundleState.READY or saved.state.attempts != bundle.attempts:
        raise _LostError


@asynccontextmanager
async def _holding(app: App, claimed: Versioned[Bundle], command: CommandContext, beat: float) -> AsyncIterator[None]:
    """Hold a bundle on for as long as it takes; raises _LostError once it is another's, and what happens within."""

    async def hold() -> None:
        holder = claimed.state.holder
        while True:
            await asyncio.sleep(beat)
            try:
                saved = await change(
                    app, claimed.id, command, lambda there: bundles.hold(there, holder, app.clock.now())
                )
            except (PortError, RefusedError):  # it is said again with the next beat, or found to be lost by then
                continue
            if saved is None or not bundles.is_held(saved.state, holder):
                raise _LostError

    try:
        async with asyncio.TaskGroup() as group:
            holding = group.create_task(hold())
            yield
            holding.cancel()
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
