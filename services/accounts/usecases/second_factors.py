"""Setting up a device that shows codes, showing them, and what is done where the device is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import structlog

from services.accounts.domain import second_factors as domain
from services.accounts.domain import throttles
from services.accounts.domain.account import Account, Changed
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.events import SecondFactorChanged
from services.accounts.domain.staff import check_seen
from services.accounts.domain.states import Action
from services.accounts.domain.text import folded
from services.accounts.domain.throttles import ThrottleLimit
from services.accounts.repository.live_sessions import require_live_staff
from services.accounts.usecases import one_time_codes
from services.accounts.usecases.app import App
from services.accounts.usecases.sessions import begin as begin_session
from services.accounts.usecases.sessions import end_others, is_gone, know_new_device, mark_second_factor
from services.accounts.usecases.staffing import member
from services.chassis.clients import Client
from services.chassis.context import Actor, CommandContext, EventRef
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.security.sealing import Unsealable
from services.contracts.api import second_factor as api
from services.contracts.api.accounts import Tokens
from services.contracts.instants import instant_text
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError, RefusedError
from services.contracts.refusals.accounts import (
    CHALLENGE_OVER,
    CODE_WRONG,
    ENROLMENT_OVER,
    OWN_SECOND_FACTOR,
    SESSION_ENDED,
    TOO_MANY_ATTEMPTS,
    TOO_MANY_CODES,
)

log = structlog.get_logger()

_WRONG: Final = FieldError("code", "wrong-code")


async def log_in_further(app: App, body: api.SecondStep, client: Client | None, command: CommandContext) -> Tokens:
    """Begin the session of who has shown the password and shows a code, or a recovery code, which is good no more then.

    Raises INVALID_FIELDS for neither, CHALLENGE_OVER, CODE_WRONG, TOO_MANY_ATTEMPTS, TOO_MANY_CODES, SESSION_ENDED,
    KEY_REUSED, BUSY.
    """
    if not (body.code or body.recovery_code):
        raise INVALID_FIELDS(fields=[FieldError("code", "required")])
    by = command.key or command.correlation
    challenge = await app.challenges.attempt(body.challenge, by, command.now)
    saved = None if challenge is None else await app.accounts.get(challenge.account)
    if challenge is None or saved is None or saved.state.epoch != challenge.epoch:
        raise CHALLENGE_OVER()
    if saved.state.second_factor is None or not saved.state.allows(Action.LOG_IN):
        raise CHALLENGE_OVER()
    known = await app.devices.that_has_shown(challenge.device)
    bounds = throttles.codes(saved.id, known)
    if not body.code:
        bounds = throttles.recoveries(saved.id, known or (client.network if client else None))
    change: Callable[[Account], Changed] = lambda account: (account, ())  # noqa: E731 - it was done before
    if not app.accounts.remembers(saved, command):
        if wait := await app.throttles.count(bounds, command.now):
            raise TOO_MANY_CODES(retry_after=wait, seconds=wait)
        try:
            change = _shown(app, saved.state, body.code, body.recovery_code, command)
            change(saved.state)
        except RefusedError:
            await _warn(app, saved, bounds, command)
            raise
        if wait := await app.throttles.count(throttles.logins(saved.state.address), command.now):
            raise TOO_MANY_ATTEMPTS(retry_after=wait, seconds=wait)
        if not await app.challenges.use(body.challenge, by):
            raise CHALLENGE_OVER()
    outcome = await app.accounts.change(saved.id, lambda account: Decision(*change(account)), command)
    if outcome is None:
        raise CHALLENGE_OVER()
    await app.throttles.clear(bounds[:1])  # not those of the day, between which somebody else may guess
    await app.devices.show_code(challenge.device)
    await app.throttles.give_standing(client.address if client else None, command.now)
    tokens = await begin_session(app, outcome.saved, command, second_factor=True)
    # A browser that is known stays so by what it has: another one would push out the oldest.
    device = None if challenge.device else await know_new_device(app, saved.id, body.challenge, command)
    if await is_gone(app, saved.id):
        raise CHALLENGE_OVER()
    return tokens.model_copy(update={"device": device})


async def state(app: App, actor: Actor, command: CommandContext) -> api.SecondFactorView:
    """What there is beside the password of who asks; raises SESSION_ENDED."""
    saved = await require_live_staff(app.accounts, app.sessions, actor, command.now)
    return _view(app, saved.state, actor, command)


async def begin(
    app: App, actor: Actor, body: api.NewDevice, command: CommandContext
) -> tuple[api.SecondFactorView, Outcome[Account]]:
    """Give a secret for a device; who has one shows a code of it or a recovery code. The same command, the same secret.

    Raises SESSION_ENDED, ENT_SESSION_NEEDED, INVALID_FIELDS, TOO_MANY_CODES, KEY_REUSED, BUSY.
    """
    saved = await require_live_staff(app.accounts, app.sessions, actor, command.now)
    kept = await app.sessions.get(actor.session)
    by_ent = not app.ent_offered or (kept is not None and bool(kept.session.ent))
    sealed = app.factor_sealer.seal(one_time_codes.new_secret())
    shown: Callable[[Account], Changed] | None = None
    if saved.state.second_factor is not None and not app.accounts.remembers(saved, command):
        shown = await _proved(app, saved, body.code, body.recovery_code, command)

    def decide(account: Account) -> Decision[Account]:
        account, told = shown(account) if shown else (account, ())
        try:
            begun, _ = domain.begin_enrolment(
                account, sealed, actor.session, proved=shown is not None, by_ent=by_ent, now=command.now
            )
        except RefusedError as refusal:
            if refusal.slug is not CODE_WRONG:
                raise
            # Set up in another session meanwhile.
            raise INVALID_FIELDS(fields=[FieldError("code", "required")]) from None
        return Decision(begun, told)

    outcome = await _changed(app, saved, decide, command)
    return _view(app, outcome.saved.state, actor, command), outcome


async def confirm(
    app: App, actor: Actor, body: api.ShownCode, command: CommandContext
) -> tuple[api.RecoveryCodes, Outcome[Account]]:
    """Have the first code of a device shown: it is asked for from now on, and one's other logins end.

    Raises SESSION_ENDED, ENROLMENT_OVER, INVALID_FIELDS, TOO_MANY_CODES, KEY_REUSED, BUSY.
    """
    saved = await require_live_staff(app.accounts, app.sessions, actor, command.now)
    seed = command.key or app.ids.token()
    step, sealed = 0, ""
    if app.accounts.remembers(saved, command) and saved.state.second_factor is not None:
        secret = _pending(app, saved.state.second_factor.sealed)
    else:
        enrolment = domain.check_enrolment(saved.state, actor.session, command.now)
        await _count(app, throttles.codes_of_session(saved.id), command)
        sealed = enrolment.sealed
        secret = _pending(app, sealed)
        found = one_time_codes.step_of(secret, body.code, command.now)
        if found is None:
            raise INVALID_FIELDS(fields=[_WRONG])
        step = found
    codes = domain.recovery_codes(secret, seed)
    digests = [domain.recovery_digest(code) for code in codes]

    def decide(account: Account) -> Decision[Account]:
        return Decision(*domain.confirm_enrolment(account, sealed, step, digests, now=command.now))

    outcome = await _changed(app, saved, decide, command)
    await mark_second_factor(app, actor)
    await end_others(app, actor, command)
    return api.RecoveryCodes(recovery_codes=list(codes)), outcome


async def renew_recovery(
    app: App, actor: Actor, body: api.RenewedCodes, command: CommandContext
) -> tuple[api.RecoveryCodes, Outcome[Account]]:
    """Give other recovery codes to who shows a code, or one of those so far; the same command, the same codes.

    Raises SESSION_ENDED, INVALID_FIELDS, TOO_MANY_CODES, KEY_REUSED, BUSY.
    """
    saved = await require_live_staff(app.accounts, app.sessions, actor, command.now)
    if saved.state.second_factor is None:
        raise INVALID_FIELDS(fields=[_WRONG])
    # Not of the device's secret, which a suite that has lost its own cannot open.
    secret = app.factor_sealer.marks[0]("recovery codes", saved.id)
    codes = domain.recovery_codes(secret, command.key or app.ids.token())
    digests = [domain.recovery_digest(code) for code in codes]
    shown: Callable[[Account], Changed] = lambda account: (account, ())  # noqa: E731 - it was done before
    if not app.accounts.remembers(saved, command):
        shown = await _proved(app, saved, body.code, body.recovery_code, command)

    def decide(account: Account) -> Decision[Account]:
        account, told = shown(account)
        renewed, _ = domain.renew_recovery(account, digests)
        return Decision(renewed, told)

    outcome = await _changed(app, saved, decide, command)
    return api.RecoveryCodes(recovery_codes=list(codes)), outcome


async def reset_of_member(app: App, actor: Actor, login: str, command: CommandContext) -> tuple[EventRef, ...]:
    """Have somebody else of staff set up a device anew; answers the events caused.

    Raises SESSION_ENDED, NOT_FOUND, STALE_VERSION, OWN_SECOND_FACTOR, BUSY.
    """
    there = await member(app, actor, login, command)
    if there.id == actor.id:
        raise OWN_SECOND_FACTOR()

    def decide(account: Account) -> Decision[Account]:
        check_seen(account, command.expected)
        return Decision(*domain.reset(account))

    # What If-Match names is the epoch of the rights, not how often the account was written.
    outcome = await app.accounts.change(there.id, decide, replace(command, expected=None))
    if outcome is None:
        raise NOT_FOUND()
    await app.sessions.end_before(outcome.saved.id, outcome.saved.state.epoch)
    return tuple(outcome.events)


async def reset_by_operator(app: App, email: str, command: CommandContext) -> str | None:
    """Have somebody of staff set up a device anew, at the machine; answers the id of their account, if they are."""
    there = await app.accounts.by_address(NO_CAMPAIGN, folded(email))
    if there is None:
        return None
    await app.accounts.change(there.id, lambda account: Decision(*domain.reset(account)), command)
    return there.id


# --- parts ------------------------------------------------------------------------------------------------------------


def _shown(
    app: App, account: Account, code: str | None, recovery: str | None, command: CommandContext
) -> Callable[[Account], Changed]:
    """What comes of a code or a recovery code that is shown; the change raises CODE_WRONG."""
    if account.second_factor is None:
        raise CODE_WRONG()
    if not code:
        digest = domain.recovery_digest(recovery or "")
        return lambda account: domain.accept_recovery(account, digest)
    read = account.second_factor.sealed
    secret = _opened(app, read)
    step = one_time_codes.step_of(secret, code, command.now)
    sealed = app.factor_sealer.seal(secret)  # by the newest secret: the ones before may be taken away some day
    return lambda account: domain.accept_code(account, step, read, sealed)


async def _proved(
    app: App, saved: Versioned[Account], code: str | None, recovery: str | None, command: CommandContext
) -> Callable[[Account], Changed]:
    """What comes of a code, or a recovery code, of who is logged in; raises INVALID_FIELDS, also in the change."""
    if not (code or recovery):
        raise INVALID_FIELDS(fields=[FieldError("code", "required")])
    bounds = throttles.codes_of_session(saved.id) if code else throttles.recoveries(saved.id, throttles.LOGGED_IN)
    await _count(app, bounds, command)
    wrong = INVALID_FIELDS(fields=[_WRONG if code else FieldError("recovery_code", "wrong-code")])
    try:
        change = _shown(app, saved.state, code, recovery, command)
        change(saved.state)
    except RefusedError:
        await _warn(app, saved, bounds, command)
        raise wrong from None

    def proved(account: Account) -> Changed:
        try:
            return change(account)
        except RefusedError:
            raise wrong from None

    return proved


async def _count(app: App, bounds: Sequence[ThrottleLimit], command: CommandContext) -> None:
    """Bound what a session can try that somebody else has got hold of; raises TOO_MANY_CODES."""
    if wait := await app.throttles.count(bounds, command.now):
        raise TOO_MANY_CODES(retry_after=wait, seconds=wait)


async def _warn(app: App, saved: Versioned[Account], bounds: Sequence[ThrottleLimit], command: CommandContext) -> None:
    """Tell the person, once a day, where a wrong code was the last that may be tried: somebody may have the password."""
    if not await app.throttles.wait(bounds, command.now):
        return
    log.warning("second-factor.codes-used-up", account=saved.id)
    if await app.throttles.count(throttles.warnings(saved.id), command.now):
        return
    told = replace(command, key=None, expected=None, personal=False)
    await app.accounts.change(saved.id, lambda account: Decision(account, [SecondFactorChanged("codes-used-up")]), told)


async def _changed(
    app: App, saved: Versioned[Account], decide: Callable[[Account], Decision[Account]], command: CommandContext
) -> Outcome[Account]:
    """Change the account as long as it is of the epoch that was read; raises SESSION_ENDED."""

    def decide_unended(account: Account) -> Decision[Account]:
        if account.epoch != saved.state.epoch:
            raise SESSION_ENDED()
        return decide(account)

    outcome = await app.accounts.change(saved.id, decide_unended, command)
    if outcome is None:
        raise SESSION_ENDED()
    return outcome


def _opened(app: App, sealed: str) -> str:
    """The secret of a device; where the suite's own secret is another by now only recovery codes, or a reset, help.

    Raises CODE_WRONG.
    """
    try:
        return app.factor_sealer.open(sealed)
    except Unsealable:
        log.error("second-factor.unsealable", meaning="PARVIS_LINK_SECRET is not the one that it was sealed with")
        raise CODE_WRONG() from None


def _pending(app: App, sealed: str) -> str:
    """The secret of an enrolment; one that cannot be opened is over: it begins anew. Raises ENROLMENT_OVER."""
    try:
        return _opened(app, sealed)
    except RefusedError:
        raise ENROLMENT_OVER() from None


def _view(app: App, account: Account, actor: Actor, command: CommandContext) -> api.SecondFactorView:
    factor, enrolment = account.second_factor, account.enrolment
    required = app.second_factor_required
    secret = None
    if enrolment is not None and enrolment.session == actor.session and command.now < enrolment.expires_at:
        with suppress(RefusedError):
            secret = _pending(app, enrolment.sealed)
    if enrolment is not None and secret is not None:
        uri = one_time_codes.address_for_device(secret, account.person.email)
        return api.SecondFactorView(
            state="pending",
            required=required,
            secret=secret,
            uri=uri,
            expires_at=instant_text(enrolment.expires_at),
            since=None if factor is None else instant_text(factor.confirmed_at),
            recovery_codes_left=0 if factor is None else len(factor.recovery),
        )
    if factor is None:
        return api.SecondFactorView(state="none", required=required)
    return api.SecondFactorView(
        state="active",
        required=required,
        since=instant_text(factor.confirmed_at),
        recovery_codes_left=len(factor.recovery),
    )
