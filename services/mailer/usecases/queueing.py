"""Queueing: one event is one mail of a kind for ever, as its `mail.toml` declares it, queued for the sender."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document, DuplicateKey
from services.chassis.security.sealing import is_sealed
from services.contracts.events.applications import ApplicationEvent
from services.contracts.events.catalogue import Event
from services.mailer.domain.about import About
from services.mailer.domain.delivery import Delivery, delivery_id
from services.mailer.domain.gathering import Change
from services.mailer.usecases import alerts
from services.mailer.usecases.app import App
from services.mailer.usecases.copying import is_gone
from services.mailer.usecases.gathering import gather, note
from services.mailer.usecases.mail_texts import OwnTexts, own_texts, written
from services.mailer.usecases.templates import Template
from services.mailer.usecases.variables import Facts, contact_of, values_of

log = structlog.get_logger()


async def write(app: App, event: Event, command: CommandContext) -> None:
    """Write every mail that this event asks for, and have mails that wait, and those to its board, say that it has happened.

    Of a file nothing is sent to an account that is closed: its person goes on with another one, and logs in there.
    Raises NotYet while whom it goes to, the programme that it names, or whose mail it is, is not known yet.
    """
    await alerts.note(app, event, command)
    data = event.model_dump(mode="json", exclude_none=True)
    gone = await is_gone(app, data["account"], command)
    answering = [each for each in app.templates.answering(event) if _goes(each, data, gone=gone)]
    if gone and not answering:
        return
    is_closed = isinstance(event, ApplicationEvent) and await app.closed_accounts.of(event.account) is not None
    if not app.parameters.in_force.institution.name:
        raise NotYet("parameters")
    for template in answering:
        facts = await _facts(app, template, data)
        values = values_of(template.declaration, facts, app.templates.wordings[facts.person["language"]])
        own = await own_texts(app, [template.kind])
        about = await about_of(app, template.kind, event, data, facts.programme)
        delivery = replace(_delivery(app, template, facts, values, command, own=own), about=about)
        gatherer = app.templates.gathering(template.kind)
        if is_closed:
            await _withhold(app, delivery, command)
        elif app.parameters.in_force.mailer.gather_minutes and gatherer is not None:
            about = data[gatherer.declaration.by]
            change = Change(str(command.event), about, template.kind, values, delivery.reply_to)
            await gather(app, delivery, gatherer.kind, change, command, texts=own)
        else:
            await _queue(app, delivery, command)
    if names := app.templates.waiting_for(event.TYPE):
        await note(app, data, names, command)


def _goes(template: Template, data: Mapping[str, Any], *, gone: bool) -> bool:
    """To who is gone only a farewell, and none if it was heard of so late that nobody is named any more."""
    return bool(data.get("email")) if template.declaration.farewell else not gone


async def about_of(
    app: App, kind: str, event: Event, data: Mapping[str, Any], known: Mapping[str, Any]
) -> tuple[About, ...]:
    """The file that an event is about, and whose it is now; `known` is its programme, if the mail has asked for it."""
    if not isinstance(event, ApplicationEvent):
        return ()
    programme = known or await app.programmes.get(event.programme) or {}
    centre, commission = (programme.get(name) or "" for name in ("centre_code", "commission"))
    return (About(event.application, event.programme, kind, centre, commission, data),)


async def _facts(app: App, template: Template, data: Mapping[str, Any]) -> Facts:
    declaration = template.declaration
    programme: Document | None = {}
    person: Mapping[str, Any] | None = data
    if declaration.recipient == "candidate":
        person = await app.directory.get(data["account"])
    if declaration.needs_programme:
        programme = await app.programmes.get(data["programme"])
    if person is None or programme is None:
        raise NotYet("directory" if person is None else "programme")
    return Facts(data, person, programme, app.base_url, app.parameters.in_force.institution.contact)


def _delivery(
    app: App,
    template: Template,
    facts: Facts,
    values: Mapping[str, Any],
    command: CommandContext,
    *,
    own: OwnTexts,
) -> Delivery:
    """One mail of this kind, due at once.

    The secret of a one-time link is put in when the mail is handed over, and stands in clear nowhere before and after
    (ADR 38).
    """
    person, declaration, secret = facts.person, template.declaration, ""
    if declaration.links_once:
        token = facts.event["token"]
        secret = token if is_sealed(token) else app.sealer.seal(token)
    reply_to = contact_of(facts)
    return Delivery(
        account=facts.event["account"],
        kind=template.kind,
        language=person["language"],
        address=person["email"],
        name=f"{person['given_name']} {person['family_name']}".strip() if declaration.proved else "",
        priority=template.priority,
        letter=written(app, template.kind, person["language"], values, own, reply_to=reply_to, secret=secret),
        created_at=command.now,
        due_at=command.now,
        reply_to=reply_to,
        traceparent=command.traceparent or "",
        farewell=declaration.farewell,
    )


async def _withhold(app: App, delivery: Delivery, command: CommandContext) -> None:
    """Keep the mail that this event asks for, which is not sent; a second time it is there already."""
    kept, told = delivery.withhold(command.now)
    with suppress(DuplicateKey):
        await app.deliveries.add(delivery_id(str(command.event), delivery.kind), Decision(kept, told), command)
        log.info("mail.account-closed", account=delivery.account, kind=delivery.kind)
    await is_gone(app, delivery.account, command)  # since we looked


async def _queue(app: App, delivery: Delivery, command: CommandContext) -> None:
    """Queue the mail that this event asks for; a second time it is there already."""
    try:
        await app.deliveries.add(delivery_id(str(command.event), delivery.kind), Decision(delivery), command)
    except DuplicateKey:
        return  # this event's mail was written before, by a life of this process that saw no more of it
    if not delivery.farewell and await is_gone(app, delivery.account, command):  # since we looked
        return
    app.queued[delivery.priority].set()
