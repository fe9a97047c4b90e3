"""One-time links: validation and reset, to the second, once (acceptance 5 to 9, 13, 14, 16, 18)."""

import asyncio
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events.accounts import AccountExpired, AccountValidated
from tests.service.accounts.client import AccountsClient, Person


@pytest.fixture
async def new(client: AccountsClient) -> Person:
    """Registered, not validated."""
    zoe = client.zoe()
    await zoe.register()
    return zoe


# --- validation ------------------------------------------------------------------------------------------------------


async def test_looking_changes_nothing_and_pressing_the_button_validates(client: AccountsClient, new: Person) -> None:
    """Acceptance 5, 6."""
    token = await new.link()
    assert (await new.log_in()).slug == "bad-credentials"
    for _ in range(2):
        reply = await new.look(token)
        assert (reply.status, reply.body["status"], reply.body["purpose"]) == (200, "pending", "validation")
    client.clock.advance(hours=120, seconds=-1)
    reply = await new.follow(token)
    assert (reply.status, reply.body) == (200, {"login": new.file_number})
    assert len(await client.told(AccountValidated)) == 1
    assert (await new.look(token)).body["status"] == "used"
    assert (await new.log_in(login=new.file_number)).status == 200


async def test_after_120_hours_and_a_second_it_is_refused_and_a_new_link_may_be_asked(
    client: AccountsClient, new: Person
) -> None:
    """Acceptance 7."""
    token = await new.link()
    client.clock.advance(hours=120, seconds=1)
    assert (await new.look(token)).body["status"] == "expired"
    reply = await new.follow(token)
    assert (reply.status, reply.slug) == (410, "link-expired")
    assert (await new.log_in()).slug == "bad-credentials"
    assert (await new.resend()).status == 202
    second = await new.link("link-resent")
    assert (await new.follow(second)).status == 200
    assert (await new.look(token)).body["status"] == "used"


async def test_a_new_link_leaves_the_old_one_good_until_one_is_used(client: AccountsClient, new: Person) -> None:
    """Acceptance 109: eight requests of a stranger void nothing, and one mail leaves."""
    first = await new.link()
    for _ in range(8):
        assert (await new.resend()).status == 202
        assert (await new.forget()).status == 202
    assert [mail["kind"] for mail in await client.mails()] == [
        "account-created",
        "link-resent",
        "identifiers-forgotten",
    ]
    second = await new.link("link-resent")
    assert (await new.look(first)).body["status"] == "pending"
    assert (await new.follow(first)).status == 200
    assert (await new.follow(second)).slug == "already-validated"


async def test_a_second_time_says_already_validated_and_keeps_the_password(new: Person) -> None:
    """Acceptance 8."""
    token = await new.link()
    assert (await new.follow(token)).status == 200
    reply = await new.follow(token, "une toute autre phrase")
    assert (reply.status, reply.slug) == (409, "already-validated")
    assert (await new.log_in()).status == 200


async def test_a_lost_answer_is_given_again_to_the_same_key(client: AccountsClient, new: Person) -> None:
    token = await new.link()
    first = await new.follow(token, headers={"Idempotency-Key": "k1"})
    again = await new.follow(token, headers={"Idempotency-Key": "k1"})
    assert (again.status, again.body) == (200, first.body)
    assert (await new.follow(token, headers={"Idempotency-Key": "k2"})).slug == "already-validated"
    assert len(await client.told(AccountValidated)) == 1


