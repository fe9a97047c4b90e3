"""Handing over who has accepted a place to the student records, which may be away: nobody waits for them (acceptance 87)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial
from itertools import chain, repeat
from typing import Any, Final

import structlog

from services.applications.domain import pre_enrolment
from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import Changed, PreEnrolment, code_of
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.usecases.app import App
from services.applications.usecases.decisions import of_staff
from services.applications.usecases.review import reached
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.parking import BATCH, Parking
from services.chassis.ports import Document as Row
from services.chassis.ports import PreEnrolmentAnswer, PreEnrolments
from services.contracts.events.applications import ApplicationAccepted, ApplicationDecided, ApplicationWithdrawn
from services.contracts.instants import instant_text
from services.contracts.pre_enrolments import PreEnrolmentEntry
from services.contracts.refusals.applications import NOTHING_REFUSED

log = structlog.get_logger(__name__)

WORK: Final = "timer-pre-enrolments"
"""The name under which those are put off with which one could not get along."""


async def follow(
    app: App, event: ApplicationAccepted | ApplicationWithdrawn | ApplicationDecided, command: CommandContext
) -> None:
    """Ask for a pre-enrolment where a place is accepted; call it off where that is given up, or decided upon anew."""
    accepted = isinstance(event, ApplicationAccepted)
    if await app.cards.is_erased(event.account):
        return
    file = await app.applications.get(event.application)
    if file is None or not (accepted or await app.pre_enrolments.get(event.application)):
        return
    code, begun = code_in_force(app, file.state), PreEnrolment(event.account, event.programme, event.campaign)

    def decide(record: PreEnrolment) -> Decision[PreEnrolment]:
        return Decision(*pre_enrolment.follow(record, code, command.now, accepted=accepted))

    await app.pre_enrolments.change_or_add(file.id, begun, decide, command)
    if await app.cards.is_erased(event.account):  # since we looked; what is kept goes with the rest
        await app.cards.erase(event.account, command.now)


async def retry(app: App, actor: Actor, id: str, command: CommandContext) -> Versioned[Application]:
    """Have what was refused asked for anew; raises NOT_FOUND, BUSY, and whatever the domain's does."""
    saved, reach = await reached(app, actor, id)
    code = code_in_force(app, saved.state)

    def decide(record: PreEnrolment) -> Decision[PreEnrolment]:
        return Decision(*pre_enrolment.retry(record, code, command.now, role=reach.role))

    if await app.pre_enrolments.change(id, decide, of_staff(command)) is None:
        raise NOTHING_REFUSED()
    return saved


def code_in_force(app: App, file: Application) -> str:
    """The code of somebody who is asked for now."""
    return code_of(app.parameters.in_force.enrolment.code_prefix, file.file_number)


async def hand_over(app: App, records: PreEnrolments, parking: Parking, command: CommandContext) -> int:
    """Hand those over who are due, and keep the answers as they come; answer how many there were.

    Raises PreEnrolmentsUnavailable.
    """
    entries = []
    for row, known in await parking.ready(WORK, app.pre_enrolments.due(command.now), BATCH):
        entry = await parking.attempt(WORK, row["_id"], partial(_entry, app, row), known)
        if entry is not None:
            entries.append(entry)
    answered = 0
    async with aclosing(records.hand_over(entries)) as answers:
        async for answer in answers:
            await _keep(app, answer, command)
            answered += answer.what != "unanswered"
    return answered


async def _keep(app: App, answer: PreEnrolmentAnswer, command: CommandContext) -> None:
    entry, now = answer.entry, command.now
    steps: Mapping[str, Callable[[PreEnrolment], Changed]] = {
        "taken": lambda record: pre_enrolment.taken(record, entry.revision, now),
        "refused": lambda record: pre_enrolment.refused(record, entry.revision, answer.reason, now),
        "unanswered": lambda record: pre_enrolment.unanswered(record, entry.revision, now),
    }
    if answer.what == "unanswered":
        log.warning("pre_enrolment.unanswered", application=entry.reference, why=answer.reason)
    await app.pre_enrolments.change(entry.reference, lambda record: Decision(*steps[answer.what](record)), command)


async def _entry(app: App, row: Row) -> PreEnrolmentEntry | None:
    """What is told of one; None of somebody who is gone."""
    record = app.pre_enrolments.loaded(row).state
    file = await app.applications.get(row["_id"])
    card = await app.cards.of(record.account)
    if file is None or card is None or record.since is None:
        return None
    programme, cancels = file.state.programme, record.state is PreEnrolmentState.CANCELLED
    return PreEnrolmentEntry(
        reference=row["_id"],
        revision=record.revision,
        action="cancel" if cancels else "request",
        code=record.code,
        file_number=file.state.file_number,
        campaign=record.campaign,
        programme=programme.code,
        programme_title=programme.title["fr"],
        centre=programme.centre["code"],
        asked_at=instant_text(record.since),
        **({} if cancels else _person(card.steps)),
    )


def _person(steps: Mapping[str, Any]) -> dict[str, Any]:
    """Who it is, as the profile says now."""
    identity, address = steps.get("identity", {}), steps.get("address", {})
    studies = steps.get("baccalaureate", {})
    told = {name: identity.get(name) for name in PreEnrolmentEntry.model_fields if name in identity}
    for number, line in zip(range(1, 4), chain(address.get("lines", ()), repeat(None)), strict=False):
        told[f"address_{number}"] = line
    told |= {name: address.get(name) for name in ("postcode", "city", "country")}
    told |= {f"baccalaureate_{name}": studies.get(name) for name in ("series", "year", "honours")}
    return told | {"baccalaureate": studies.get("kind")}
