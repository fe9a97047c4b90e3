"""Deadlines that were moved: kept, and told to each candidate who has an open application (ADR 67).

What counts is evaluated whenever an application is looked at; what is done here, by the clock, is the telling.
"""

from __future__ import annotations

from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.deadline import Move, effective_deadline, extended
from services.applications.domain.decisions import prolong
from services.applications.domain.events import Change
from services.applications.domain.model import Application, Moment
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.deadlines import CAMPAIGN, INCIDENT, PROGRAMME
from services.applications.usecases.app import App
from services.applications.usecases.listing import keep_readable
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document as Row
from services.chassis.store.rows import PAGE, readable
from services.contracts.events.offers import DeadlinesMoved
from services.contracts.instants import calendar_day


async def keep_deadlines(app: App, event: DeadlinesMoved, command: CommandContext) -> None:
    """Keep which deadlines of a campaign were moved; raises ValueError for days that are none."""
    moves = [Move(move.reach, move.code or "", calendar_day(move.submission_deadline)) for move in event.moves]
    await app.deadlines.keep(event.campaign, moves, event.version)
    await app.telling.begin(f"{CAMPAIGN}{event.campaign}", command.now)


async def look_for(app: App, moved: Row, command: CommandContext) -> int:
    """Find, a page at a time, whom a later day of a campaign or of a programme concerns; answer how many steps it took.

    Files of a programme that belongs to another centre now are listed there from then on.
    """
    id = str(moved["_id"])
    await app.extensions.look()  # what is passed over by what this process knew before is told to nobody
    if id.startswith(INCIDENT):
        codes, following = await app.programmes.codes_behind(moved["after"])
        for code in codes:
            await app.telling.begin(f"{PROGRAMME}{code}", command.now)
    elif id.startswith(CAMPAIGN):
        codes, following = await app.programmes.with_later_day(id.removeprefix(CAMPAIGN), moved["after"])
        for code in codes:
            await app.telling.begin(f"{PROGRAMME}{code}", command.now)
    else:
        following = await _look_for_applications(app, id.removeprefix(PROGRAMME), moved["after"], command)
    await (app.telling.go_on(moved, following) if following else app.telling.end(moved))
    return 1


async def _look_for_applications(app: App, code: str, after: str, command: CommandContext) -> str:
    rows, moment = await app.applications.page_to(code, after), app.moment(command)
    offer = await app.programmes.of(code) if rows else None
    for row in rows:
        if offer is not None and await app.listing.centre_of(row["_id"]) != offer.programme.centre["code"]:
            await keep_readable(app, row["_id"])
    for saved in readable("applications", APPLICATIONS.name, rows, app.applications.loaded):
        if _later(saved.state, offer, moment)[1]:
            await app.telling.tell(saved.id, command.now)
    return rows[-1]["_id"] if len(rows) == PAGE else ""


async def tell(app: App, row: Row, command: CommandContext) -> int:
    """Have an application take the later day over, which is told once however often it is tried."""
    id = str(row["_id"])
    saved = await app.applications.get(id)
    if saved is not None:
        await app.extensions.look()
        offer, moment = await app.programmes.of(saved.state.programme.code), app.moment(command)
        await app.applications.change(id, lambda state: Decision(*_later(state, offer, moment)), command)
    await app.telling.told(row)
    return 1


def _later(application: Application, offer: ProgrammeCopy | None, moment: Moment) -> Change:
    """The application with the later day; one that is past is of no use to anybody any more."""
    if not application.is_editable:
        return prolong(application, moment)
    day = effective_deadline(application, offer)
    return extended(application, day, moment) if moment.last(day) >= moment.day else (application, ())
