"""What other services tell is copied: candidates' cards, published programmes."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.applications.domain.model import ProfileCopy, Programme, ProgrammeCopy, Requirement
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.contracts.events.accounts import CardChanged
from services.contracts.events.catalogue import Part
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished, ProgrammeWithdrawn


async def keep_card(app: App, event: CardChanged, command: CommandContext) -> None:
    """Keep a candidate's card, unless a newer one is here."""
    card = ProfileCopy(event.account, event.campaign, event.file_number, tuple(event.missing), _plain(event.steps))
    await app.cards.keep(card, event.version)


async def keep_programme(app: App, event: ProgrammePublished | ProgrammeChanged, command: CommandContext) -> None:
    """Keep a published programme, unless a newer one is here; raises ValueError for days that are none."""
    part = event.programme
    for day in (part.opens_on, part.closes_on, part.submission_deadline, part.answer_deadline):
        if day is not None and date.fromisoformat(day).isoformat() != day:
            raise ValueError(f"{part.code}: not a calendar day")
    offer = ProgrammeCopy(
        programme=Programme(
            part.code,
            _plain(part.title),
            _plain(part.centre),
            _plain(part.diploma),
            _plain(part.contact),
            part.answer_deadline,
            part.answer_delay_days,
        ),
        campaign=part.campaign,
        opens_on=part.opens_on,
        closes_on=part.closes_on,
        submission_deadline=part.submission_deadline,
        requirements=tuple(
            Requirement(
                code=requirement.code,
                label=_plain(requirement.label),
                conditional=requirement.conditional,
                common=requirement.common,
                max_bytes=requirement.max_bytes,
                media_types=tuple(requirement.media_types),
                model_document=requirement.model_document,
            )
            for requirement in part.requirements
        ),
        offered=part.offered,
    )
    await app.programmes.keep(offer, part.version)


async def withdraw_programme(app: App, event: ProgrammeWithdrawn, command: CommandContext) -> None:
    """Let nobody apply to it any more; applications to it stay as they are."""
    await app.programmes.withdraw(event.code, event.version)


def _plain(part: Part) -> dict[str, Any]:
    """A part as JSON values, as it is kept."""
    return part.model_dump(mode="json", exclude_none=True)
