"""The decisions of a table: first what would come of each row, then, on those premises, they are entered (acceptance 93)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from services.applications.domain import grouping
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import Said, pending
from services.applications.domain.deliberation import (
    TableItem,
    TableRow,
    asked_of,
    brief_in,
    in_brief,
    premises,
    remembered,
    repeated,
    stamp_of,
    written,
)
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach
from services.applications.domain.waiting import waits
from services.applications.repository.decisions import Entry
from services.applications.repository.taking_part import taking_part
from services.applications.usecases import decisions, review
from services.applications.usecases.app import App
from services.applications.usecases.one_by_one import UNDONE, in_turn, refusal_of, some_at_once
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import MAX_FIND
from services.contracts.file_numbers import straightened
from services.contracts.premises import is_of
from services.contracts.refusals import INVALID_FIELDS, PREMISES_CHANGED, FieldError, RefusedError
from services.contracts.refusals.applications import CONDITION_PAST


class Words(Protocol):
    """What the cells of a table mean."""

    def carried(self, cells: Mapping[str, str], stored: Mapping[str, str]) -> Mapping[str, str]:
        """The cells, with what is stored where nobody has written."""

    def said(self, cells: Mapping[str, str]) -> tuple[Said | None, tuple[FieldError, ...]]:
        """What a row says, and what is wrong with its cells."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A table that has come back: its rows, the ids of the files that it may speak of, and what tells it from any other."""

    rows: Sequence[TableRow]
    files: Sequence[str]
    asked: str
    words: Words


