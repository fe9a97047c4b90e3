"""Programmes and campaigns as the API shows them, in a language, on a day; as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from services.chassis.texts.catalogues import catalogues
from services.contracts.api import offers as api
from services.contracts.api import parameters as parameter_api
from services.contracts.api.campaigns import StaffCampaign
from services.contracts.api.maintenance import Maintenance
from services.contracts.instants import instant_text
from services.contracts.maintenance import coming
from services.contracts.parameter_rules import Value
from services.contracts.parameters import MaintenanceParameters, Parameters
from services.offers.domain.calendar import Availability, Calendar
from services.offers.domain.campaigns import Campaign, Campaigns
from services.offers.domain.deadlines import Deadlines, Reach
from services.offers.domain.parameters import ParameterSheet
from services.offers.domain.programmes import Form, Programme, Question, Requirement, Unit
from services.offers.domain.text import Language
from services.offers.views.index import IndexedProgramme


def item(entry: IndexedProgramme, language: Language, today: date) -> bytes:
    """JSON of a programme in a list; kept, because many searches find the same."""
    key = language, entry.programme.content.availability(today)
    if (made := entry.made.get(key)) is None:
        made = entry.made[key] = to_json(api.Programme(**_item(entry.programme, *key)))
    return made


def leaf(entry: IndexedProgramme, language: Language, today: date) -> bytes:
    """JSON of a programme in the tree."""
    return to_json(api.Leaf(**_leaf(entry.programme, language, entry.programme.content.availability(today))))


def detail(entry: IndexedProgramme, language: Language, today: date) -> bytes:
    """JSON of a programme on its page."""
    return to_json(
        api.ProgrammeDetail(**_detail(entry.programme, language, entry.programme.content.availability(today)))
    )


def institution(parameters: Parameters, language: Language) -> api.Institution:
    """Whose suite it is, and its message; the French one where there is no other."""
    said = parameters.institution
    message = said.message_en if language == "en" else said.message_fr
    return api.Institution(name=said.name, contact=said.contact, message=message or said.message_fr)


def maintenance(rules: MaintenanceParameters, zone: ZoneInfo, now: datetime, language: Language) -> Maintenance:
    """The window of maintenance that is now or near, with the institution's message."""
    window = coming(rules.windows, zone, now)
    if window is None:
        return Maintenance(now=False)
    return Maintenance(
        now=window.holds(now),
        begins_at=instant_text(window.begins),
        ends_at=instant_text(window.ends),
        message=rules.message_in(language),
    )


def campaign(shown: Campaign, language: Language) -> api.Campaign:
    """A campaign."""
    return api.Campaign(
        code=shown.code,
        label=shown.label.within(language),
        starts_on=shown.starts_on,
        ends_on=shown.ends_on,
        state=shown.state.value,
    )


def staff_campaign(shown: Campaign, language: Language) -> StaffCampaign:
    """A campaign as it is kept."""
    return StaffCampaign(
        **campaign(shown, language).model_dump(),
        label_fr=shown.label.fr,
        label_en=shown.label.en,
        closed_on=shown.closed_on,
    )


def campaigns(shown: Campaigns, language: Language) -> api.Campaigns:
    """All campaigns, the newest first."""
    return api.Campaigns(items=[campaign(each, language) for each in reversed(shown.all)])


def deadline_moves(shown: Deadlines, title: Callable[[str], str | None]) -> api.DeadlineMoves:
    """What was moved in a campaign; `title` says what a programme is called."""
    return api.DeadlineMoves(
        campaign=shown.campaign,
        version=shown.revision,
        items=[
            api.DeadlineMove(
                centre=move.scope.code if move.scope.reach is Reach.CENTRE else None,
                programme=move.scope.code if move.scope.reach is Reach.PROGRAMME else None,
                title=title(move.scope.code) if move.scope.reach is Reach.PROGRAMME else None,
                submission_deadline=move.submission_deadline,
                moved_at=instant_text(move.at),
                moved_by=move.actor,
                reason=move.reason,
            )
            for move in shown.moves
        ],
    )


