"""Lists that are made into files in the background, by whichever process is free, and fetched when they are ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from services.applications.domain import exports
from services.applications.domain.exports import KEPT, LEASE, MAX_ALL, MAX_EACH, Export, ExportState
from services.applications.usecases.app import App
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document as Row
from services.chassis.ports import DuplicateKey, PortError, TooLarge
from services.chassis.store.rows import each_of
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.refusals import BUSY, NOT_FOUND, RefusedError
from services.contracts.refusals.applications import EXPORTS_FULL, RIGHTS_CHANGED, TOO_MANY_EXPORTS, TOO_MANY_ROWS

log = structlog.get_logger()

MAX_BYTES: Final = 192 * 2**20
"""Of a file, which stands whole in the room for uploads (256 MiB in docker-compose.yml) before it is kept."""
FOLDER: Final = "exports/"
"""Where their bytes are; backups leave it out."""
STRAYING: Final = timedelta(hours=1)
"""Beyond which, once nobody can have an export any more, its bytes are not on their way either."""
BEAT: Final = LEASE.total_seconds() / 3
"""Seconds after which a worker says that it is still at it, whatever it is doing."""
MAX_TRIES: Final = 20
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
_LOOKING: Final = (Role.MANAGER, Role.COMMISSION)

Tell = Callable[[int, int], Awaitable[None]]
"""Says how many files are written, of how many."""
Make = Callable[[Actor, Export, Tell], AsyncGenerator[bytes, None]]
"""The bytes of an export, with what that actor may see."""


class _LostError(Exception):
    """Another worker is at it, or nobody wants it any more."""


class _RightsUnknownError(Exception):
    """Its person may act, and it was not told yet what they may see."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    format: str
    query: Mapping[str, Any]
    language: str


async def ask(app: App, actor: Actor, command: CommandContext, wanted: Wanted) -> Versioned[Export]:
    """Have a list made into a file; raises TOO_MANY_EXPORTS, EXPORTS_FULL, BUSY, KEY_REUSED."""
    command = replace(command, personal=False, expected=None)
    for _ in range(MAX_TRIES):
        own = await app.exports.own(actor.id)
        for saved in own:
            if (known := app.exports.repeated(saved, command)) is not None:
                return known.saved
        slots = set(range(MAX_EACH)) - {saved.state.slot for saved in own}
        if not slots:
            raise TOO_MANY_EXPORTS(limit=MAX_EACH)
        places = set(range(MAX_ALL)) - await app.exports.places()
        if not places:
            raise EXPORTS_FULL(limit=MAX_ALL, retry_after=300)
        export = Export(
            account=actor.id,
            format=wanted.format,
            query=wanted.query,
            language=wanted.language,
            asked_at=command.now,
            slot=min(slots),
            place=min(places),
            due_at=command.now,
        )
        try:
            outcome = await app.exports.add(app.ids.new(), Decision(export), command)
        except DuplicateKey:  # somebody was faster
            continue
        app.exports_asked.set()
        return outcome.saved
    raise BUSY(retry_after=1)


async def make_next(app: App, make: Make, command: CommandContext, *, beat: float = BEAT) -> int:
    """Make the export whose turn it is; answer whether there was one. Raises PortError where the world did not.

    What is wrong with one export is told of and is that one's end, at the last attempt.
    """
    app.exports_asked.clear()
    found = await app.exports.due(command.now)
    if found is None:
        return 0
    holder = app.ids.new()
    claimed = await app.exports.change(
        found.id, lambda export: Decision(exports.claim(export, holder, command.now)), command
    )
    if claimed is None or claimed.saved.state.holder != holder:
        return 1
    change = partial(_change, app, found.id, command)
    try:
        await _make(app, make, claimed.saved, command, beat)
    except _LostError:
        await app.objects.delete(key_of(claimed.saved))
    except TooLarge:
        await change(lambda export: exports.fail(export, "too-large") if export.holder == holder else export)
    except RefusedError as refusal:
        if refusal.slug == BUSY:
            await change(lambda export: exports.defer(export, holder, app.clock.now(), wasted=True))
            return 1
        reason = "too-many-rows" if refusal.slug == TOO_MANY_ROWS else "beyond-reach"
        most = int(refusal.members.get("most", 0))
        await change(lambda export: exports.fail(export, reason, most) if export.holder == holder else export)
    except _RightsUnknownError:
        log.warning("export.rights-unknown", service="applications", id=found.id)
        await change(lambda export: exports.defer(export, holder, app.clock.now(), wasted=True))
    except PortError:
        await change(lambda export: exports.defer(export, holder, app.clock.now(), wasted=True))
        raise
    except Exception as error:  # noqa: BLE001 - whatever one export does to its work, the others are made
        # Its type alone: what it says may hold what was looked for.
        log.error("export.broken", service="applications", id=found.id, error=type(error).__name__)
        await change(lambda export: exports.defer(export, holder, app.clock.now(), wasted=False))
    return 1


async def take(app: App, actor: Actor, id: str, command: CommandContext) -> Versioned[Export]:
    """Fetch an export, which is written down; raises NOT_FOUND, RIGHTS_CHANGED, BUSY."""
    saved = await app.exports.of(actor.id, id)
    if saved is None or not saved.state.is_there(command.now):
        raise NOT_FOUND()
    if not {*saved.state.grants} <= {*told_of(actor.grants)}:
        raise RIGHTS_CHANGED()
    taken = await _change(app, id, command, lambda export: replace(export, taken=export.taken + 1))
    if taken is None or await app.objects.info(key_of(taken)) is None:
        raise NOT_FOUND()
    return taken


