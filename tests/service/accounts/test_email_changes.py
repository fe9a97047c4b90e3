"""Another address for an account: the old one is in force until the new one is proved (acceptance 17, 18)."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events import accounts as events
from tests.service.accounts.client import PASSWORD, AccountsClient, Person, Reply
from tests.service.accounts.watched import watching

NEW = "zoe.durand@ailleurs.test"
NEW_IN_CAPITALS = "ZOE.DURAND@ailleurs.test"


async def change(person: Person, email: str = NEW, **more: Any) -> Reply:
    body = {"email": email, "email_confirmation": email, "password": PASSWORD} | more
    return await person.do("POST", "/me/email-changes", {name: it for name, it in body.items() if it is not None})


async def link_to(client: AccountsClient, email: str) -> str:
    return str((await client.mails("email-changed", email))[-1]["token"])


async def follow(client: AccountsClient, token: str, **headers: str) -> Reply:
    return await client.ask("POST", "/validations", {"token": token}, headers)


async def notices(client: AccountsClient) -> list[tuple[str, str]]:
    return [(each["kind"], each["email"]) for each in await client.told(events.NoticeIssued)]


async def test_one_is_logged_out_and_the_old_address_is_in_force_until_the_new_one_is_proved(zoe: Person) -> None:
    """Acceptance 17."""
    old = zoe.email
    assert (await change(zoe)).status == 202
    assert (await zoe.get("/me")).slug == "session-ended"
    assert await notices(zoe.client) == [("email-change-asked", old)]
    token = await link_to(zoe.client, NEW)
    (mail,) = await zoe.client.mails("email-changed")
    assert (mail["given_name"], mail["family_name"]) == ("", ""), "nobody has proved that the address is theirs"
    assert (await zoe.log_in(login=NEW)).slug == "bad-credentials"
    assert (await zoe.log_in(login=old)).status == 200
    me = (await zoe.get("/me")).body
    assert (me["email"], me["new_email"]) == (old, NEW)
    assert (await zoe.look(token)).body.items() >= {"status": "pending", "purpose": "email-change"}.items()

    done = await follow(zoe.client, token)
    assert (done.status, done.body) == (200, {"login": zoe.file_number})
    assert (await zoe.look(token)).body["status"] == "used"
    assert (await follow(zoe.client, token)).slug == "already-validated"
    assert await notices(zoe.client) == [("email-change-asked", old), ("email-change-done", old)]
    assert (await zoe.client.told(events.AddressChanged))[-1]["email"] == NEW
    assert (await zoe.log_in(login=old)).slug == "bad-credentials"
    assert (await zoe.log_in(login=NEW.upper())).status == 200
    me = (await zoe.get("/me")).body
    assert (me["email"], me["new_email"], me["file_number"]) == (NEW, None, zoe.file_number)
    assert (await zoe.client.zoe(email=old).arrive()).file_number != zoe.file_number, "the old address is free"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email_confirmation": "other@etu.test"}, {"email_confirmation": "confirmation-differs"}),
        ({"email": "x", "email_confirmation": "x"}, {"email": "not-an-email"}),
        ({"email": "", "email_confirmation": ""}, {"email": "required", "email_confirmation": "required"}),
        ({"email": "ZOE.durand@etu.test", "email_confirmation": "zoe.durand@etu.test"}, {"email": "email-unchanged"}),
        ({"password": "not the password"}, {"password": "wrong-password"}),
        ({"password": None}, {"password": "required"}),
        ({"email": "x", "email_confirmation": "x", "password": ""}, {"email": "not-an-email", "password": "required"}),
    ],
)
async def test_what_is_wrong_is_named_and_changes_nothing(
    zoe: Person, body: dict[str, str], fields: dict[str, str]
) -> None:
    reply = await change(zoe, **body)
    assert (reply.status, reply.fields) == (422, fields)
    assert (await zoe.get("/me")).body["new_email"] is None
    assert await notices(zoe.client) == []


async def test_passwords_are_not_guessed_at_this_door(zoe: Person) -> None:
    """Acceptance 15."""
    for _ in range(10):
        assert (await change(zoe, password="not the password")).status == 422
    assert (await change(zoe)).slug == "too-many-attempts"


async def test_five_changes_in_a_row_and_the_next_one_waits(zoe: Person) -> None:
    """Acceptance 108: each one writes to an address that may be a stranger's."""
    for at in range(5):
        assert (await change(zoe, f"stranger{at}@etu.test")).status == 202
        await zoe.log_in()
    for _ in range(11):  # as many as would be taken for guesses, if their passwords were looked at
        late = await change(zoe, "stranger5@etu.test", password="not the password")
        assert (late.status, late.slug) == (429, "too-many-requests")
    assert (await zoe.get("/me")).status == 200
    zoe.client.clock.advance(hours=1)
    await zoe.log_in()
    assert (await change(zoe, "stranger5@etu.test")).status == 202


