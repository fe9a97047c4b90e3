"""Programmes as documents of the store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Final

from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates
from services.chassis.ports import MAX_FIND, Collection, Document, In
from services.chassis.store.evolution import members
from services.chassis.store.rows import every, readable
from services.contracts.events.catalogue import Event
from services.offers.domain.calendar import Calendar
from services.offers.domain.events import ProgrammeEvent
from services.offers.domain.programmes import (
    OWN_LEVEL,
    Contact,
    Content,
    Form,
    ListGroup,
    Programme,
    Question,
    Requirement,
    Unit,
)
from services.offers.domain.states import ProgrammeState
from services.offers.domain.text import Text
from services.offers.publications import programme_events
from services.offers.repository.texts import text_of, text_row

PROGRAMMES: Final = Collection("programmes", (OUTBOX_INDEX,))

_DELAYS: Final = ("answer_delay_days", "waitlist_answer_delay_days")
_DAYS: Final = tuple(day.name for day in fields(Calendar) if day.name not in _DELAYS)


class ProgrammeRepository(Aggregates[Programme]):
    """Programmes by their code."""

    service: ClassVar[str] = "offers"
    collection: ClassVar[Collection] = PROGRAMMES
    identities: ClassVar[Mapping[str, str]] = {
        "content.requirements": "code",
        "content.forms": "code",
        "content.questions": "code",
        "content.groups": "code",
    }

    def to_document(self, state: Programme) -> Document:
        """The content as it is, dates as text; `withdrawn` says the state, as 0.1.0 did."""
        withdrawn = state.state is ProgrammeState.WITHDRAWN
        return {"revision": state.revision, "withdrawn": withdrawn, "content": _content_row(state.content)}

    def from_document(self, document: Document) -> Programme:
        """The programme of the document."""
        state = ProgrammeState.WITHDRAWN if document["withdrawn"] else ProgrammeState.PUBLISHED
        return Programme(document["_id"], document["revision"], _content(document["content"]), state)

    def publish(self, id: str, state: Programme, domain_event: ProgrammeEvent) -> Sequence[Event]:
        """The events of a programme's facts."""
        return programme_events(id, state, domain_event)

    async def some(self, codes: Sequence[str]) -> list[Programme]:
        """Those of these programmes (1000 at most) that there are and can be read."""
        rows = await self._store.find(PROGRAMMES.name, {"_id": In(tuple(codes))}, limit=MAX_FIND)
        return [saved.state for saved in readable(self.service, PROGRAMMES.name, rows, self.loaded)]

    async def any_of(self, campaign: str, centre: str) -> bool:
        """Whether the centre has a programme in the campaign."""
        async for programme in self.every():
            content = programme.content
            if (content.campaign, content.centre.code) == (campaign, centre) and programme.is_published:
                return True
        return False

    async def every(self) -> AsyncGenerator[Programme, None]:
        """All programmes that can be read in the order of their codes, a page in memory at a time."""
        async for row in every(self._store, PROGRAMMES.name, {}):
            for saved in readable(self.service, PROGRAMMES.name, [row], self.loaded):
                yield saved.state


# What follows writes and reads documents field by field: `dataclasses.asdict` costs five times as much, and an import writes
# thousands of them.


def _content_row(content: Content) -> Document:
    return {
        "campaign": content.campaign,
        "title": text_row(content.title),
        "centre": unit_row(content.centre),
        "diploma": unit_row(content.diploma),
        "calendar": _calendar_row(content.calendar),
        "contact": contact_row(content.contact),
        "keywords": list(content.keywords),
        "route": content.route,
        "mode": content.mode,
        "offered": content.offered,
        "capacity": content.capacity,
        "information": text_row(content.information),
        "requirements": [requirement_row(requirement) for requirement in content.requirements],
        **_said(
            forms=[_form_row(form) for form in content.forms],
            questions=[_question_row(question) for question in content.questions],
            commission=content.commission and unit_row(content.commission),
            groups=[_group_row(group) for group in content.groups],
            passes_on=content.passes_on,
        ),
    }


def _said(**later: Any) -> Document:
    """Members that 0.1.0 did not know, as far as they say something: what it wrote is written alike."""
    return {name: value for name, value in later.items() if value}


def unit_row(unit: Unit) -> Document:
    """What has a code and a name."""
    return {"code": unit.code, "label": text_row(unit.label)}


