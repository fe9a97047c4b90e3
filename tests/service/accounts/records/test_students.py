"""What the registrar knows: taken over, locked, shown read-only, and never waited for (acceptance 26, 27, 28)."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from services.accounts.usecases.registrar import MAX_FAILURES, MAX_RENEWALS, PAUSES, RENEWALS
from services.chassis.clock import FixedClock
from services.chassis.ports import RecordsUnavailable
from services.contracts.events.accounts import AddressChanged, CardChanged, ProfileCompleted
from services.contracts.events.catalogue import Audience
from services.contracts.instants import instant
from tests.ents import Cas
from tests.parameters import hear
from tests.records import NATIONAL, OTHER, STUDENT, Sis, altered
from tests.service.accounts.client import ADDRESS, BACCALAUREATE, IDENTITY, AccountsClient, Person
from tests.service.accounts.ent.by_ent import registered
from tests.service.accounts.records.asking import LOCKED, enter, profile, put

STUDIES = {"year": 2019, "diploma_label": "DUT", "obtained": "yes"}


# --- students of the ENT ----------------------------------------------------------------------------------------------


async def test_a_student_finds_the_profile_filled_in_and_locked(student: Person, sis: Sis) -> None:
    """Acceptance 26, 28: identity, baccalaureate and internal record are there, and applications are told of them."""
    found = await profile(student)
    assert sorted(found["locked"]) == sorted(LOCKED)
    assert found["steps"]["identity"].items() >= IDENTITY.items()
    assert found["steps"]["baccalaureate"].items() >= STUDENT["baccalaureate"].items()
    shown = [{name: value for name, value in row.items() if value} for row in found["steps"]["internal_record"]]
    assert shown == STUDENT["internal_record"]
    assert found["missing"] == ["address"]
    assert found["registrar"] | {"contact": ""} == {"asked": "found", "offered": True, "known": True, "contact": ""}
    assert set(sis.asked) == {STUDENT["student_number"]}
    card = (await student.client.told(CardChanged))[-1]
    assert card["rows"]["internal_record"] == STUDENT["internal_record"]
    assert card["steps"]["identity"]["family_name"] == "Durand"
    public = await student.client.everything_told(Audience.PUBLIC)
    assert NATIONAL not in public and "Licence" not in public


async def test_each_time_one_comes_the_record_is_asked_for_and_the_same_again_tells_nobody(
    student: Person, client: AccountsClient, cas: Cas, sis: Sis
) -> None:
    told = len(await client.told(CardChanged))
    await enter(client, cas, student)
    assert len(await client.told(CardChanged)) == told
    sis.students = [altered(family_name="Durand-Roux") | {"internal_record": []}]
    await enter(client, cas, student)
    found = await profile(student)
    assert found["steps"]["identity"]["family_name"] == "Durand-Roux"
    assert found["steps"]["internal_record"] == []
    assert (await client.told(AddressChanged))[-1]["family_name"] == "Durand-Roux"


async def test_documents_that_count_no_more_are_not_shown_as_held(
    student: Person, client: AccountsClient, cas: Cas, sis: Sis, clock: FixedClock
) -> None:
    document, today = {"code": "RNBAC", "label": "Relevé"}, clock.now().date()
    days = [None, today, today - timedelta(days=1)]
    dated = [document | ({} if day is None else {"expires_on": day.isoformat()}) for day in days]
    sis.students = [STUDENT | {"documents": dated}]
    await enter(client, cas, student)
    assert [each.get("expires_on") for each in (await profile(student))["held"]] == [None, today.isoformat()]


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("identity", {"family_name": "Petit"}),
    ("identity", {"family_name": ""}),
    ("identity", {"given_name": "Kim"}),
    ("identity", {"single_name": True}),
    ("identity", {"title": "mr"}),
    ("identity", {"birth_date": "2003-05-15"}),
    ("identity", {"birth_country": "DE"}),
    ("identity", {"birth_place": "Elne"}),
    ("identity", {"nationality": "ES"}),
    ("identity", {"national_student_number": "0987654321F"}),
    ("identity", {"mobile": "12", "title": "mr"}),
    ("baccalaureate", {"kind": "none"}),
    ("baccalaureate", {"year": 2020}),
    ("baccalaureate", {"honours": "Très bien"}),
    ("baccalaureate", {"institution": "Lycée Arago"}),
]


async def test_what_the_registrar_manages_is_not_changed_by_anybody_else(student: Person) -> None:
    """Acceptance 26: 403 with the registrar's address, whatever else is right or wrong with the body."""
    before = await profile(student)
    for step, changes in CHANGES:
        reply = await put(student, step, **changes)
        assert (reply.status, reply.slug) == (403, "managed-by-registrar"), changes
        assert reply.body["contact"] == before["registrar"]["contact"]
        assert reply.body["contact"] in reply.body["detail"]
    assert await profile(student) == before


