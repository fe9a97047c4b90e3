"""Whose profile of the campaign before it is, and what of it may be taken over (ADR 126)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.accounts.domain.account import Account, EntIdentity, Person
from services.accounts.domain.carrying_over import Rules, carried, is_same_person
from services.accounts.domain.closing import Closing
from services.accounts.domain.communes import Communes
from services.accounts.domain.profile import Address, Baccalaureate, Identity, Profile, SavedStep
from services.accounts.domain.profile_rows import SavedRow, WorkExperience
from services.accounts.domain.registrar import RegistrarRecord
from services.accounts.domain.states import State

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RULES = Rules(NOW.date(), Communes([]))
ZOE = Person("Durand", "Zoé", "zoe@etu.test", "fr")
THERE = Account("2028", "00000002", ZOE, State.VALIDATED, NOW, NOW)
BEFORE = Account("2027", "00000001", replace(ZOE, email="ZOE@etu.test"), State.VALIDATED, NOW, NOW)
ONE, OTHER = EntIdentity("cas:zdurand"), EntIdentity("cas:adurand")

IDENTITY = Identity("mrs", "Durand", "2003-05-17", "FR", "Elne", "FR", given_name="Zoé", mobile="+33611111111")
ADDRESS = Address(("1 rue des Oiseaux",), "Cork", "IE")
BACCALAUREATE = Baccalaureate("bac", "Générale", 2021)
LOCKED = RegistrarRecord("22200001", managed=("identity.family_name", "identity.given_name", "baccalaureate.kind"))


def given(*steps: Identity | Address | Baccalaureate, registrar: RegistrarRecord | None = None) -> Profile:
    return Profile({type(step).__name__.lower(): SavedStep(step, 1) for step in steps}, registrar=registrar)


@pytest.mark.parametrize(
    ("there", "before", "same"),
    [
        ({}, {}, True),
        ({"person": replace(ZOE, family_name="Roux", given_name="ZOE")}, {}, True),
        ({"person": replace(ZOE, given_name="Anne")}, {}, False),
        ({"person": replace(ZOE, email="kim@etu.test")}, {}, False),
        ({}, {"state": State.PENDING}, False),
        ({"state": State.PENDING}, {}, False),
        ({}, {"state": State.ERASED}, False),
        ({}, {"closed": Closing("other", NOW)}, False),
        ({}, {"campaign": ""}, False),
        ({}, {"campaign": "2028"}, False),
        ({"profile": given(IDENTITY)}, {"profile": given(IDENTITY)}, True),
        ({"profile": given(replace(IDENTITY, birth_date="1999-01-01"))}, {"profile": given(IDENTITY)}, False),
        ({"ent": ONE}, {}, True),
        ({"ent": ONE}, {"ent": OTHER}, False),
        ({"ent": ONE, "person": replace(ZOE, email="z@other.test", given_name="Z.")}, {"ent": ONE}, True),
        ({"ent": ONE, "person": replace(ZOE, email="z@other.test")}, {}, False),
    ],
)
def test_it_is_the_same_person_by_a_proved_address_and_a_name_or_by_the_ent(
    there: dict[str, object], before: dict[str, object], same: bool
) -> None:
    assert is_same_person(replace(THERE, **there), replace(BEFORE, **before)) is same  # type: ignore[arg-type]


def test_what_the_registrar_managed_comes_from_it_anew() -> None:
    before = given(IDENTITY, ADDRESS, BACCALAUREATE, registrar=LOCKED)
    found = carried(Profile(), before, RULES)
    assert found.states == {"identity": "registrar", "address": "offered", "baccalaureate": "registrar"}
    assert found.steps == {"address": ADDRESS}


def test_where_it_manages_the_step_by_now_what_it_leaves_open_is_filled_in() -> None:
    said = replace(IDENTITY, family_name="Roux", mobile=None)
    found = carried(given(said, registrar=LOCKED), given(IDENTITY, registrar=LOCKED), RULES)
    assert found.steps == {"identity": replace(said, mobile="+33611111111")}
    own = replace(said, mobile="+33622222222")
    assert carried(given(own, registrar=LOCKED), given(IDENTITY), RULES).states == {"identity": "given"}
    assert carried(given(said), given(IDENTITY), RULES).states == {"identity": "given"}, "the person's own stays"


def test_what_breaks_a_rule_of_today_is_named_and_not_offered() -> None:
    work = [SavedRow(str(year), WorkExperience(year, "Libraire", "2 mois", "Torcatis"), 3) for year in (2024, 1800)]
    before = replace(
        given(IDENTITY, Address(("1",), "Elne", "XX"), replace(BACCALAUREATE, year=1899)),
        rows={"work_experience": tuple(work)},
    )
    found = carried(Profile(), before, RULES)
    assert found.states == {
        "identity": "offered",
        "address": "outdated",
        "baccalaureate": "outdated",
        "work_experience": "offered",
    }
    assert found.rows == {"work_experience": (work[0],)}
    old = carried(Profile(), replace(before, rows={"work_experience": (work[1],)}), RULES)
    assert old.states["work_experience"] == "outdated" and not old.rows
    assert carried(Profile(), before, replace(RULES, today=date(2150, 1, 1))).states["identity"] == "outdated"