async def test_a_forged_link_is_unknown_whatever_one_knows_of_the_account(zoe: Person) -> None:
    """Acceptance 18."""
    await change(zoe)
    await link_to(zoe.client, NEW)
    for forged in (zoe.file_number, "A" * 43):
        assert (await follow(zoe.client, forged)).status == 404
    assert (await zoe.client.ask("GET", f"/validations/{'A' * 43}")).status == 404
    assert (await zoe.reset(await link_to(zoe.client, NEW), "trois poissons dans un arbre")).status == 404


async def test_an_expired_link_leaves_the_account_as_it_is(zoe: Person) -> None:
    """As long as a validation link, to the second: 120 hours."""
    await change(zoe)
    token = await link_to(zoe.client, NEW)
    zoe.client.clock.advance(hours=120)
    assert (await zoe.look(token)).body["status"] == "expired"
    assert (await follow(zoe.client, token)).slug == "link-expired"
    assert (await zoe.log_in()).status == 200
    me = (await zoe.get("/me")).body
    assert (me["email"], me["new_email"]) == (zoe.email, None)


async def test_the_link_is_good_in_its_last_second(zoe: Person) -> None:
    await change(zoe)
    token = await link_to(zoe.client, NEW)
    zoe.client.clock.advance(seconds=120 * 3600 - 1)
    assert (await follow(zoe.client, token)).status == 200


async def test_of_two_changes_the_later_link_counts(zoe: Person) -> None:
    await change(zoe, "typo@ailleurs.test")
    first = await link_to(zoe.client, "typo@ailleurs.test")
    zoe.client.clock.advance(seconds=30)
    await zoe.log_in()
    await change(zoe)
    second = await link_to(zoe.client, NEW)
    assert (await zoe.look(first)).body["status"] == "expired"
    assert (await follow(zoe.client, first)).slug == "link-expired"
    assert (await follow(zoe.client, second)).status == 200


async def test_a_new_password_calls_a_strangers_change_off(zoe: Person) -> None:
    for way in ("reset", "change"):
        zoe.client.clock.advance(minutes=6)
        await zoe.log_in()
        await change(zoe)
        token = await link_to(zoe.client, NEW)
        password = f"trois poissons dans un arbre {way}"
        if way == "reset":
            await zoe.forget()
            assert (await zoe.reset(await zoe.link("identifiers-forgotten"), password)).status == 204
            zoe.password = password
        else:
            await zoe.log_in()
            body = {"current_password": zoe.password, "password": PASSWORD}
            assert (await zoe.do("POST", "/me/password", body)).status == 204
            zoe.password = PASSWORD
        assert (await follow(zoe.client, token)).slug == "link-expired"
        if way == "reset":
            await zoe.log_in()
            body = {"current_password": zoe.password, "password": PASSWORD}
            assert (await zoe.do("POST", "/me/password", body)).status == 204
            zoe.password = PASSWORD


async def test_links_that_the_old_address_was_sent_do_nothing_once_the_new_one_is_in_force(zoe: Person) -> None:
    await zoe.forget()
    reset = await zoe.link("identifiers-forgotten")
    await change(zoe)
    assert (await follow(zoe.client, await link_to(zoe.client, NEW))).status == 200
    assert (await zoe.reset(reset, "trois poissons dans un arbre")).slug == "link-expired"


# --- somebody else has the address ----------------------------------------------------------------------------------


async def test_an_address_that_somebody_has_is_not_taken_over_and_the_answer_is_the_same(zoe: Person) -> None:
    """Acceptance 4, 109: whoever has it gets a mail that says so, and who asks learns nothing."""
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    free = await change(zoe)
    await zoe.log_in()
    taken = await change(zoe, "KIM@etu.test")
    assert (taken.status, taken.body) == (free.status, free.body)
    assert (await notices(zoe.client))[-1] == ("email-taken", "KIM@etu.test")
    told = (await zoe.client.told(events.NoticeIssued))[-1]
    assert told.items() >= {"file_number": "", "given_name": "", "family_name": ""}.items(), "nothing of who asks"
    assert await zoe.client.mails("email-changed", "KIM@etu.test") == []
    await zoe.log_in()
    assert (await zoe.get("/me")).body["new_email"] == "KIM@etu.test"
    assert (await kim.get("/me")).body["email"] == kim.email


