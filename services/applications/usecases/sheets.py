"""What staff keep beside the files within their reach, for themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from services.applications.domain import sheets
from services.applications.domain.fees import FeeLists, FeesSaid
from services.applications.domain.model import Application
from services.applications.domain.sheets import Changed, Note, Sheet
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.listing import listed_behind
from services.applications.usecases.offers_joined import join_beside
from services.applications.usecases.pre_enrolments import fees_changed
from services.applications.usecases.review import reached
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.store.rows import UnreadableRow, tell
from services.contracts.fee_lists import active_items, known_items
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import FILE_UNREADABLE

T = TypeVar("T")


async def add_note(app: App, actor: Actor, id: str, command: CommandContext, *, text: str) -> Outcome[Sheet]:
    """Write something down beside a file; raises NOT_FOUND, TOO_MANY_NOTES, and as all here RECUSED, FILE_UNREADABLE."""
    note = Note(app.ids.new(), text, command.now, command.acting)
    saved, own = await _taking(app, actor, id, command)
    return await _change(app, saved, own, lambda sheet: sheets.add_note(sheet, note))


async def set_tags(app: App, actor: Actor, id: str, command: CommandContext, *, tags: Sequence[str]) -> Outcome[Sheet]:
    """Put these tags on a file in place of others; raises NOT_FOUND."""
    saved, own = await _taking(app, actor, id, command)
    return await _change(app, saved, own, lambda sheet: sheets.set_tags(sheet, tuple(tags)))


async def assign(app: App, actor: Actor, id: str, command: CommandContext, *, assignee: str | None) -> Outcome[Sheet]:
    """Give a file to a member of staff to look after, or to nobody; raises NOT_FOUND, INVALID_FIELDS.

    Whether the file is within their reach is not asked: that may change every day.
    """
    saved, own = await _taking(app, actor, id, command)
    done = await _readable(app.sheets.before(id, own))
    if done is None and assignee is not None and not await app.staff.acts(assignee):
        raise INVALID_FIELDS(fields=[FieldError("assignee", "not-staff")])
    return await _change(app, saved, own, lambda sheet: sheets.assign(sheet, assignee))


async def set_fees(
    app: App, actor: Actor, id: str, command: CommandContext, said: FeesSaid, *, seen: int
) -> Outcome[Sheet]:
    """Say something of somebody's fees, over those of the version that was `seen`.

    Raises NOT_FOUND, INVALID_FIELDS, STALE_VERSION, BUSY.
    """
    lists = fee_lists(app)
    saved, own = await _taking(app, actor, id, command)
    outcome = await _change(app, saved, own, lambda sheet: sheets.set_fees(sheet, said, lists, seen=seen))
    if outcome.saved.state.fees_version != seen:
        await fees_changed(app, id, own)
    return outcome


def fee_lists(app: App) -> FeeLists:
    """The institution's regimes and exemptions as they are now."""
    rules = app.parameters.in_force.enrolment
    return FeeLists(active_items(rules.regimes), active_items(rules.exemptions))


def known_fees(app: App) -> FeeLists:
    """The same with those that are chosen no more, which files may still bear."""
    rules = app.parameters.in_force.enrolment
    return FeeLists(known_items(rules.regimes), known_items(rules.exemptions))


async def _taking(
    app: App, actor: Actor, id: str, command: CommandContext
) -> tuple[Versioned[Application], CommandContext]:
    """The file within reach, and the command as it may be written beside it."""
    saved, reach = await reached(app, actor, id)
    return saved, replace(taking_part(command, id, reach), personal=False)


async def _change(
    app: App, saved: Versioned[Application], command: CommandContext, decide: Callable[[Sheet], Changed]
) -> Outcome[Sheet]:
    id, account = saved.id, saved.state.account
    async with listed_behind(app, id, command):
        outcome = await _readable(
            app.sheets.change_or_add(id, Sheet(account), lambda sheet: Decision(*decide(sheet)), command)
        )
        if await app.cards.is_erased(account):  # since we looked; what is kept beside the file goes with the rest
            await app.cards.erase(account, command.now)
        await join_beside(app, saved, command)
    return outcome


async def _readable(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except UnreadableRow as error:
        tell("applications", error)
        raise FILE_UNREADABLE() from None
