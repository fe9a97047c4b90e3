"""The profile: steps, their versions, what is told of them (acceptance 23 to 25, 28 to 32, 35)."""

import asyncio
from typing import Any

import pytest

from services.accounts.repository.accounts import AccountRepository
from services.contracts.events.accounts import AddressChanged, CardChanged, ProfileCompleted
from services.contracts.events.catalogue import Audience
from tests.service.accounts.client import ADDRESS, INE, STEPS, AccountsClient, Person

ORDER = ["identity", "address", "baccalaureate"]


async def test_at_first_all_steps_are_missing_in_order(zoe: Person) -> None:
    """Acceptance 23, 24."""
    profile = (await zoe.get("/me/profile")).body
    assert profile["missing"] == ORDER
    assert profile["locked"] == profile["remarks"] == []
    assert profile["tags"] == {step: f"{step}-0" for step in ORDER}
    assert [profile["steps"][step] for step in ORDER] == [None] * 3
    reply = await zoe.get("/me/profile/identity")
    assert (reply.status, reply.slug) == (404, "step-not-given")


async def test_each_step_given_is_shown_as_kept_and_told(zoe: Person) -> None:
    for at, step in enumerate(ORDER):
        reply = await zoe.give(step)
        assert (reply.status, reply.headers["ETag"]) == (200, f'"{step}-1"')
        assert reply.body.items() >= STEPS[step].items()
        assert "Parvis-Seen" in reply.headers
        assert (await zoe.get(f"/me/profile/{step}")).body == reply.body
        assert (await zoe.get("/me/profile")).body["missing"] == ORDER[at + 1 :]
    cards = await zoe.client.told(CardChanged)
    assert [card["version"] for card in cards] == [1, 2, 3]
    assert [card["missing"] for card in cards] == [ORDER[1:], ORDER[2:], []]
    assert cards[-1]["steps"] == STEPS
    assert cards[-1]["file_number"] == zoe.file_number
    assert len(await zoe.client.told(ProfileCompleted)) == 1
    public = await zoe.client.everything_told(Audience.PUBLIC)
    assert INE not in public
    assert "Perpignan" not in public


async def test_steps_may_come_in_any_order_and_be_changed_later(zoe: Person) -> None:
    for step in reversed(ORDER):
        assert (await zoe.give(step)).status == 200
    assert (await zoe.give("address", city="Elne", postcode="66200")).headers["ETag"] == '"address-2"'
    assert len(await zoe.client.told(ProfileCompleted)) == 1
    assert (await zoe.client.told(CardChanged))[-1]["steps"]["address"]["city"] == "Elne"


async def test_a_second_baccalaureate_takes_the_place_of_the_first(zoe: Person) -> None:
    """Acceptance 25."""
    await zoe.give("baccalaureate")
    reply = await zoe.client.ask("PUT", "/me/profile/baccalaureate", {"kind": "none"}, zoe.bearer)
    assert (reply.status, reply.headers["ETag"]) == (200, '"baccalaureate-2"')
    assert (await zoe.get("/me/profile")).body["steps"]["baccalaureate"]["series"] is None


async def test_the_same_again_changes_nothing_and_tells_nobody(zoe: Person) -> None:
    for _ in range(2):
        reply = await zoe.give("address", if_match='"address-0"')
        assert (reply.status, reply.headers["ETag"]) == (200, '"address-1"')
    assert len(await zoe.client.told(CardChanged)) == 1


async def test_two_tabs_nothing_is_silently_lost(zoe: Person) -> None:
    """Acceptance 35."""
    replies = await asyncio.gather(
        *(zoe.give("address", if_match='"address-0"', lines=[f"{at} rue des Oiseaux"]) for at in range(5))
    )
    assert sorted(reply.status for reply in replies) == [200] + [412] * 4
    (good,) = [reply for reply in replies if reply.status == 200]
    for reply in replies:
        if reply.status == 412:
            assert (reply.slug, reply.body["version"]) == ("stale-version", 1)
            assert reply.body["current"]["lines"] == good.body["lines"]
    assert (await zoe.give("address", if_match='"address-1"', lines=["2"])).status == 200


