"""A mail as it would be, of examples or of what is known of a real file; and such a mail sent to who looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import DuplicateKey
from services.contracts.api.identity import Grant
from services.contracts.languages import Language
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.mailer import NO_ADDRESS
from services.mailer.domain.about import About, is_within
from services.mailer.domain.delivery import Delivery, Letter
from services.mailer.domain.mail_tests import KIND, MARK, MOST, WITHIN, MailTest, MailTests
from services.mailer.domain.mail_texts import MailTexts
from services.mailer.domain.priority import Priority
from services.mailer.usecases.app import App
from services.mailer.usecases.checking import examples
from services.mailer.usecases.drafting import allowed_in
from services.mailer.usecases.mail_texts import chosen
from services.mailer.usecases.variables import Facts, contact_of, known_values

log = structlog.get_logger()

MAILS: Final = 100
"""Mails to a person, the newest, that are looked through for what was told of their files."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which file: of the person with this file number that for a programme, or the one that was written about last.

    It is one that these `grants` are for.
    """

    file_number: str
    grants: Sequence[Grant]
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail that some words would make; `examples` are the variables that stand in it as an example.

    `of` is the file whose values stand in it, `others` the codes of all programmes of its person that can be chosen.
    """

    letter: Letter
    examples: Sequence[str]
    of: About | None = None
    others: Sequence[str] = ()


async def render(
    app: App,
    kind: str,
    language: Language,
    texts: MailTexts,
    wanted: Wanted | None = None,
) -> Rendered:
    """The mail that these words would make; of a file, where one is wanted.

    What was told of that file by a mail of this kind is said anew; what is not known of it stands as an example.
    Raises NOT_FOUND, INVALID_FIELDS.
    """
    template = chosen(app, kind)
    allowed = allowed_in(template)
    allowed.check(texts)
    values, reply_to = examples(app.templates, template, language), ""
    shown = {name for name, each in template.declaration.variables.items() if not each.since}
    of, others = None, list[str]()
    if wanted is not None:
        files = await _files(app, wanted)
        of = next((each for each in files if wanted.programme in (None, each.programme)), None)
        if of is None:
            field = "file_number" if not files else "programme"
            raise INVALID_FIELDS(fields=[FieldError(field, "no-such-file")])
        others = sorted({each.programme for each in files})
        facts = await _facts(app, of, next((each for each in files if _tells(each, of, kind)), None), wanted)
        for name, value in known_values(template.declaration, facts, app.templates.wordings[language]).items():
            shown.discard(name)
            values[name] = value
        values = {name: value for name, value in values.items() if value is not None}
        reply_to = contact_of(facts)
    try:
        own = allowed.filled(texts, values)
    except LookupError:  # what is always there was not told of this file, as by an earlier release
        raise INVALID_FIELDS(fields=[FieldError("file_number", "no-such-file")]) from None
    letter = app.templates.write(
        kind, language, values, app.parameters.in_force.institution, own=own, reply_to=reply_to
    )
    return Rendered(letter, sorted(shown), of, others)


async def send_test(
    app: App, kind: str, language: Language, rendered: Rendered, command: CommandContext
) -> tuple[str, int]:
    """Send it to who asks, and nobody else; answer with their address, and how many more they may send within the hour.

    Nothing of it stays once it has left, and no file knows of it. Sent again under its key, it goes out once.
    Raises NO_ADDRESS, TOO_MANY_TESTS, KEY_REUSED.
    """
    actor = command.actor
    colleague = await app.colleagues.of(actor.id)
    if colleague is None:
        raise NO_ADDRESS()
    application = "" if rendered.of is None else rendered.of.application
    test = MailTest(command.now, kind, language, application)
    id = f"test-{sha256(f'{actor.id} {command.key or (command.correlation, command.now)}'.encode()).hexdigest()[:32]}"
    done = await app.mail_tests.change_or_add(
        actor.id,
        MailTests(),
        lambda tests: Decision(tests.add(test), answer={"delivery": id}),
        replace(command, personal=False),
    )
    if await app.directory.is_erased(actor.id):  # since we looked
        await app.mail_tests.forget(actor.id)
        raise NO_ADDRESS()
    subject = f"{MARK}{rendered.letter.subject}"
    delivery = Delivery(
        account=actor.id,
        kind=KIND,
        language=language,
        address=colleague["email"],
        name=colleague["name"],
        priority=Priority.URGENT,
        letter=replace(rendered.letter, subject=subject),
        created_at=command.now,
        due_at=command.now,
        traceparent=command.traceparent or "",
        farewell=True,
    )
    with suppress(DuplicateKey):  # it was sent before
        await app.deliveries.add(id, Decision(delivery), replace(command, key=None, personal=False))
        log.info("mail.tested", delivery=id, kind=kind, language=language, by=str(actor), application=application)
    app.queued[delivery.priority].set()
    sent = [each for each in done.saved.state.sent if command.now - each.at < WITHIN]
    return colleague["email"], max(0, MOST - len(sent))


def _tells(about: About, of: About, kind: str) -> bool:
    return about.application == of.application and about.kind == kind


async def _files(app: App, wanted: Wanted) -> list[About]:
    """What mails have told of the files of a person that the grants are for, the newest first."""
    account = await app.directory.account_of(wanted.file_number.upper())
    if account is None:
        return []
    found = await app.deliveries.page_of(account, (), lambda mail: bool(mail.about), MAILS, None)
    return [about for saved in found for about in reversed(saved.state.about) if is_within(wanted.grants, about)]


async def _facts(app: App, of: About, told: About | None, wanted: Wanted) -> Facts:
    account = await app.directory.account_of(wanted.file_number.upper())
    person = None if account is None else await app.directory.get(account)
    programme = await app.programmes.get(of.programme)
    contact = app.parameters.in_force.institution.contact
    return Facts({} if told is None else told.told, person or {}, programme or {}, app.base_url, contact)
