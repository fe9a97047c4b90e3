"""Everybody can answer truthfully (acceptance 107): real ways of writing names, dates, countries, phones, numbers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.accounts.client import IDENTITY, AccountsClient, Person, Reply

INPUTS = Path(__file__).with_name("inputs")
PHONES = [
    "+590690123456",
    "+590691234567",
    "+262692123456",
    "+262693123456",
    "+594694201234",
    "+596696201234",
    "+596697123456",
    "+262639123456",
    "+262262201234",
    "+590590821234",
    "+594594301234",
    "+596596601234",
    "+262269611234",
    "+262692123456",
]
RIGHT: dict[str, list[dict[str, Any]]] = {
    "c-overseas-phones": [{"mobile": number} for number in PHONES],
    "d-pasted-phone": [{"mobile": "+33612345678"}] * 4,
    "e-stateless-and-former-countries": [
        {"nationality": "XA"},
        {"nationality": "XX"},
        {"birth_country": "YU"},
        {"birth_country": "SU"},
        {"birth_country": "DD"},
    ],
    "f-birth-date-digits": [
        {"slug": "birth_date not-a-date"},
        {"slug": "birth_date not-a-date"},
        {"slug": "birth_date not-a-date"},
        {"slug": "birth_date not-a-date"},
    ],
    "g-names": [
        {"slug": "given_name required"},
        {"slug": "given_name not-a-name"},
        {"given_name": "Jean-Christophe-Marie"},
        {"family_name": "Müller-Lüdenscheidt-Hohenzollern"},
        {"family_name": "Zoé"},
        {"family_name": "Zoé"},
        {"slug": "family_name malformed"},
    ],
    "h-postcodes": [{"postcode": "00200"}, {"postcode": "00100"}, {"postcode": "66000"}, {"postcode": "11936-53471"}],
    "j-student-numbers": [
        {"slug": "national_student_number not-a-student-number"},
        {"slug": "national_student_number not-a-student-number"},
        {"national_student_number": "060012345AB"},
    ],
}


def outcome(reply: Reply, expected: dict[str, Any]) -> dict[str, Any]:
    if reply.status == 422:
        return {"slug": " ".join(f"{field} {slug}" for field, slug in reply.fields.items())}
    assert reply.status == 200, reply.body
    return {name: reply.body[name] for name in expected}


@pytest.mark.parametrize("name", RIGHT)
async def test_inputs_of_real_kinds_come_out_right(zoe: Person, name: str) -> None:
    requests = json.loads((INPUTS / f"{name}.json").read_text(encoding="utf-8"))
    assert len(requests) == len(RIGHT[name])
    for request, expected in zip(requests, RIGHT[name], strict=True):
        path = request["path"].removeprefix("/api/accounts")
        reply = await zoe.client.ask(request["method"], path, request["body"], zoe.bearer)
        assert outcome(reply, expected) == expected, request


async def test_who_has_one_name_registers_and_is_greeted_by_it(client: AccountsClient) -> None:
    person = client.zoe(family_name="Suharto")
    assert (await person.register(given_name="", single_name=False)).fields == {"given_name": "required"}
    assert (await person.register(single_name=True)).fields == {"given_name": "one-name-only"}
    form = {name: value for name, value in person.form.items() if name != "given_name"} | {"single_name": True}
    assert (await client.ask("POST", "/accounts", form)).status == 202
    await person.follow(await person.link())
    await person.log_in()
    assert (await person.get("/me")).body["given_name"] is None
    reply = await person.give("identity", family_name="Suharto", given_name=None, single_name=True)
    assert (reply.status, reply.body["given_name"], reply.body["single_name"]) == (200, None, True)
    assert (await person.give("identity", single_name=True)).fields == {"given_name": "one-name-only"}
    reply = await person.give("identity")
    assert (reply.body["given_name"], reply.body["single_name"]) == (IDENTITY["given_name"], False)


DATES = [
    ("2003", "2003"),
    ("2003-05", "2003-05"),
    ("2003-05-00", "2003-05"),
    ("2003-00-00", "2003"),
    ("2016", "2016"),
    ("2016-11", "2016-11"),
    ("1926", "1926"),
]


async def test_who_knows_no_day_or_month_of_birth_says_so(zoe: Person) -> None:
    for typed, kept in DATES:
        reply = await zoe.give("identity", birth_date=typed)
        assert (reply.status, reply.body.get("birth_date")) == (200, kept), typed
    for typed in ("2003-00-14", "2003-13", "2003-1", "03-05-2003", "20030514"):
        assert (await zoe.give("identity", birth_date=typed)).fields == {"birth_date": "not-a-date"}, typed
    for typed in ("2017", "2016-12", "1925", "1926-10"):
        assert (await zoe.give("identity", birth_date=typed)).fields == {"birth_date": "birth-date-out-of-range"}, typed


NAMES = [
    ("J. R.", "J. R."),
    ("J.R.", "J.R."),
    ("St. John", "St. John"),
    ("St.John", "St. John"),
    ("O’Brien-d'Ormesson", "O’Brien-d'Ormesson"),
    ("Raj s/o Kumar", "Raj s/o Kumar"),
    ("علی\u200cرضا", "علی\u200cرضا"),
    ("Zo\u200dé", "Zoé"),
    ("Zoé\u3164", "Zoé"),
    ("Zoé\xa0\u202fMarie", "Zoé  Marie"),
    ("evil.test", "evil. test"),
    ("evil\u200b.te\u202est", "evil. test"),
    ("evil\u3002test", "evil\u3002 test"),
]


async def test_real_names_pass_and_none_becomes_a_link_in_a_mail(zoe: Person) -> None:
    for typed, kept in NAMES:
        reply = await zoe.give("identity", given_name=typed, usual_name=typed)
        assert (reply.status, reply.body.get("given_name"), reply.body.get("usual_name")) == (200, kept, kept), typed
    for typed in (
        "http://evil.test/x",
        "WWW.evil",
        "x@evil.test",
        "<b>Zoé</b>",
        "evil.com",
        "evil\u200b\u3002c\u202eom",
    ):
        for field in ("given_name", "family_name", "usual_name", "other_given_names", "birth_place"):
            assert (await zoe.give("identity", **{field: typed})).fields == {field: "not-a-name"}, typed
        assert (await zoe.register(family_name=typed)).fields == {"family_name": "not-a-name"}
    await zoe.client.zoe(email="new@etu.test").register(family_name="evil.test")
    # Before an address is proved to be theirs, mails repeat nothing that somebody typed.
    assert (await zoe.client.mails(email="new@etu.test"))[0]["family_name"] == ""


async def test_a_heap_of_marks_is_refused_unread(client: AccountsClient) -> None:
    """Acceptance 108: a text beyond all measure is not composed first."""
    for text in ("\u0301\u0316" * 5000, "a" * (4 * 254 + 65)):
        assert (await client.zoe().forget(text)).fields == {"email": "too-long"}
