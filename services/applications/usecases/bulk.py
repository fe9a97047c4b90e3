"""One act for many files at once: first what would come of it, then, on those premises, the act (acceptance 93)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.applications.domain.bulk import (
    DECIDING,
    MARKS,
    BulkAct,
    BulkItem,
    BulkReminder,
    FileStatus,
    SheetAction,
    decided_status,
    fault_of_args,
    gathered_mails,
    judged_status,
    mails_of,
    refusal_of_file,
    status_of,
)
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import pending
from services.applications.domain.events import Change
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach
from services.applications.domain.states import DecisionAction, FileAction
from services.applications.repository.bulk import done_before, premises, remembered
from services.applications.repository.decisions import Entry
from services.applications.repository.places import list_fields
from services.applications.repository.taking_part import taking_part
from services.applications.usecases import bulk_sheets, bulk_verdicts, decisions, review
from services.applications.usecases.app import App
from services.applications.usecases.one_by_one import (
    UNDONE,
    UNTOUCHED,
    check_ids,
    in_turn,
    refusal_of,
    some_at_once,
)
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome, Versioned
from services.contracts.refusals import INVALID_FIELDS, PREMISES_CHANGED, STALE_VERSION, RefusedError
from services.contracts.refusals.applications import RANK_TAKEN


@dataclass(frozen=True, slots=True)
class Asked:
    """The act as this request does it, within these reaches; of acts that decide on files, what differs by the file."""

    act: BulkAct
    command: CommandContext
    reaches: Sequence[Reach]
    decide: review.Decide | None
    gathers: bool
    """Whether candidates are told by a mail of its own what was said of their pieces."""

    def of(self, app: App, entered: EnteredDecision | None) -> review.Decide:
        """What is done to a file on which that was entered when it was looked at."""
        if self.decide is not None:
            return self.decide
        decision = "" if entered is None else entered.id
        return decisions.validating(app, self.command, decision, until=self.act.answer_deadline)


@dataclass(frozen=True, slots=True)
class Looked:
    """What comes of the act for one file, at its place among those that do not refuse.

    `done` if this very request has done it before.
    """

    item: BulkItem
    place: int
    entered: EnteredDecision | None = None
    done: bool = False
    rank_key: str | None = None
    """At which rank it waits then, which no other can have."""


async def foresee(
    app: App, actor: Actor, ids: Sequence[str], act: BulkAct, command: CommandContext
) -> Sequence[BulkItem]:
    """What would come of an act, file by file; nothing changes.

    Raises INVALID_FIELDS for what is asked, BUSY.
    """
    check(ids, act)
    async with in_turn(app, actor):
        asked = await asked_by(app, actor, act, replace(command, key=None))
        return [each.item for each in await looked_at(app, asked, ids)]


async def carry_out(
    app: App, actor: Actor, ids: Sequence[str], act: BulkAct, command: CommandContext, *, digest: str
) -> Sequence[BulkItem]:
    """Do it to each file, as it is done to one alone: what one refuses is in no other's way.

    `digest` is that of the preview. Sent again under its key, nothing is done twice, and what had not been done is.
    Raises PREMISES_CHANGED before anything is done if a file has changed since, INVALID_FIELDS, KEY_REUSED, BUSY.
    """
    check(ids, act)
    async with in_turn(app, actor):
        asked = await asked_by(app, actor, act, command)
        looked = await looked_at(app, asked, ids)
        items = [each.item for each in looked]
        same = premises(act, items).confirm(digest, done=(each.done for each in looked))
        return await some_at_once([*zip(looked, same, strict=True)], lambda each: done(app, asked, *each))


def check(ids: Sequence[str], act: BulkAct) -> None:
    """Raises INVALID_FIELDS where the act lacks something, or a file is named twice."""
    act.check()
    check_ids(ids)


async def asked_by(app: App, actor: Actor, act: BulkAct, command: CommandContext) -> Asked:
    """The act as somebody asks for it now."""
    gathers = app.parameters.in_force.applications.verdicts_minutes > 0
    return Asked(act, command, await app.programmes.reaches(actor), _deciding(app, act, command), gathers)


def _deciding(app: App, act: BulkAct, command: CommandContext) -> review.Decide | None:
    until = act.submission_deadline
    if act.action in (*DECIDING, *SheetAction):
        return None
    if act.verdict is not None:
        return bulk_verdicts.judging(app, command, act.verdict)
    if act.about is not None:
        return bulk_verdicts.reminding(app, command, act.about)
    if act.action in MARKS:
        return review.marking(app, command, state=MARKS[act.action], on=act.on, until=until)
    if act.action is FileAction.EXTEND and until is not None:
        return review.extending(app, command, day=until)
    return review.reopening(app, command, reason=act.reason or "", until=until)


async def looked_at(app: App, asked: Asked, ids: Sequence[str]) -> list[Looked]:
    """What comes of it for each; a file that refuses takes no place, so that ranks have no gaps."""
    looked: list[Looked] = []
    place, ranks = 0, set[str]()
    for id in ids:
        each = await look(app, asked, id, place)
        if each.rank_key is not None:
            if each.rank_key in ranks or await app.ranks.holder(each.rank_key) not in (None, id):
                each = _rank_taken(each)
            ranks.add(each.rank_key or "")
        looked.append(each)
        place += each.item.refusal is None
    return looked


def _rank_taken(looked: Looked) -> Looked:
    """Somebody waits at that rank, or will by this very act."""
    decided = None if looked.entered is None else looked.entered.rank
    refused = replace(looked.item, after=None, mails=(), changed=False, refusal=RANK_TAKEN(rank=decided))
    return replace(looked, item=refused)


async def look(app: App, asked: Asked, id: str, place: int) -> Looked:
    """What comes of it for one file as it stands; raises INVALID_FIELDS for what is wrong with the act itself."""
    if isinstance(asked.act.action, SheetAction):
        return await _looked_beside(app, asked, id, place)
    try:
        saved, reach = await review.reached_within(app, asked.reaches, id)
        entry = await app.decisions.get(id) if asked.act.action in DECIDING else None
    except UNTOUCHED as error:
        return Looked(BulkItem(id, refusal=refusal_of(error)), place)
    if (known := _known(app, asked, saved, entry)) is not None:
        return Looked(done_before(saved, known), place, done=True)
    try:
        reach.check_part(id)
        file = await review.examined(app, saved.state, reach)
        file.check_campaign(deciding=asked.act.action in DECIDING)
    except UNTOUCHED as error:
        return Looked(BulkItem(id, refusal=refusal_of(error)), place)
    entered = None if entry is None else pending(saved.state, entry.state.entered)
    before, rank_key = _status(asked.act, file, entered), None
    try:
        if asked.act.action is DecisionAction.ENTER:
            there = Entry(saved.state.account) if entry is None else entry.state
            after = _entering(app, asked, file, place=place, entered=entered)(there)
            item = _entered(asked, saved, file, there, after)
        else:
            change = asked.of(app, entered)(replace(file, entered=entered))
            item = _came_of(asked, saved, file, change, entered)
            rank_key = list_fields(change[0]).get("rank_key") if item.changed else None
    except RefusedError as refusal:
        if (of_file := refusal_of_file(asked.act, refusal)) is None:
            raise fault_of_args(asked.act, refusal) from None
        return Looked(BulkItem(id, saved.same_since, saved.state, before, refusal=of_file), place)
    return Looked(item, place, entered, rank_key=rank_key)


async def _looked_beside(app: App, asked: Asked, id: str, place: int) -> Looked:
    """The same where it is what staff keep beside the file that changes."""
    try:
        item, done = await bulk_sheets.look(app, asked.act, asked.command, asked.reaches, id)
    except UNTOUCHED as error:
        if (refusal := refusal_of(error)).slug == INVALID_FIELDS:
            raise fault_of_args(asked.act, refusal) from None
        return Looked(BulkItem(id, refusal=refusal), place)
    return Looked(item, place, done=done)


def _known(
    app: App, asked: Asked, saved: Versioned[Application], entry: Versioned[Entry] | None
) -> Mapping[str, Any] | None:
    """What this very request did to a file before."""
    known: Outcome[Any] | None
    if asked.act.action is DecisionAction.ENTER:
        known = None if entry is None else app.decisions.earlier(entry, decisions.of_staff(asked.command))
    else:
        known = app.applications.earlier(saved, asked.command)
    return None if known is None else known.answer


def _entering(
    app: App, asked: Asked, file: review.Examined, *, place: int, entered: EnteredDecision | None
) -> Callable[[Entry], Entry]:
    """What is entered on a file; where no conditions are said, those that are there stay, as in tables of deliberations."""
    seen = "" if entered is None else entered.id
    application = file.application
    counting = None if application.decision is None else application.decision.entered
    there = entered or counting
    said = replace(asked.act.said_of(place), kept=() if there is None else there.conditions)
    return decisions.entering(app, asked.command, application, file.reach, said, offer=file.offer, instead_of=seen)


def _status(act: BulkAct, file: review.Examined, entered: EnteredDecision | None) -> FileStatus:
    if act.action in DECIDING:
        return decided_status(file.application, file.offer, entered)
    if act.verdict is not None:
        return judged_status(file.application, file.offer, act.verdict.code)
    return status_of(file.application, file.offer)


def _entered(
    asked: Asked, saved: Versioned[Application], file: review.Examined, before: Entry, after: Entry
) -> BulkItem:
    """What comes of entering: the candidate is told nothing."""
    there = pending(saved.state, before.entered)
    return BulkItem(
        saved.id,
        saved.same_since,
        saved.state,
        _status(asked.act, file, there),
        _status(asked.act, file, after.entered),
        changed=after != before,
        entered="" if there is None else there.id,
    )


def _came_of(
    asked: Asked,
    saved: Versioned[Application],
    file: review.Examined,
    change: Change,
    entered: EnteredDecision | None,
) -> BulkItem:
    after, happened = change
    return BulkItem(
        saved.id,
        saved.same_since,
        file.application,
        _status(asked.act, file, entered),
        _status(asked.act, replace(file, application=after), entered),
        (*mails_of(happened), *(gathered_mails(happened) if asked.gathers else ())),
        changed=bool(happened) or after != file.application,
        entered="" if entered is None else entered.id,
    )


async def done(app: App, asked: Asked, looked: Looked, as_seen: bool) -> BulkItem:
    """What came of it; a file that has changed since it was looked at is left alone."""
    item = looked.item
    if looked.done or item.refusal is not None:
        return item
    try:
        if not as_seen:
            raise PREMISES_CHANGED()
        if isinstance(asked.act.action, SheetAction):
            return await bulk_sheets.carry_out(app, asked.act, asked.command, asked.reaches, item)
        return await (_enter if asked.act.action is DecisionAction.ENTER else _change)(app, asked, looked)
    except UNDONE as error:
        return replace(item, after=None, mails=(), changed=False, refusal=refusal_of(error))


async def _change(app: App, asked: Asked, looked: Looked) -> BulkItem:
    item, entered = looked.item, looked.entered
    outcome = await review.change_within(
        app,
        asked.reaches,
        item.id,
        replace(asked.command, expected=item.version),
        asked.of(app, entered),
        answer=lambda file, change: remembered(
            _came_of(asked, Versioned(item.id, file.application, item.version), file, change, entered)
        ),
        deciding=asked.act.action is DecisionAction.VALIDATE,
        silent=asked.act.action is BulkReminder.REMIND,
    )
    return done_before(outcome.saved, outcome.answer)


async def _enter(app: App, asked: Asked, looked: Looked) -> BulkItem:
    saved, reach = await review.reached_within(app, asked.reaches, looked.item.id)
    if saved.same_since != looked.item.version:
        raise STALE_VERSION(version=saved.version)
    file = await review.examined(app, saved.state, reach)
    file.check_campaign(deciding=True)
    decide = _entering(app, asked, file, place=looked.place, entered=looked.entered)
    outcome = await decisions.enter_on(
        app,
        saved,
        taking_part(asked.command, saved.id, reach),
        decide,
        lambda before, after: remembered(_entered(asked, saved, file, before, after)),
    )
    return done_before(saved, outcome.answer)
