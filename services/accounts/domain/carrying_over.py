"""What somebody gave in the campaign before and may take over into this one's profile (ADR 126)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final, Literal

from services.accounts.domain import steps
from services.accounts.domain.account import Account, Changed, with_profile
from services.accounts.domain.communes import Communes
from services.accounts.domain.profile import (
    STEPS,
    Address,
    Baccalaureate,
    Identity,
    Profile,
    SavedStep,
    Step,
    StepName,
)
from services.accounts.domain.profile_rows import ROW_KINDS, RowsStep, SavedRow, row_faults
from services.accounts.domain.states import Action, State
from services.accounts.domain.text import bare
from services.contracts.refusals.accounts import ACCOUNT_NOT_VALIDATED

Part = Literal["identity", "address", "baccalaureate", "external_studies", "internships", "work_experience"]
PartState = Literal["offered", "given", "registrar", "outdated"]

PARTS: Final[tuple[Part, ...]] = (*STEPS, *ROW_KINDS)


@dataclass(frozen=True, slots=True)
class Rules:
    """What steps are checked against: the institution's calendar day and the list of communes."""

    today: date
    communes: Communes


@dataclass(frozen=True, slots=True)
class Carried:
    """What there is of each part in the campaign before, and what of it is offered: `steps` and `rows`."""

    states: Mapping[Part, PartState]
    steps: Mapping[StepName, Step]
    rows: Mapping[RowsStep, tuple[SavedRow, ...]]


NOTHING: Final = Carried({}, {}, {})


def is_same_person(there: Account, before: Account) -> bool:
    """Whether an account of a campaign before is of the person of this one.

    Both have proved the address, and bear one given name; or the ENT says that they are one. Whom it tells apart are two,
    and so are who say that they were born on different days.
    """
    if there.state is not State.VALIDATED or before.state is not State.VALIDATED:
        return False
    if before.closed is not None or before.is_staff or there.is_staff or before.campaign == there.campaign:
        return False
    if there.ent is not None and before.ent is not None:
        return there.ent.subject == before.ent.subject
    born = {
        identity.birth_date
        for each in (there, before)
        if isinstance(identity := each.profile.data("identity"), Identity)
    }
    return there.address == before.address and _called(there) == _called(before) and len(born) < 2


def carried(there: Profile, before: Profile, rules: Rules) -> Carried:
    """What of a profile of before may be taken over into one.

    Members that the registrar managed come from the registrar anew, and with them their step; what it manages by now stays,
    and what else it left open is filled in. What breaks a rule of today is not offered. What the person has given stays.
    """
    states: dict[Part, PartState] = {}
    given: dict[StepName, Step] = {}
    for step in STEPS:
        data = before.data(step)
        if data is None:
            continue
        offered = _offered(there, before, step, data)
        if not isinstance(offered, str) and _is_outdated(offered, rules):
            offered = "outdated"
        if isinstance(offered, str):
            states[step] = offered
        else:
            states[step], given[step] = "offered", offered
    rows: dict[RowsStep, tuple[SavedRow, ...]] = {}
    for kind in ROW_KINDS:
        good = tuple(row for row in before.rows_of(kind) if not row_faults(row.data, today=rules.today))
        if before.rows_of(kind):
            states[kind] = "given" if there.rows_of(kind) else "offered" if good else "outdated"
        if states.get(kind) == "offered":
            rows[kind] = good
    return Carried(states, given, rows)


def carry_over(
    account: Account, found: Carried, parts: Collection[Part], ids: Mapping[RowsStep, Sequence[str]], *, from_year: int
) -> Changed:
    """Take over the parts that are offered; the others, which are given by now or offered no more, are passed over.

    `ids` are those of the new rows. Raises ACCOUNT_NOT_VALIDATED.
    """
    if not account.allows(Action.CHANGE_PROFILE):
        raise ACCOUNT_NOT_VALIDATED()
    profile = account.profile
    for step, data in found.steps.items():
        if step in parts:
            profile = profile.with_step(step, data)
    for kind, rows in found.rows.items():
        if kind in parts:
            named = zip(ids[kind], rows, strict=True)
            profile = profile.with_rows(kind, [SavedRow(id, row.data, 1) for id, row in named])
    return (account, ()) if profile == account.profile else with_profile(account, profile, from_year=from_year)


def offered_profile(found: Carried) -> Profile:
    """What is offered as a profile of its own, to be looked at."""
    return Profile({step: SavedStep(data, 1) for step, data in found.steps.items()}, rows=found.rows)


def _offered(there: Profile, before: Profile, step: StepName, data: Step) -> Step | PartState:
    managed, kept = before.manages(step), there.data(step)
    if kept is None:
        return "registrar" if managed else data
    locked = there.manages(step)
    if not locked:
        return "given"
    open_members = {each.name for each in fields(kept)} - {*locked, *managed}
    left: dict[str, Any] = {
        name: value
        for name in open_members
        if getattr(kept, name) is None and (value := getattr(data, name)) is not None
    }
    return replace(kept, **left) if left else "given"


def _is_outdated(data: Step, rules: Rules) -> bool:
    match data:
        case Identity():
            # That a student number lacks is told by what the profile misses.
            return bool(steps.identity_faults(data, Profile(), today=rules.today, from_year=0))
        case Address():
            return bool(steps.address_faults(data, rules.communes))
        case Baccalaureate():
            return bool(steps.baccalaureate_faults(data, today=rules.today))


def _called(account: Account) -> str:
    """The given name; of who has one name alone, that one."""
    return bare(account.person.given_name or account.person.family_name)
