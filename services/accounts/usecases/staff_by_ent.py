"""Who at the ENT gets in as a member of staff: as an administrator says, before they first come (acceptance 118)."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from services.accounts.domain.account import Account, EntIdentity
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.staff import check_seen, identify
from services.accounts.domain.text import folded
from services.accounts.repository.accounts import ENT_TAKEN
from services.accounts.usecases.app import App
from services.accounts.usecases.staffing import member
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.chassis.http.jsonbody import invalid_fields
from services.chassis.ports import DuplicateKey
from services.contracts.api.staff import EntLogin
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.accounts import ENT_IDENTITY_TAKEN, ENT_NOT_OFFERED, OWN_ADMINISTRATION


async def identify_member(
    app: App, actor: Actor, login: str, ent_login: str | None, command: CommandContext
) -> Outcome[Account]:
    """Say by which login of the ENT somebody else of staff comes in, or (None) that they come in by none.

    Raises SESSION_ENDED, NOT_FOUND, ENT_NOT_OFFERED, ENT_IDENTITY_TAKEN, STALE_VERSION, OWN_ADMINISTRATION, BUSY.
    """
    there = await member(app, actor, login, command)
    if there.id == actor.id:
        raise OWN_ADMINISTRATION()
    return await identified(app, there.id, ent_login, command)


async def identified(app: App, id: str, ent_login: str | None, command: CommandContext) -> Outcome[Account]:
    """The same of an account; raises ENT_NOT_OFFERED, ENT_IDENTITY_TAKEN, NOT_FOUND, STALE_VERSION, BUSY."""
    if ent_login is not None and not app.ent_protocol:
        raise ENT_NOT_OFFERED()
    ent = None if ent_login is None else EntIdentity(_subject(app.ent_protocol, ent_login))

    def decide(account: Account) -> Decision[Account]:
        check_seen(account, command.expected)
        return Decision(*identify(account, ent, now=command.now))

    try:
        # What If-Match names is the epoch of the rights, not how often the account was written.
        outcome = await app.accounts.change(id, decide, replace(command, expected=None))
    except DuplicateKey as taken:
        if taken.index != ENT_TAKEN:
            raise
        raise ENT_IDENTITY_TAKEN() from None
    if outcome is None:
        raise NOT_FOUND()
    await app.sessions.end_before(id, outcome.saved.state.epoch)
    return outcome


async def check_free(app: App, email: str, ent_login: str) -> None:
    """Refuse, before anything is written, a login that could not be somebody's: raises as `identified` does."""
    if not app.ent_protocol:
        raise ENT_NOT_OFFERED()
    try:
        EntLogin.model_validate({"ent_login": ent_login})
    except ValidationError as error:
        raise invalid_fields(error) from None
    there = await app.accounts.by_ent(NO_CAMPAIGN, _subject(app.ent_protocol, ent_login))
    if there is not None and there.state.address != folded(email):
        raise ENT_IDENTITY_TAKEN()


def _subject(protocol: str, login: str) -> str:
    """What the ENT's port calls the person of a login: CAS compares these names without case, OpenID Connect does not."""
    return f"cas:{login.casefold()}" if protocol == "cas" else f"{protocol}:{login}"
