"""Gathering: what `mail.toml` says one mail gathers within some minutes is one mail, which says what stands (ADR 41)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from jinja2 import TemplateError

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.inbox import NotYet
from services.chassis.ports import DuplicateKey
from services.contracts.refusals import RefusedError
from services.mailer.domain.delivery import Delivery, delivery_id
from services.mailer.domain.gathering import Change, Gathered
from services.mailer.usecases.app import App
from services.mailer.usecases.copying import is_gone
from services.mailer.usecases.mail_texts import OwnTexts, own_texts, written

MAX_TRIES: Final = 20
"""Races with the sender and with what else happens to the person, before the event waits for its next try."""


class NotWritten(Exception):
    """A mail of this kind cannot be made of what is known, as after it was declared anew."""


async def gather(
    app: App, own: Delivery, kind: str, change: Change, command: CommandContext, *, texts: OwnTexts
) -> None:
    """Have the mail of this kind that gathers for the person tell of this change, or let `own` be the one from now on.

    `texts` are the institution's own of the change's kind of mail, by which one that tells of this alone is written.

    Raises NotYet if others always come first. A second time the change is told of already.
    """
    id = delivery_id(change.event, own.kind)
    until = command.now + timedelta(minutes=app.parameters.in_force.mailer.gather_minutes)
    first = replace(own, due_at=until, gathering=Gathered(kind, until, (change,)), covers=(change.event,))
    for _ in range(MAX_TRIES):
        if await app.deliveries.is_told(change.event, id):
            break
        there = await app.deliveries.gathering(own.account, kind)
        if there is None:
            with suppress(DuplicateKey):  # another change of the person's was first
                await app.deliveries.add(id, Decision(_written(app, first, texts)), command)
        elif not await _take_in(app, there.id, own, change, command, texts=texts):
            await app.deliveries.change(there.id, lambda delivery: Decision(delivery.close()), _unmarked(command))
    else:
        raise NotYet("delivery")
    await is_gone(app, own.account, command)  # since we looked


async def note(app: App, event: Mapping[str, Any], names: Mapping[str, str], command: CommandContext) -> None:
    """Let mails that wait say what has happened since; `names` is the variable of each kind of mail that says it."""
    for template in app.templates.kinds.values():
        if not names.keys() & template.declaration.gathers.keys():
            continue
        there = await app.deliveries.gathering(event["account"], template.kind)
        if there is not None:
            texts = await own_texts(app, template.declaration.gathers)
            noted = partial(_noted, app, event[template.declaration.by], names, texts)
            await app.deliveries.change(there.id, noted, _unmarked(command))


def _noted(app: App, about: str, names: Mapping[str, str], texts: OwnTexts, delivery: Delivery) -> Decision[Delivery]:
    if delivery.gathering is None:
        return Decision(delivery)
    try:
        return Decision(_written(app, replace(delivery, gathering=delivery.gathering.noted(about, names)), texts))
    except NotWritten:
        return Decision(delivery)


async def _take_in(
    app: App, id: str, own: Delivery, change: Change, command: CommandContext, *, texts: OwnTexts
) -> bool:
    """Whether the mail of this id tells of the change too.

    It does not when its time is over, when it is being sent, or when mails have been declared anew since it began.
    """

    def decide(delivery: Delivery) -> Decision[Delivery]:
        if change.event in delivery.covers:
            return Decision(delivery)
        gathered = delivery.gather(change, command.now)
        others = tuple(each for each in delivery.about if each.programme != change.about)
        told = replace(gathered, address=own.address, name=own.name, about=(*others, *own.about))
        return Decision(_written(app, told, texts))

    await app.deliveries.note(change.event, id)
    try:
        await app.deliveries.change(id, decide, _unmarked(command))
    except (RefusedError, NotWritten):
        return False
    return True


def _written(app: App, delivery: Delivery, texts: OwnTexts) -> Delivery:
    """With the letter that says what stands by now; raises NotWritten."""
    gathering = delivery.gathering
    if gathering is None:
        return delivery
    first, *others = gathering.changes
    kind, values = first.kind, dict(first.variables)
    if others:
        if gathering.kind not in app.templates.kinds:
            raise NotWritten(gathering.kind)
        kind, several = gathering.kind, app.templates.kinds[gathering.kind].declaration
        latest, pages = gathering.changes[-1].variables, several.pages
        values = {name: latest[name] for name in several.variables if name in latest and name not in pages}
        values |= {name: f"{app.base_url}{path}" for name, path in pages.items()}
        for each, group in several.gathers.items():
            values[group] = [change.variables for change in gathering.changes if change.kind == each]
    reply_to = gathering.reply_to or app.parameters.in_force.institution.contact
    try:
        letter = written(app, kind, delivery.language, values, texts, reply_to=reply_to)
    except (TemplateError, KeyError) as error:
        raise NotWritten(kind) from error
    return replace(delivery, kind=kind, letter=letter, reply_to=reply_to)


def _unmarked(command: CommandContext) -> CommandContext:
    """What a mail tells of is remembered by what it covers: it may take in events that others have overtaken."""
    return replace(command, event=None)