def parameter_revisions(sheet: ParameterSheet) -> parameter_api.ParameterRevisions:
    """Who has set what last."""
    newest = [*reversed(sheet.history)][: parameter_api.MAX_REVISIONS_SHOWN]
    return parameter_api.ParameterRevisions(
        version=sheet.revision,
        items=[
            parameter_api.ParameterRevision(
                version=each.number,
                changed_at=instant_text(each.at),
                changed_by=each.actor,
                differences=[
                    parameter_api.ParameterDifference(key=one.key, before=_plain(one.before), after=_plain(one.after))
                    for one in each.differences
                ],
            )
            for each in newest
        ],
    )


def _plain(value: Value) -> str | int | list[str]:
    return list(value) if isinstance(value, tuple) else value


def unit(shown: Unit, language: Language) -> api.Unit:
    """A centre or a type of diploma."""
    return api.Unit(code=shown.code, label=shown.label.within(language))


def to_json(view: api.View) -> bytes:
    """A view as bytes; what has nothing to say is left out."""
    return view.model_dump_json(exclude_none=True).encode()


def _leaf(programme: Programme, language: Language, availability: Availability) -> dict[str, Any]:
    content, calendar = programme.content, programme.content.calendar
    return {
        "code": programme.code,
        "title": content.title.within(language),
        "keywords": list(content.keywords),
        "window": api.Window(opens_on=calendar.opens_on, closes_on=calendar.closes_on),
        "open": availability is Availability.OPEN,
        "reason": _reason(calendar, language, availability),
        "mode": content.mode,
    }


def _item(programme: Programme, language: Language, availability: Availability) -> dict[str, Any]:
    units = {
        "centre": unit(programme.content.centre, language),
        "diploma": unit(programme.content.diploma, language),
    }
    return _leaf(programme, language, availability) | units


def _detail(programme: Programme, language: Language, availability: Availability) -> dict[str, Any]:
    content, contact = programme.content, programme.content.contact
    return _item(programme, language, availability) | {
        "campaign": content.campaign,
        "version": programme.revision,
        "dates": api.Dates(**{name: getattr(content.calendar, name) for name in api.Dates.model_fields}),
        "capacity": content.capacity,
        "information": content.information.within(language),
        "contact": api.Contact(
            name=contact.name,
            address=list(contact.address),
            email=contact.email or None,
            phone=contact.phone or None,
            url=contact.url or None,
        ),
        "requirements": [_requirement(requirement, language) for requirement in content.requirements],
        "forms": [_form(form, language) for form in content.forms],
        "questions": [_question(question, language) for question in content.questions],
        "commission": None if content.commission is None else unit(content.commission, language),
    }


def _reason(calendar: Calendar, language: Language, availability: Availability) -> api.Reason | None:
    if availability is Availability.OPEN:
        return None
    day = {Availability.NOT_YET_OPEN: calendar.opens_on, Availability.CLOSED: calendar.closes_on}.get(availability)
    return _sentence(language, availability, day)


@lru_cache(maxsize=1024)
def _sentence(language: Language, availability: Availability, day: date | None) -> api.Reason:
    sentence = catalogues().text(f"offers.reason.{availability.value}", language, day=day)
    return api.Reason.model_validate({"slug": availability.value, "day": day, "text": sentence})


def _requirement(requirement: Requirement, language: Language) -> api.Requirement:
    return api.Requirement(
        code=requirement.code,
        label=requirement.label.within(language),
        conditional=requirement.conditional,
        common=requirement.common,
        max_bytes=requirement.max_bytes,
        media_types=list(requirement.media_types),
        model_document=requirement.model_document,
        optional=requirement.optional,
        per_application=requirement.per_application,
        registrar_code=requirement.registrar_code,
        level=requirement.level,
    )


def _form(form: Form, language: Language) -> api.Form:
    return api.Form(code=form.code, label=form.label.within(language), url=form.url, required=form.required)


def _question(question: Question, language: Language) -> api.Question:
    return api.Question(
        code=question.code, label=question.label.within(language), kind=question.kind, required=question.required
    )
