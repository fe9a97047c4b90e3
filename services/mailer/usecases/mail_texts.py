"""The words of mails: those that are shipped, and those that the institution writes in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.store.rows import UnreadableRow
from services.contracts.languages import LANGUAGES, Language
from services.contracts.refusals import NOT_FOUND, STALE_VERSION, RefusedError
from services.mailer.domain.delivery import Letter
from services.mailer.domain.mail_texts import MailSheet, MailTexts
from services.mailer.usecases.app import App
from services.mailer.usecases.checking import examples
from services.mailer.usecases.drafting import allowed_in, draft
from services.mailer.usecases.templates import Template

log = structlog.get_logger()


OwnTexts = Mapping[tuple[str, Language], MailTexts]
"""What the institution has written, by kind of mail and language."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The words of a mail as they are in force; `version` is 0, and the sheet empty, where nobody has written."""

    template: Template
    language: Language
    texts: MailTexts
    sheet: MailSheet
    version: int


def writable(app: App) -> list[Template]:
    """The mails whose words the institution may write: not those that gather others, which are made of theirs."""
    return [template for template in app.templates.kinds.values() if not template.declaration.gathers]


async def in_force(app: App, kind: str, language: Language) -> InForce:
    """The institution's words, else those that are shipped, by the variables of the mail; raises NOT_FOUND."""
    template = chosen(app, kind)
    saved = await app.mail_texts.get(_id(kind, language))
    sheet = MailSheet() if saved is None else saved.state
    texts = sheet.texts or draft(app.templates, template, language)
    return InForce(template, language, texts, sheet, 0 if saved is None else saved.version)


async def write(app: App, kind: str, language: Language, texts: MailTexts | None, command: CommandContext) -> InForce:
    """Write other words, which are tried first; None goes back to those that are shipped. Mails made before stay.

    Raises NOT_FOUND, INVALID_FIELDS, STALE_VERSION.
    """
    template = chosen(app, kind)
    if texts is not None:
        preview(app, template.kind, language, texts)
    id, command = _id(kind, language), replace(command, personal=False)
    if await app.mail_texts.get(id) is None:
        if command.expected not in (None, 0):
            raise STALE_VERSION(version=0)
        if texts is None:
            return await in_force(app, kind, language)
    by = str(command.actor)
    await app.mail_texts.change_or_add(
        id, MailSheet(), lambda sheet: Decision(sheet.write(texts, command.now, by)), command
    )
    return await in_force(app, kind, language)


def preview(app: App, kind: str, language: Language, texts: MailTexts) -> Letter:
    """The mail that these words would make, of the examples of its variables; raises NOT_FOUND, INVALID_FIELDS."""
    template = chosen(app, kind)
    allowed = allowed_in(template)
    allowed.check(texts)
    values = examples(app.templates, template, language)
    own = allowed.filled(texts, values)
    return app.templates.write(kind, language, values, app.parameters.in_force.institution, own=own)


async def own_texts(app: App, kinds: Iterable[str], languages: Iterable[Language] = LANGUAGES) -> OwnTexts:
    """What the institution has written for these kinds of mail. What cannot be read is told of, and stops no mail."""
    found = {}
    places = list(product(kinds, languages))
    rows = await app.mail_texts.documents(*(_id(*place) for place in places))
    for (kind, language), row in zip(places, rows, strict=True):
        try:
            texts = None if row is None else app.mail_texts.loaded(row).state.texts
        except UnreadableRow:
            log.exception("mail.own-words-unusable", kind=kind, language=language)
            continue
        if texts is not None:
            found[kind, language] = texts
    return found


def written(
    app: App,
    kind: str,
    language: Language,
    values: Mapping[str, Any],
    own: OwnTexts,
    *,
    reply_to: str = "",
    secret: str = "",
) -> Letter:
    """One letter in the institution's own words; in those that are shipped where there are none, or they fit no more.

    The latter alone can say what has happened since the mail was asked for. Raises jinja2.TemplateError, KeyError as
    `Templates.write` does.
    """
    institution, template, texts = (
        app.parameters.in_force.institution,
        app.templates.kinds[kind],
        own.get((kind, language)),
    )
    variables = template.declaration.variables
    if texts is not None and not any(each.since and values.get(name) for name, each in variables.items()):
        try:
            allowed = allowed_in(template)
            allowed.check(texts)
            filled = allowed.filled(texts, values)
            return app.templates.write(
                kind, language, values, institution, own=filled, reply_to=reply_to, secret=secret
            )
        except (RefusedError, LookupError, ValueError):
            log.exception("mail.own-words-unusable", kind=kind, language=language)
    return app.templates.write(kind, language, values, institution, reply_to=reply_to, secret=secret)


def chosen(app: App, kind: str) -> Template:
    """A mail whose words may be written; raises NOT_FOUND."""
    template = app.templates.kinds.get(kind)
    if template is None or template.declaration.gathers:
        raise NOT_FOUND()
    return template


def _id(kind: str, language: Language) -> str:
    return f"{kind}.{language}"
