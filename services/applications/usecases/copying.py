"""What other services tell is copied: candidates' cards, published programmes."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.applications.domain.asked import Form, Question, QuestionKind
from services.applications.domain.copies import (
    HeldDocument,
    ListGroup,
    ProfileCopy,
    Programme,
    ProgrammeCopy,
    Requirement,
)
from services.applications.repository.deadlines import PROGRAMME
from services.applications.repository.places import key_of
from services.applications.usecases import places
from services.applications.usecases.app import App
from services.applications.usecases.holding import follow_card
from services.applications.usecases.listing import keep_person
from services.chassis.context import CommandContext
from services.contracts.events.accounts import AddressChanged, CardChanged, StaffChanged
from services.contracts.events.catalogue import Part
from services.contracts.events.commissions import CommissionChanged
from services.contracts.events.offers import (
    CampaignActivated,
    CampaignClosed,
    ProgrammeChanged,
    ProgrammePublished,
    ProgrammeWithdrawn,
    UnitPart,
)
from services.contracts.instants import calendar_day


async def keep_card(app: App, event: CardChanged, command: CommandContext) -> None:
    """Keep a candidate's card, unless a newer one is here."""
    given = _plain(event.steps) | (_plain(event.rows) if event.rows is not None else {})
    held = tuple(
        HeldDocument(each.code, each.label, _day(each.on), _day(each.expires_on), each.file)
        for each in event.held or ()
    )
    card = ProfileCopy(event.account, event.campaign, event.file_number, tuple(event.missing), given, held)
    await app.cards.keep(card, event.version)
    await follow_card(app, event.account, command)
    await keep_person(app, event.account)


async def keep_language(app: App, event: AddressChanged, command: CommandContext) -> None:
    """Keep where and in which language a person is written to: staff find their files by it, and reach them."""
    await app.languages.keep(event.account, event.language, event.email, command.sequence)
    await keep_person(app, event.account)


async def keep_staff(app: App, event: StaffChanged, command: CommandContext) -> None:
    """Keep how a member of staff is known and what they may do, unless it was told later."""
    await app.staff.keep(event.account, event.known_as, command.sequence, grants=event.grants)


async def keep_programme(app: App, event: ProgrammePublished | ProgrammeChanged, command: CommandContext) -> None:
    """Keep a published programme, unless a newer one is here; raises ValueError for days that are none."""
    part = event.programme
    offer = ProgrammeCopy(
        programme=Programme(
            part.code,
            _plain(part.title),
            _plain(part.centre),
            _plain(part.diploma),
            _plain(part.contact),
            None if part.answer_deadline is None else calendar_day(part.answer_deadline),
            part.answer_delay_days,
        ),
        campaign=part.campaign,
        opens_on=calendar_day(part.opens_on),
        closes_on=calendar_day(part.closes_on),
        submission_deadline=calendar_day(part.submission_deadline),
        requirements=tuple(
            Requirement(
                code=requirement.code,
                label=_plain(requirement.label),
                conditional=requirement.conditional,
                common=requirement.common,
                max_bytes=requirement.max_bytes,
                media_types=tuple(requirement.media_types),
                model_document=requirement.model_document,
                optional=bool(requirement.optional),
                per_application=bool(requirement.per_application),
                registrar_code=requirement.registrar_code,
            )
            for requirement in part.requirements
        ),
        forms=tuple(Form(form.code, _plain(form.label), form.url, form.required) for form in part.forms or ()),
        information=None if part.information is None else _plain(part.information),
        questions=tuple(
            Question(question.code, _plain(question.label), QuestionKind(question.kind), question.required)
            for question in part.questions or ()
        ),
        offered=part.offered,
        commission=part.commission.code if part.commission is not None else None,
        commission_label=None if part.commission is None else _label(part.commission),
        places=part.capacity,
        list_deadline=None if part.waitlist_answer_deadline is None else calendar_day(part.waitlist_answer_deadline),
        list_delay_days=part.waitlist_answer_delay_days,
        route=part.route,
        groups=tuple(ListGroup(group.code, _plain(group.label), group.places) for group in part.groups or ()),
        passes_on=bool(part.passes_on),
    )
    there = await app.programmes.versioned(part.code)
    if there is not None:
        await places.tell_capacity(app, there, (offer, part.version), command)
    await app.programmes.keep(offer, part.version)
    if there is not None:  # else nobody has applied
        await places.settle_soon(app, key_of(offer.campaign, part.code), command)
        await app.telling.begin(f"{PROGRAMME}{part.code}", command.now)


async def withdraw_programme(app: App, event: ProgrammeWithdrawn, command: CommandContext) -> None:
    """Let nobody apply to it any more; applications to it stay as they are."""
    await app.programmes.withdraw(event.code, event.version)


async def keep_board(app: App, event: CommissionChanged, command: CommandContext) -> None:
    """Keep which letters a board gives."""
    await app.boards.keep(event)


async def keep_campaign(app: App, event: CampaignActivated, command: CommandContext) -> None:
    """Keep a campaign: lists are those of the active one unless they are asked for others."""
    await app.campaigns.keep(event.campaign, event.label, event.starts_on, command.sequence)


async def keep_closed(app: App, event: CampaignClosed, command: CommandContext) -> None:
    """Offer nobody a place of it any more; applications of it stay as they are."""
    await app.closed.keep(event.campaign, command.now)


def _label(unit: UnitPart) -> dict[str, str]:
    return {"fr": unit.label} | ({"en": unit.label_en} if unit.label_en else {})


def _day(text: str | None) -> date | None:
    return None if text is None else calendar_day(text)


def _plain(part: Part) -> dict[str, Any]:
    """A part as JSON values, as it is kept."""
    return part.model_dump(mode="json", exclude_none=True)
