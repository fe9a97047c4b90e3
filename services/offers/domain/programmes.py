"""Programmes: what one applies to, when, and with which documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Final, Literal

from services.contracts.limits import CODE_LENGTH
from services.contracts.list_groups import LONGEST_GROUP, MOST_GROUPS, PARTED_BY
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.text import is_printable
from services.contracts.text_folding import fold
from services.offers.domain.calendar import Availability, Calendar, check_calendar
from services.offers.domain.events import ProgrammeChanged, ProgrammeEvent, ProgrammePublished, ProgrammeWithdrawn
from services.offers.domain.rules import Checks
from services.offers.domain.states import PROGRAMME_TABLE, ProgrammeAction, ProgrammeState
from services.offers.domain.text import Text

MEGABYTE: Final = 1024 * 1024

TITLE_LENGTH: Final = 255
LABEL_LENGTH: Final = 255
ASKED_LENGTH: Final = 500
"""Characters in the label of what is asked for: a requirement, a form, a question (acceptance 121)."""
LINE_LENGTH: Final = 255
URL_LENGTH: Final = 500
INFORMATION_LENGTH: Final = 4000
KEYWORD_LENGTH: Final = 200
MAX_KEYWORDS: Final = 20
MAX_ADDRESS_LINES: Final = 6
MAX_REQUIREMENTS: Final = 40
MAX_FORMS: Final = 20
MAX_QUESTIONS: Final = 40
MAX_CAPACITY: Final = 100_000
GROUP_CODE_LENGTH: Final = 20
MAX_PIECE_BYTES: Final = 20 * MEGABYTE

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
MEDIA_TYPES: Final = frozenset({PDF, JPEG, PNG})
REGISTRAR_CODE: Final = re.compile(r"[0-9A-Za-z._-]{1,20}")
"""What student records call a kind of document."""

Route = Literal["controlled", "direct"]
Mode = Literal["online"]
"""How one applies: entirely online, in Parvis."""
Level = Literal["university", "centre", "own"]
"""Who asks for a document: the university of everybody, a centre for all its programmes, or the programme."""
OWN_LEVEL: Final = "own"
AnswerKind = Literal["text", "yes-no"]


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that has a code and a name: a centre, a diploma type."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask; every part may be empty but the name."""

    name: str
    address: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One document asked for.

    A conditional one may be declared not applicable; an optional one never blocks a submission (acceptance 125). A common
    one that is asked for by several programmes can be given once, unless it is wanted anew for each application.
    `max_bytes` is inclusive; `model_document` is the address of a file to fill in. What the student records hold under
    `registrar_code` counts for it.
    """

    code: str
    label: Text
    conditional: bool = False
    common: bool = False
    max_bytes: int = 2 * MEGABYTE
    media_types: tuple[str, ...] = (PDF, JPEG)
    model_document: str | None = None
    optional: bool = False
    per_application: bool = False
    registrar_code: str | None = None
    level: Level = OWN_LEVEL


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire elsewhere; in its `url`, `{application}` and `{file_number}` stand for those of who fills it in."""

    code: str
    label: Text
    url: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is answered in the application, by some lines or by yes or no."""

    code: str
    label: Text
    kind: AnswerKind = "text"
    required: bool = True


@dataclass(frozen=True, slots=True)
class ListGroup:
    """A group of the waiting list, with so many `places` of its own, or as many as the programme has (ADR 114)."""

    code: str
    label: Text
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """All that the institution says of a programme; `offered` is false when it takes nobody this year.

    A place of one of its `groups` in which nobody waits `passes_on` to the others, in their order.
    """

    campaign: str
    title: Text
    centre: Unit
    diploma: Unit
    calendar: Calendar
    contact: Contact
    keywords: tuple[str, ...] = ()
    route: Route = "controlled"
    mode: Mode = "online"
    offered: bool = True
    capacity: int | None = None
    information: Text = field(default_factory=lambda: Text(""))
    requirements: tuple[Requirement, ...] = ()
    forms: tuple[Form, ...] = ()
    questions: tuple[Question, ...] = ()
    commission: Unit | None = None
    groups: tuple[ListGroup, ...] = ()
    passes_on: bool = False

    def availability(self, today: date) -> Availability:
        """Whether one can apply on that day, and if not, why."""
        return self.calendar.availability(today) if self.offered else Availability.NOT_OFFERED


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme by its code; `revision` grows by one with every change, a withdrawal too."""

    code: str
    revision: int
    content: Content
    state: ProgrammeState = ProgrammeState.PUBLISHED

    @property
    def is_published(self) -> bool:
        """Whether it is in the catalogue."""
        return self.state is ProgrammeState.PUBLISHED


