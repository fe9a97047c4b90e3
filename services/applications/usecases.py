"""What can be done with applications: one function per verb. Load, ask the domain, save with what has happened."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from services.applications.domain import deadline, opening, pieces, submission
from services.applications.domain.events import Change
from services.applications.domain.model import (
    Application,
    Document,
    Moment,
    ProfileCopy,
    Programme,
    ProgrammeCopy,
    Requirement,
)
from services.applications.domain.receipts import receipt_claims
from services.applications.repository import (
    ACTIVE_INDEX,
    ApplicationRepository,
    CardCopies,
    ProgrammeCopies,
    Submissions,
    owned_by,
)
from services.applications.settings import ApplicationsSettings
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.events.inbox import NotYet
from services.chassis.failpoints import failpoint
from services.chassis.ports import Document as Row
from services.chassis.ports import DuplicateKey, Ids, PortError
from services.chassis.security.tokens import ExpiredToken, InvalidToken, KeySets, Signer
from services.chassis.store.rows import each_of
from services.contracts.api.applications import SUBMISSION_RECEIPT
from services.contracts.api.documents import UPLOAD_RECEIPT
from services.contracts.api.documents import UploadReceiptClaims as UploadClaims
from services.contracts.events.accounts import AccountErased, CardChanged
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished, ProgrammeWithdrawn
from services.contracts.instants import instant, instant_text
from services.contracts.refusals import BUSY, NOT_FOUND, RefusedError
from services.contracts.refusals.applications import (
    ALREADY_APPLIED,
    DEADLINE_PASSED,
    INVALID_RECEIPT,
    RECEIPT_EXPIRED,
    TOO_MANY_OPENINGS,
)

MAX_TRIES: Final = 50
"""Races of one person with themselves for a slot before the answer is to come back later."""


LOOK_AGAIN: Final = timedelta(hours=1)
"""After the erasure of a person: no request of before is under way any more."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Applications:
    """What the use cases work with; `zone` is the institution's."""

    applications: ApplicationRepository
    submissions: Submissions
    cards: CardCopies
    programmes: ProgrammeCopies
    ids: Ids
    keysets: KeySets
    signer: Signer
    zone: ZoneInfo
    settings: ApplicationsSettings


def moment_of(now: datetime, zone: ZoneInfo) -> Moment:
    """An instant with the calendar day that it falls on in the institution's zone."""
    return Moment(instant_text(now), now.astimezone(zone).date().isoformat())


# --- the candidate ------------------------------------------------------------------------------------------------


async def open_application(
    app: Applications, actor: Actor, programme: str, command: CommandContext
) -> Outcome[Application]:
    """Open a draft; the same idempotency key opens the same one.

    Raises NOT_FOUND for an unknown programme, PROFILE_INCOMPLETE, PROGRAMME_CLOSED, ALREADY_APPLIED, TOO_MANY_APPLICATIONS;
    TOO_MANY_OPENINGS past those of one day, before any of this is looked at.
    """
    id = app.ids.new() if command.key is None else _id_of(command.key)
    moment = moment_of(command.now, app.zone)
    lost = ""
    for _ in range(MAX_TRIES):
        if command.key is not None:
            known = await app.applications.change(id, Decision, command, owned_by(actor))
            if known is not None:
                return known
        if lost == ACTIVE_INDEX:
            raise ALREADY_APPLIED()
        await _check_day(app, actor, command.now)
        card, offer = await asyncio.gather(app.cards.of(actor.account), app.programmes.of(programme))
        if offer is None:
            raise NOT_FOUND()
        card = opening.check_opening(card, offer, moment)
        prefix = opening.slots_of(card, offer, opening.Scope(app.settings.max_active_per))
        there = await app.applications.in_slots(actor, prefix)
        twin = next((other.id for other in there if other.state.programme.code == programme), None)
        if twin == id:  # this very command, sent twice at once: the other one was faster
            continue
        if twin is not None:
            raise ALREADY_APPLIED()
        slot = opening.free_slot(prefix, {other.state.slot for other in there}, app.settings.max_active)
        state, domain_events = opening.open_application(card, offer, slot, moment)
        try:
            outcome = await app.applications.add(id, Decision(state, domain_events), command)
        except DuplicateKey as duplicate:  # another request was faster: look again at what there is now
            lost = duplicate.index
            continue
        if await app.cards.is_erased(actor.account):  # since we looked; it goes as soon as it is told
            await app.cards.erase(actor.account, command.now)
            opening.check_opening(None, offer, moment)
        return outcome
    raise BUSY(retry_after=1)


