"""Handing over who has accepted a place to the student records, which may be away: nobody waits for them (acceptance 87)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from itertools import chain, repeat
from typing import Any, Final

import structlog

from services.applications.domain import pre_enrolment
from services.applications.domain.conditions import is_final
from services.applications.domain.enrolment import enrols, is_handed_over, may_enrol
from services.applications.domain.fees import NOTHING
from services.applications.domain.model import Application
from services.applications.domain.pre_enrolment import Changed, Named, PreEnrolment, code_of
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.decisions import of_staff
from services.applications.usecases.offers_joined import join_beside
from services.applications.usecases.reconciling import is_lost
from services.applications.usecases.review import reached
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.parking import BATCH, Parking
from services.chassis.ports import Document as Row
from services.chassis.ports import DuplicateKey, PreEnrolmentAnswer, PreEnrolments
from services.contracts.events.applications import ApplicationAccepted, ApplicationDecided, ApplicationWithdrawn
from services.contracts.events.catalogue import Event
from services.contracts.events.conditions import ConditionMarked
from services.contracts.fee_lists import amount_of
from services.contracts.instants import instant_text
from services.contracts.pre_enrolments import PreEnrolmentEntry
from services.contracts.refusals import BUSY
from services.contracts.refusals.applications import CODE_TAKEN, NOT_TOLD_YET, NOTHING_REFUSED

log = structlog.get_logger(__name__)

WORK: Final = "timer-pre-enrolments"
"""The name under which those are put off with which one could not get along."""
PASSED_OVER: Final = "passed-over"
_TRIES: Final = 5


async def follow(
    app: App,
    event: ApplicationAccepted | ApplicationWithdrawn | ApplicationDecided | ConditionMarked,
    command: CommandContext,
) -> None:
    """Ask for a pre-enrolment where a place is accepted; call it off where that is given up, or decided upon anew.

    Who is admitted under conditions waits until all are met, unless the institution wants it otherwise; what was found to be
    met and is taken back calls it off where it waited for that.

    The file says which: an event that is told again says how it was then.
    """
    if await app.cards.is_erased(event.account):
        return
    file = await app.applications.get(event.application)
    if file is None:
        return
    there = await app.pre_enrolments.get(event.application)
    accepted = _is_asked_for(file.state, None if there is None else there.state, event)
    if not accepted and there is None:
        return
    named, begun = named_now(app, file.state), PreEnrolment(event.account, event.programme, event.campaign)

    def decide(record: PreEnrolment) -> Decision[PreEnrolment]:
        return Decision(*pre_enrolment.follow(record, named, command.now, accepted=accepted))

    await app.pre_enrolments.change_or_add(file.id, begun, decide, command)
    if await app.cards.is_erased(event.account):  # since we looked; what is kept goes with the rest
        await app.cards.erase(event.account, command.now)


def _is_asked_for(file: Application, there: PreEnrolment | None, event: Event) -> bool:
    """Whether it is to be asked for, or to stand: what was asked for already stands, whatever the institution wants since,
    until its place is lost or something of the conditions for which it waited is not met any more.
    """
    if is_handed_over(file):
        return True
    lacks = isinstance(event, ConditionMarked) and event.state != "met"
    return enrols(file) and pre_enrolment.stands(there) and not lacks


def _is_final(file: Application) -> bool:
    return enrols(file) and is_final(file)


async def retry(app: App, actor: Actor, id: str, command: CommandContext) -> Versioned[Application]:
    """Have what was refused asked for anew; raises NOT_FOUND, RECUSED, BUSY, and whatever the domain's does."""
    saved, reach = await reached(app, actor, id)
    own = of_staff(taking_part(command, id, reach))
    named, there = named_now(app, saved.state), await app.pre_enrolments.get(id)
    lost = there is not None and await is_lost(app, id, there.state)

    def decide(record: PreEnrolment) -> Decision[PreEnrolment]:
        return Decision(*pre_enrolment.retry(record, named, command.now, role=reach.role, lost=lost))

    if await app.pre_enrolments.change(id, decide, own) is None:
        raise NOTHING_REFUSED()
    return saved