def publish(
    there: Programme | None, code: str, content: Content, *, revive: bool = True
) -> tuple[Programme, tuple[ProgrammeEvent, ...]]:
    """Put a programme into the catalogue or bring it up to date; no fact if nothing is different.

    One that was withdrawn comes back, but not without `revive`: what staff took out is not put back by a file. Raises
    INVALID_FIELDS with all that is wrong.
    """
    if faults := check(code, content):
        raise INVALID_FIELDS(fields=faults)
    if there is None:
        return Programme(code, 1, content), (ProgrammePublished(),)
    after = PROGRAMME_TABLE[there.state, ProgrammeAction.PUBLISH if revive else ProgrammeAction.LOAD]
    if after is ProgrammeState.WITHDRAWN or (after is there.state and there.content == content):
        return there, ()
    fact = ProgrammeChanged() if after is there.state else ProgrammePublished()
    return Programme(code, there.revision + 1, content, after), (fact,)


def withdraw(there: Programme) -> tuple[Programme, tuple[ProgrammeEvent, ...]]:
    """Take a programme out of the catalogue; no fact if it is out already."""
    after = PROGRAMME_TABLE[there.state, ProgrammeAction.WITHDRAW]
    if after is there.state:
        return there, ()
    return replace(there, revision=there.revision + 1, state=after), (ProgrammeWithdrawn(),)


def write(
    there: Programme | None, code: str, content: Content, *, published: bool
) -> tuple[Programme, tuple[ProgrammeEvent, ...]]:
    """Say all of a programme, and whether it is in the catalogue; no fact if nothing is different.

    Of one that stays out of it is told again that it is withdrawn, with its next revision. `content` was checked.
    """
    action = ProgrammeAction.PUBLISH if published else ProgrammeAction.WITHDRAW
    after = PROGRAMME_TABLE[ProgrammeState.WITHDRAWN if there is None else there.state, action]
    if there is not None and (after, content) == (there.state, there.content):
        return there, ()
    fact: ProgrammeEvent = ProgrammePublished() if published else ProgrammeWithdrawn()
    if published and there is not None and there.is_published:
        fact = ProgrammeChanged()
    return Programme(code, 1 if there is None else there.revision + 1, content, after), (fact,)


def differences(before: Content, after: Content) -> tuple[str, ...]:
    """The names of the parts in which two contents differ; of the calendar, the names of its days."""
    parts = [(part.name, getattr(before, part.name), getattr(after, part.name)) for part in fields(Content)]
    names = [name for name, old, new in parts if old != new and name != "calendar"]
    days = [day.name for day in fields(Calendar)]
    return (*names, *(day for day in days if getattr(before.calendar, day) != getattr(after.calendar, day)))


def check(code: str, content: Content) -> list[FieldError]:
    """All that is wrong with a programme, field by field."""
    checks = Checks()
    checks.code("code", code, CODE_LENGTH)
    checks.text("title", content.title, TITLE_LENGTH)
    for name, unit in (("centre", content.centre), ("diploma", content.diploma), ("commission", content.commission)):
        if unit is not None:
            check_unit(checks, name, unit)
    checks.at_most("keywords", len(content.keywords), MAX_KEYWORDS)
    for number, keyword in enumerate(content.keywords):
        checks.line(f"keywords.{number}", keyword, KEYWORD_LENGTH)
    checks.between("capacity", content.capacity, 0, MAX_CAPACITY)
    _check_information(checks, content.information)
    check_calendar(checks, content.calendar)
    check_contact(checks, content.contact)
    checks.at_most("requirements", len(content.requirements), MAX_REQUIREMENTS)
    checks.once("requirements", [requirement.code for requirement in content.requirements])
    for requirement in content.requirements:
        check_requirement(checks, f"requirements.{requirement.code}", requirement)
    checks.at_most("forms", len(content.forms), MAX_FORMS)
    checks.once("forms", [form.code for form in content.forms])
    for form in content.forms:
        check_form(checks, f"forms.{form.code}", form)
    checks.at_most("questions", len(content.questions), MAX_QUESTIONS)
    checks.once("questions", [question.code for question in content.questions])
    for question in content.questions:
        check_asked(checks, f"questions.{question.code}", question)
    _check_groups(checks, content)
    return checks.faults