async def _check_day(app: Applications, actor: Actor, now: datetime) -> None:
    """Refuse one more opening than a person has within 24 hours; some sent at the same instant may slip through."""
    most = app.settings.max_openings
    opened = await app.applications.opened_since(actor, instant_text(now - _DAY), most)
    if len(opened) == most:
        free_at = instant(opened[-1]) + _DAY
        raise TOO_MANY_OPENINGS(max=most, retry_after=max(1, ceil((free_at - now).total_seconds())))


async def deposit(
    app: Applications, actor: Actor, id: str, code: str, command: CommandContext, *, receipt: str
) -> Outcome[Application]:
    """Put the uploaded document that the receipt names into a piece; raises INVALID_RECEIPT, RECEIPT_EXPIRED as well."""
    document = await _uploaded(app.keysets, actor, receipt)
    moment = moment_of(command.now, app.zone)
    return await _change(app, actor, id, command, lambda state: pieces.deposit(state, code, document, moment))


async def remove(app: Applications, actor: Actor, id: str, code: str, command: CommandContext) -> Outcome[Application]:
    """Take the document out of a piece."""
    moment = moment_of(command.now, app.zone)
    return await _change(app, actor, id, command, lambda state: pieces.remove(state, code, moment))


async def declare(
    app: Applications, actor: Actor, id: str, code: str, command: CommandContext, *, not_applicable: bool
) -> Outcome[Application]:
    """Declare a conditional piece not applicable, or applicable again."""
    moment = moment_of(command.now, app.zone)
    return await _change(
        app, actor, id, command, lambda state: pieces.declare(state, code, moment, not_applicable=not_applicable)
    )


async def reuse(app: Applications, actor: Actor, id: str, code: str, command: CommandContext) -> Outcome[Application]:
    """Deposit what the person gave for the same common piece of another application."""
    moment = moment_of(command.now, app.zone)
    others = [saved.state for saved in await app.applications.active_of(actor) if saved.id != id]
    return await _change(app, actor, id, command, lambda state: pieces.reuse(state, code, others, moment))


async def submit(app: Applications, actor: Actor, id: str, command: CommandContext) -> Outcome[Application]:
    """Hand the file over; the answer is the number of the submission among those of the application.

    The submission is signed and written first. That the application then names it is the one write that submits; if the
    application has changed meanwhile, what was written is taken back, and all of it is looked at again.
    """
    card = await app.cards.of(actor.account)
    if card is None:  # nobody opens an application without a card
        raise NOT_FOUND()
    moment = moment_of(command.now, app.zone)
    for _ in range(MAX_TRIES):
        saved = await app.applications.of(actor, id)
        if saved is None:
            raise NOT_FOUND()
        if (known := app.applications.repeated(saved, command)) is not None:
            return known
        state, extension = await _in_time(app, saved.state, moment)
        frozen = submission.freeze(state, card.steps, moment)
        if frozen is None:  # handed over already
            decision, written = Decision(saved.state, (), len(saved.state.submissions) - 1), None
        else:
            claims = receipt_claims(id, state, frozen)
            signed = replace(frozen, receipt=app.signer.sign(claims, typ=SUBMISSION_RECEIPT))
            written = app.ids.new()
            await app.submissions.write(written, saved, signed)
            failpoint("applications.submission-written")
            after, domain_events = submission.submit(state, written, signed)
            decision = Decision(after, (*extension, *domain_events), len(after.submissions) - 1)
        outcome = await app.applications.save(saved, decision, command)
        if outcome is None:
            if written is not None:
                await app.submissions.take_back(written)
            continue
        if written is not None:
            with suppress(PortError):  # the file is handed over; what crashes have left goes another time
                await app.submissions.sweep(outcome.saved)
        return outcome
    raise BUSY(retry_after=1)


async def _in_time(app: Applications, state: Application, moment: Moment) -> Change:
    """The application, with its programme's last day if it is late by its own and that has been extended."""
    if moment.day <= state.submission_deadline:
        return state, ()
    day = deadline.effective_deadline(state, await app.programmes.of(state.programme.code))
    return deadline.extended(state, day)


async def cancel(app: Applications, actor: Actor, id: str, command: CommandContext) -> Outcome[Application]:
    """Give a draft up."""
    moment = moment_of(command.now, app.zone)
    return await _change(app, actor, id, command, lambda state: opening.cancel(state, moment))