async def test_absent_and_unchanged_members_pass_and_phones_and_address_are_ones_own(student: Person) -> None:
    """Acceptance 26."""
    for body in ({"mobile": "06 12 34 56 78"}, IDENTITY | {"phone": "0468000000", "nationality": "fr"}, {}):
        reply = await put(student, "identity", **body)
        assert reply.status == 200, reply.body
        assert reply.body["family_name"] == "Durand"
    assert (await put(student, "baccalaureate", **STUDENT["baccalaureate"])).status == 200
    assert (await put(student, "baccalaureate")).status == 200
    assert (await put(student, "address", **ADDRESS)).status == 200
    assert (await put(student, "address", **ADDRESS | {"lines": ["2"]})).status == 200
    assert (await profile(student))["missing"] == []
    assert len(await student.client.told(ProfileCompleted)) == 1
    wrong = await put(student, "identity", mobile="12")
    assert (wrong.status, wrong.fields) == (422, {"mobile": "not-a-phone-number"})


async def test_phones_stay_when_the_record_comes_again(
    student: Person, client: AccountsClient, cas: Cas, sis: Sis
) -> None:
    await put(student, "identity", mobile="06 12 34 56 78")
    sis.students = [altered(birth_place="Elne")]
    await enter(client, cas, student)
    identity = (await profile(student))["steps"]["identity"]
    assert (identity["mobile"], identity["birth_place"]) == ("+33612345678", "Elne")


async def test_studies_elsewhere_can_be_added_beside(student: Person) -> None:
    """Acceptance 27."""
    assert (await student.do("POST", "/me/profile/external-studies", STUDIES)).status == 201
    found = await profile(student)
    assert len(found["steps"]["external_studies"]) == 1 and len(found["steps"]["internal_record"]) == 2


async def test_what_the_record_lacks_is_ones_own(client: AccountsClient, cas: Cas, sis: Sis) -> None:
    """A baccalaureate or an INE that the registrar has not can be given, or nobody like that could apply."""
    identity = {name: value for name, value in STUDENT["identity"].items() if name != "national_student_number"}
    sis.students = [{"student_number": STUDENT["student_number"], "identity": identity}]
    zoe = await registered(client, cas)
    await enter(client, cas, zoe)
    assert (await profile(zoe))["missing"] == ["address", "baccalaureate"]
    assert (await put(zoe, "baccalaureate", **BACCALAUREATE)).status == 200
    found = await profile(zoe)
    assert found["missing"] == ["identity", "address"] and found["remarks"][0]["slug"] == "student-number-required"
    reply = await put(zoe, "identity", national_student_number=NATIONAL)
    assert (reply.status, reply.body["national_student_number"]) == (200, NATIONAL)
    await enter(client, cas, zoe)
    assert (await profile(zoe))["steps"]["identity"]["national_student_number"] == NATIONAL


async def test_a_student_whom_the_registrar_knows_no_more_keeps_the_steps_unlocked(
    student: Person, client: AccountsClient, cas: Cas, sis: Sis, clock: FixedClock
) -> None:
    """Once that was so for a day: the registrar's own system may lack a part for a while."""
    sis.students = []
    for hours in (0, 23):
        clock.advance(hours=hours)
        await enter(client, cas, student)
        assert sorted((await profile(student))["locked"]) == sorted(LOCKED)
    clock.advance(hours=1)
    await ask_registrar(client)
    assert [row["state"] for row in await client.kept("lookups")] == ["not-found"]
    await enter(client, cas, student)
    found = await profile(student)
    assert (found["locked"], found["steps"]["internal_record"]) == ([], None)
    assert found["registrar"]["asked"] == "not-found"
    assert (await put(student, "identity", **IDENTITY | {"family_name": "Petit"})).status == 200


async def test_who_is_found_again_was_not_gone(
    student: Person, client: AccountsClient, cas: Cas, sis: Sis, clock: FixedClock
) -> None:
    for students in ([], [STUDENT], []):
        sis.students = students
        await enter(client, cas, student)
        clock.advance(hours=23)
        await ask_registrar(client)
    await enter(client, cas, student)
    found = await profile(student)
    assert sorted(found["locked"]) == sorted(LOCKED) and found["registrar"]["asked"] == "waiting"


# --- a registrar that is ill --------------------------------------------------------------------------------------------


ILL: dict[str, tuple[int, str]] = {
    "away": (503, ""),
    "nonsense": (200, "<html>"),
    "too large": (200, " " * (1 << 21)),
}


@pytest.mark.parametrize(("status", "says"), ILL.values(), ids=ILL)
async def test_nobodys_login_waits_for_the_registrar_who_is_asked_again(
    client: AccountsClient, cas: Cas, sis: Sis, clock: FixedClock, status: int, says: str
) -> None:
    """A failed SIS never blocks log-in; later, by the timer, the record comes."""
    sis.status, sis.says = status, says
    zoe = await registered(client, cas)
    await enter(client, cas, zoe)
    found = await profile(zoe)
    assert (found["registrar"]["asked"], found["locked"], found["steps"]["identity"]) == ("waiting", [], None)
    assert (await put(zoe, "identity", **IDENTITY)).status == 200
    sis.status, sis.says = 200, None
    await asked_again(client, clock, 1)
    assert (await profile(zoe))["registrar"]["asked"] == "found"