async def test_a_change_costs_the_same_work_whether_or_not_somebody_has_the_address(client: AccountsClient) -> None:
    """The numbers of the account's events, which `Parvis-Seen` shows, go on alike as well."""
    await client.zoe(email="kim@etu.test").arrive()
    seen: list[list[Any]] = []
    for asker, email in (("a@etu.test", "nobody@etu.test"), ("b@etu.test", "kim@etu.test")):
        person = await client.zoe(email=asker).arrive()
        answers = []
        async with watching(client.suite) as replica:
            for wanted in (email, "another@etu.test"):
                body = {"email": wanted, "email_confirmation": wanted, "password": PASSWORD}
                status, text, headers, work, hashes = await replica.ask("/me/email-changes", body, **person.bearer)
                causes = json.loads(urlsafe_b64decode(headers.pop("Parvis-Seen") + "=="))["e"]
                answers.append((status, text, headers, work, hashes, [id.rpartition(".")[2] for id, _ in causes]))
                await client.suite.settle()
                await person.log_in()
        seen.append(answers)
    assert seen[0] == seen[1]
    assert seen[0][0][3].total() > 0, "the work was not seen"


@pytest.mark.parametrize("validated", [True, False])
async def test_an_address_taken_meanwhile_stays_with_who_took_it(zoe: Person, validated: bool) -> None:
    await change(zoe)
    token = await link_to(zoe.client, NEW)
    other = zoe.client.zoe(email=NEW_IN_CAPITALS)
    if validated:
        await other.arrive()
    else:
        await other.register()
        await zoe.client.suite.settle()
    reply = await follow(zoe.client, token)
    assert (reply.status, reply.slug) == (410, "link-expired")
    assert (await notices(zoe.client))[-1] == ("email-taken", NEW)
    assert (await zoe.log_in()).status == 200
    assert (await zoe.get("/me")).body["email"] == zoe.email
    assert (await zoe.look(token)).body["status"] == "expired"


async def test_an_address_that_was_never_validated_in_time_is_free(zoe: Person) -> None:
    await zoe.client.zoe(email=NEW).register()
    await zoe.client.suite.settle()
    zoe.client.clock.advance(hours=120)
    await zoe.log_in()
    await change(zoe)
    assert (await follow(zoe.client, await link_to(zoe.client, NEW))).status == 200


async def test_two_who_prove_one_address_at_once_are_one_and_one_refused(zoe: Person) -> None:
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    tokens = []
    for person in (zoe, kim):
        await change(person)
        tokens.append(await link_to(zoe.client, NEW))
    replies = await asyncio.gather(*(follow(zoe.client, token) for token in tokens))
    assert sorted(reply.status for reply in replies) == [200, 410]


# --- once -----------------------------------------------------------------------------------------------------------


async def test_the_button_pressed_twice_is_pressed_once(zoe: Person) -> None:
    await change(zoe)
    token = await link_to(zoe.client, NEW)
    first, again = [await follow(zoe.client, token, **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body) == (200, {"login": zoe.file_number})
    assert len(await zoe.client.told(events.NoticeIssued)) == 2


async def test_nothing_that_is_kept_or_told_in_public_holds_password_or_secret(zoe: Person) -> None:
    await change(zoe)
    token = await link_to(zoe.client, NEW)
    kept = json.dumps([await zoe.client.kept(name) for name in ("accounts", "links", "requests", "command_keys")])
    assert token not in kept and PASSWORD not in kept


# --- mails -----------------------------------------------------------------------------------------------------------------


async def test_the_mails_are_sent_where_they_belong(
    tmp_path_factory: pytest.TempPathFactory, clock: FixedClock
) -> None:
    """The old address hears of it at once and at the end, the new one gets the link; and then every mail."""
    async with run_suite(tmp_path_factory.mktemp("suite"), services=("accounts", "mailer"), clock=clock) as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        zoe = await client.zoe().arrive()
        old = zoe.email
        await change(zoe)
        await follow(client, await link_to(client, NEW))
        await zoe.log_in(login=NEW)
        body = {"current_password": PASSWORD, "password": "trois poissons dans un arbre"}
        await zoe.do("POST", "/me/password", body, {"Idempotency-Key": "k1"})
        await zoe.do("POST", "/me/password", body, {"Idempotency-Key": "k1"})
        async with asyncio.timeout(120):
            while len(suite.mails()) < 5:
                await asyncio.sleep(0.05)
        await suite.settle()
        sent = sorted((str(mail["Subject"]), zoe_or_new(str(mail["To"]), old)) for mail in suite.mails())
    assert sent == [
        ("Changement d’adresse mail demandé", "old"),
        ("Validez votre compte de candidature", "old"),
        ("Validez votre nouvelle adresse mail", "new"),
        ("Votre adresse mail a changé", "old"),
        ("Votre mot de passe a changé", "new"),
    ]


def zoe_or_new(to: str, old: str) -> str:
    return "old" if old in to else "new" if NEW in to else to
