"""One act for many files at once: first what would come of it, then, on those premises, the act (acceptance 93)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import structlog

from services.applications.domain.bulk import MARKS, BulkAct, BulkItem, mails_of, status_of
from services.applications.domain.events import Change
from services.applications.domain.reach import Reach
from services.applications.domain.states import FileAction
from services.applications.repository.bulk import done_before, is_of, remembered, unlike
from services.applications.usecases import review
from services.applications.usecases.app import App
from services.chassis.context import Actor, CommandContext
from services.chassis.ports import PortError
from services.chassis.refusals import UNAVAILABLE
from services.chassis.store.rows import UnreadableRow, tell
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError
from services.contracts.refusals.applications import FILE_UNREADABLE, PREMISES_CHANGED

AT_ONCE: Final = 4
"""Files of one request that are worked on at the same time: others find the store free in between."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Looked:
    """What comes of the act for one file; `done` if this very request has done it before."""

    item: BulkItem
    done: bool = False


async def foresee(
    app: App, actor: Actor, ids: Sequence[str], act: BulkAct, command: CommandContext
) -> Sequence[BulkItem]:
    """What would come of an act, file by file; nothing changes.

    Raises INVALID_FIELDS for what is asked, BUSY.
    """
    _check(ids, act)
    async with _turn(app, actor):
        decide, reaches = _deciding(app, act, command), await app.programmes.reaches(actor)
        return [(await _looked(app, reaches, id, replace(command, key=None), decide)).item for id in ids]


async def carry_out(
    app: App, actor: Actor, ids: Sequence[str], act: BulkAct, command: CommandContext, *, digest: str
) -> Sequence[BulkItem]:
    """Do it to each file, as it is done to one alone: what one refuses is in no other's way.

    `digest` is that of the preview. Sent again under its key, nothing is done twice, and what had not been done is.
    Raises PREMISES_CHANGED before anything is done if a file has changed since, INVALID_FIELDS, KEY_REUSED, BUSY.
    """
    _check(ids, act)
    async with _turn(app, actor):
        decide, reaches = _deciding(app, act, command), await app.programmes.reaches(actor)
        looked = [await _looked(app, reaches, id, command, decide) for id in ids]
        if not is_of(digest, act, items := [each.item for each in looked]):
            raise PREMISES_CHANGED()
        done = {each.item.id for each in looked if each.done}
        if (changed := unlike(digest, items) - done) and not done:
            raise PREMISES_CHANGED()
        results: list[BulkItem] = []
        for start in range(0, len(looked), AT_ONCE):
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(_done(app, reaches, each, command, decide, late=each.item.id in changed))
                    for each in looked[start : start + AT_ONCE]
                ]
            results += [task.result() for task in tasks]
        return results


def _check(ids: Sequence[str], act: BulkAct) -> None:
    act.check()
    if len(set(ids)) < len(ids):
        raise INVALID_FIELDS(fields=[FieldError("ids", "repeated")])


@asynccontextmanager
async def _turn(app: App, actor: Actor) -> AsyncIterator[None]:
    """One after the other of one person, and so many of all: who presses twice is answered twice."""
    async with app.bulk_turns.of([actor.asker]):
        with app.bulk_places.take():
            yield


def _deciding(app: App, act: BulkAct, command: CommandContext) -> review.Decide:
    until = act.submission_deadline
    if act.action in MARKS:
        return review.marking(app, command, state=MARKS[act.action], on=act.on, until=until)
    if act.action is FileAction.EXTEND and until is not None:
        return review.extending(app, command, day=until)
    return review.reopening(app, command, reason=act.reason or "", until=until)


async def _looked(
    app: App, reaches: Sequence[Reach], id: str, command: CommandContext, decide: review.Decide
) -> _Looked:
    """What comes of it for one file as it stands; what is wrong with the act itself is raised."""
    try:
        saved, reach = await review.reached_within(app, reaches, id)
        file = await review.examined(app, saved.state, reach)
    except RefusedError as refusal:
        return _Looked(BulkItem(id, refusal=refusal))
    except UnreadableRow as error:
        tell("applications", error)
        return _Looked(BulkItem(id, refusal=FILE_UNREADABLE()))
    known = app.applications.repeated(saved, replace(command, personal=False))
    if known is not None:
        return _Looked(done_before(saved, known.answer), done=True)
    before = status_of(saved.state, file.offer)
    try:
        item = _came_of(id, saved.version, file, decide(file))
    except RefusedError as refusal:
        if refusal.slug == INVALID_FIELDS:
            raise _of_args(refusal) from None
        return _Looked(BulkItem(id, saved.version, saved.state, before, refusal=refusal))
    return _Looked(item)


def _came_of(id: str, version: int, file: review.Examined, change: Change) -> BulkItem:
    after, happened = change
    before = status_of(file.application, file.offer)
    changed = bool(happened) or after != file.application
    return BulkItem(id, version, file.application, before, status_of(after, file.offer), mails_of(happened), changed)


def _of_args(refusal: RefusedError) -> RefusedError:
    """Days that are wrong are so for every file: they are faults of what is asked."""
    return INVALID_FIELDS(fields=[replace(each, field=f"args.{each.field}") for each in refusal.fields])


async def _done(
    app: App, reaches: Sequence[Reach], looked: _Looked, command: CommandContext, decide: review.Decide, *, late: bool
) -> BulkItem:
    """What came of it; a file that has changed since it was looked at is left alone."""
    item = looked.item
    if looked.done or item.refusal is not None:
        return item
    if late:
        return replace(item, after=None, mails=(), changed=False, refusal=PREMISES_CHANGED())
    try:
        outcome = await review.change_within(
            app,
            reaches,
            item.id,
            replace(command, expected=item.version),
            decide,
            answer=lambda file, change: remembered(_came_of(item.id, item.version, file, change)),
        )
    except RefusedError as refusal:
        return replace(item, after=None, mails=(), changed=False, refusal=refusal)
    except UnreadableRow as error:
        tell("applications", error)
        return replace(item, after=None, mails=(), changed=False, refusal=FILE_UNREADABLE())
    except PortError as error:
        log.warning("http.port-unavailable", service="applications", error=type(error).__name__)
        return replace(item, after=None, mails=(), changed=False, refusal=UNAVAILABLE())
    return done_before(outcome.saved, outcome.answer)
