"""Taking over what the registrar says of a student, and keeping it as it is (acceptance 26, 28)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from services.accounts.domain.account import Account, Changed, with_profile
from services.accounts.domain.profile import Baccalaureate, Identity, Profile, Step
from services.accounts.domain.registrar import RegistrarRecord
from services.accounts.domain.states import Action

OWN: Final = ("phone", "mobile")
"""Members of the identity that stay the person's whatever the registrar says."""
OPTIONAL: Final = ("usual_name", "other_given_names", "national_student_number")
"""Members of the identity that are the registrar's where it has them; a student without an INE there can still give it."""


def take_record(
    account: Account,
    record: RegistrarRecord,
    identity: Identity,
    baccalaureate: Baccalaureate | None,
    *,
    from_year: int,
) -> Changed:
    """Put what the registrar says in the place of what was typed; the same again changes nothing.

    What it manages is told by the steps that it gives: `record.managed` need not say so.
    """
    if not account.allows(Action.CHANGE_PROFILE):
        return account, ()
    profile, there = account.profile, account.profile.identity
    if there is not None:
        left = {name for name in OPTIONAL if getattr(identity, name) is None}
        kept: dict[str, Any] = {name: getattr(there, name) for name in (*OWN, *left)}
        merged = replace(identity, **kept)
    else:
        merged = identity
    steps: dict[str, Step] = {"identity": merged}
    if baccalaureate is not None:
        steps["baccalaureate"] = baccalaureate
    for step, data in steps.items():
        if profile.data(step) != data:
            profile = profile.with_step(step, data)
    return _with_record(account, profile, replace(record, managed=_managed(identity, baccalaureate)), from_year)


def release_record(account: Account, *, from_year: int) -> Changed:
    """The registrar knows nobody like that any more: all is the person's own again, and no studies here are shown."""
    if not account.allows(Action.CHANGE_PROFILE):
        return account, ()
    return _with_record(account, account.profile, None, from_year)


def differences(profile: Profile, step: str, given: Mapping[str, Any]) -> list[str]:
    """The managed members of a step that are given otherwise than they are kept; `given` are those that are given."""
    there, record = profile.data(step), profile.registrar
    if there is None or record is None:
        return []
    return [name for name in record.manages(step) if name in given and given[name] != getattr(there, name)]


def _managed(identity: Identity, baccalaureate: Baccalaureate | None) -> tuple[str, ...]:
    of_identity = [
        f"identity.{each.name}"
        for each in fields(identity)
        if each.name not in OWN and not (each.name in OPTIONAL and getattr(identity, each.name) is None)
    ]
    of_baccalaureate = [f"baccalaureate.{each.name}" for each in fields(baccalaureate)] if baccalaureate else []
    return (*of_identity, *of_baccalaureate)


def _with_record(account: Account, profile: Profile, record: RegistrarRecord | None, from_year: int) -> Changed:
    if profile.registrar != record:
        profile = profile.with_registrar(record)
    return (account, ()) if profile is account.profile else with_profile(account, profile, from_year=from_year)
