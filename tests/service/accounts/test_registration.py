"""Opening accounts (acceptance 1 to 4, 9, 19, 20)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.accounts.domain.throttles import SHARDS
from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events.accounts import AccountExpired, AccountRegistered, AddressChanged
from services.contracts.events.catalogue import Audience
from tests.service.accounts.client import AccountsClient

PENDING = {"status": "pending_validation"}


async def test_who_registers_gets_one_mail_with_link_and_login(client: AccountsClient) -> None:
    """Acceptance 1, 10."""
    zoe = client.zoe()
    reply = await zoe.register()
    assert (reply.status, reply.body) == (202, PENDING)
    (mail,) = await client.mails()
    assert (mail["kind"], mail["email"], mail["path"]) == ("account-created", zoe.email, "/validation")
    assert mail["expires_at"] == "2026-11-27T12:00:00.000Z"
    assert len(mail["file_number"]) == 8
    (told,) = await client.told(AccountRegistered)
    assert told == {"account": mail["account"], "campaign": "2027"}
    (entry,) = await client.told(AddressChanged)
    assert (entry["given_name"], entry["language"]) == ("Zoé", "fr")


async def test_public_events_and_the_answer_name_nobody(client: AccountsClient) -> None:
    zoe = await client.zoe().arrive()
    public = await client.everything_told(Audience.PUBLIC)
    for personal in (zoe.email, zoe.family_name, zoe.given_name, zoe.file_number):
        assert personal.casefold() not in public.casefold()


async def test_only_digests_of_secrets_are_kept(client: AccountsClient) -> None:
    zoe = await client.zoe().arrive()
    kept = str([await client.kept(name) for name in ("accounts", "links", "sessions", "command_keys")])
    for secret in (await zoe.link(), zoe.password, zoe.tokens["refresh_token"].partition(".")[2]):
        assert secret not in kept


async def test_the_language_is_the_one_chosen_or_the_one_of_the_browser(client: AccountsClient) -> None:
    await client.zoe(email="a@etu.test").register({"Accept-Language": "en-GB"})
    await client.zoe(email="b@etu.test").register({"Accept-Language": "en"}, language="fr")
    assert [mail["language"] for mail in await client.mails()] == ["en", "fr"]


# --- refused (acceptance 2, 3) ---------------------------------------------------------------------------------------


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"email_confirmation": "zoé@etu.test"}, {"email_confirmation": "confirmation-differs"}),
    ({"email": "", "email_confirmation": ""}, {"email": "required", "email_confirmation": "required"}),
    ({"family_name": " ", "given_name": "\t\n"}, {"family_name": "required", "given_name": "required"}),
    ({"family_name": "é" * 101}, {"family_name": "too-long"}),
    ({"given_name": "é" * 101}, {"given_name": "too-long"}),
    ({"email": "z" * 246 + "@etu.test", "email_confirmation": "x"}, {"email": "too-long"}),
    ({"family_name": {"$ne": None}}, {"family_name": "wrong-type"}),
    ({"family_name": "a\u0000b"}, {"family_name": "malformed"}),
    ({"family_name": "a\ufffdb"}, {"family_name": "malformed"}),
    ({"language": "de"}, {"language": "not-a-choice"}),
    ({"role": "admin"}, {"": "unknown-field"}),
]


async def test_all_that_is_wrong_is_named(client: AccountsClient) -> None:
    for changes, fields in WRONG:
        reply = await client.zoe().register(**changes)
        assert (reply.status, reply.slug) == (422, "invalid-fields"), changes
        assert fields.items() <= reply.fields.items()
        assert await client.kept("accounts") == []


BOTH_KINDS: list[tuple[dict[str, Any], dict[str, str]]] = [
    (
        {"language": "de", "family_name": "1234", "email_confirmation": "zoe@autre.test"},
        {"language": "not-a-choice", "family_name": "not-a-name", "email_confirmation": "confirmation-differs"},
    ),
    ({"email": 7, "given_name": ""}, {"email": "wrong-type", "given_name": "required"}),
    ({"email_confirmation": None, "email": "zoe"}, {"email_confirmation": "wrong-type", "email": "not-an-email"}),
    ({"role": "admin", "given_name": "1234"}, {"": "unknown-field", "given_name": "not-a-name"}),
    (
        {"single_name": "no", "given_name": "", "family_name": ""},
        {"single_name": "wrong-type", "family_name": "required"},
    ),
    (
        {"family_name": "x" * 101, "email": "", "email_confirmation": ""},
        {
            "family_name": "too-long",
            "email": "required",
            "email_confirmation": "required",
        },
    ),
]
"""What is wrong by its form and by a rule, at once; nothing is said of what rests on a field without its form."""


async def test_form_and_rules_are_told_in_one_answer(client: AccountsClient) -> None:
    """Acceptance 2, 3; each with its text (texts A13)."""
    for changes, fields in BOTH_KINDS:
        reply = await client.zoe().register(**changes)
        assert (reply.status, reply.slug, reply.fields) == (422, "invalid-fields", fields), changes
        assert all(fault["message"] for fault in reply.body["fields"])
    for path in ("/validations/resend", "/password-resets"):
        reply = await client.ask("POST", path, {"email": "zoe", "e-mail": "zoe@etu.test"})
        assert reply.fields == {"": "unknown-field", "email": "not-an-email"}
    assert await client.kept("requests") == []


NO_ADDRESSES = [
    "zoe",
    "zoe@",
    "@etu.test",
    "zoe@etu",
    "zoe@localhost",
    "zoe etu@x.fr",
    "a@b@x.fr",
    "zoé@x.fr",
    "z@x..fr",
    "z@-x.fr",
]


async def test_what_no_mail_can_reach_is_no_address(client: AccountsClient) -> None:
    for email in NO_ADDRESSES:
        reply = await client.zoe(email=email).register()
        assert (reply.status, reply.fields) == (422, {"email": "not-an-email"})


async def test_missing_fields_are_listed(client: AccountsClient) -> None:
    """Acceptance 3."""
    reply = await client.ask("POST", "/accounts", {}, {"Accept-Language": "en"})
    assert reply.status == 422
    assert reply.fields == dict.fromkeys(("family_name", "given_name", "email", "email_confirmation"), "required")


AT_THE_LIMITS: list[dict[str, Any]] = [
    {"family_name": "é" * 100, "given_name": "é" * 100},
    {"family_name": "e\u0301" * 100},
    {"email": "Zoe+parvis@Étu.example", "email_confirmation": "zoe+PARVIS@étu.example"},
    {"email": f"{'z' * 64}@{'e' * 29}.test", "email_confirmation": f" {'z' * 64}@{'e' * 29}.test "},
]


async def test_at_the_limits_all_is_well(client: AccountsClient) -> None:
    for at, changes in enumerate(AT_THE_LIMITS):
        person = client.zoe(email=f"zoe{at}@etu.test")
        assert (await person.register(**changes)).status == 202, changes
        await client.suite.settle()
        assert len(await client.kept("accounts")) == at + 1


async def test_before_a_campaign_nobody_can_register(closed_client: AccountsClient) -> None:
    reply = await closed_client.zoe().register()
    assert (reply.status, reply.slug) == (409, "no-active-campaign")


# --- one account per address (acceptance 4) --------------------------------------------------------------------------


async def test_twenty_at_the_same_instant_make_one_account(client: AccountsClient) -> None:
    """Acceptance 4."""
    spellings = [client.zoe(email=email) for email in ("zoe@etu.test", "ZOE@ETU.TEST") for _ in range(10)]
    replies = await asyncio.gather(*(person.register() for person in spellings))
    assert {(reply.status, str(reply.body)) for reply in replies} == {(202, str(PENDING))}
    kinds = [mail["kind"] for mail in await client.mails()]
    assert kinds == ["account-created", "account-exists"]
    (account,) = await client.kept("accounts")
    assert (await spellings[0].follow((await client.mails("account-created"))[0]["token"])).status == 200
    assert account["state"] == "pending"


async def test_a_known_address_is_told_by_mail_alone_and_seldom(client: AccountsClient) -> None:
    zoe = await client.zoe().arrive()
    known, unknown = await zoe.register(), await client.zoe(email="new@etu.test").register()
    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert known.headers.keys() == unknown.headers.keys()
    assert "Parvis-Seen" not in known.headers
    await zoe.register()
    client.clock.advance(minutes=5, seconds=-1)
    await zoe.register()
    (mail,) = await client.mails("account-exists")
    assert (mail["email"], mail["file_number"], mail["path"]) == (zoe.email, zoe.file_number, "/reinitialisation")
    client.clock.advance(seconds=1)
    await zoe.register()
    assert len(await client.mails("account-exists")) == 2


async def test_domains_that_differ_are_two_peoples(client: AccountsClient) -> None:
    """Under IDNA 2008 `straße.test` is not `strasse.test`; so it is with either Greek s at the end of a word."""
    for one, other in (("zoe@straße.test", "zoe@strasse.test"), ("zoe@σοφός.test", "zoe@σοφόσ.test")):
        for email in (one, other):
            person = await client.zoe(email=email).arrive()
            assert (await person.log_in(login=email)).status == 200
            assert (await person.get("/me")).body["email"] == email
    assert len(await client.kept("accounts")) == 4


async def test_the_mail_for_a_known_address_helps_who_lost_the_first_one(client: AccountsClient) -> None:
    zoe = client.zoe()
    await zoe.register()
    await zoe.register()
    assert (await zoe.reset(await zoe.link("account-exists"), zoe.password)).status == 204
    assert (await zoe.log_in()).status == 200
    assert (await zoe.follow(await zoe.link())).slug == "already-validated"


async def test_the_same_key_twenty_times_is_one_registration_and_one_mail(client: AccountsClient) -> None:
    zoe = client.zoe()
    replies = await asyncio.gather(*(zoe.register({"Idempotency-Key": "k1"}) for _ in range(20)))
    assert {reply.status for reply in replies} == {202}
    assert [mail["kind"] for mail in await client.mails()] == ["account-created"]
    other = await client.zoe(given_name="Zora").register({"Idempotency-Key": "k1"})
    assert (other.status, other.slug) == (422, "idempotency-key-reused")
    assert len(await client.kept("accounts")) == 1


async def test_a_strangers_key_is_not_mine(client: AccountsClient) -> None:
    """Acceptance 108: who has sent the same key before does not have me refused, nor answered in my stead."""
    zoe, ali = client.zoe(), client.zoe(email="ali@etu.test")
    key = {"Idempotency-Key": "1"}
    assert [(await person.register(key)).status for person in (ali, zoe)] == [202, 202]
    for person in (ali, zoe):
        assert (await person.follow(await person.link(), headers=key)).status == 200
        assert (await person.log_in(headers=key)).status == 200
        assert (await person.forget(headers=key)).status == 202
    assert len(await client.mails("identifiers-forgotten")) == 2


# --- file numbers (acceptance 20) ------------------------------------------------------------------------------------


async def test_every_file_number_ever_given_is_in_the_ledger(client: AccountsClient) -> None:
    """Acceptance 20."""
    people = [client.zoe(email=f"{number}@etu.test") for number in range(20)]
    await asyncio.gather(*(person.register() for person in people))
    numbers = {mail["file_number"] for mail in await client.mails()}
    assert len(numbers) == 20
    assert numbers <= {row["_id"] for row in await client.kept("file_numbers")}
    client.clock.advance(hours=200)
    await asyncio.gather(*(person.register() for person in people))
    assert len({mail["file_number"] for mail in await client.mails()}) == 40


# --- too late (acceptance 9) -----------------------------------------------------------------------------------------


async def test_after_the_deadline_the_address_is_free_at_once(client: AccountsClient) -> None:
    """Acceptance 9."""
    zoe = client.zoe()
    await zoe.register()
    first = await zoe.link()
    client.clock.advance(hours=120)
    assert (await zoe.register()).status == 202
    created = await client.mails("account-created")
    assert len(created) == 2
    assert created[0]["account"] != created[1]["account"]
    assert created[0]["file_number"] != created[1]["file_number"]
    assert await client.told(AccountExpired) == [{"account": created[0]["account"], "campaign": "2027"}]
    assert (await zoe.follow(first)).slug == "link-expired"
    assert (await zoe.follow(created[1]["token"])).status == 200


async def test_a_registration_repeated_with_its_key_after_the_deadline_opens_nothing_anew(
    client: AccountsClient,
) -> None:
    zoe = client.zoe()
    await zoe.register({"Idempotency-Key": "k1"})
    client.clock.advance(hours=121)
    assert (await zoe.register({"Idempotency-Key": "k1"})).status == 202
    assert len(await client.mails()) == 1


# --- the next campaign (acceptance 19) -------------------------------------------------------------------------------


async def test_in_the_next_campaign_one_registers_anew_with_the_same_address(client: AccountsClient) -> None:
    """Acceptance 19."""
    zoe = await client.zoe().arrive()
    old_number = zoe.file_number
    await client.open_campaign("2028", closing="2027")
    assert (await zoe.log_in()).slug == "campaign-over"
    assert (await zoe.log_in(login=old_number)).slug == "campaign-over"
    assert (await zoe.log_in(password="not the password")).slug == "bad-credentials"
    assert (await zoe.refresh()).slug == "campaign-over"
    assert (await zoe.register()).status == 202
    assert (await zoe.follow(await zoe.link(), "une toute autre phrase")).status == 200
    assert zoe.file_number != old_number
    assert (await zoe.log_in(password="une toute autre phrase")).status == 200
    assert (await zoe.log_in(login=old_number)).slug == "campaign-over"


# --- floods (acceptance 108, 109) -------------------------------------------------------------------------------------


async def test_a_school_registers_from_one_address_and_a_flood_does_not(client: AccountsClient) -> None:
    """300 an hour, a third of them at once; others go on."""
    flood, neighbour = ({"X-Forwarded-For": f"203.0.113.{number}"} for number in (7, 8))
    for ten in range(10):
        people = [client.zoe(email=f"{ten}{number}@etu.test") for number in range(10)]
        replies = await asyncio.gather(*(person.register(flood) for person in people))
        assert [reply.status for reply in replies] == [202] * 10
    reply = await client.zoe().register(flood)
    assert (reply.status, reply.slug, reply.headers["Retry-After"]) == (429, "too-many-requests", "12")
    for ask in (client.zoe().forget, client.zoe().resend):
        assert (await ask(headers=flood)).status == 429
    assert (await client.zoe().register(neighbour)).status == 202
    client.clock.advance(seconds=11)
    assert (await client.zoe().register(flood)).headers["Retry-After"] == "1"
    client.clock.advance(seconds=1)
    assert (await client.zoe().register(flood)).status == 202
    assert (await client.zoe().register(flood)).status == 429


async def test_one_network_and_everywhere_are_bounded_too(tmp_path: Path, clock: FixedClock) -> None:
    settings = {"REQUESTS_PER_ADDRESS": "3", "REQUESTS_PER_NETWORK": "6", "REQUESTS_PER_HOUR": str(SHARDS * 12)}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(f"PARVIS_ACCOUNTS_{name}", value)
        async with run_suite(tmp_path, services=("accounts",), clock=clock) as suite:
            client = AccountsClient(suite, clock)
            await client.open_campaign()
            lines = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(4)]
            replies = [
                (await client.zoe(email=f"{at}@etu.test").register(line)).status for at, line in enumerate(lines)
            ]
            assert replies == [202, 202, 429, 429]
            # What one line is refused is not held against its network.
            elsewhere = {"X-Forwarded-For": "198.51.100.7"}
            assert [(await client.zoe().register(elsewhere)).status for _ in range(5)] == [202, 429, 429, 429, 429]
            assert (await client.zoe().register({"X-Forwarded-For": "198.51.100.8"})).status == 202


async def test_what_was_taken_is_done_though_one_cannot_be(client: AccountsClient) -> None:
    """Acceptance 104 of requests: one that cannot be read is parked, and keeps nobody else's waiting."""
    store = client.suite.service("accounts").service.ports.store
    await store.insert("requests", {"_id": "bad", "version": 1, "at": "2026-11-22T11:00:00.000Z"})
    assert (await client.zoe().register()).status == 202
    async with asyncio.timeout(120):
        while not await client.kept("accounts") or len(await client.kept("requests")) > 1:
            await asyncio.sleep(0.01)
    (parked,) = await client.kept("parked")
    assert (parked["_id"], parked["state"], parked["reason"]) == ("timer-requests:bad", "parked", "KeyError")
    assert await store.delete("requests", "bad")
