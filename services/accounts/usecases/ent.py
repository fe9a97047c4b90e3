"""Coming in by the ENT: there and back, first to a form, and out again when the ENT says so (acceptance 11, 118)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from services.accounts.domain import throttles
from services.accounts.domain.account import Account, EntIdentity
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.ent import Mark, Way, way, way_of
from services.accounts.domain.grants import in_force
from services.accounts.domain.links import digest
from services.accounts.domain.text import unlinked
from services.accounts.usecases.addresses import checked_email
from services.accounts.usecases.app import App
from services.accounts.usecases.registrar import note_entry
from services.accounts.usecases.sessions import begin, end, is_gone
from services.chassis.clients import Client
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.http.places import network
from services.chassis.ports import EntPerson, EntRefused, EntUnavailable, EntVisit
from services.contracts.api.ent import EntEntry, EntGoing, EntOffer, EntPrefill, EntReturn, EntWay
from services.contracts.refusals import FieldError
from services.contracts.refusals.accounts import (
    ACCOUNT_CLOSED,
    ENT_ANSWER_EXPIRED,
    ENT_ANSWER_INVALID,
    ENT_NOT_OFFERED,
    ENT_NOTICE_INVALID,
    ENT_REGISTRATION_OVER,
    ENT_STATE_INVALID,
    ENT_TICKET_INVALID,
    ENT_UNAVAILABLE,
    NO_ACTIVE_CAMPAIGN,
    TOO_MANY_ATTEMPTS,
)

log = structlog.get_logger()

T = TypeVar("T")

RETRY_SECONDS: Final = 10
PAGE: Final = "/connexion/ent/retour"
"""The portal's page to which the ENT sends people back; below PARVIS_PUBLIC_URL, whatever a request says."""

_DENIALS: Final = {"ticket": ENT_TICKET_INVALID, "answer": ENT_ANSWER_INVALID, "expired": ENT_ANSWER_EXPIRED}


def offer(app: App) -> EntOffer:
    """Whether there is an ENT."""
    return EntOffer(offered=app.ent_offered)


async def go(app: App, asked: EntGoing, client: Client | None, command: CommandContext) -> EntWay:
    """Where a browser is sent, and the state that it brings back; raises ENT_NOT_OFFERED, ENT_UNAVAILABLE, BUSY."""
    mark = app.sealer.marks[0]
    chosen = way(app.ids.token()[:22], asked.next, command.now, mark, as_candidate=asked.side == "candidate")
    url = await _asked(app, client, lambda: app.ent.login_address(_visit(app, chosen, mark)))
    return EntWay(url=url, state=chosen.state)


async def come_back(app: App, body: EntReturn, client: Client | None, command: CommandContext) -> EntEntry:
    """Begin a session for who comes back, or give a ticket to register with to who has no account in this campaign.

    Who has rights as staff today comes in as such, in and out of campaigns, unless they are here as a candidate
    (acceptance 118).

    Raises ENT_NOT_OFFERED, ENT_STATE_INVALID, ENT_TICKET_INVALID, ENT_ANSWER_INVALID, ENT_ANSWER_EXPIRED,
    ENT_UNAVAILABLE, NO_ACTIVE_CAMPAIGN, TOO_MANY_ATTEMPTS, BUSY.
    """
    gone, mark = _gone(app, body.state)
    if not gone.is_good(command.now) or not await app.ent_visits.come_back(gone.state, gone.expires_at):
        raise ENT_STATE_INVALID()
    proof = body.ticket or body.code or ""
    person = await _asked(app, client, lambda: app.ent.person(_visit(app, gone, mark), proof))
    staff = None if gone.as_candidate else await app.accounts.by_ent(NO_CAMPAIGN, person.subject)
    if staff is not None and in_force(staff.state.grants, app.today(command)):
        return await _enter(app, staff, person, client, command, page=gone.page)
    campaign = (await app.campaigns.load()).active
    if campaign is None:
        raise NO_ACTIVE_CAMPAIGN()
    found = await app.accounts.by_ent(campaign, person.subject)
    if found is not None:
        return await _enter(app, found, person, client, command, page=gone.page)
    ticket = app.ids.token()
    await app.ent_visits.issue(ticket, EntIdentity(person.subject, person.student_number), command.now)
    waits = await app.accounts.waiting_for(campaign, person.subject)
    return EntEntry(
        next=gone.page,
        registration_ticket=ticket,
        prefill=_prefill(person),
        pending=waits is not None and not waits.state.has_lapsed(command.now),
    )


