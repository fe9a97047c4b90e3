"""Giving the steps of the profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from services.accounts.domain import birth_dates, steps, student_number
from services.accounts.domain.account import Account, give_step
from services.accounts.domain.profile import Address, Baccalaureate, Identity, Profile, Step, StepName
from services.accounts.domain.text import unlinked
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases.addresses import checked_phone
from services.accounts.usecases.app import App
from services.accounts.usecases.reference import communes
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.contracts.api import accounts as api
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError

log = structlog.get_logger()


Check = Callable[[Profile], list[FieldError]]
"""All that is wrong with a step, by what else the profile says."""


def checked_identity(app: App, body: api.Identity, command: CommandContext) -> tuple[Identity, Check]:
    """Who a person is as it is kept, and what is wrong with it."""
    faults: list[FieldError] = []
    phone, mobile = checked_phone("phone", body.phone, faults), checked_phone("mobile", body.mobile, faults)
    if body.single_name and body.given_name:
        faults.append(FieldError("given_name", "one-name-only", given=("single_name",)))
    identity = Identity(
        title=body.title,
        family_name=unlinked(body.family_name),
        given_name=None if body.single_name else unlinked(body.given_name or ""),
        birth_date=birth_dates.as_typed(body.birth_date) or body.birth_date,
        birth_country=body.birth_country.upper(),
        birth_place=unlinked(body.birth_place),
        nationality=body.nationality.upper(),
        usual_name=unlinked(body.usual_name or "") or None,
        other_given_names=unlinked(body.other_given_names or "") or None,
        phone=phone,
        mobile=mobile,
        national_student_number=student_number.as_typed(body.national_student_number or "") or None,
    )

    def check(profile: Profile) -> list[FieldError]:
        from_year = app.rules.student_number_from
        return [*faults, *steps.identity_faults(identity, profile, today=app.today(command), from_year=from_year)]

    return identity, check


async def checked_address(body: api.Address) -> tuple[Address, Check]:
    """Where a person lives as it is kept, and what is wrong with it."""
    address = Address(
        lines=tuple(body.lines), city=body.city, country=body.country.upper(), postcode=body.postcode or None
    )
    there = await communes()
    return address, lambda _: steps.address_faults(address, there)


def checked_baccalaureate(app: App, body: api.Baccalaureate, command: CommandContext) -> tuple[Baccalaureate, Check]:
    """The baccalaureate as it is kept, and what is wrong with it."""
    given = Baccalaureate(
        kind=body.kind,
        series=body.series or None,
        year=body.year,
        honours=body.honours or None,
        institution=body.institution or None,
        country=body.country.upper() if body.country else None,
    )
    return given, lambda _: steps.baccalaureate_faults(given, today=app.today(command))


async def faults(app: App, actor: Actor, check: Check, command: CommandContext) -> list[FieldError]:
    """What a check finds in the profile of who asks; raises SESSION_ENDED."""
    return check((await require_live_session(app.accounts, app.sessions, actor, command.now)).state.profile)


async def give_identity(
    app: App, actor: Actor, body: api.Identity, expected: int | None, command: CommandContext
) -> Outcome[Account]:
    """Say who one is; raises INVALID_FIELDS with all that is wrong, STALE_VERSION with what stands there now."""
    identity, check = checked_identity(app, body, command)
    outcome = await _give(app, actor, "identity", identity, command, check=check, expected=expected)
    if await app.accounts.others_with_number(outcome.saved):
        # Taken and answered as any other: who typed it first is not more right (acceptance 30). Staff see the pair.
        log.warning("student-number.doubtful", account=actor.account)
    return outcome


async def give_address(
    app: App, actor: Actor, body: api.Address, expected: int | None, command: CommandContext
) -> Outcome[Account]:
    """Say where one lives; raises INVALID_FIELDS, STALE_VERSION."""
    address, check = await checked_address(body)
    return await _give(app, actor, "address", address, command, check=check, expected=expected)


async def give_baccalaureate(
    app: App, actor: Actor, body: api.Baccalaureate, expected: int | None, command: CommandContext
) -> Outcome[Account]:
    """Say which baccalaureate one has; raises INVALID_FIELDS, STALE_VERSION."""
    given, check = checked_baccalaureate(app, body, command)
    return await _give(app, actor, "baccalaureate", given, command, check=check, expected=expected)


async def _give(
    app: App,
    actor: Actor,
    step: StepName,
    data: Step,
    command: CommandContext,
    *,
    check: Check,
    expected: int | None,
) -> Outcome[Account]:
    await require_live_session(app.accounts, app.sessions, actor, command.now)

    def decide(account: Account) -> Decision[Account]:
        if wrong := check(account.profile):
            raise INVALID_FIELDS(fields=wrong)
        return Decision(*give_step(account, step, data, expected=expected, from_year=app.rules.student_number_from))

    # What If-Match names is the version of the step, not of the account.
    outcome = await app.accounts.change(actor.account, decide, replace(command, expected=None))
    if outcome is None:
        raise NOT_FOUND()
    await app.drafts.forget(actor.account, step)
    return outcome