@dataclass(frozen=True, slots=True)
class _There:
    """A file, what is entered on it, and within which reach it is."""

    saved: Versioned[Application]
    entry: Versioned[Entry] | None
    reach: Reach
    offer: ProgrammeCopy | None
    over: bool
    """Whether its campaign is closed."""

    @property
    def entered(self) -> EnteredDecision | None:
        if self.entry is None or self.saved.id in self.reach.recused:
            return None  # of what is entered on a file in which one has no part, nothing is shown and nothing written
        return pending(self.saved.state, self.entry.state.entered)

    @property
    def shown(self) -> EnteredDecision | None:
        """What tables and pages show: what is entered, or where nothing is, what counts."""
        counting = self.saved.state.decision
        return self.entered or (None if counting is None else counting.entered)

    @property
    def waits(self) -> bool:
        """Whether what is shown makes the candidate wait for a place, or will."""
        return self.entered is not None or waits(self.saved.state)

    def shows(self, row: TableRow) -> bool:
        """Whether a row says what is shown anyway."""
        return row.cells == written(self.shown)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What comes of a row; `done` if this very request has done it before."""

    item: TableItem
    there: _There | None = None
    done: bool = False


async def foresee(app: App, actor: Actor, brought: Brought, command: CommandContext) -> tuple[Sequence[TableItem], str]:
    """What would come of each row, and the digest that confirms it; nothing changes. Raises BUSY."""
    async with in_turn(app, actor):
        looked = await _looked_at(app, actor, brought, replace(command, key=None))
        items = [each.item for each in looked]
        return items, premises(asked_of(brought.asked), items).digest


async def carry_out(
    app: App, actor: Actor, brought: Brought, command: CommandContext, *, digest: str
) -> Sequence[TableItem]:
    """Enter what the rows say, each as it is entered alone: what one refuses is in no other's way.

    `digest` is that of the preview. Sent again under its key, nothing is done twice, and what had not been done is.
    Raises PREMISES_CHANGED before anything is done if something else would come of it now, KEY_REUSED, BUSY.
    """
    async with in_turn(app, actor):
        if not is_of(digest, asked := asked_of(brought.asked)):
            raise PREMISES_CHANGED()
        looked = await _looked_at(app, actor, brought, command)
        premises(asked, [each.item for each in looked]).confirm(digest, done=any(each.done for each in looked))
        return await some_at_once(looked, lambda each: _done(app, actor, each, command))


async def _looked_at(app: App, actor: Actor, brought: Brought, command: CommandContext) -> list[_Looked]:
    there, rows = await _there(app, actor, brought.files), []
    for row in brought.rows:
        rows.append(_read(row, there.get(row.file), brought.words))
        await asyncio.sleep(0)
    untouched = {row.number for row in rows if (file := there.get(row.file)) is not None and file.shows(row)}
    waiting = {number for row in rows if (number := row.number) in untouched and there[row.file].waits}
    wrongs, looked = repeated(rows, untouched, waiting), []
    for row in rows:
        wrong = wrongs.get(row.number)
        looked.append(_looked(app, row, there.get(row.file), wrong, command))
        await asyncio.sleep(0)  # thousands of rows: others are served in between
    return looked


async def _there(app: App, actor: Actor, ids: Sequence[str]) -> Mapping[tuple[str, str], _There]:
    """The files of a table by number and programme, as far as the actor reaches them."""
    reaches, found = await app.programmes.reaches(actor), {}
    for start in range(0, len(ids), MAX_FIND):
        part = ids[start : start + MAX_FIND]
        entries, page = await app.decisions.entries(part), await app.applications.of_ids(part)
        offers = await app.programmes.of_all({saved.state.programme.code for saved in page})
        over = {code for code in {saved.state.campaign for saved in page} if await app.closed.holds(code)}
        for saved in page:
            code, state = saved.state.programme.code, saved.state.state
            reach = next((each for each in reaches if each.holds(code) and each.is_seen(state)), None)
            if reach is not None:
                there = _There(saved, entries.get(saved.id), reach, offers.get(code), saved.state.campaign in over)
                found[straightened(saved.state.file_number), code] = there
    return found


def _read(row: TableRow, there: _There | None, words: Words) -> TableRow:
    """A row with what it says: where nobody has written, that is what is shown."""
    stored = None if there is None else written(there.shown)
    cells = row.cells if stored is None else {**stored, **words.carried(row.cells, stored)}
    said, faults = words.said(cells)
    if there is not None and said is not None and said.group is not None:
        said = replace(said, group=grouping.meant(said.group, grouping.groups_for(there.saved.state, there.offer)))
    return replace(row, cells=cells, said=said, faults=faults)


def _looked(
    app: App, row: TableRow, there: _There | None, wrong: FieldError | None, command: CommandContext
) -> _Looked:
    """What comes of a row as its file stands."""
    if there is None:
        return _Looked(TableItem(row, faults=(FieldError("file_number", "row-unknown"),)))
    saved = there.saved
    before = in_brief(there.shown, counts=there.entered is None)
    item = TableItem(row, saved.id, saved.same_since, saved.state, before, before)
    if (known := _known(app, there, command)) is not None:
        return _Looked(replace(item, **known, changed=True), there, done=True)
    return _Looked(_came_of(app, item, there, wrong, command), there)


def _came_of(app: App, item: TableItem, there: _There, wrong: FieldError | None, command: CommandContext) -> TableItem:
    row, saved = item.row, there.saved
    if wrong is None and (not any(row.cells.values()) or row.cells == written(there.shown)):
        return item
    if faults := (wrong,) if wrong is not None else row.faults:
        return replace(item, after=None, faults=faults)
    try:
        after = _entering(app, row, there, command)(_entry_of(there))
    except RefusedError as refusal:
        return _refused(item, refusal)
    if _says_the_same(after.entered, there.shown):
        return item
    if row.stamp != stamp_of(saved.id, saved.same_since, there.entered):
        return replace(item, after=None, faults=(FieldError("stamp", "row-changed"),))
    return replace(item, after=in_brief(after.entered, counts=False), entered=after.entered, changed=True)


def _known(app: App, there: _There, command: CommandContext) -> Mapping[str, Any] | None:
    """What this very request did to a file before."""
    if there.entry is None or command.key is None:
        return None
    known = app.decisions.earlier(there.entry, decisions.of_staff(command))
    if known is None or known.answer is None:
        return None
    now, answer = there.entered, known.answer
    entered = now if now is not None and now.id == answer.get("entered") else None
    return {"before": brief_in(answer["before"]), "after": brief_in(answer["after"]), "entered": entered}


def _says_the_same(after: EnteredDecision | None, shown: EnteredDecision | None) -> bool:
    return after is not None and shown is not None and written(after) == written(shown)


def _entry_of(there: _There) -> Entry:
    return Entry(there.saved.state.account) if there.entry is None else there.entry.state


def _entering(app: App, row: TableRow, there: _There, command: CommandContext) -> Callable[[Entry], Entry]:
    there.reach.check_part(there.saved.id)
    review.check_campaign(there.saved.state, over=there.over, deciding=True)
    seen = "" if (entered := there.entered) is None else entered.id
    if (said := row.said) is None:
        raise INVALID_FIELDS(fields=[FieldError("decision", "required")])
    # Tables have no column for conditions: those that are there stay.
    said = replace(said, kept=() if there.shown is None else there.shown.conditions)
    file, reach = there.saved.state, there.reach
    return decisions.entering(app, command, file, reach, said, offer=there.offer, instead_of=seen)


def _refused(item: TableItem, refusal: RefusedError) -> TableItem:
    """Faults stand in the columns of their fields; what refuses the whole row in none, so do conditions."""
    if any(each.field.startswith("conditions.") for each in refusal.fields):
        refusal = CONDITION_PAST()  # those that stay were right when they were entered
    faults = [replace(each, field=_COLUMN.get(each.field, each.field)) for each in refusal.fields]
    if not faults:
        faults = [FieldError("", refusal.slug.name, refusal.members)]
    return replace(item, after=None, changed=False, faults=tuple(faults))


_COLUMN = {
    "kind": "decision",
    "type": "decision",
    "appointment": "place",
    "appointment.place": "place",
    "appointment.day": "day",
    "appointment.time": "time",
}


async def _done(app: App, actor: Actor, looked: _Looked, command: CommandContext) -> TableItem:
    """What came of it; a file that has changed since it was looked at is left alone."""
    item, there = looked.item, looked.there
    if there is None or looked.done or not item.changed:
        return item
    try:
        return await _enter(app, actor, item, there, command)
    except UNDONE as error:
        return _refused(item, refusal_of(error))


async def _enter(app: App, actor: Actor, item: TableItem, there: _There, command: CommandContext) -> TableItem:
    saved, reach = await review.reached(app, actor, item.id)
    if saved.same_since != item.version:
        return replace(item, after=None, changed=False, faults=(FieldError("stamp", "row-changed"),))
    decide = _entering(app, item.row, replace(there, saved=saved, reach=reach), command)

    def told(_: Entry, after: Entry) -> dict[str, object]:
        return remembered(replace(item, after=in_brief(after.entered, counts=False), entered=after.entered))

    own = taking_part(command, saved.id, reach)
    outcome = await decisions.enter_on(app, saved, own, decide, told)
    return replace(item, after=brief_in(outcome.answer["after"]))