OTHER_TAGS = ['"identity-1"', '"1"', '"address-2"', '"x"', 'W/"address-1"']


async def test_the_tag_of_something_else_never_fits(zoe: Person) -> None:
    await zoe.give("address")
    for tag in OTHER_TAGS:
        assert (await zoe.give("address", if_match=tag, lines=["2"])).status == 412


async def test_several_tags_and_the_star_fit(zoe: Person) -> None:
    await zoe.give("address")
    assert (await zoe.give("address", if_match='"address-7", "address-1"', lines=["2"])).status == 200
    assert (await zoe.give("address", if_match="*", lines=["3"])).status == 200


async def test_the_name_of_the_identity_becomes_the_name_of_the_account(zoe: Person) -> None:
    await zoe.give("identity", family_name="Durand-Roux")
    assert (await zoe.get("/me")).body["family_name"] == "Durand-Roux"
    assert (await zoe.client.told(AddressChanged))[-1]["family_name"] == "Durand-Roux"


async def test_nobody_sees_the_profile_of_another(zoe: Person) -> None:
    await zoe.give("address")
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    assert (await kim.get("/me/profile")).body["steps"]["address"] is None
    assert (await zoe.client.ask("GET", "/me/profile")).status == 401
    assert (await zoe.client.ask("PUT", "/me/profile/address", ADDRESS)).status == 401


# --- limits -------------------------------------------------------------------------------------------------------------


AT_THE_LIMITS: list[tuple[str, dict[str, Any]]] = [
    ("identity", {"family_name": "é" * 100, "usual_name": "é" * 100, "given_name": "é" * 100}),
    ("identity", {"other_given_names": "é" * 100, "birth_place": "é" * 100, "title": "mx"}),
    ("identity", {"usual_name": "", "phone": "", "national_student_number": " 0123456789m "}),
    ("identity", {"birth_date": "2016-11-22"}),
    ("identity", {"birth_date": "1926-11-22"}),
    ("identity", {"nationality": "es", "national_student_number": None}),
    ("address", {"lines": ["é" * 38] * 3, "city": "é" * 50, "postcode": "66020"}),
    ("address", {"country": "IE", "postcode": "é" * 12}),
    ("address", {"country": "IE", "postcode": None}),
    ("baccalaureate", {"series": "é" * 50, "honours": "é" * 30, "institution": "é" * 100, "country": "ES"}),
    ("baccalaureate", {"year": 2026}),
    ("baccalaureate", {"year": 1900}),
    ("baccalaureate", {"kind": "equivalent", "series": None}),
]


async def test_at_the_limits_all_is_well(zoe: Person) -> None:
    """Acceptance 31, 32, 33."""
    for step, changes in AT_THE_LIMITS:
        assert (await zoe.give(step, **changes)).status == 200, changes