async def let_go(app: App, actor: Actor, id: str, command: CommandContext) -> None:
    """Take an export away, ready or not; raises NOT_FOUND, BUSY."""
    saved = await app.exports.of(actor.id, id)
    if saved is None:
        raise NOT_FOUND()
    if not await sweep(app, dict(saved.document), command):
        raise BUSY(retry_after=1)


async def sweep(app: App, row: Row, command: CommandContext) -> int:
    """Take an export away with its bytes; answer whether that was done, and not overtaken."""
    for info in await app.objects.list(f"{FOLDER}{row['_id']}/"):
        await app.objects.delete(info.key)
    closed = await app.exports.close(row, command)
    return int(closed is not None and await app.exports.remove(closed["_id"], closed["version"]))


async def forget(app: App, account: str, command: CommandContext) -> None:
    """Take away all exports of a member of staff who is gone; raises NotYet where one has changed meanwhile."""
    async for row in app.exports.rows_of(account):
        if not await sweep(app, row, command):
            raise NotYet("export")


async def sweep_all(app: App, command: CommandContext) -> None:
    """Take away the exports of everybody, those that are being made too; raises NotYet where one has changed meanwhile."""

    async def remove(row: Row) -> None:
        if not await sweep(app, row, command) and await app.exports.document(row["_id"]) is not None:
            raise NotYet("export")

    await each_of(app.exports.rows(), remove)


async def sweep_strays(app: App, command: CommandContext) -> int:
    """Take away bytes of which no export tells any more, as a stop may leave them; answer how many there were."""
    before, after, done = command.now - KEPT - STRAYING, "", 0
    while page := await app.objects.list(FOLDER, after=after):
        for info in page:
            if info.modified < before and await app.exports.document(info.key.split("/")[1]) is None:
                done += await app.objects.delete(info.key)
        after = page[-1].key
    return done


def key_of(saved: Versioned[Export]) -> str:
    """Where the bytes of an export that is ready are."""
    return _key(saved.id, saved.state.attempts)


def told_of(grants: Iterable[Grant]) -> tuple[str, ...]:
    """The rights to look at files, each in one word."""
    return tuple(
        sorted(f"{grant.role} {_words(grant.centres)} {_words(grant.commissions)}" for grant in grants if _looks(grant))
    )


def _looks(grant: Grant) -> bool:
    return grant.role in _LOOKING


def _words(codes: frozenset[str] | None) -> str:
    return "*" if codes is None else ",".join(sorted(codes))


def _key(id: str, attempt: int) -> str:
    return f"{FOLDER}{id}/{attempt}"


async def _make(app: App, make: Make, claimed: Versioned[Export], command: CommandContext, beat: float) -> None:
    export, holder, id = claimed.state, claimed.state.holder, claimed.id
    # What one may see is what one may see now, and not when it was asked for.
    known = await app.staff.grants(export.account, app.moment(command).day)
    if known is None:
        raise _RightsUnknownError
    grants = [each for each in known if _looks(each)]
    if not grants:
        await _change(
            app, id, command, lambda there: exports.fail(there, "rights") if there.holder == holder else there
        )
        return
    actor = Actor(export.account, ActorKind.STAFF, grants=tuple(grants))

    async def tell(done: int, total: int) -> None:
        now = app.clock.now()
        saved = await _change(
            app, id, command, lambda there: exports.advance(there, holder, now, done=done, total=total)
        )
        if saved is None or saved.state.holder != holder:
            raise _LostError

    key = key_of(claimed)
    async with _holding(app, claimed, command, beat), app.objects.stage(MAX_BYTES) as stage:
        async with aclosing(make(actor, export, tell)) as chunks:
            async for chunk in chunks:
                await stage.write(chunk)
        await stage.finish()
        size, sha256 = stage.size, stage.sha256
        await stage.commit(key, MEDIA_TYPES[export.format])
    told = told_of(grants)
    saved = await _change(
        app, id, command, lambda there: exports.finish(there, holder, size=size, sha256=sha256, grants=told)
    )
    if saved is None or saved.state.state is not ExportState.READY or saved.state.attempts != export.attempts:
        await app.objects.delete(key)


@asynccontextmanager
async def _holding(app: App, claimed: Versioned[Export], command: CommandContext, beat: float) -> AsyncIterator[None]:
    """Hold an export on for as long as it takes; raises _LostError once it is another's, and what happens within."""

    async def hold() -> None:
        holder = claimed.state.holder
        while True:
            await asyncio.sleep(beat)
            try:
                saved = await _change(
                    app, claimed.id, command, lambda there: exports.hold(there, holder, app.clock.now())
                )
            except (PortError, RefusedError):  # it is said again with the next beat, or found to be lost by then
                continue
            if saved is None or saved.state.holder != holder:
                raise _LostError

    try:
        async with asyncio.TaskGroup() as group:
            holding = group.create_task(hold())
            yield
            holding.cancel()
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _change(
    app: App, id: str, command: CommandContext, decide: Callable[[Export], Export]
) -> Versioned[Export] | None:
    plain = replace(command, key=None, digest=None, expected=None, personal=False, written="")
    outcome = await app.exports.change(id, lambda export: Decision(decide(export)), plain)
    return None if outcome is None else outcome.saved