def check_unit(checks: Checks, name: str, unit: Unit) -> None:
    """Check a centre, a type of diploma or a board."""
    checks.code(f"{name}.code", unit.code, CODE_LENGTH)
    checks.text(f"{name}.label", unit.label, LABEL_LENGTH)


def _check_groups(checks: Checks, content: Content) -> None:
    checks.at_most("groups", len(content.groups), MOST_GROUPS)
    checks.once("groups", [group.code for group in content.groups])
    for language in ("fr", "en"):
        checks.once(
            "groups", [fold(text) or text for group in content.groups for text in [group.label.within(language)]]
        )
    for group in content.groups:
        checks.code(f"groups.{group.code}.code", group.code, GROUP_CODE_LENGTH)
        checks.text(f"groups.{group.code}.label", group.label, LONGEST_GROUP)
        if any(PARTED_BY in text for text in group.label.by_language().values()):
            checks.fault(f"groups.{group.code}.label", "not-a-group")
        checks.between(f"groups.{group.code}.places", group.places, 0, MAX_CAPACITY)
    if content.passes_on and not content.groups:
        checks.fault("passes_on", "without-groups")


def _check_information(checks: Checks, information: Text) -> None:
    for language, text in information.by_language().items():
        if len(text) > INFORMATION_LENGTH:
            checks.fault(f"information.{language}", "too-long", max=INFORMATION_LENGTH)
        elif not is_printable(text.replace("\n", "")):
            checks.fault(f"information.{language}", "control-characters")


def check_contact(checks: Checks, contact: Contact, *, named: bool = True) -> None:
    """Check whom to ask; the name may be empty unless `named`."""
    checks.line("contact.name", contact.name, LINE_LENGTH, required=named)
    checks.at_most("contact.address", len(contact.address), MAX_ADDRESS_LINES)
    for number, line in enumerate(contact.address):
        checks.line(f"contact.address.{number}", line, LINE_LENGTH)
    checks.email("contact.email", contact.email, LINE_LENGTH)
    checks.line("contact.phone", contact.phone, LINE_LENGTH, required=False)
    checks.url("contact.url", contact.url, URL_LENGTH)


def check_requirement(checks: Checks, name: str, requirement: Requirement) -> None:
    """Check a document asked for."""
    check_asked(checks, name, requirement)
    if requirement.conditional and requirement.optional:
        checks.fault(f"{name}.optional", "conditional-or-optional")
    checks.between(f"{name}.max_bytes", requirement.max_bytes, 1, MAX_PIECE_BYTES)
    checks.one_of(f"{name}.media_types", requirement.media_types, MEDIA_TYPES)
    checks.once(f"{name}.media_types", requirement.media_types)
    checks.model(f"{name}.model_document", requirement.model_document or "", LINE_LENGTH)
    if requirement.registrar_code is not None:
        checks.like(f"{name}.registrar_code", requirement.registrar_code, REGISTRAR_CODE)


def check_form(checks: Checks, name: str, form: Form) -> None:
    """Check a questionnaire elsewhere."""
    check_asked(checks, name, form)
    checks.secret_url(f"{name}.url", form.url, URL_LENGTH)
    without = form.url.replace("{application}", "").replace("{file_number}", "")
    if "{" in without or "}" in without:
        checks.fault(f"{name}.url", "unknown-placeholder")


def check_asked(checks: Checks, name: str, asked: Requirement | Form | Question) -> None:
    """Check what all that is asked for has: a code and a label."""
    checks.code(f"{name}.code", asked.code, CODE_LENGTH)
    checks.text(f"{name}.label", asked.label, ASKED_LENGTH)
