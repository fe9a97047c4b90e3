"""A run is undone by the acts that put its files back, as far as nobody has gone on with them since (ADR 112)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.applications.domain import decisions as domain
from services.applications.domain import undoing
from services.applications.domain.bulk import BulkAct, BulkItem, decided_status
from services.applications.domain.bulk_runs import ActOf, BulkRun, RunFile
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import pending
from services.applications.domain.model import Application
from services.applications.domain.offering import is_mere_offer
from services.applications.domain.reach import is_reached
from services.applications.domain.receipts import digest_of
from services.applications.domain.states import DecisionAction
from services.applications.domain.undoing import Doing
from services.applications.repository.bulk import done_before, premise, remembered
from services.applications.repository.decisions import Entry
from services.applications.repository.taking_part import taking_part
from services.applications.usecases import bulk, decisions
from services.applications.usecases.app import App
from services.applications.usecases.one_by_one import UNDONE, UNTOUCHED, refusal_of
from services.applications.usecases.review import reached_within
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.work.background import GivenUpError
from services.contracts.actors import Acting, ActorKind
from services.contracts.premises import EACH, PremisesOfEach
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, PREMISES_CHANGED, STALE_VERSION, RefusedError
from services.contracts.refusals.applications import (
    BULK_GOING_ON,
    BULK_LASTS,
    BULK_UNDONE,
    CHANGED_SINCE,
    NOT_PUT_BACK,
)
from services.contracts.undoing import UNDOES


@dataclass(frozen=True, slots=True)
class Undone:
    """A run that is undone: its act, and those of its files that it has changed, in order, by their ids."""

    run: BulkRun
    act: BulkAct
    files: Mapping[str, RunFile]


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What comes of putting one file back; `asked` is the act that does it, None of what is entered."""

    looked: bulk.Looked
    asked: bulk.Asked | None = None


def premises(run: str, items: Sequence[BulkItem]) -> PremisesOfEach:
    """What a preview of undoing a run stands for."""
    return PremisesOfEach(digest_of({"undo": run}), [premise(item) for item in items])


async def reached_run(app: App, actor: Actor, id: str, command: CommandContext) -> Versioned[BulkRun]:
    """A run that is the actor's own, or all of whose files are within their reach; raises NOT_FOUND."""
    saved = await app.bulk_runs.run(id, command.now)
    if saved is None:
        raise NOT_FOUND()
    if saved.state.account != actor.id:
        reaches = await app.programmes.reaches(actor)
        files = [each.file for each in await app.run_files.of(saved.state.batch) if each.account]
        found = {each.id: each.state for each in await app.applications.of_ids(files)}
        if not found or not all(is_reached(reaches, of.programme.code, of.state) for of in found.values()):
            raise NOT_FOUND()
    return saved


async def to_undo(app: App, actor: Actor, id: str, act_of: ActOf, command: CommandContext) -> Undone:
    """A run that can be undone; raises NOT_FOUND, BULK_LASTS, BULK_GOING_ON, BULK_UNDONE."""
    run = (await reached_run(app, actor, id, command)).state
    if run.undoes is not None or UNDOES[run.action].by is None:
        raise BULK_LASTS(why=UNDOES[run.action].why_not or "undone-itself")
    if not run.is_over:
        raise BULK_GOING_ON()
    by = await app.bulk_runs.undoing(id)
    if by is not None and not by.state.has_failed:
        raise BULK_UNDONE()
    return await _undone(app, run, act_of)


async def undone_by(app: App, run: BulkRun, act_of: ActOf) -> Undone:
    """What a run undoes; raises GivenUpError where that is gone."""
    of = await app.bulk_runs.get(run.undoes or "")
    if of is None:
        raise GivenUpError("gone")
    return await _undone(app, of.state, act_of)


async def look(app: App, actor: Actor, undone: Undone, id: str, command: CommandContext) -> LookedBack:
    """What comes of putting back one file, as it stands; what keeps it from that is its refusal."""
    file = undone.files.get(id)
    if file is None or file.came is None:  # its person is gone
        return _left(id, NOT_FOUND())
    try:
        if undone.act.action is DecisionAction.ENTER:
            return LookedBack(await _look_entered(app, actor, undone, file, command))
        saved = (await reached_within(app, await app.programmes.reaches(actor), id))[0]
        came, doing = _came(file, saved), _doing(undone.run, file)
        asked = await bulk.asked_by(app, actor, undoing.taken_back(undone.act, came), command)
        refused, looked = None, None
        try:
            looked = await bulk.look(app, asked, id, 0)
        except RefusedError as refusal:
            # What it had before can be chosen no more, or who looked after it is gone.
            refused = NOT_PUT_BACK() if refusal.slug == INVALID_FIELDS else refusal
        if looked is not None and looked.done:
            return LookedBack(looked, asked)
        # Looked at behind the version that is asked for below: what changes after this is refused then.
        there, sheet = (await reached_within(app, asked.reaches, id))[0], await app.sheets.get(id)
        undoing.check_stands(undone.act, came, there.state, None if sheet is None else sheet.state, doing=doing)
        if looked is None:
            return _left(id, refused or NOT_PUT_BACK(), saved)
        return LookedBack(looked, asked)
    except UNTOUCHED as error:
        return _left(id, refusal_of(error), await app.applications.get(id) if _is_own(error) else None)


