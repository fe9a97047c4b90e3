"""Gathering: what one person opens and cancels within some minutes is one mail, which says what stands (ADR 41)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.inbox import NotYet
from services.chassis.ports import DuplicateKey
from services.contracts.refusals import RefusedError
from services.mailer.domain.delivery import Delivery, delivery_id
from services.mailer.domain.gathering import Change, Gathered
from services.mailer.usecases.app import App
from services.mailer.usecases.copying import is_gone

MAX_TRIES: Final = 20
"""Races with the sender and with what else happens to the person, before the event waits for its next try."""


async def gather(app: App, own: Delivery, change: Change, command: CommandContext) -> None:
    """Have the mail that gathers for the person tell of this change, or let `own` be the one that does from now on.

    Raises NotYet if others always come first. A second time the change is told of already.
    """
    id = delivery_id(change.event, own.kind)
    for _ in range(MAX_TRIES):
        if await app.deliveries.is_told(change.event, id):
            break
        there = await app.deliveries.gathering(own.account)
        if there is None:
            await _begin(app, id, own, change, command)
        elif not await _take_in(app, there.id, own, change, command):
            await app.deliveries.change(there.id, lambda delivery: Decision(delivery.close()), _unmarked(command))
    else:
        raise NotYet("delivery")
    await is_gone(app, own.account, command)  # since we looked


async def note_submitted(app: App, account: str, programme: str, command: CommandContext) -> None:
    """Let the mail that waits say that the application was submitted since; its receipt goes out at once all the same."""
    there = await app.deliveries.gathering(account)
    if there is None:
        return

    def decide(delivery: Delivery) -> Decision[Delivery]:
        if delivery.gathering is None:
            return Decision(delivery)
        return Decision(_written(app, replace(delivery, gathering=delivery.gathering.submitted(programme))))

    await app.deliveries.change(there.id, decide, _unmarked(command))


async def _begin(app: App, id: str, own: Delivery, change: Change, command: CommandContext) -> None:
    until = command.now + timedelta(minutes=app.settings.gather_minutes)
    gathering = replace(own, due_at=until, gathering=Gathered(until, (change,)), covers=(change.event,))
    try:
        await app.deliveries.add(id, Decision(_written(app, gathering)), command)
    except DuplicateKey:
        return  # another change of the person's was first


async def _take_in(app: App, id: str, own: Delivery, change: Change, command: CommandContext) -> bool:
    """Whether the mail of this id tells of the change too; it does not when its time is over or it is being sent."""

    def decide(delivery: Delivery) -> Decision[Delivery]:
        if change.event in delivery.covers:
            return Decision(delivery)
        gathered = delivery.gather(change, command.now)
        return Decision(_written(app, replace(gathered, address=own.address, name=own.name)))

    await app.deliveries.note(change.event, id)
    try:
        await app.deliveries.change(id, decide, _unmarked(command))
    except RefusedError:
        return False
    return True


def _written(app: App, delivery: Delivery) -> Delivery:
    """With the letter that says what stands by now."""
    gathering = delivery.gathering
    if gathering is None:
        return delivery
    first, *others = gathering.changes
    told = [{**each.variables, "is_submitted": each.what == "submitted"} for each in gathering.changes]
    kind, variables = str(first.variables["kind"]), told[0]
    if others and (several := app.templates.gathering(kind)) is not None:
        kind = several.kind
        variables = {
            "given_name": told[-1]["given_name"],
            "opened": [
                each for each, change in zip(told, gathering.changes, strict=True) if change.what != "cancelled"
            ],
            "cancelled": [
                each for each, change in zip(told, gathering.changes, strict=True) if change.what == "cancelled"
            ],
        }
    return replace(delivery, kind=kind, letter=app.templates.write(kind, delivery.language, variables))


def _unmarked(command: CommandContext) -> CommandContext:
    """What a mail tells of is remembered by what it covers: it may take in events that others have overtaken."""
    return replace(command, event=None)