def contact_row(contact: Contact) -> Document:
    """Whom to ask."""
    return {
        "name": contact.name,
        "address": list(contact.address),
        "email": contact.email,
        "phone": contact.phone,
        "url": contact.url,
    }


def _calendar_row(calendar: Calendar) -> Document:
    days = {name: getattr(calendar, name) for name in _DAYS}
    delays = {name: getattr(calendar, name) for name in _DELAYS}
    return {name: day.isoformat() if day else None for name, day in days.items()} | delays


def requirement_row(requirement: Requirement) -> Document:
    """A document asked for."""
    return {
        "code": requirement.code,
        "label": text_row(requirement.label),
        "conditional": requirement.conditional,
        "common": requirement.common,
        "max_bytes": requirement.max_bytes,
        "media_types": list(requirement.media_types),
        "model_document": requirement.model_document,
        **_said(
            optional=requirement.optional,
            per_application=requirement.per_application,
            registrar_code=requirement.registrar_code,
            level=requirement.level if requirement.level != OWN_LEVEL else None,
        ),
    }


def _form_row(form: Form) -> Document:
    return {"code": form.code, "label": text_row(form.label), "url": form.url, "required": form.required}


def _question_row(question: Question) -> Document:
    return {
        "code": question.code,
        "label": text_row(question.label),
        "kind": question.kind,
        "required": question.required,
    }


def _group_row(group: ListGroup) -> Document:
    row: Document = {"code": group.code, "label": text_row(group.label)}
    return row if group.places is None else row | {"places": group.places}


def _content(row: Mapping[str, Any]) -> Content:
    return Content(
        campaign=row["campaign"],
        title=text_of(row["title"]),
        centre=unit_of(row["centre"]),
        diploma=unit_of(row["diploma"]),
        calendar=_calendar(*(row["calendar"][name] for name in (*_DAYS, *_DELAYS))),
        contact=contact_of(row["contact"]),
        keywords=tuple(row["keywords"]),
        route=row["route"],
        mode=row["mode"],
        offered=row["offered"],
        capacity=row["capacity"],
        information=text_of(row["information"]),
        requirements=tuple(requirement_of(requirement) for requirement in row["requirements"]),
        forms=tuple(_form(form) for form in row.get("forms", ())),
        questions=tuple(_question(question) for question in row.get("questions", ())),
        commission=unit_of(commission) if (commission := row.get("commission")) else None,
        groups=tuple(_group(group) for group in row.get("groups", ())),
        passes_on=row.get("passes_on", False),
    )


def unit_of(row: Mapping[str, Any]) -> Unit:
    """What `unit_row` wrote."""
    return _shared_unit(row["code"], text_of(row["label"]))


def contact_of(row: Mapping[str, Any]) -> Contact:
    """What `contact_row` wrote."""
    return _contact(*({**members(Contact, row), "address": tuple(row["address"])}.items()))


def requirement_of(row: Mapping[str, Any]) -> Requirement:
    """What `requirement_row` wrote."""
    values = {**members(Requirement, row), "label": text_of(row["label"]), "media_types": tuple(row["media_types"])}
    return _shared_requirement(*values.items())


def _form(row: Mapping[str, Any]) -> Form:
    return Form(**{**members(Form, row), "label": text_of(row["label"])})


def _question(row: Mapping[str, Any]) -> Question:
    return Question(**{**members(Question, row), "label": text_of(row["label"])})


def _group(row: Mapping[str, Any]) -> ListGroup:
    return ListGroup(**{**members(ListGroup, row), "label": text_of(row["label"])})


# Thousands of programmes say the same of themselves: what is equal and never changes is one object.


@lru_cache(maxsize=1024)
def _shared_unit(code: str, label: Text) -> Unit:
    return Unit(code, label)


@lru_cache(maxsize=1024)
def _shared_requirement(*values: tuple[str, Any]) -> Requirement:
    return Requirement(**dict(values))


@lru_cache(maxsize=1024)
def _contact(*values: tuple[str, Any]) -> Contact:
    return Contact(**dict(values))


@lru_cache(maxsize=1024)
def _calendar(*values: str | int | None) -> Calendar:
    """The calendar of these days, as text, and these delays, in the order of `_DAYS` and `_DELAYS`."""
    days: dict[str, Any] = {
        name: date.fromisoformat(str(day)) if day else None for name, day in zip(_DAYS, values, strict=False)
    }
    delays: dict[str, Any] = dict(zip(_DELAYS, values[len(_DAYS) :], strict=True))
    return Calendar(**days, **delays)
