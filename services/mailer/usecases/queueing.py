"""Writing: one fact is one mail for ever, queued for the sender."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from babel.dates import format_date, format_datetime

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Document, DuplicateKey
from services.chassis.security.sealing import is_sealed
from services.contracts.events.accounts import LinkIssued
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationEvent,
    ApplicationOpened,
    ApplicationSubmitted,
)
from services.contracts.instants import instant
from services.mailer.domain.delivery import BLANK, Delivery, delivery_id
from services.mailer.domain.gathering import Change, What
from services.mailer.usecases.app import App
from services.mailer.usecases.copying import is_gone
from services.mailer.usecases.gathering import gather, note_submitted
from services.mailer.usecases.templates import Language, Template

_DAY: Final = {"fr": "EEEE d MMMM y", "en": "EEEE d MMMM y"}
_MOMENT: Final = {"fr": "EEEE d MMMM y 'à' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}


async def write_link(app: App, event: LinkIssued, command: CommandContext) -> None:
    """Write the mail with a one-time link; it brings its own address, so it waits for nothing.

    The secret of the link is put in when the mail is handed over, and stands in clear nowhere before and after (ADR 38).
    """
    if await is_gone(app, event.account, command):
        return
    template = app.templates.kinds[event.kind]
    variables = {
        "file_number": event.file_number,
        "link": f"{app.base_url}{event.path}?token={BLANK}",
        "expires": _moment(app, instant(event.expires_at), event.language),
    }
    sealed = event.token if is_sealed(event.token) else app.sealer.seal(event.token)
    person = event.model_dump(include={"account", "email", "given_name", "family_name", "language"})
    if template.unproved:
        person |= {"given_name": "", "family_name": ""}
    else:
        variables["given_name"] = event.given_name or event.family_name
    await _queue(app, _delivery(app, template, person, variables, command, secret=sealed), command)


async def write_opened(app: App, event: ApplicationOpened, command: CommandContext) -> None:
    """Tell that an application was opened, and until when it may be submitted."""
    if (known := await _known(app, event, command)) is None:
        return
    person, programme = known
    language: Language = person["language"]
    more = {
        "submission_deadline": _day(event.submission_deadline, language),
        "requirements": [_in(label, language) for label in programme["requirements"].values()],
        "is_submitted": False,
    }
    await _write(app, event, (person, programme), more, command)


async def write_submitted(app: App, event: ApplicationSubmitted, command: CommandContext) -> None:
    """Tell what was submitted and when."""
    if (known := await _known(app, event, command)) is None:
        return
    person, programme = known
    language: Language = person["language"]
    labels = programme["requirements"]
    pieces = [_in(labels[each.piece], language) if each.piece in labels else each.piece for each in event.pieces]
    more = {"submitted_at": _moment(app, instant(event.submitted_at), language), "pieces": pieces}
    await _write(app, event, (person, programme), more, command)
    await note_submitted(app, event.account, event.programme, command)


async def write_cancelled(app: App, event: ApplicationCancelled, command: CommandContext) -> None:
    """Tell that an application was cancelled."""
    if (known := await _known(app, event, command)) is not None:
        await _write(app, event, known, {}, command)


async def _known(app: App, event: ApplicationEvent, command: CommandContext) -> tuple[Document, Document] | None:
    """Who is written to, and about what; None if the person is gone; raises NotYet while a copy is on its way."""
    if await is_gone(app, event.account, command):
        return None
    person = await app.directory.get(event.account)
    programme = await app.programmes.get(event.programme)
    if person is None or programme is None:
        raise NotYet("directory" if person is None else "programme")
    return person | {"account": event.account}, programme


async def _write(
    app: App,
    event: ApplicationEvent,
    known: tuple[Document, Document],
    more: Mapping[str, Any],
    command: CommandContext,
) -> None:
    person, programme = known
    language: Language = person["language"]
    variables = {
        "given_name": person["given_name"] or person["family_name"],
        "programme": _in(programme["title"], language),
        "centre": programme["centre"],
        "contact": programme["contact"],
        **more,
    }
    for template in app.templates.answering(event.TYPE):
        delivery = _delivery(app, template, person, variables, command)
        if app.settings.gather_minutes and app.templates.gathering(template.kind) is not None:
            what: What = "opened" if isinstance(event, ApplicationOpened) else "cancelled"
            change = Change(str(command.event), event.programme, what, {**variables, "kind": template.kind})
            await gather(app, delivery, change, command)
        else:
            await _queue(app, delivery, command)


def _delivery(
    app: App,
    template: Template,
    person: Mapping[str, Any],
    variables: Mapping[str, Any],
    command: CommandContext,
    *,
    secret: str = "",
) -> Delivery:
    """One mail of this kind to this person, due at once."""
    language: Language = person["language"]
    return Delivery(
        account=person["account"],
        kind=template.kind,
        language=language,
        address=person["email"],
        name=f"{person['given_name']} {person['family_name']}".strip(),
        priority=template.priority,
        letter=app.templates.write(template.kind, language, variables, secret=secret),
        created_at=command.now,
        due_at=command.now,
    )


async def _queue(app: App, delivery: Delivery, command: CommandContext) -> None:
    """Queue the mail that this event asks for; a second time it is there already."""
    try:
        await app.deliveries.add(delivery_id(str(command.event), delivery.kind), Decision(delivery), command)
    except DuplicateKey:
        return  # this fact's mail was written before, by a life of this process that saw no more of it
    if await is_gone(app, delivery.account, command):  # since we looked
        return
    app.queued[delivery.priority].set()


def _in(texts: Mapping[str, str], language: Language) -> str:
    """The text in a language, or in French, in which everything is written."""
    return texts.get(language) or texts["fr"]


def _day(day: str, language: Language) -> str:
    return format_date(date.fromisoformat(day), _DAY[language], locale=language)


def _moment(app: App, moment: datetime, language: Language) -> str:
    return format_datetime(moment, _MOMENT[language], tzinfo=app.zone, locale=language)