async def _change(
    app: Applications,
    actor: Actor,
    id: str,
    command: CommandContext,
    decide: Callable[[Application], Change],
) -> Outcome[Application]:
    """Decide on the actor's own application, and anew if it is late by its own last day but that has been extended."""

    def decision(state: Application) -> Decision[Application]:
        after, domain_events = decide(state)
        return Decision(after, domain_events)

    try:
        outcome = await app.applications.change(id, decision, command, owned_by(actor))
    except RefusedError as refusal:
        if refusal.slug != DEADLINE_PASSED or (day := await _extended_deadline(app, actor, id)) is None:
            raise
        outcome = await app.applications.change(id, _after_extension(day, decision), command, owned_by(actor))
    if outcome is None:
        raise NOT_FOUND()
    return outcome


async def _extended_deadline(app: Applications, actor: Actor, id: str) -> str | None:
    """The programme's last day if it is now later than the one that the application keeps."""
    saved = await app.applications.of(actor, id)
    if saved is None:
        return None
    day = deadline.effective_deadline(saved.state, await app.programmes.of(saved.state.programme.code))
    return day if day > saved.state.submission_deadline else None


def _after_extension(
    day: str, decide: Callable[[Application], Decision[Application]]
) -> Callable[[Application], Decision[Application]]:
    def decision(state: Application) -> Decision[Application]:
        longer, extension = deadline.extended(state, day)
        decided = decide(longer)
        return Decision(decided.state, (*extension, *decided.domain_events), decided.answer)

    return decision


async def _uploaded(keysets: KeySets, actor: Actor, receipt: str) -> Document:
    """The document of an upload receipt that documents signed for this very person."""
    try:
        claims = await keysets.verify(receipt, service="documents", typ=UPLOAD_RECEIPT)
        upload = UploadClaims.model_validate(claims)
    except ExpiredToken:
        raise RECEIPT_EXPIRED() from None
    except (InvalidToken, ValidationError):
        raise INVALID_RECEIPT() from None
    if upload.sub != actor.account:
        raise INVALID_RECEIPT()
    return Document(upload.document, upload.sha256, upload.size, upload.media_type, upload.filename)


def _id_of(key: str) -> str:
    """The id of what a key creates: 26 characters `[a-z2-7]`."""
    return base64.b32encode(hashlib.sha256(f"application|{key}".encode()).digest())[:26].decode().lower()


# --- what other services say --------------------------------------------------------------------------------------


async def keep_card(app: Applications, event: CardChanged, command: CommandContext) -> None:
    """Keep a candidate's card, unless a newer one is here."""
    card = ProfileCopy(event.account, event.campaign, event.file_number, tuple(event.missing), event.steps)
    await app.cards.keep(card, event.version)


async def erase_account(app: Applications, event: AccountErased, command: CommandContext) -> None:
    """Forget a person: card, applications and submissions go; raises NotYet while something of them is still to be told.

    The mark is there first, for openings that are under way; what a crash leaves of those is found when it is looked again.
    """
    await app.cards.erase(event.account, command.now + LOOK_AGAIN)
    await _forget(app, event.account)


def erased_lately(app: Applications, command: CommandContext) -> AsyncIterator[Row]:
    """Those who are gone, and of whom something may have been left."""
    return app.cards.erased(command.now)


async def look_again(app: Applications, mark: Row, command: CommandContext) -> bool:
    """Forget what was left of one who is gone; answer whether all of it could go."""
    try:
        await _forget(app, mark["_id"])
    except NotYet:
        return False
    await app.cards.looked_again(mark)
    return True


async def _forget(app: Applications, account: str) -> None:
    async def remove(row: Row) -> None:
        if not await app.applications.remove(row["_id"], row["version"]):
            raise NotYet("application")

    try:
        await each_of(app.applications.rows_of(account), remove)
    finally:
        await app.submissions.erase(account)


async def keep_programme(
    app: Applications, event: ProgrammePublished | ProgrammeChanged, command: CommandContext
) -> None:
    """Keep a published programme, unless a newer one is here; raises ValueError for days that are none."""
    part = event.programme
    for day in (part.opens_on, part.closes_on, part.submission_deadline, part.answer_deadline):
        if day is not None and date.fromisoformat(day).isoformat() != day:
            raise ValueError(f"{part.code}: not a calendar day")
    offer = ProgrammeCopy(
        programme=Programme(
            part.code, part.title, part.centre, part.diploma, part.contact, part.answer_deadline, part.answer_delay_days
        ),
        campaign=part.campaign,
        opens_on=part.opens_on,
        closes_on=part.closes_on,
        submission_deadline=part.submission_deadline,
        requirements=tuple(
            Requirement(
                code=requirement.code,
                label=requirement.label,
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


async def withdraw_programme(app: Applications, event: ProgrammeWithdrawn, command: CommandContext) -> None:
    """Let nobody apply to it any more; applications to it stay as they are."""
    await app.programmes.withdraw(event.code, event.version)
