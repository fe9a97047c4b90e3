"""Acts for many files that are under way by themselves: begun as was confirmed, done one by one, gone on with (ADR 112).

Whoever stops in the middle, the next worker goes on: what was done to a file is remembered by the file under the run's key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog

from services.applications.domain.bulk import BulkAct, BulkItem
from services.applications.domain.bulk_runs import KEPT, ActOf, BulkRun, Came, RunFile, undoing_ids
from services.applications.repository.bulk import premise, premises
from services.applications.repository.bulk_runs import came_of
from services.applications.usecases import bulk, bulk_undoing
from services.applications.usecases.app import App
from services.applications.usecases.bulk_undoing import Undone
from services.applications.usecases.one_by_one import in_turn
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import DuplicateKey, PortError
from services.chassis.refusals import UNAVAILABLE
from services.chassis.work.background import BEAT, Background, GivenUpError, RightsUnknownError, Tell
from services.contracts.actors import ActorKind, Role
from services.contracts.premises import EACH
from services.contracts.refusals import BUSY, RefusedError
from services.contracts.refusals.applications import (
    BULK_RUNS_FULL,
    BULK_UNDONE,
    FILE_UNREADABLE,
    NOTHING_TO_UNDO,
)
from services.contracts.work import MAX_ATTEMPTS

log = structlog.get_logger()

_WORLDLY: Final = (BUSY, UNAVAILABLE)
"""Refusals that are nobody's fault: the run pauses, and goes on with the same file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody has confirmed: the `action`, and its `args` in JSON as the API was asked for it."""

    action: str
    args: str
    language: str


def background(app: App) -> Background[BulkRun]:
    """All runs as work in the background; none has any bytes."""
    return Background(app.bulk_runs, app.objects, app.clock, app.ids, app.bulk_asked)


async def start(
    app: App, actor: Actor, command: CommandContext, wanted: Wanted, *, ids: Sequence[str], act: BulkAct, digest: str
) -> Versioned[BulkRun]:
    """Have it done to each file as its preview of that digest has told; sent again under its key it is the same run.

    Raises PREMISES_CHANGED if a file has changed since, INVALID_FIELDS, BULK_RUNS_FULL, KEY_REUSED, BUSY.
    """
    bulk.check(ids, act)
    async with in_turn(app, actor):
        if (there := await _repeated(app, actor, command)) is not None:
            return there
        asked = await bulk.asked_by(app, actor, act, replace(command, key=None))
        looked = await bulk.looked_at(app, asked, ids)
        premises(act, [each.item for each in looked]).confirm(digest, done=())
        return await _begin(app, actor, command, wanted, looked)


async def foresee_undo(
    app: App, actor: Actor, id: str, act_of: ActOf, command: CommandContext
) -> tuple[Undone, Sequence[BulkItem]]:
    """What would be put back of a run, and what would not and why; nothing changes.

    Raises NOT_FOUND, BULK_LASTS, BULK_GOING_ON, BULK_UNDONE, BUSY.
    """
    async with in_turn(app, actor):
        undone = await bulk_undoing.to_undo(app, actor, id, act_of, command)
        return undone, [each.item for each in await _looked_back(app, actor, undone, command)]


async def undo(
    app: App, actor: Actor, id: str, act_of: ActOf, command: CommandContext, *, digest: str, language: str
) -> Versioned[BulkRun]:
    """Undo a run, once, as its preview of that digest has told; sent again under its key it is the same run.

    Raises as `foresee_undo` does, and PREMISES_CHANGED, NOTHING_TO_UNDO, BULK_RUNS_FULL, KEY_REUSED.
    """
    async with in_turn(app, actor):
        if (there := await _repeated(app, actor, command)) is not None:
            return there
        undone = await bulk_undoing.to_undo(app, actor, id, act_of, command)
        looked = await _looked_back(app, actor, undone, command)
        items = [each.item for each in looked]
        bulk_undoing.premises(id, items).confirm(digest, done=())
        if not any(item.changed for item in items):
            raise NOTHING_TO_UNDO()
        wanted = Wanted(undone.run.action, undone.run.args, language)
        try:
            return await _begin(app, actor, command, wanted, looked, undoes=id)
        except DuplicateKey:  # somebody else was faster
            raise BULK_UNDONE() from None


async def make_next(app: App, act_of: ActOf, command: CommandContext, *, beat: float = BEAT) -> int:
    """Go on with the run whose turn it is; answer whether there was one. Raises PortError where the world did not."""

    async def made(claimed: Versioned[BulkRun], tell: Tell) -> Mapping[str, Any]:
        return await _gone_on(app, act_of, claimed, tell)

    return await background(app).make_next(made, command, beat=beat)


async def sweep_files(app: App, command: CommandContext) -> int:
    """Take away what is told of files by runs that are gone, or have never begun; answer how many there were."""
    return await app.run_files.sweep(command.now)


async def _looked_back(app: App, actor: Actor, undone: Undone, command: CommandContext) -> list[bulk.Looked]:
    command = replace(command, key=None)
    return [(await bulk_undoing.look(app, actor, undone, id, command)).looked for id in undone.files]


async def _repeated(app: App, actor: Actor, command: CommandContext) -> Versioned[BulkRun] | None:
    """The run that this very request has begun before."""
    command = replace(command, personal=False, expected=None)
    for saved in await app.bulk_runs.own(actor.id):
        if (known := app.bulk_runs.repeated(saved, command)) is not None:
            return known.saved
    return None