async def set_code(
    app: App, actor: Actor, id: str, command: CommandContext, *, code: str, seen: str, tell: bool
) -> Versioned[Application]:
    """Have somebody handed over under a code of their own, or by an empty one under that of their file number.

    Raises NOT_FOUND, RECUSED, CODE_TAKEN where it is another person's, CODE_HANDED_OVER, NOT_TOLD_YET, STALE_VERSION, BUSY.
    """
    saved, reach = await reached(app, actor, id)
    file, own = saved.state, of_staff(taking_part(command, id, reach))
    if await app.pre_enrolments.before(id, own) is not None:
        return saved
    if tell and not may_enrol(file):
        raise NOT_TOLD_YET()
    named, begun = named_now(app, file), PreEnrolment(file.account, file.programme.code, file.campaign)

    for _ in range(_TRIES):
        held = await app.pre_enrolments.with_own_code(file.campaign, code) if code else ()
        if code and await _is_taken(app, file, code, held):
            raise CODE_TAKEN()
        how: dict[str, Any] = {"seen": seen, "keeps": not held, "told": tell}

        def decide(record: PreEnrolment, how: Mapping[str, Any] = how) -> Decision[PreEnrolment]:
            return Decision(*pre_enrolment.set_code(record, code, named, command.now, **how))

        with suppress(DuplicateKey):  # somebody was given it since we looked, or the record was begun
            if await app.pre_enrolments.change(id, decide, own) is None:
                await app.pre_enrolments.add(id, decide(begun), own)
            break
    else:
        raise BUSY(retry_after=1)
    if await app.cards.is_erased(file.account):  # since we looked; what is kept goes with the rest
        await app.cards.erase(file.account, command.now)
    await join_beside(app, saved, command)
    return saved


async def fees_changed(app: App, id: str, command: CommandContext) -> None:
    """Have the student records told of the fees of who waits for them; raises BUSY."""

    def decide(record: PreEnrolment) -> Decision[PreEnrolment]:
        return Decision(*pre_enrolment.described_anew(record, command.now))

    await app.pre_enrolments.change(id, decide, of_staff(command))


async def _is_taken(app: App, file: Application, code: str, held: Sequence[str]) -> bool:
    """Whether it names somebody else: by their file number, because staff have said so, or since it was handed over."""
    prefix = app.parameters.in_force.enrolment.code_prefix
    card = await app.cards.numbered(code.removeprefix(prefix)) if code.startswith(prefix) else None
    if card is not None and card.account != file.account:
        return True
    return any(account != file.account for account in held) or any(
        account != file.account for account in await app.pre_enrolments.handed_over_as(file.campaign, code)
    )


def named_now(app: App, file: Application) -> Named:
    """How somebody is named who is asked for now."""
    programme, code = file.programme, code_of(app.parameters.in_force.enrolment.code_prefix, file.file_number)
    return Named(code, file.file_number, programme.title["fr"], programme.centre["code"])


async def let_go(app: App, id: str, command: CommandContext) -> Versioned[PreEnrolment] | None:
    """Call off the pre-enrolment of a person who is forgotten, where that was not done; None if it is gone."""
    command = command.by_itself()

    def decide(record: PreEnrolment) -> Decision[PreEnrolment]:
        return Decision(*pre_enrolment.follow(record, record.named, command.now, accepted=False))

    outcome = await app.pre_enrolments.change(id, decide, command)
    return None if outcome is None else outcome.saved


def is_kept(app: App, record: PreEnrolment) -> bool:
    """Whether the student records, which may know of somebody who is gone, are still to be told to let go of them."""
    return record.calls_off and (app.hands_over or record.tried)