async def asked_again(client: AccountsClient, clock: FixedClock, failures: int) -> None:
    """The moment at which the registrar is asked after so many failures."""
    clock.advance(seconds=PAUSES.after(failures).total_seconds())
    await ask_registrar(client)


@pytest.mark.parametrize(
    "student",
    [OTHER, altered(birth_country="ZZ"), altered(national_student_number="0123456789N"), altered(title="duke")],
    ids=["somebody else", "no step", "no number", "no record"],
)
async def test_a_wrong_record_ends_the_question_and_is_asked_for_when_somebody_comes_again(
    client: AccountsClient, cas: Cas, sis: Sis, student: dict[str, Any]
) -> None:
    """The registrar is there: it would say the same in a minute, and nobody behind waits for that."""
    sis.says = json.dumps({"student": student})
    zoe = await registered(client, cas)
    await enter(client, cas, zoe)
    found = await profile(zoe)
    assert (found["registrar"]["asked"], found["locked"], found["steps"]["identity"]) == ("unavailable", [], None)
    (row,) = await client.kept("lookups")
    assert "student_number" not in row
    sis.says = None
    await enter(client, cas, zoe)
    assert (await profile(zoe))["registrar"]["asked"] == "found"


async def ask_registrar(client: AccountsClient) -> None:
    """What the timer does."""
    app = client.suite.service("accounts").service
    timer = next(timer for timer in app.timers if timer.name == "records")
    command = client.command()
    with suppress(RecordsUnavailable):
        await timer.run(command)
    await client.suite.settle()


async def test_after_many_failures_it_is_left_until_somebody_comes_again(
    client: AccountsClient, cas: Cas, sis: Sis, clock: FixedClock
) -> None:
    sis.status = 503
    zoe = await registered(client, cas)
    await client.suite.settle()
    for failures in range(1, MAX_FAILURES):
        (row,) = await client.kept("lookups")
        assert (row["state"], row["failures"]) == ("waiting", failures)
        await asked_again(client, clock, failures)
    (row,) = await client.kept("lookups")
    assert row["state"] == "unavailable" and "student_number" not in row
    assert len(sis.asked) >= MAX_FAILURES
    sis.status = 200
    await enter(client, cas, zoe)
    assert (await profile(zoe))["registrar"]["asked"] == "found"


# --- whom to write to, and who is gone ----------------------------------------------------------------------------------


async def test_each_centre_has_its_registrar_where_it_has_one(student: Person) -> None:
    """Acceptance 26: the address of the centre of the record, else the institution's."""
    scol, let, sci = "scol@univ.test", "LET=let@univ.test", "SCI=sci@univ.test"
    said: list[tuple[dict[str, object], str]] = [
        ({"registrar_contact": scol}, scol),
        ({"registrar_contact": scol, "registrar_contacts": [let]}, scol),
        ({"registrar_contacts": [let, sci]}, "sci@univ.test"),
        ({"contact": "aide@univ.test"}, "aide@univ.test"),
    ]
    for version, (parameters, contact) in enumerate(said, 1):
        given = {f"institution.{name}": value for name, value in parameters.items()}
        await hear(student.client.suite, given, version=version)
        reply = await put(student, "identity", family_name="Petit")
        assert reply.body["contact"] == contact
        assert (await profile(student))["registrar"]["contact"] == contact


async def test_a_record_is_asked_for_again_by_itself_ever_later_and_a_registrar_who_is_away_changes_nothing(
    client: AccountsClient, cas: Cas, sis: Sis, clock: FixedClock
) -> None:
    await enter(client, cas, await registered(client, cas))
    asked = len(sis.asked)
    sis.students = [altered(family_name="Durand-Roux")]
    clock.advance(hours=23)
    await ask_registrar(client)
    assert len(sis.asked) == asked
    clock.advance(hours=1)
    await ask_registrar(client)
    assert (await client.told(CardChanged))[-1]["steps"]["identity"]["family_name"] == "Durand-Roux"
    told = len(await client.told(CardChanged))
    (row,) = await client.kept("lookups")
    assert row["renewals"] == 2 and instant(row["due_at"]) == client.clock.now() + RENEWALS.after(2)
    sis.students = [OTHER | {"student_number": STUDENT["student_number"], "identity": {}}]
    clock.advance(days=2)
    await ask_registrar(client)
    assert len(await client.told(CardChanged)) == told
    (row,) = await client.kept("lookups")
    assert (row["state"], row["renewals"]) == ("found", 3)


def test_a_record_is_renewed_for_most_of_a_year_and_no_longer() -> None:
    assert timedelta(days=300) < sum(map(RENEWALS.after, range(1, MAX_RENEWALS + 1)), timedelta()) < timedelta(days=366)