async def test_of_twenty_at_once_one_validates(client: AccountsClient, new: Person) -> None:
    token = await new.link()
    replies = await asyncio.gather(*(new.follow(token) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 19
    assert len(await client.told(AccountValidated)) == 1


FORGED = ["forged", "A" * 43, "", "é", "x" * 200, "../accounts", "{$ne: null}"]


async def test_a_forged_link_is_unknown(new: Person) -> None:
    """Acceptance 18."""
    for token in FORGED:
        reply = await new.follow(token)
        assert (reply.status, reply.slug) == (404, "not-found")
        assert (await new.reset(token, new.password)).status == 404


FORGED_IN_PATHS = ["forged", "A" * 43, "%C3%A9", "x" * 201, "%24ne"]


async def test_looking_at_a_forged_link_finds_nothing(new: Person) -> None:
    for token in FORGED_IN_PATHS:
        assert (await new.look(token)).status == 404


async def test_the_file_number_is_no_link(new: Person) -> None:
    await new.link()
    assert (await new.follow(new.file_number)).status == 404


# --- passwords (acceptance 16) ---------------------------------------------------------------------------------------


BAD_PASSWORDS = [
    ("onze lettre", "too-short"),
    ("la mer monte" * 11, "too-long"),
    ("motdepasse2026", "too-common"),
    ("zoe.durand@etu.test", "too-personal"),
]


async def test_a_bad_password_is_refused_with_its_rule_and_the_link_stays_good(new: Person) -> None:
    token = await new.link()
    for password, rule in BAD_PASSWORDS:
        reply = await new.follow(token, password)
        assert (reply.status, reply.fields) == (422, {"password": rule})
        assert password not in str(reply.body)
    assert (await new.follow(token, "la mer monte")).status == 200


async def test_a_password_is_needed(new: Person) -> None:
    reply = await new.client.ask("POST", "/validations", {"token": await new.link()})
    assert (reply.status, reply.fields) == (422, {"password": "required"})


async def test_128_characters_will_do(new: Person) -> None:
    password = ("é" * 5 + "la mer monte" * 11)[:128]
    assert (await new.follow(await new.link(), password)).status == 200
    assert (await new.log_in(password=password)).status == 200
    assert (await new.log_in(password=password[:-1])).slug == "bad-credentials"


# --- clean-up (acceptance 9) -----------------------------------------------------------------------------------------


async def test_an_account_never_validated_goes_and_its_link_is_known_to_have_expired(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with run_suite(tmp_path, services=("accounts",), clock=clock) as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        zoe, kim = client.zoe(), client.zoe(email="kim@etu.test")
        await zoe.register()
        await kim.arrive()
        token = await zoe.link()
    clock.advance(hours=144)
    async with run_suite(tmp_path, services=("accounts",), clock=clock) as suite:
        client = zoe.client = kim.client = AccountsClient(suite, clock)
        while len(await client.told(AccountExpired)) < 1:
            await asyncio.sleep(0.01)
        timers = {timer.name: timer for timer in suite.service("accounts").service.timers}
        # Told first, gone once the telling has left its outbox, whoever of them all finds it then.
        while len(await client.kept("accounts")) > 1:
            await asyncio.gather(*(timers["clean-up"].run(client.command()) for _ in range(3)))
        assert len(await client.told(AccountExpired)) == 1
        (left,) = await client.kept("accounts")
        assert left["email"] == "kim@etu.test"
        assert (await zoe.look(token)).body["status"] == "expired"
        assert (await zoe.follow(token)).slug == "link-expired"
        assert (await zoe.resend()).status == 202
        assert await client.mails("link-resent") == []
        assert (await kim.log_in()).status == 200
        assert (await zoe.register()).status == 202
        (again,) = await client.mails(
            "account-created", zoe.email
        )  # what was told of the account that is gone went with it
        assert again["token"] != token


async def test_an_account_whose_new_link_is_still_good_stays(client: AccountsClient, new: Person) -> None:
    client.clock.advance(hours=130)
    await new.resend()
    await client.suite.settle()
    client.clock.advance(hours=119)
    timers = {timer.name: timer for timer in client.suite.service("accounts").service.timers}
    assert await timers["clean-up"].run(client.command()) == 0
    assert (await new.follow(await new.link("link-resent"))).status == 200


# --- forgotten identifiers (acceptance 13, 14) -----------------------------------------------------------------------


async def test_who_forgot_gets_the_login_and_a_link_for_two_hours(client: AccountsClient, zoe: Person) -> None:
    """Acceptance 13."""
    assert (await zoe.forget()).status == 202
    (mail,) = await client.mails("identifiers-forgotten")
    assert (mail["file_number"], mail["path"]) == (zoe.file_number, "/reinitialisation")
    assert mail["expires_at"] == "2026-11-22T14:00:00.000Z"
    assert (await zoe.look(mail["token"])).body["purpose"] == "password-reset"
    client.clock.advance(hours=2, seconds=-1)
    reply = await zoe.reset(mail["token"], "une toute autre phrase")
    assert (reply.status, reply.body) == (204, None)
    assert (await zoe.log_in(password="une toute autre phrase")).status == 200
    assert (await zoe.log_in()).slug == "bad-credentials"
    assert (await zoe.look(mail["token"])).body["status"] == "used"
    again = await zoe.reset(mail["token"], "encore une autre phrase")
    assert (again.status, again.slug) == (409, "link-used")


async def test_after_two_hours_the_reset_link_is_refused(client: AccountsClient, zoe: Person) -> None:
    """Acceptance 13."""
    await zoe.forget()
    token = await zoe.link("identifiers-forgotten")
    client.clock.advance(hours=2)
    assert (await zoe.look(token)).body["status"] == "expired"
    assert (await zoe.reset(token, "une toute autre phrase")).slug == "link-expired"
    assert (await zoe.log_in()).status == 200


async def test_a_reset_ends_every_session(zoe: Person) -> None:
    await zoe.forget()
    await zoe.reset(await zoe.link("identifiers-forgotten"), "une toute autre phrase")
    assert (await zoe.get("/me")).slug == "session-ended"
    assert (await zoe.refresh()).slug == "session-ended"
    assert await zoe.client.kept("sessions") == []


async def test_a_reset_lets_in_who_was_slowed_down(zoe: Person) -> None:
    for _ in range(10):
        await zoe.log_in(password="not the password")
    assert (await zoe.log_in()).slug == "too-many-attempts"
    await zoe.forget()
    await zoe.reset(await zoe.link("identifiers-forgotten"), "une toute autre phrase")
    assert (await zoe.log_in(password="une toute autre phrase")).status == 200


async def test_an_unknown_address_is_answered_the_same_and_written_nothing(client: AccountsClient, zoe: Person) -> None:
    """Acceptance 14."""
    for ask in (zoe.forget, zoe.resend):
        known, unknown = await ask(), await ask("nobody@etu.test")
        assert (known.status, known.body) == (unknown.status, unknown.body) == (202, {"status": "accepted"})
        assert known.headers.keys() == unknown.headers.keys()
    assert await client.mails(email="nobody@etu.test") == []
    assert await client.mails("link-resent") == []
    assert (await zoe.forget("nobody")).fields == {"email": "not-an-email"}


async def test_an_address_gets_one_mail_in_five_minutes_however_often_one_asks(
    client: AccountsClient, zoe: Person
) -> None:
    for count in (1, 2):
        for _ in range(4):
            assert (await zoe.forget()).status == 202
        assert len(await client.mails("identifiers-forgotten")) == count
        client.clock.advance(minutes=5)


async def test_the_same_key_asks_once(client: AccountsClient, zoe: Person) -> None:
    for _ in range(3):
        await zoe.forget(headers={"Idempotency-Key": "k1"})
    assert len(await client.mails("identifiers-forgotten")) == 1
    token = await zoe.link("identifiers-forgotten")
    for _ in range(2):
        reply = await zoe.reset(token, "une toute autre phrase", headers={"Idempotency-Key": "k2"})
        assert reply.status == 204


async def test_links_do_what_they_are_for_and_nothing_else(zoe: Person) -> None:
    await zoe.forget()
    assert (await zoe.follow(await zoe.link("identifiers-forgotten"))).status == 404
    assert (await zoe.reset(await zoe.link(), "une toute autre phrase")).status == 404