async def _begin(
    app: App,
    actor: Actor,
    command: CommandContext,
    wanted: Wanted,
    looked: Sequence[bulk.Looked],
    *,
    undoes: str | None = None,
) -> Versioned[BulkRun]:
    """Begin a run; what changes nothing is as it is by now. The oldest of one's runs that is over makes room."""
    works = background(app)
    named = None if undoes is None else await _name(app, undoes)
    own = await app.bulk_runs.own(actor.id)
    if len(own) >= app.bulk_runs.max_each and (oldest := await _oldest(app, own, undoes)) is not None:
        await works.sweep(dict(oldest.document), command)
    batch = app.ids.new()

    async def begin(id: str) -> BulkRun:
        run = BulkRun(
            account=actor.id,
            language=wanted.language,
            asked_at=command.now,
            total=len(looked),
            action=wanted.action,
            args=wanted.args,
            batch=batch,
            undoes=undoes,
        )
        files = [_file(batch, number, each, command) for number, each in enumerate(looked)]
        # They go with the run, which is there as long as what undoes it: what is swept by itself has no run any more.
        await app.run_files.begin(files, run.expires_at + KEPT)
        return run

    return await works.ask(actor.id, begin, command, too_many=BULK_RUNS_FULL, full=BULK_RUNS_FULL, named=named)


async def _name(app: App, undoes: str) -> str:
    """The id of who undoes that run next: behind one that has stopped half-way, whose own account of it stands.

    Raises BULK_UNDONE where somebody else was faster, or there is no further one.
    """
    last, ids = await app.bulk_runs.undoing(undoes), undoing_ids(undoes)
    if last is None:
        return ids[0]
    if not last.state.has_failed or last.id == ids[-1]:
        raise BULK_UNDONE()
    return ids[ids.index(last.id) + 1]


async def _oldest(app: App, own: Sequence[Versioned[BulkRun]], undoes: str | None) -> Versioned[BulkRun] | None:
    """The oldest that is over; what is about to be undone is still needed, and so is who undoes what is still there."""
    for saved in reversed(own):
        if saved.state.is_over and saved.id != undoes:
            of, undoing = saved.state.undoes, await app.bulk_runs.undoing(saved.id)
            if of is not None and await app.bulk_runs.get(of) is not None:
                continue
            if undoing is None or undoing.state.is_over:
                return saved
    return None


def _file(batch: str, number: int, looked: bulk.Looked, command: CommandContext) -> RunFile:
    item = looked.item
    account = "" if item.application is None else item.application.account
    came = None if item.result == "changed" else came_of(item, command.now)
    return RunFile(batch, number, item.id, account, premise(item)[:EACH], looked.place, looked.entered, came)


async def _gone_on(app: App, act_of: ActOf, claimed: Versioned[BulkRun], tell: Tell) -> Mapping[str, Any]:
    """Do it to each file that it was not done to yet, and count what came of all."""
    run, counts = claimed.state, Counter[str]()
    files = await app.run_files.of(run.batch)
    undone = None if run.undoes is None else await bulk_undoing.undone_by(app, run, act_of)
    act = act_of(run)  # what is wrong with the run itself is said of no file
    for done, file in enumerate(files, 1):
        if (came := file.came) is None:
            actor = await _actor(app, run, now=app.clock.now())
            came = await _whole_step(app, actor, act, claimed, file, undone=undone)
            await app.run_files.keep(replace(file, came=came))
            await tell(done, None)
        counts[came.result] += 1
    return {name: counts[name] for name in ("changed", "unchanged", "refused")}


async def _whole_step(
    app: App, actor: Actor, act: BulkAct, claimed: Versioned[BulkRun], file: RunFile, *, undone: Undone | None
) -> Came:
    """The same as `_step`; a file to which it can never be done is in no other's way, at the last attempt."""
    run = claimed.state
    try:
        return await _step(app, actor, act, claimed, file, undone=undone)
    except (RefusedError, PortError):
        raise
    except Exception as error:
        if run.attempts - run.wasted < MAX_ATTEMPTS:
            raise
        # Its type alone, as of all work in the background.
        log.error(
            "bulk_run.file-broken",
            service="applications",
            id=claimed.id,
            application=file.file,
            error=type(error).__name__,
        )
        return came_of(BulkItem(file.file, refusal=FILE_UNREADABLE()), app.clock.now())


async def _step(
    app: App, actor: Actor, act: BulkAct, claimed: Versioned[BulkRun], file: RunFile, *, undone: Undone | None
) -> Came:
    """Do it to one file, within the reach that its person has by now."""
    now = app.clock.now()
    command = CommandContext(now, app.ids.new(), actor, key=f"bulk-{claimed.id}", digest=claimed.id)
    try:
        if undone is not None:
            item = await bulk_undoing.put_back(app, actor, undone, file, command)
        else:
            asked = await bulk.asked_by(app, actor, act, command)
            looked = await bulk.look(app, asked, file.file, file.place)
            item = await bulk.done(app, asked, looked, premise(looked.item)[:EACH] == file.premise)
    except RefusedError as refusal:  # what was asked is wrong by now, as a day that is over
        item = BulkItem(file.file, refusal=refusal)
    if item.refusal is not None and item.refusal.slug in _WORLDLY and file.tries + 1 < MAX_ATTEMPTS:
        await app.run_files.keep(replace(file, tries=file.tries + 1))
        raise item.refusal
    return came_of(item, now)


async def _actor(app: App, run: BulkRun, *, now: datetime) -> Actor:
    """Who has confirmed the run; raises RightsUnknownError, and GivenUpError of who may not do it any more."""
    known = await app.staff.grants(run.account, now.astimezone(app.zone).date())
    if known is None:
        raise RightsUnknownError
    grants = tuple(grant for grant in known if grant.role == Role.MANAGER)
    if not grants:
        raise GivenUpError("rights")
    return Actor(run.account, ActorKind.STAFF, grants=grants)