async def put_back(app: App, actor: Actor, undone: Undone, file: RunFile, command: CommandContext) -> BulkItem:
    """What came of it; a file that has changed since it was looked at is left alone."""
    back = await look(app, actor, undone, file.file, command)
    item, looked = back.looked.item, back.looked
    same = premise(item)[:EACH] == file.premise
    if back.asked is not None:
        return await bulk.done(app, back.asked, looked, same)
    if looked.done or item.refusal is not None:
        return item
    try:
        if not same:
            raise PREMISES_CHANGED()
        return await _put_back_entered(app, actor, undone, item, command)
    except UNDONE as error:
        return replace(item, after=None, changed=False, refusal=refusal_of(error))


async def _undone(app: App, run: BulkRun, act_of: ActOf) -> Undone:
    files = await app.run_files.of(run.batch)
    changed = {each.file: each for each in files if each.came is not None and each.came.result == "changed"}
    return Undone(run, act_of(run), changed)


def _doing(run: BulkRun, file: RunFile) -> Doing:
    until = run.asked_at if file.came is None else file.came.at
    return Doing(run.asked_at, until, Acting(f"{ActorKind.STAFF}:{run.account}"))


def _left(id: str, refusal: RefusedError, saved: Versioned[Application] | None = None) -> LookedBack:
    there = BulkItem(id) if saved is None else BulkItem(id, saved.same_since, saved.state)
    return LookedBack(bulk.Looked(replace(there, refusal=refusal), 0))


def _is_own(error: Exception) -> bool:
    """Whether it was said of a file that is within reach."""
    return isinstance(error, RefusedError) and error.slug in (CHANGED_SINCE, NOT_PUT_BACK)


async def _look_entered(app: App, actor: Actor, undone: Undone, file: RunFile, command: CommandContext) -> bulk.Looked:
    saved, reach = await reached_within(app, await app.programmes.reaches(actor), file.file)
    entry = await app.decisions.get(saved.id)
    if entry is not None and (known := app.decisions.earlier(entry, decisions.of_staff(command))) is not None:
        return bulk.Looked(done_before(saved, known.answer), 0, done=True)
    reach.check_part(saved.id)
    there = _entered_by(undone, file, saved, None if entry is None else entry.state)
    domain.delete(saved.state, there, role=reach.role, id=there.id)
    if is_mere_offer(saved.state) and file.entered is None:  # with it the file would go
        raise NOT_PUT_BACK()
    offer = await app.programmes.of(saved.state.programme.code)
    before, after = (decided_status(saved.state, offer, each) for each in (there, file.entered))
    item = BulkItem(saved.id, saved.same_since, saved.state, before, after, changed=True, entered=there.id)
    return bulk.Looked(item, 0)


async def _put_back_entered(
    app: App, actor: Actor, undone: Undone, item: BulkItem, command: CommandContext
) -> BulkItem:
    """What was entered before stands again as it was, with who had entered it and when."""
    saved, reach = await reached_within(app, await app.programmes.reaches(actor), item.id)
    if saved.same_since != item.version:
        raise STALE_VERSION(version=saved.version)
    file = undone.files[item.id]

    def decide(entry: Entry) -> Entry:
        there = _entered_by(undone, file, saved, entry)
        domain.delete(saved.state, there, role=reach.role, id=there.id)
        return replace(entry, entered=file.entered)

    own = taking_part(command, saved.id, reach)
    outcome = await decisions.enter_on(app, saved, own, decide, lambda _, __: remembered(item))
    return done_before(saved, outcome.answer)


def _entered_by(undone: Undone, file: RunFile, saved: Versioned[Application], entry: Entry | None) -> EnteredDecision:
    """What the run has entered, if it still stands there; raises CHANGED_SINCE."""
    there = None if entry is None else pending(saved.state, entry.entered)
    return undoing.check_entered(_came(file, saved), there, _doing(undone.run, file))


def _came(file: RunFile, saved: Versioned[Application]) -> BulkItem:
    if file.came is None:
        raise NOT_PUT_BACK()
    return done_before(saved, file.came.out)