PAST_THE_LIMITS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "identity",
        {"family_name": "é" * 101, "given_name": "é" * 101},
        {"family_name": "too-long", "given_name": "too-long"},
    ),
    (
        "identity",
        {"usual_name": "é" * 101, "birth_place": "é" * 101},
        {"usual_name": "too-long", "birth_place": "too-long"},
    ),
    ("identity", {"other_given_names": "é" * 101}, {"other_given_names": "too-long"}),
    ("identity", {"title": "duke", "birth_place": None}, {"title": "not-a-choice", "birth_place": "required"}),
    ("identity", {"birth_date": "2016-11-23"}, {"birth_date": "birth-date-out-of-range"}),
    ("identity", {"birth_date": "1926-11-21"}, {"birth_date": "birth-date-out-of-range"}),
    ("identity", {"birth_date": "2003-02-30"}, {"birth_date": "not-a-date"}),
    ("identity", {"birth_date": 0}, {"birth_date": "wrong-type"}),
    (
        "identity",
        {"nationality": "ZZ", "birth_country": "FRA"},
        {"birth_country": "too-long", "nationality": "not-a-country"},
    ),
    ("identity", {"nationality": "ZZ"}, {"nationality": "not-a-country"}),
    ("identity", {"national_student_number": "0123456789N"}, {"national_student_number": "student-number-key"}),
    ("identity", {"national_student_number": "0123456789"}, {"national_student_number": "not-a-student-number"}),
    ("identity", {"phone": "12", "mobile": "+33"}, {"phone": "not-a-phone-number", "mobile": "not-a-phone-number"}),
    ("identity", {"nickname": "Zo"}, {"": "unknown-field"}),
    ("address", {"lines": []}, {"lines": "too-few"}),
    ("address", {"lines": ["a"] * 4}, {"lines": "too-many"}),
    ("address", {"lines": ["é" * 39], "city": "é" * 51}, {"lines.0": "too-long", "city": "too-long"}),
    ("address", {"lines": [" "], "city": ""}, {"lines.0": "required", "city": "required"}),
    ("address", {"postcode": "6600"}, {"postcode": "french-postcode"}),
    ("address", {"postcode": None}, {"postcode": "required"}),
    ("address", {"city": "Elne"}, {"city": "city-elsewhere"}),
    ("address", {"country": "IE", "postcode": "é" * 13}, {"postcode": "too-long"}),
    ("baccalaureate", {"year": 2027}, {"year": "year-out-of-range"}),
    ("baccalaureate", {"year": 1899}, {"year": "year-out-of-range"}),
    ("baccalaureate", {"year": "2021"}, {"year": "wrong-type"}),
    ("baccalaureate", {"kind": "none"}, {"series": "not-expected", "year": "not-expected"}),
    ("baccalaureate", {"series": "é" * 51, "honours": "é" * 31}, {"series": "too-long", "honours": "too-long"}),
    ("baccalaureate", {"institution": "é" * 101}, {"institution": "too-long"}),
]


async def test_one_past_the_limits_is_refused_and_changes_nothing(zoe: Person) -> None:
    """Acceptance 31, 32, 33, and 30 as far as the key is concerned."""
    for step, changes, fields in PAST_THE_LIMITS:
        reply = await zoe.give(step, **changes)
        assert (reply.status, reply.slug, reply.fields) == (422, "invalid-fields", fields)
        assert (await zoe.get("/me/profile")).body["tags"][step] == f"{step}-0"


BOTH_KINDS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "identity",
        {"title": "madame", "family_name": "1234", "phone": "12"},
        {"title": "not-a-choice", "family_name": "not-a-name", "phone": "not-a-phone-number"},
    ),
    (
        "identity",
        {"nationality": "FRA", "national_student_number": None, "birth_date": "2016-11-23"},
        {"nationality": "too-long", "birth_date": "birth-date-out-of-range"},
    ),
    (
        "identity",
        {"mobile": 6, "national_student_number": None},
        {"mobile": "wrong-type", "national_student_number": "student-number-required"},
    ),
    (
        "address",
        {"lines": ["a" * 39, " "], "postcode": "99999"},
        {"lines.0": "too-long", "lines.1": "required", "postcode": "french-postcode"},
    ),
    ("address", {"lines": ["a"] * 4, "city": ""}, {"lines": "too-many", "city": "required"}),
    ("address", {"country": "FRA", "postcode": "99999", "city": ""}, {"country": "too-long", "city": "required"}),
    ("baccalaureate", {"series": 1, "year": 2027}, {"series": "wrong-type", "year": "year-out-of-range"}),
    (
        "baccalaureate",
        {"kind": "bak", "year": 2027, "series": ""},
        {"kind": "not-a-choice", "year": "year-out-of-range"},
    ),
]
"""What is wrong by its form and by a rule; nothing is said of what rests on a field without its form."""


