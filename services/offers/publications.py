"""What offers tells others: its facts as events of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from services.contracts.events import commissions
from services.contracts.events import offers as published
from services.contracts.events.catalogue import Event
from services.offers.domain.campaigns import Campaigns
from services.offers.domain.deadlines import Deadlines
from services.offers.domain.events import (
    CampaignActivated,
    CampaignClosed,
    CampaignEvent,
    CommissionChanged,
    DeadlinesMoved,
    ParametersChanged,
    ProgrammeChanged,
    ProgrammeEvent,
    ProgrammePublished,
    ProgrammeWithdrawn,
)
from services.offers.domain.kept import Commission, KeptPart
from services.offers.domain.parameters import ParameterSheet
from services.offers.domain.programmes import Contact, Form, ListGroup, Programme, Question, Requirement, Unit
from services.offers.domain.text import Text


def campaign_events(id: str, campaigns: Campaigns, domain_event: CampaignEvent) -> Sequence[Event]:
    """The events that say what happened to campaigns."""
    match domain_event:
        case CampaignActivated(code) if campaign := campaigns.get(code):
            return [
                published.CampaignActivated(
                    campaign=code,
                    label=campaign.label.fr,
                    starts_on=campaign.starts_on.isoformat(),
                    ends_on=campaign.ends_on.isoformat(),
                )
            ]
        case CampaignClosed(code) if campaign := campaigns.get(code):
            return [published.CampaignClosed(campaign=code, ended_on=campaign.ended_on.isoformat())]
        case _:
            raise TypeError(f"not a fact of campaigns: {domain_event!r}")


def programme_events(id: str, programme: Programme, domain_event: ProgrammeEvent) -> Sequence[Event]:
    """The events that say what happened to a programme; they carry the whole of it, because others copy it."""
    match domain_event:
        case ProgrammePublished():
            return [published.ProgrammePublished(code=programme.code, programme=_part(programme))]
        case ProgrammeChanged():
            return [published.ProgrammeChanged(code=programme.code, programme=_part(programme))]
        case ProgrammeWithdrawn():
            return [
                published.ProgrammeWithdrawn(
                    code=programme.code, campaign=programme.content.campaign, version=programme.revision
                )
            ]
        case _:
            assert_never(domain_event)


def parameter_events(id: str, sheet: ParameterSheet, domain_event: ParametersChanged) -> Sequence[Event]:
    """The event that says what is in force, all of it, because others copy it."""
    return [published.ParametersChanged(scope=id, version=sheet.revision, parameters=sheet.parameters)]


def kept_events(id: str, kept: KeptPart, domain_event: CommissionChanged) -> Sequence[Event]:
    """The event that says what a board wants of letters and alerts, all of it, because others copy it."""
    if not isinstance(kept.said, Commission):
        raise TypeError(f"not a fact of a {kept.kind}: {domain_event!r}")
    letters, alerts = kept.said.letters, kept.said.alerts
    return [
        commissions.CommissionChanged(
            part=id,
            commission=kept.code,
            version=kept.revision,
            label=_text(kept.said.unit.label),
            letters=commissions.LettersPart(
                kinds=list(letters.kinds),
                signatory=letters.signatory or None,
                function=letters.function or None,
                signature=letters.signature or None,
            ),
            alerts=commissions.AlertsPart(on=list(alerts.on), email=alerts.email or None, language=alerts.language),
        )
    ]


def deadline_events(id: str, deadlines: Deadlines, domain_event: DeadlinesMoved) -> Sequence[Event]:
    """The event that says which moves are in force, all of them, because others copy it."""
    moves = [
        published.MovePart(
            reach=move.scope.reach.value,
            code=move.scope.code or None,
            submission_deadline=move.submission_deadline.isoformat(),
        )
        for move in deadlines.moves
    ]
    return [published.DeadlinesMoved(campaign=deadlines.campaign, version=deadlines.revision, moves=moves)]


def _part(programme: Programme) -> published.ProgrammePart:
    content, calendar = programme.content, programme.content.calendar
    return published.ProgrammePart(
        code=programme.code,
        version=programme.revision,
        campaign=content.campaign,
        title=_text(content.title),
        centre=_unit(content.centre),
        diploma=_unit(content.diploma),
        route=content.route,
        offered=content.offered,
        opens_on=calendar.opens_on.isoformat(),
        closes_on=calendar.closes_on.isoformat(),
        submission_deadline=calendar.submission_deadline.isoformat(),
        answer_deadline=_day(calendar.answer_deadline),
        answer_delay_days=calendar.answer_delay_days,
        waitlist_answer_deadline=_day(calendar.waitlist_answer_deadline),
        waitlist_answer_delay_days=calendar.waitlist_answer_delay_days,
        capacity=content.capacity,
        contact=_contact(content.contact),
        requirements=[_requirement(requirement) for requirement in content.requirements],
        forms=[_form(form) for form in content.forms] or None,
        questions=[_question(question) for question in content.questions] or None,
        information=_text(content.information) if content.information.fr else None,
        commission=None if content.commission is None else _unit(content.commission),
        groups=[_group(group) for group in content.groups] or None,
        passes_on=content.passes_on or None,
    )


def _group(group: ListGroup) -> published.GroupPart:
    return published.GroupPart(code=group.code, label=_text(group.label), places=group.places)


def _text(text: Text) -> published.TextPart:
    return published.TextPart(fr=text.fr, en=text.en or None)


def _unit(unit: Unit) -> published.UnitPart:
    return published.UnitPart(code=unit.code, label=unit.label.fr, label_en=unit.label.en or None)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _contact(contact: Contact) -> published.ContactPart:
    return published.ContactPart(
        name=contact.name or None,
        address="\n".join(contact.address) or None,
        email=contact.email or None,
        phone=contact.phone or None,
        url=contact.url or None,
    )


def _requirement(requirement: Requirement) -> published.RequirementPart:
    return published.RequirementPart(
        code=requirement.code,
        label=_text(requirement.label),
        conditional=requirement.conditional,
        common=requirement.common,
        max_bytes=requirement.max_bytes,
        media_types=list(requirement.media_types),
        model_document=requirement.model_document,
        optional=requirement.optional or None,
        per_application=requirement.per_application or None,
        registrar_code=requirement.registrar_code,
    )


def _form(form: Form) -> published.FormPart:
    return published.FormPart(code=form.code, label=_text(form.label), url=form.url, required=form.required)


def _question(question: Question) -> published.QuestionPart:
    return published.QuestionPart(
        code=question.code, label=_text(question.label), kind=question.kind, required=question.required
    )
