"""Programmes and campaigns as the API shows them, in a language, on a day; as JSON."""

from __future__ import annotations

from datetime import date
from typing import Final

from babel.dates import format_date

from services.contracts.api import offers as api
from services.offers.domain.calendar import Standing
from services.offers.domain.campaigns import Campaign
from services.offers.domain.programmes import Programme, Requirement, Unit
from services.offers.domain.text import Language
from services.offers.views.index import Entry

REASONS: Final[dict[Standing, dict[Language, str]]] = {
    Standing.NOT_YET_OPEN: {
        "fr": "Les candidatures ouvrent le {day}.",
        "en": "Applications open on {day}.",
    },
    Standing.CLOSED: {
        "fr": "Les candidatures sont closes depuis le {day} au soir.",
        "en": "Applications closed at the end of {day}.",
    },
    Standing.NOT_OFFERED: {
        "fr": "Cette formation n'est pas ouverte aux candidatures pour cette campagne.",
        "en": "This programme takes no applications in this campaign.",
    },
}


def item(entry: Entry, language: Language, today: date) -> bytes:
    """JSON of a programme in a list; kept, because many searches find the same."""
    key = language, entry.programme.content.standing(today)
    if (made := entry.made.get(key)) is None:
        made = entry.made[key] = _json(entry, api.Programme, *key)
    return made


def leaf(entry: Entry, language: Language, today: date) -> bytes:
    """JSON of a programme in the tree."""
    return _json(entry, api.Leaf, language, entry.programme.content.standing(today))


def detail(entry: Entry, language: Language, today: date) -> bytes:
    """JSON of a programme on its page."""
    return _json(entry, api.ProgrammeDetail, language, entry.programme.content.standing(today))


def campaign(shown: Campaign, language: Language) -> api.Campaign:
    """A campaign."""
    return api.Campaign(
        code=shown.code,
        label=shown.label.within(language),
        starts_on=shown.starts_on,
        ends_on=shown.ends_on,
        state=shown.state,
    )


def unit(shown: Unit, language: Language) -> api.Unit:
    """A centre or a type of diploma."""
    return api.Unit(code=shown.code, label=shown.label.within(language))


def to_json(view: api.View) -> bytes:
    """A view as bytes; what has nothing to say is left out."""
    return view.model_dump_json(exclude_none=True).encode()


def _json(entry: Entry, shape: type[api.Leaf], language: Language, standing: Standing) -> bytes:
    """One shape of a programme: the smaller ones are parts of the page's."""
    detailed = _detail(entry.programme, language, standing)
    return to_json(shape.model_construct(**{name: getattr(detailed, name) for name in shape.model_fields}))


def _detail(programme: Programme, language: Language, standing: Standing) -> api.ProgrammeDetail:
    content, calendar = programme.content, programme.content.calendar
    return api.ProgrammeDetail(
        code=programme.code,
        version=programme.revision,
        campaign=content.campaign,
        title=content.title.within(language),
        keywords=list(content.keywords),
        centre=unit(content.centre, language),
        diploma=unit(content.diploma, language),
        window=api.Window(opens_on=calendar.opens_on, closes_on=calendar.closes_on),
        open=standing is Standing.OPEN,
        reason=_reason(programme, language, standing),
        mode=content.mode,
        dates=api.Dates(**{name: getattr(calendar, name) for name in api.Dates.model_fields}),
        capacity=content.capacity,
        information=content.information.within(language),
        contact=api.Contact(
            name=content.contact.name,
            address=list(content.contact.address),
            email=content.contact.email or None,
            phone=content.contact.phone or None,
            url=content.contact.url or None,
        ),
        requirements=[_requirement(requirement, language) for requirement in content.requirements],
        forms=[],
        questions=[],
    )


def _reason(programme: Programme, language: Language, standing: Standing) -> api.Reason | None:
    if standing is Standing.OPEN:
        return None
    calendar = programme.content.calendar
    day = {Standing.NOT_YET_OPEN: calendar.opens_on, Standing.CLOSED: calendar.closes_on}.get(standing)
    written = format_date(day, "long", locale="en_GB" if language == "en" else "fr_FR") if day else ""
    return api.Reason(slug=standing.value, day=day, text=REASONS[standing][language].format(day=written))


def _requirement(requirement: Requirement, language: Language) -> api.Requirement:
    return api.Requirement(
        code=requirement.code,
        label=requirement.label.within(language),
        conditional=requirement.conditional,
        common=requirement.common,
        max_bytes=requirement.max_bytes,
        media_types=list(requirement.media_types),
        model_document=requirement.model_document,
    )
