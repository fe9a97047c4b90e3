"""Alerts: a board that wants to be told of its files gets one mail for all that happened within some minutes (ADR 96)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document, DuplicateKey
from services.contracts.events.applications import ApplicationEvent
from services.contracts.events.catalogue import Event
from services.contracts.events.commissions import CommissionChanged
from services.mailer.domain.alerts import Board, Happened, counted
from services.mailer.domain.delivery import Delivery, delivery_id
from services.mailer.usecases.app import App
from services.mailer.usecases.mail_texts import own_texts, written
from services.mailer.usecases.templates import Template
from services.mailer.usecases.variables import Facts, programme_name, values_of

log = structlog.get_logger()

ACCOUNT: Final = "commission:"
"""What stands before the code of a board where a mail names whose it is."""
LEARN_SECONDS: Final = 3600.0
UNKNOWN: Final = "?"
"""What stands before the code of a programme in the place of its board, where that is not known; no code has it."""


async def keep_board(app: App, event: CommissionChanged, command: CommandContext) -> None:
    """Keep of what a board wants to be told, unless it was told later."""
    await app.boards.keep(event)


async def note(app: App, event: Event, command: CommandContext) -> None:
    """Have the board of the file be told of this event, if it wants that, or as soon as it is known whose the file is."""
    alerting = app.templates.alerting(event)
    if not alerting or not isinstance(event, ApplicationEvent):
        return
    programme = await app.programmes.get(event.programme)
    code = f"{UNKNOWN}{event.programme}"
    if programme is not None and "commission" in programme:
        board = await _board(app, programme)
        if board is None or not board.wants(alerting):
            return
        code = board.code
    due_at = command.now + timedelta(minutes=app.parameters.in_force.mailer.alert_minutes)
    await app.alerts.note(Happened(str(command.event), 1, code, alerting, event.programme), due_at)


async def learn(app: App, command: CommandContext) -> int:
    """Have programmes told again of which an earlier release has not kept whose they are; answer 0: they come later.

    What happens meanwhile is noted, and is told once it is known to whom.
    """
    missing = [code async for code in app.alerts.without_board()]
    if missing:
        log.warning("alerts.boards-unknown", programmes=len(missing))
        await app.alerts.hear_programmes_again()
    return 0


def due(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """What is to be told by now."""
    return app.alerts.due(command.now)


async def tell(app: App, row: Document, command: CommandContext) -> int:
    """Tell a board all that waits for it, as a timer's work; answers of how much.

    What a mail says is its own before the mail is written, so that two processes at once, or one that died on the way, tell
    nothing twice and leave nothing out.
    """
    waiting = await app.alerts.waiting(row["board"])
    if row["board"].startswith(UNKNOWN):
        return await _assign(app, row["programme"], waiting, command)
    if all(each.event != row["_id"] for each in waiting):
        return 0  # it was told with what was due before it
    if (template := app.templates.of_boards) is None:
        return 0
    board = await app.boards.of(row["board"])
    if given_up := [each for each in waiting if not each.delivery and (board is None or not board.wants(each.alert))]:
        await app.alerts.close(given_up, "")
        return len(given_up)
    id, own = await _claimed(app, waiting, template.kind, command)
    if board is None or not board.email:
        await app.alerts.close(own, "")
        return len(own)
    if own:
        with suppress(DuplicateKey):  # a life of this process, or another one, has written it
            await app.deliveries.add(id, Decision(await _written(app, template, board, own, command)), command)
    return await _settle(app, own, id, command)


async def _board(app: App, programme: Document) -> Board | None:
    return None if programme["commission"] is None else await app.boards.of(programme["commission"])


async def _assign(app: App, code: str, waiting: Sequence[Happened], command: CommandContext) -> int:
    """Have what waits for a board that was not known wait for that board, once it is."""
    programme = await app.programmes.get(code)
    if programme is None or "commission" not in programme:
        return 0
    board = await _board(app, programme)
    for each in waiting:
        if board is None or not board.wants(each.alert):
            await app.alerts.close([each], "")
        else:
            await app.alerts.assign(each, board.code)
    return len(waiting)


async def _claimed(
    app: App, waiting: Sequence[Happened], kind: str, command: CommandContext
) -> tuple[str, Sequence[Happened]]:
    """A mail, and what it is to say; nothing where another process is at it."""
    for first in waiting:
        if first.delivery:
            there = await app.deliveries.get(first.delivery)
            if there is None and not first.is_left_behind(command.now):
                return first.delivery, ()
            return first.delivery, [each for each in waiting if each.delivery == first.delivery]
    id, own = delivery_id(waiting[0].event, kind), []
    for each in waiting:
        if await app.alerts.claim(each, id, command.now):
            own.append(replace(each, version=each.version + 1, delivery=id))
        elif not own:
            break  # it is by the first that one sees whether another process is at it
    return id, own


async def _settle(app: App, own: Sequence[Happened], id: str, command: CommandContext) -> int:
    """Close what the mail says; what it does not say waits for the next."""
    there = await app.deliveries.get(id)
    if there is None:
        return 0
    said = set(there.state.covers)
    await app.alerts.close([each for each in own if each.event in said], id)
    for each in own:
        if each.event not in said:
            await app.alerts.claim(each, "", command.now)
    app.queued[there.state.priority].set()
    return len(own)


async def _written(
    app: App, template: Template, board: Board, happened: Sequence[Happened], command: CommandContext
) -> Delivery:
    facts: dict[str, Any] = {"board": board.label, "code": board.code}
    wording = app.templates.wordings[board.language]
    for alert, programmes in counted(happened).items():
        facts[alert] = [
            wording.words.counted.format(text=await _name(app, code, board.language), number=number)
            for code, number in programmes.items()
        ]
    contact = app.parameters.in_force.institution.contact
    values = values_of(template.declaration, Facts(facts, {}, {}, app.base_url, contact), wording)
    own = await own_texts(app, [template.kind])
    return Delivery(
        account=f"{ACCOUNT}{board.code}",
        kind=template.kind,
        language=board.language,
        address=board.email,
        name="",
        priority=template.priority,
        letter=written(app, template.kind, board.language, values, own, reply_to=contact),
        created_at=command.now,
        due_at=command.now,
        covers=tuple(each.event for each in happened),
        reply_to=contact,
        traceparent=command.traceparent or "",
    )


async def _name(app: App, code: str, language: str) -> str:
    programme = await app.programmes.get(code)
    return code if programme is None else f"{programme_name(programme, language)} ({code})"
