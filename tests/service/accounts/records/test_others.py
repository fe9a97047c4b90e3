"""Who is or was a student here and certifies it is found by INE and birth date (acceptance 26, 28)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.accounts.domain.throttles import RECORDS
from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.records import BORN, NATIONAL, STUDENT, Sis, altered
from tests.service.accounts.client import AccountsClient, Person
from tests.service.accounts.records.asking import CERTIFIED, LOCKED, certify, profile


async def test_who_certifies_is_found_by_number_and_birth_date(zoe: Person, sis: Sis) -> None:
    """Acceptance 26, 28."""
    assert (await profile(zoe))["registrar"]["asked"] == "never"
    reply = await certify(zoe, national_student_number=" 0123 456 789m ")
    assert (reply.status, reply.body) == (202, {"status": "accepted"})
    found = await profile(zoe)
    assert sorted(found["locked"]) == sorted(LOCKED) and len(found["steps"]["internal_record"]) == 2
    assert found["registrar"]["asked"] == "found" and found["registrar"]["known"] is False
    assert sis.asked == [f"{NATIONAL} {BORN}"]
    (kept,) = await zoe.client.kept("lookups")
    assert (kept["state"], kept["national_number"], kept["birth_date"]) == ("found", "", "")


@pytest.mark.parametrize("changes", [{"birth_date": "2003-05-15"}, {"national_student_number": "0987654321F"}])
async def test_who_is_not_found_is_answered_alike_and_left_alone(zoe: Person, changes: dict[str, Any]) -> None:
    good, reply = await certify(zoe), await certify(zoe, **changes)
    assert (reply.status, reply.body, set(reply.headers)) == (good.status, good.body, set(good.headers))
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    await certify(kim, **changes)
    found = await profile(kim)
    assert (found["locked"], found["steps"]["identity"], found["registrar"]["asked"]) == ([], None, "not-found")
    rows = await zoe.client.kept("lookups")
    assert NATIONAL not in json.dumps(rows) and "0987654321F" not in json.dumps(rows)


@pytest.mark.parametrize(
    ("family_name", "record", "asked"),
    [
        ("Martin", {}, "not-found"),
        ("Zoé", {}, "not-found"),
        ("DÙRAND", {}, "found"),
        ("martin", {"usual_name": "Martin"}, "found"),
        ("Durand", {"usual_name": "Martin"}, "found"),
    ],
)
async def test_number_and_date_of_somebody_of_another_name_give_nothing(
    client: AccountsClient, sis: Sis, family_name: str, record: dict[str, Any], asked: str
) -> None:
    """Who has read both on somebody's papers does not get their marks by them, nor learns that they are right."""
    sis.students = [altered(**record)]
    kim = await client.zoe(family_name=family_name).arrive()
    assert (await certify(kim)).status == 202
    found = await profile(kim)
    assert found["registrar"]["asked"] == asked
    assert bool(found["steps"]["internal_record"]) is bool(found["locked"]) is (asked == "found")


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"certified": False}, {"certified": "not-certified"}),
    ({"certified": None}, {"certified": "required"}),
    ({"certified": "yes"}, {"certified": "wrong-type"}),
    ({"national_student_number": None}, {"national_student_number": "required"}),
    ({"national_student_number": "0123456789N"}, {"national_student_number": "student-number-key"}),
    ({"national_student_number": "1"}, {"national_student_number": "not-a-student-number"}),
    ({"birth_date": None}, {"birth_date": "required"}),
    ({"birth_date": "2003-05"}, {"birth_date": "not-a-date"}),
    ({"birth_date": "2003-02-30"}, {"birth_date": "not-a-date"}),
    (
        {"certified": False, "national_student_number": "", "birth_date": ""},
        {"certified": "not-certified", "national_student_number": "required", "birth_date": "required"},
    ),
]


async def test_what_is_wrong_with_the_question_is_told_at_once_and_counts_for_nothing(zoe: Person, sis: Sis) -> None:
    for changes, faults in WRONG:
        reply = await certify(zoe, **changes)
        assert (reply.status, reply.fields) == (422, faults), changes
    assert (await certify(zoe)).status == 202
    await zoe.client.suite.settle()
    assert len(sis.asked) == 1


async def test_five_questions_a_day_and_account(zoe: Person, clock: FixedClock) -> None:
    for _ in range(RECORDS.times):
        assert (await certify(zoe)).status == 202
    reply = await certify(zoe)
    assert (reply.status, reply.slug) == (429, "too-many-record-requests")
    assert reply.body["contact"] in reply.body["detail"]
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    assert (await certify(kim)).status == 202
    clock.advance(days=1)
    assert (await kim.log_in()).status == 200
    assert (await certify(kim)).status == 202


async def test_a_student_of_the_ent_asks_again_without_a_number(student: Person, sis: Sis) -> None:
    asked = len(sis.asked)
    sis.students = [altered(birth_place="Elne")]
    assert (await student.do("POST", "/me/registrar-record", {"certified": True})).status == 202
    assert (await profile(student))["steps"]["identity"]["birth_place"] == "Elne"
    assert sis.asked[asked:] == [STUDENT["student_number"]]
    assert (await student.do("POST", "/me/registrar-record", {"certified": False})).fields == {
        "certified": "not-certified"
    }


async def test_nobody_asks_without_a_session(client: AccountsClient) -> None:
    assert (await client.ask("POST", "/me/registrar-record", CERTIFIED)).status == 401


async def test_where_there_is_no_registrar_nobody_can_ask(tmp_path: Path, clock: FixedClock) -> None:
    async with run_suite(tmp_path, services=("accounts",), clock=clock, sis="none:") as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        zoe = await client.zoe().arrive()
        reply = await certify(zoe)
        assert (reply.status, reply.slug) == (404, "records-not-offered")
        assert (await profile(zoe))["registrar"]["offered"] is False