async def test_form_and_rules_are_told_in_one_answer(zoe: Person) -> None:
    """Each field with its rule and a text (texts A13)."""
    assert (await zoe.give("baccalaureate")).status == 200
    before = (await zoe.get("/me/profile")).body["tags"]
    for step, changes, fields in BOTH_KINDS:
        reply = await zoe.give(step, **changes)
        assert (reply.status, reply.slug, reply.fields) == (422, "invalid-fields", fields), changes
        assert all(fault["message"] for fault in reply.body["fields"])
    assert (await zoe.get("/me/profile")).body["tags"] == before


async def test_phones_are_kept_as_all_the_world_writes_them(zoe: Person) -> None:
    reply = await zoe.give("identity", phone="04 68 66 20 00", mobile="+34 612 34 56 78")
    assert (reply.body["phone"], reply.body["mobile"]) == ("+33468662000", "+34612345678")


async def test_names_are_kept_as_typed_and_composed(zoe: Person) -> None:
    reply = await zoe.give("identity", family_name="d’Eṩté-LÖWE", given_name="Zoe\u0301")
    assert (reply.body["family_name"], reply.body["given_name"]) == ("d’Eṩté-LÖWE", "Zoé")


# --- the student number (acceptance 29, 30) -------------------------------------------------------------------------------


async def test_a_french_national_without_student_number_lacks_the_identity(zoe: Person) -> None:
    """Acceptance 29."""
    for step in ORDER:
        assert (await zoe.give(step, **({"national_student_number": None} if step == "identity" else {}))).status == 200
    profile = (await zoe.get("/me/profile")).body
    assert profile["missing"] == ["identity"]
    assert profile["remarks"] == [
        {"step": "identity", "field": "national_student_number", "slug": "student-number-required"}
    ]
    assert (await zoe.client.told(CardChanged))[-1]["missing"] == ["identity"]
    reply = await zoe.give("identity", national_student_number=None, birth_place="Elne")
    assert reply.fields == {"national_student_number": "student-number-required"}
    assert (await zoe.give("identity")).status == 200
    assert (await zoe.get("/me/profile")).body["missing"] == []
    assert len(await zoe.client.told(ProfileCompleted)) == 1


async def test_a_foreign_national_needs_none(zoe: Person) -> None:
    """Acceptance 29."""
    for step in ORDER:
        changes = {"national_student_number": None, "nationality": "ES"} if step == "identity" else {}
        await zoe.give(step, **changes)
    assert (await zoe.get("/me/profile")).body["missing"] == []


async def test_a_student_number_typed_first_by_a_stranger_does_not_shut_its_owner_out(zoe: Person) -> None:
    """Acceptance 30: nobody has verified it, so both are taken and answered alike, and staff see the pair."""
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    replies = await asyncio.gather(zoe.give("identity"), kim.give("identity"))
    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].body == replies[1].body
    assert (await zoe.give("identity", birth_place="Elne")).status == 200
    accounts = [(await person.get("/me")).body["account"] for person in (zoe, kim)]
    assert await doubtful(zoe.client) == [sorted(accounts)]
    assert (await kim.give("identity", national_student_number="0123456790N")).status == 200
    assert await doubtful(zoe.client) == []


async def doubtful(client: AccountsClient) -> list[list[str]]:
    ports = client.suite.service("accounts").service.ports
    return [[each.id for each in group] async for group in AccountRepository(ports.store, ports.outbox).doubtful()]


@pytest.mark.parametrize("body", [[], [None, None], "Durand", 7])
async def test_what_is_no_form_at_all_is_refused_as_such(zoe: Person, body: object) -> None:
    for step in STEPS:
        reply = await zoe.client.ask("PUT", f"/me/profile/{step}", body, zoe.bearer)
        assert (reply.status, reply.slug) == (422, "invalid-fields")