async def registrant(app: App, ticket: str, command: CommandContext) -> EntIdentity:
    """Whom a registration ticket is for; raises ENT_REGISTRATION_OVER."""
    identity = await app.ent_visits.holder(ticket, command.now)
    if identity is None:
        raise ENT_REGISTRATION_OVER()
    return identity


async def use_up(app: App, ticket: str, command: CommandContext) -> None:
    """Let a registration ticket be good for this command alone; raises ENT_REGISTRATION_OVER."""
    if not await app.ent_visits.use(ticket, command.key or command.correlation):
        raise ENT_REGISTRATION_OVER()


async def leave(app: App, notice: str, client: Client | None, command: CommandContext) -> None:
    """End what came from a login that the ENT has ended; raises ENT_NOT_OFFERED, ENT_NOTICE_INVALID, ENT_UNAVAILABLE."""
    try:
        gone = await _asked(app, client, lambda: app.ent.gone(notice), raw=True)
    except EntRefused as refusal:
        log.info("ent.notice-refused", why=refusal.why)
        raise ENT_NOTICE_INVALID() from None
    ended = await app.sessions.of_ent(digest(gone.session)) if gone.session else []
    for campaign in (NO_CAMPAIGN, (await app.campaigns.load()).active):
        if gone.subject and campaign is not None:
            found = await app.accounts.by_ent(campaign, gone.subject)
            ended += await app.sessions.by_ent(found.id) if found is not None else []
    for kept in ended:
        await end(app, kept, command)


# --- parts ------------------------------------------------------------------------------------------------------------


async def _asked(app: App, client: Client | None, ask: Callable[[], Awaitable[T]], *, raw: bool = False) -> T:
    """What the ENT answers, in one of the places that there are for those who wait for it."""
    if not app.ent_offered:
        raise ENT_NOT_OFFERED()
    with app.ent_places.take(network(client)):
        try:
            return await ask()
        except EntUnavailable as error:
            log.warning("ent.unavailable", why=str(error))
            raise ENT_UNAVAILABLE(retry_after=RETRY_SECONDS) from None
        except EntRefused as refusal:
            if raw:
                raise
            log.info("ent.refused", denial=refusal.denial, why=refusal.why)
            raise _DENIALS[refusal.denial]() from None


def _gone(app: App, state: str) -> tuple[Way, Mark]:
    """The way of a state and what has marked it, with whichever secret was the first then; raises ENT_STATE_INVALID."""
    for mark in app.sealer.marks:
        if (gone := way_of(state, mark)) is not None:
            return gone, mark
    raise ENT_STATE_INVALID()


def _visit(app: App, gone: Way, mark: Mark) -> EntVisit:
    page = f"{app.public_url}{PAGE}"
    return EntVisit(page, gone.state, mark("ent-nonce", gone.state), mark("ent-verifier", gone.state))


async def _enter(
    app: App,
    found: Versioned[Account],
    person: EntPerson,
    client: Client | None,
    command: CommandContext,
    *,
    page: str,
) -> EntEntry:
    if wait := await app.throttles.count(throttles.logins(found.state.address), command.now):
        raise TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
    await app.throttles.give_standing(client.address if client else None, command.now)
    if found.state.closed is not None:
        raise ACCOUNT_CLOSED()
    if not found.state.is_staff:
        await note_entry(app, found.id, person.student_number, command)
    tokens = await begin(app, found, command, ent=digest(person.session or person.subject))
    if await is_gone(app, found.id):
        raise ENT_TICKET_INVALID()
    return EntEntry(
        next=page,
        access_token=tokens.access_token,
        token_type=tokens.token_type,
        expires_in=tokens.expires_in,
        refresh_token=tokens.refresh_token,
        session_expires_in=tokens.session_expires_in,
    )


def _prefill(person: EntPerson) -> EntPrefill:
    """What the form begins with: of several addresses the first that mail can reach, none where none is."""
    usable = []
    for each in person.emails:
        faults: list[FieldError] = []
        address = checked_email("email", each, faults)
        if not faults:
            usable.append(address)
    return EntPrefill(
        family_name=unlinked(person.family_name),
        given_name=unlinked(person.given_name),
        email=next(iter(usable), ""),
        student_number=person.student_number or None,
    )