async def hand_over(app: App, records: PreEnrolments, parking: Parking, command: CommandContext) -> int:
    """Hand those over who are due, and keep the answers as they come; answer how many there were.

    Whose campaign was over before there was anybody to hand them to is passed over, until staff say otherwise.
    Raises PreEnrolmentsUnavailable.
    """
    entries, passed = list[PreEnrolmentEntry](), 0
    for row, known in await parking.ready(WORK, app.pre_enrolments.due(command.now), BATCH):
        found = await parking.attempt(WORK, row["_id"], partial(_looked_at, app, row, command), known)
        if isinstance(found, PreEnrolmentEntry):
            entries.append(found)
        passed += found is PASSED_OVER
    answered = passed
    async with aclosing(records.hand_over(entries)) as answers:
        async for answer in answers:
            await _keep(app, answer, command)
            answered += answer.what != "unanswered"
    return answered


async def _looked_at(app: App, row: Row, command: CommandContext) -> PreEnrolmentEntry | str | None:
    """What is to be told of one, if anything; `PASSED_OVER` where its campaign was over before it could be."""
    record = app.pre_enrolments.loaded(row).state
    never_told = pre_enrolment.waits_untried(record)
    closed_at = await app.closed.closed_at(record.campaign, command.now) if never_told else None
    if not pre_enrolment.is_past(record, closed_at):
        return await _entry(app, row)
    decide = partial(pre_enrolment.passed_over, revision=record.revision, now=command.now)
    settled = await app.pre_enrolments.change(row["_id"], lambda there: Decision(*decide(there)), command)
    return None if settled is None else PASSED_OVER


async def _keep(app: App, answer: PreEnrolmentAnswer, command: CommandContext) -> None:
    entry, now = answer.entry, command.now
    steps: Mapping[str, Callable[[PreEnrolment], Changed]] = {
        "taken": lambda record: pre_enrolment.taken(record, entry.revision, now),
        "refused": lambda record: pre_enrolment.refused(record, entry.revision, answer.reason, now),
        "unanswered": lambda record: pre_enrolment.unanswered(record, entry.revision, now),
    }
    if answer.what == "unanswered":
        log.warning("pre_enrolment.unanswered", application=entry.reference, why=answer.reason)
    changed = await app.pre_enrolments.change(
        entry.reference, lambda record: Decision(*steps[answer.what](record)), command
    )
    if changed is not None and changed.saved.state.due is None:
        account = changed.saved.state.account
        if await app.cards.is_erased(account):  # this was what was left of them
            await app.cards.erase(account, now)


async def _entry(app: App, row: Row) -> PreEnrolmentEntry | None:
    """What is told of one; None of somebody who is gone, or whose file says otherwise, of which an event is under way."""
    record = app.pre_enrolments.loaded(row).state
    named, cancels, person = record.named, record.state is PreEnrolmentState.CANCELLED, dict[str, Any]()
    file = await app.applications.get(row["_id"])
    if record.since is None or (file is not None and (_is_final(file.state) if cancels else not enrols(file.state))):
        return None
    if not cancels:
        card = await app.cards.of(record.account)
        if file is None or card is None:
            return None
        person = _person(card.steps) | await _fees(app, row["_id"])
    return PreEnrolmentEntry(
        reference=row["_id"],
        revision=record.revision,
        action="cancel" if cancels else "request",
        code=named.code,
        file_number=named.file_number,
        campaign=record.campaign,
        programme=record.programme,
        programme_title=named.programme_title,
        centre=named.centre,
        asked_at=instant_text(record.since),
        **person,
    )


async def _fees(app: App, id: str) -> dict[str, str]:
    """What staff say of the fees now."""
    sheet = await app.sheets.get(id)
    fees = NOTHING if sheet is None else sheet.state.fees
    told = {name: item.code for name, item in (("regime", fees.regime), ("exemption", fees.exemption)) if item}
    return told if fees.amount is None else told | {"amount": amount_of(fees.amount)}


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
