"""What programmes name: centres, types of diploma, boards and what is asked for, each by its code; and what names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.offers.domain.calendar import Calendar, in_dates
from services.offers.domain.programmes import (
    Contact,
    Content,
    Form,
    ListGroup,
    Question,
    Requirement,
    Route,
    Unit,
    check,
)
from services.offers.domain.text import Text

_NOTHING: Final = Unit("x", Text("x"))
"""In the place of what is not known, so that all the rest can be checked."""

T = TypeVar("T")
P = TypeVar("P", Unit, Requirement, Form, Question)


@dataclass(frozen=True, slots=True)
class Parts:
    """What can be named, by kind and code; `contacts` are those of centres and boards, where they have some."""

    centres: Mapping[str, Unit] = field(default_factory=dict)
    diplomas: Mapping[str, Unit] = field(default_factory=dict)
    commissions: Mapping[str, Unit] = field(default_factory=dict)
    requirements: Mapping[str, Requirement] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    contacts: Mapping[tuple[str, str], Contact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What staff write of a programme: as its content, with codes for all that it names."""

    title: Text
    centre: str
    diploma: str
    commission: str | None
    calendar: Calendar
    contact: Contact
    keywords: tuple[str, ...] = ()
    route: Route = "controlled"
    offered: bool = True
    capacity: int | None = None
    information: Text = field(default_factory=lambda: Text(""))
    requirements: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    groups: tuple[ListGroup, ...] | None = None
    """None: those that there are."""

    passes_on: bool | None = None


def parts_of(contents: Iterable[Content]) -> Parts:
    """All that these name; where two say something else of one code, the first is believed."""
    every = [*contents]
    return Parts(
        centres=_by_code(content.centre for content in every),
        diplomas=_by_code(content.diploma for content in every),
        commissions=_by_code(content.commission for content in every if content.commission is not None),
        requirements=_by_code(each for content in every for each in content.requirements),
        forms=_by_code(each for content in every for each in content.forms),
        questions=_by_code(each for content in every for each in content.questions),
    )


def content_of(
    code: str, written: Written, campaign: str, parts: Parts, there: Content | None, *, kept: Parts
) -> Content:
    """The content that is meant: of what it names counts what staff keep, then what the programme says itself already.

    Raises INVALID_FIELDS with all that is wrong.
    """
    content, faults = meant(code, written, campaign, parts, there, kept=kept)
    if faults:
        raise INVALID_FIELDS(fields=faults)
    return content


def meant(
    code: str, written: Written, campaign: str, parts: Parts, there: Content | None, *, kept: Parts
) -> tuple[Content, list[FieldError]]:
    """The same, beside all that is wrong with it: the codes that nothing has, and what `check` finds."""
    own = parts_of(() if there is None else (there,))
    faults: list[FieldError] = []
    centre = _one("centre", written.centre, (kept.centres, own.centres, parts.centres), faults)
    content = Content(
        campaign=campaign,
        title=written.title,
        centre=centre,
        diploma=_one("diploma", written.diploma, (own.diplomas, parts.diplomas), faults),
        commission=_one(
            "commission", written.commission, (kept.commissions, own.commissions, parts.commissions), faults
        )
        if written.commission is not None
        else None,
        calendar=written.calendar,
        contact=_contact(written, centre, kept),
        keywords=written.keywords,
        route=written.route,
        offered=written.offered,
        capacity=written.capacity,
        information=written.information,
        requirements=_some(
            "requirements", written.requirements, (kept.requirements, own.requirements, parts.requirements), faults
        ),
        forms=_some("forms", written.forms, (kept.forms, own.forms, parts.forms), faults),
        questions=_some("questions", written.questions, (kept.questions, own.questions, parts.questions), faults),
        groups=_or_there(written.groups, () if there is None else there.groups),
        passes_on=_or_there(written.passes_on, there is not None and there.passes_on),
    )
    return content, [*faults, *map(in_dates, check(code, content))]


def _or_there(said: T | None, there: T) -> T:
    return there if said is None else said


def _by_code(found: Iterable[P]) -> dict[str, P]:
    by_code: dict[str, P] = {}
    for each in found:
        by_code.setdefault(each.code, each)
    return by_code


def _contact(written: Written, centre: Unit, kept: Parts) -> Contact:
    """Whom to ask: of whom nothing is written, the board's or the centre's contact."""
    contact = written.contact
    if contact == Contact(""):
        codes = (("commission", written.commission or ""), ("centre", written.centre))
        contact = next((kept.contacts[each] for each in codes if each in kept.contacts), contact)
    return contact if contact.name else replace(contact, name=centre.label.fr)


def _one(name: str, code: str, known: Sequence[Mapping[str, Unit]], faults: list[FieldError]) -> Unit:
    found = next((units[code] for units in known if code in units), None)
    if found is None:
        faults.append(FieldError(name, "unknown-code"))
    return found or _NOTHING


def _some(name: str, codes: Sequence[str], known: Sequence[Mapping[str, P]], faults: list[FieldError]) -> tuple[P, ...]:
    found = [next((parts[code] for parts in known if code in parts), None) for code in codes]
    if None in found:
        faults.append(FieldError(name, "unknown-code"))
    return tuple(each for each in found if each is not None)
