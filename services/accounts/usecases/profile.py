"""Giving the steps of the profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import structlog

from services.accounts.domain import birth_dates, steps, student_number
from services.accounts.domain.account import Account, give_step
from services.accounts.domain.profile import Address, Baccalaureate, Identity, Step, StepName
from services.accounts.domain.taking_records import differences
from services.accounts.domain.text import unlinked
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.usecases.addresses import checked_phone
from services.accounts.usecases.app import App
from services.accounts.usecases.reference import communes
from services.accounts.usecases.registrar import contact
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.contracts.api import accounts as api
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.accounts import MANAGED_BY_REGISTRAR

log = structlog.get_logger()

Checked = Callable[[Account], tuple[Step, list[FieldError]]]
"""A step as it is kept and all that is wrong with it, by what else the account says.

Raises MANAGED_BY_REGISTRAR where a member that the registrar manages is given otherwise than it is.
"""

_REQUIRED: Final = ("title", "family_name", "birth_date", "birth_country", "birth_place", "nationality")
"""Of an identity, also of who has one name alone."""


def checked_identity(app: App, body: api.Identity, command: CommandContext) -> Checked:
    """Who a person is as it is kept, and what is wrong with it."""
    phones: list[FieldError] = []
    phone, mobile = checked_phone("phone", body.phone, phones), checked_phone("mobile", body.mobile, phones)
    typed: dict[str, Any] = {
        "title": body.title,
        "family_name": _name(body.family_name),
        "given_name": _name(body.given_name),
        "birth_date": body.birth_date and (birth_dates.as_typed(body.birth_date) or body.birth_date),
        "birth_country": body.birth_country and body.birth_country.upper(),
        "birth_place": _name(body.birth_place),
        "nationality": body.nationality and body.nationality.upper(),
        "usual_name": _name(body.usual_name) or None,
        "other_given_names": _name(body.other_given_names) or None,
        "phone": phone,
        "mobile": mobile,
        "national_student_number": student_number.as_typed(body.national_student_number or "") or None,
    }

    def check(account: Account) -> tuple[Step, list[FieldError]]:
        managed, faults = account.profile.manages("identity"), list(phones)
        given = {name: value for name, value in typed.items() if value is not None}
        if body.single_name and body.given_name and "given_name" not in managed:
            faults.append(FieldError("given_name", "one-name-only", given=("single_name",)))
        if body.single_name:
            given["given_name"] = None
        kept = _kept(app, account, "identity", given)
        absent = [name for name in _REQUIRED if name not in given and name not in managed]
        faults += [FieldError(name, "required") for name in absent]
        single = {} if body.single_name or "given_name" in managed else {"given_name": given.get("given_name", "")}
        identity = Identity(**{**dict.fromkeys(_REQUIRED, ""), **given, **single, **kept})
        from_year = app.rules.student_number_from
        found = steps.identity_faults(identity, account.profile, today=app.today(command), from_year=from_year)
        return identity, [*faults, *(fault for fault in found if fault.field not in absent)]

    return check


async def checked_address(body: api.Address) -> Checked:
    """Where a person lives as it is kept, and what is wrong with it."""
    address = Address(
        lines=tuple(body.lines), city=body.city, country=body.country.upper(), postcode=body.postcode or None
    )
    there = await communes()
    return lambda _: (address, steps.address_faults(address, there))


def checked_baccalaureate(app: App, body: api.Baccalaureate, command: CommandContext) -> Checked:
    """The baccalaureate as it is kept, and what is wrong with it."""
    typed: dict[str, Any] = {
        "kind": body.kind,
        "series": body.series or None,
        "year": body.year,
        "honours": body.honours or None,
        "institution": body.institution or None,
        "country": body.country.upper() if body.country else None,
    }

    def check(account: Account) -> tuple[Step, list[FieldError]]:
        given = {name: value for name, value in typed.items() if value is not None}
        kept = _kept(app, account, "baccalaureate", given)
        if not kept and "kind" not in given:
            return Baccalaureate(kind="none"), [FieldError("kind", "required")]
        baccalaureate = Baccalaureate(**{**given, **kept})
        return baccalaureate, steps.baccalaureate_faults(baccalaureate, today=app.today(command))

    return check


async def faults(app: App, actor: Actor, check: Checked, command: CommandContext) -> list[FieldError]:
    """What a check finds wrong for who asks; raises SESSION_ENDED, MANAGED_BY_REGISTRAR."""
    saved = await require_live_session(app.accounts, app.sessions, actor, command.now)
    return check(saved.state)[1]


def _name(typed: str | None) -> str | None:
    return None if typed is None else unlinked(typed)


def _kept(app: App, account: Account, step: StepName, given: Mapping[str, Any]) -> dict[str, Any]:
    """The managed members of a step as they are kept; raises MANAGED_BY_REGISTRAR if one is given otherwise."""
    profile = account.profile
    if differences(profile, step, given):
        raise MANAGED_BY_REGISTRAR(contact=contact(app, profile))
    return {name: getattr(profile.data(step), name) for name in profile.manages(step)}


async def give_identity(
    app: App, actor: Actor, body: api.Identity, expected: int | None, command: CommandContext
) -> Outcome[Account]:
    """Say who one is.

    Raises INVALID_FIELDS with all that is wrong, STALE_VERSION with what stands there now, MANAGED_BY_REGISTRAR.
    """
    check = checked_identity(app, body, command)
    outcome = await _give(app, actor, "identity", check, command, expected=expected)
    if await app.accounts.others_with_number(outcome.saved):
        # Taken and answered as any other: who typed it first is not more right (acceptance 30). Staff see the pair.
        log.warning("student-number.doubtful", account=actor.account)
    return outcome


async def give_address(
    app: App, actor: Actor, body: api.Address, expected: int | None, command: CommandContext
) -> Outcome[Account]:
    """Say where one lives; raises INVALID_FIELDS, STALE_VERSION."""
    return await _give(app, actor, "address", await checked_address(body), command, expected=expected)


async def give_baccalaureate(
    app: App, actor: Actor, body: api.Baccalaureate, expected: int | None, command: CommandContext
) -> Outcome[Account]:
    """Say which baccalaureate one has; raises INVALID_FIELDS, STALE_VERSION, MANAGED_BY_REGISTRAR."""
    check = checked_baccalaureate(app, body, command)
    return await _give(app, actor, "baccalaureate", check, command, expected=expected)


async def _give(
    app: App, actor: Actor, step: StepName, check: Checked, command: CommandContext, *, expected: int | None
) -> Outcome[Account]:
    await require_live_session(app.accounts, app.sessions, actor, command.now)

    def decide(account: Account) -> Decision[Account]:
        data, wrong = check(account)
        if wrong:
            raise INVALID_FIELDS(fields=wrong)
        return Decision(*give_step(account, step, data, expected=expected, from_year=app.rules.student_number_from))

    # What If-Match names is the version of the step, not of the account.
    outcome = await app.accounts.change(actor.account, decide, replace(command, expected=None))
    if outcome is None:
        raise NOT_FOUND()
    await app.drafts.forget(actor.account, step)
    return outcome
