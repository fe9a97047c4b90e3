"""Forgetting a person: here at once, everywhere else by the event that is told (acceptance 21; ADR 61)."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from services.accounts.domain.account import erase
from services.accounts.domain.states import State
from services.accounts.domain.text import folded
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases.app import App
from services.accounts.usecases.proving import prove_person
from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext, EventRef
from services.chassis.events.aggregates import Decision
from services.chassis.security.tokens import InvalidToken
from services.contracts import file_numbers
from services.contracts.api.rights import ERASURE_CERTIFICATE, Erased, Erasure, ErasureCheck
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.accounts import ACCOUNT_ERASED


async def erase_accounts(app: App, login: str, command: CommandContext) -> list[str]:
    """Erase the account of a file number, or those that an address has in all campaigns; answers their ids.

    Staff are passed over: they are of no campaign, and go when their rights are taken.
    Sessions end with the account; what was told of it within the suite is rewritten by the clean-up.
    """
    if "@" in login:
        found = await app.accounts.all_by_address(folded(login))
    else:
        one = await app.accounts.by_file_number(file_numbers.as_typed(login) or "")
        found = [] if one is None else [one]
    candidates = [saved for saved in found if not saved.state.is_staff]
    for saved in candidates:
        await app.accounts.change(saved.id, lambda account: Decision(*erase(account)), command)
    return [saved.id for saved in candidates]


async def erase_own(
    app: App, actor: Actor, body: Erasure, client: Client | None, command: CommandContext
) -> tuple[Erased, Sequence[EventRef]]:
    """Erase one's own account, and mail the signed certificate of it; answers that and what was told.

    Raises ACCOUNT_ERASED when it is done, SESSION_ENDED, INVALID_FIELDS for a wrong password, LOGIN_TOO_OLD,
    TOO_MANY_ATTEMPTS, BUSY.
    """
    own = await app.accounts.own(actor)
    if own is not None and own.state.state is State.ERASED:
        raise ACCOUNT_ERASED()
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    await prove_person(app, saved, body.password, client, command)
    at = instant_text(command.now)
    claims = {"sub": saved.id, "campaign": saved.state.campaign, "erased_at": at}
    certificate = app.signer.sign(claims, typ=ERASURE_CERTIFICATE)
    outcome = await app.accounts.change(saved.id, lambda account: Decision(*erase(account, certificate)), command)
    if outcome is None or not outcome.events:
        raise ACCOUNT_ERASED()  # another request has done it
    await app.sessions.end_all(saved.id)
    return Erased(erased_at=at, certificate=certificate), outcome.events


async def check_certificate(app: App, certificate: str) -> ErasureCheck:
    """What a certificate proves; raises NOT_FOUND for one that accounts did not sign, or whose account there still is."""
    try:
        claims = await app.keysets.verify("".join(certificate.split()), service="accounts", typ=ERASURE_CERTIFICATE)
        proved = ErasureCheck(erased_at=claims["erased_at"], campaign=claims["campaign"], account=claims["sub"])
    except (InvalidToken, KeyError, ValidationError):
        raise NOT_FOUND() from None
    if any(saved.state.state is not State.ERASED for saved in await app.accounts.by_ids([proved.account])):
        raise NOT_FOUND()  # what was restored from a backup of before is not forgotten
    return proved
