"""The catalogue as staff see it who keep it: within their reach, withdrawn programmes too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from services.contracts.api import catalogue as api
from services.contracts.api.identity import Grant
from services.contracts.api.offers import Unit as UnitView
from services.contracts.api.offers import Window
from services.contracts.text_folding import fold
from services.offers.domain.calendar import Availability
from services.offers.domain.parts import Parts, parts_of
from services.offers.domain.programmes import Content, Form, Programme, Question, Requirement, Unit
from services.offers.domain.reach import reaches
from services.offers.domain.text import Language, Text
from services.offers.views import serializers
from services.offers.views.catalogue import Catalogue
from services.offers.views.index import IndexedProgramme

_STATES: Final[dict[Availability, api.StateName]] = {
    Availability.OPEN: "open",
    Availability.NOT_YET_OPEN: "upcoming",
    Availability.CLOSED: "closed",
    Availability.NOT_OFFERED: "not-offered",
}


def rows(
    catalogue: Catalogue, query: api.CataloguePage, grants: Sequence[Grant], language: Language, today: date
) -> api.StaffProgrammes:
    """A page of the programmes within reach that are asked for."""
    words = sorted(set(fold(query.q).split()))
    found = [entry.programme for entry in _reached(catalogue, grants) if _is_asked_for(entry, words, query, today)]
    shown = [programme for programme in found if query.after is None or programme.code > query.after]
    page = shown[: query.limit]
    following = page[-1].code if len(shown) > len(page) else None
    return api.StaffProgrammes(items=[_row(each, language, today) for each in page], next=following, total=len(found))


def choices(catalogue: Catalogue, kept: Parts, grants: Sequence[Grant], language: Language) -> api.Choices:
    """What programmes within reach name, and what is kept within reach."""
    parts = parts_of(entry.programme.content for entry in _reached(catalogue, grants))
    return api.Choices(
        centres=_named({**parts.centres, **kept.centres}.values(), language),
        diplomas=_named(parts.diplomas.values(), language),
        commissions=_named({**parts.commissions, **kept.commissions}.values(), language),
        requirements=_named({**parts.requirements, **kept.requirements}.values(), language),
        forms=_named(parts.forms.values(), language),
        questions=_named(parts.questions.values(), language),
    )


def kept(programme: Programme, in_force: date) -> api.StaffProgramme:
    """A programme as it is kept."""
    return api.StaffProgramme(
        code=programme.code,
        version=programme.revision,
        campaign=programme.content.campaign,
        deadline_in_force=in_force,
        programme=_written(programme.content, published=programme.is_published),
    )


def _reached(catalogue: Catalogue, grants: Sequence[Grant]) -> list[IndexedProgramme]:
    return [entry for entry in catalogue.kept() if any(reaches(grant, entry.programme.content) for grant in grants)]


def _is_asked_for(entry: IndexedProgramme, words: Sequence[str], query: api.CataloguePage, today: date) -> bool:
    content = entry.programme.content
    return (
        query.centre in (None, content.centre.code)
        and query.diploma in (None, content.diploma.code)
        and query.state in (None, _state(entry.programme, today))
        and all(any(word in there for there in entry.any_words) for word in words)
    )


def _state(programme: Programme, today: date) -> api.StateName:
    return _STATES[programme.content.availability(today)] if programme.is_published else "withdrawn"


def _row(programme: Programme, language: Language, today: date) -> api.StaffProgrammeRow:
    content = programme.content
    return api.StaffProgrammeRow(
        code=programme.code,
        title=content.title.within(language),
        centre=serializers.unit(content.centre, language),
        diploma=serializers.unit(content.diploma, language),
        state=_state(programme, today),
        window=Window(opens_on=content.calendar.opens_on, closes_on=content.calendar.closes_on),
        submission_deadline=content.calendar.submission_deadline,
        version=programme.revision,
    )


def _named(parts: Iterable[Unit | Requirement | Form | Question], language: Language) -> list[UnitView]:
    named = [UnitView(code=each.code, label=each.label.within(language)) for each in parts]
    return sorted(named, key=lambda each: (fold(each.label), each.code))[: api.MAX_CHOICES]


def _written(content: Content, *, published: bool) -> api.WrittenProgramme:
    contact = content.contact
    return api.WrittenProgramme(
        published=published,
        title=_line(content.title),
        centre=content.centre.code,
        diploma=content.diploma.code,
        commission=None if content.commission is None else content.commission.code,
        keywords=list(content.keywords),
        route=content.route,
        offered=content.offered,
        capacity=content.capacity,
        dates=api.WrittenDates(**{name: getattr(content.calendar, name) for name in api.WrittenDates.model_fields}),
        contact=api.WrittenContact(
            name=contact.name, address=list(contact.address), email=contact.email, phone=contact.phone, url=contact.url
        ),
        information=api.WrittenText(fr=content.information.fr, en=content.information.en),
        requirements=[each.code for each in content.requirements],
        forms=[each.code for each in content.forms],
        questions=[each.code for each in content.questions],
        groups=[
            api.WrittenGroup(code=each.code, label=_line(each.label), places=each.places) for each in content.groups
        ],
        passes_on=content.passes_on,
    )


def _line(text: Text) -> api.WrittenLine:
    return api.WrittenLine(fr=text.fr, en=text.en)
