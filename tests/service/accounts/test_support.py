"""Support finds people and helps them: by links to their own mailbox, never staff, and the person sees what was done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.account import Person as Who
from services.accounts.domain.grants import Grant
from services.accounts.domain.helps import Help
from services.accounts.domain.requests import Request
from services.accounts.repository.requests import RequestRepository
from services.chassis.clock import FixedClock
from services.contracts.actors import Role
from services.contracts.events import accounts as events
from services.contracts.events.catalogue import Audience
from tests.service.accounts.client import PASSWORD, AccountsClient, Person, Reply
from tests.service.accounts.supporting import ADA, SAM, ada_of, emails, sam_of, search
from tests.service.accounts.test_staffing import entered

NEW = "zoe@ailleurs.test"


@pytest.fixture
async def sam(client: AccountsClient) -> Person:
    return await sam_of(client)


async def id_of(who: Person) -> str:
    return str((await who.get("/me")).body["account"])


async def help(who: Person, id: str, act: str, body: Any = None, key: str = "") -> Reply:
    return await who.do("POST", f"/accounts/{id}/{act}", body, {"Idempotency-Key": key} if key else {})


def other_address(email: str = NEW, **changes: Any) -> Mapping[str, Any]:
    return {
        "email": email,
        "email_confirmation": email,
        "reason": "Pi\u00e8ce d\u2019identit\u00e9 vue au guichet",
    } | changes


async def test_a_validation_link_is_mailed_once_and_no_faster_than_people_may_ask(
    client: AccountsClient, sam: Person, clock: FixedClock
) -> None:
    lea = client.zoe(email="lea@etu.test", family_name="Marin", given_name="L\u00e9a")
    await lea.register()
    await client.suite.settle()
    (row,) = (await search(sam, "lea@")).body["items"]
    assert row["state"] == "pending"
    id = row["account"]
    sent = await help(sam, id, "validation-mails", key="one")
    assert (sent.status, [each["what"] for each in sent.body["helps"]]) == (200, ["validation-mail"])
    assert sent.body["helps"][0]["email"] == SAM
    assert (await help(sam, id, "validation-mails", key="one")).body == sent.body
    soon = await help(sam, id, "validation-mails", key="two")
    assert (soon.status, soon.slug, soon.headers["Retry-After"]) == (429, "helped-lately", "300")
    for act, body in (("email-changes", other_address()), ("sessions/revocation", None)):
        assert (await help(sam, id, act, body)).slug == "person-wrong-state"
    assert len(await client.mails("link-resent", lea.email)) == 1
    clock.advance(minutes=5)
    assert (await sam.log_in()).status == 200
    assert (await help(sam, id, "validation-mails")).status == 200
    assert (await lea.follow(await lea.link("link-resent"))).status == 200
    assert (await help(sam, id, "validation-mails", key="three")).slug == "person-wrong-state"
    assert (await help(sam, id, "validation-mails", key="one")).status == 200, "done before"


async def test_a_reset_link_goes_to_the_address_in_force_and_changes_nothing_by_itself(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    id = await id_of(zoe)
    assert (await help(sam, id, "password-resets")).status == 200
    assert (await help(sam, id, "password-resets")).slug == "helped-lately"
    assert (await zoe.get("/me")).status == 200
    assert (await zoe.reset(await zoe.link("identifiers-forgotten"), "trois poissons dans un arbre")).status == 204


async def test_another_address_is_in_force_once_proved_and_the_person_sees_who_asked_why(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    id, old = await id_of(zoe), zoe.email
    asked = await help(sam, id, "email-changes", other_address(), key="one")
    assert (asked.status, asked.body["email"], asked.body["new_email"]) == (200, old, NEW)
    assert (await help(sam, id, "email-changes", other_address(), key="one")).body == asked.body
    other = await help(sam, id, "email-changes", other_address(reason="autre"), key="one")
    assert (other.status, other.slug) == (422, "idempotency-key-reused")
    unlike = await help(sam, id, "email-changes", other_address(email_confirmation="x@etu.test"), key="one")
    assert unlike.fields == {"email_confirmation": "confirmation-differs"}
    assert (await zoe.get("/me")).slug == "session-ended"
    notices = [(each["kind"], each["email"]) for each in await client.told(events.NoticeIssued)]
    assert notices == [("email-change-asked", old)]
    assert (await zoe.log_in(login=old)).status == 200
    me = (await zoe.get("/me")).body
    assert me["new_email"] == NEW
    (seen,) = me["helps"]
    assert (seen["what"], seen["reason"]) == ("email-change", other_address()["reason"])
    assert "actor" not in seen, "the university answers for it, and not one of its members to everybody"
    assert (await zoe.get("/me/export")).body["account"]["helps"] == [seen]
    (mail,) = await client.mails("email-changed", NEW)
    told = await client.everything_told(Audience.INTERNAL)
    staff = (await (await ada_of(client)).get(f"/staff/{SAM}")).body["account"]
    assert f'"actor":"staff:{staff}"' in told
    assert f'"onbehalfof":"account:{id}"' in told
    assert (await client.ask("POST", "/validations", {"token": mail["token"]})).status == 200
    assert (await sam.get(f"/accounts/{id}")).body["email"] == NEW


async def test_a_change_that_was_taken_before_a_process_died_is_begun_with_who_asked_for_it(
    client: AccountsClient, zoe: Person
) -> None:
    id, now = await id_of(zoe), client.clock.now()
    given = Help("email-change", "staff:sam", now, "Vue au guichet")
    request = Request("email-change", Who("", "", NEW, "fr"), now, "c", "2027", account=id, given=given)
    await RequestRepository(client.suite.service("accounts").service.ports.store).put("taken", request)
    await client.suite.settle()
    assert len(await client.mails("email-changed", NEW)) == 1
    assert (await zoe.log_in()).status == 200
    (seen,) = (await zoe.get("/me")).body["helps"]
    assert (seen["what"], seen["reason"]) == ("email-change", "Vue au guichet")
    told = await client.everything_told(Audience.INTERNAL)
    assert '"actor":"staff:sam"' in told
    assert f'"onbehalfof":"account:{id}"' in told


async def test_of_two_who_ask_at_once_one_address_waits_and_both_are_known(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    id, ada = await id_of(zoe), await ada_of(client)
    asked = ((sam, "one@ailleurs.test"), (ada, "two@ailleurs.test"))
    acts = (help(who, id, "email-changes", other_address(email)) for who, email in asked)
    assert [done.status for done in await asyncio.gather(*acts)] == [200, 200]
    await client.suite.settle()
    now = (await sam.get(f"/accounts/{id}")).body
    assert sorted(each["email"] for each in now["helps"]) == [ADA, SAM]
    for mail in await client.mails("email-changed"):
        followed = await client.ask("POST", "/validations", {"token": mail["token"]})
        assert (followed.status == 200) == (mail["email"] == now["new_email"])
    assert (await sam.get(f"/accounts/{id}")).body["email"] == now["new_email"]


async def test_what_is_wrong_with_a_change_is_named(zoe: Person, sam: Person) -> None:
    id, own = await id_of(zoe), zoe.email
    cases: tuple[tuple[Mapping[str, str], Mapping[str, str]], ...] = (
        ({"email_confirmation": "other@etu.test"}, {"email_confirmation": "confirmation-differs"}),
        ({"email": "x", "email_confirmation": "x"}, {"email": "not-an-email"}),
        ({"email": own, "email_confirmation": own}, {"email": "email-unchanged"}),
        ({"reason": " "}, {"reason": "too-short"}),
        ({"reason": "x" * 501}, {"reason": "too-long"}),
    )
    for body, fields in cases:
        refused = await help(sam, id, "email-changes", other_address(**body))
        assert (refused.status, refused.fields) == (422, fields)
    assert (await help(sam, id, "email-changes", other_address(reason="x" * 500))).status == 200


async def test_all_logins_of_a_person_end_and_their_browsers_are_known_no_more(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    id, first = await id_of(zoe), dict(zoe.bearer)
    await zoe.log_in()
    assert (await sam.get(f"/accounts/{id}")).body["sessions"] == 2
    assert await client.kept("devices")
    done = await help(sam, id, "sessions/revocation", key="one")
    assert (done.status, done.body["sessions"], done.body["last_seen_at"]) == (200, 0, None)
    for bearer in (first, zoe.bearer):
        assert (await client.ask("GET", "/me", headers=bearer)).slug == "session-ended"
    assert [row for row in await client.kept("devices") if row["account"] == id] == []
    (revoked,) = await client.told(events.SessionRevoked)
    assert (revoked["account"], revoked["epoch"], revoked["holder"]) == (id, 1, "account")
    assert (await zoe.log_in()).status == 200
    assert (await help(sam, id, "sessions/revocation", key="one")).body["sessions"] == 1, "what came after stays"
    assert (await zoe.get("/me")).status == 200


async def test_a_change_that_waits_goes_with_the_logins(client: AccountsClient, zoe: Person, sam: Person) -> None:
    """Whoever had got in may have asked for it."""
    id = await id_of(zoe)
    assert (await help(sam, id, "email-changes", other_address())).status == 200
    await client.suite.settle()
    (mail,) = await client.mails("email-changed", NEW)
    assert (await help(sam, id, "sessions/revocation")).body["new_email"] is None
    assert (await client.ask("POST", "/validations", {"token": mail["token"]})).slug == "link-expired"
    assert (await sam.get(f"/accounts/{id}")).body["email"] == zoe.email


async def test_what_support_asks_for_takes_nothing_from_what_the_person_may(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    id = await id_of(zoe)
    for number in range(5):
        assert (await help(sam, id, "email-changes", other_address(f"zoe{number}@ailleurs.test"))).status == 200
    more = await help(sam, id, "email-changes", other_address())
    assert (more.status, more.slug) == (429, "helped-lately")
    assert (await zoe.log_in()).status == 200
    body = {"email": NEW, "email_confirmation": NEW, "password": PASSWORD}
    assert (await zoe.do("POST", "/me/email-changes", body)).status < 300


async def test_nothing_is_done_for_who_is_of_a_campaign_that_is_over(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    id = await id_of(zoe)
    assert not (await sam.get(f"/accounts/{id}")).body["campaign_over"]
    await client.open_campaign("2028", closing="2027")
    await client.suite.settle()
    assert (await sam.get(f"/accounts/{id}")).body["campaign_over"]
    for act in ("validation-mails", "password-resets", "sessions/revocation", "email-changes"):
        refused = await help(sam, id, act, other_address() if act == "email-changes" else None)
        assert refused.slug == "person-wrong-state"


async def test_staff_are_out_of_reach_of_support_as_members_and_as_candidates(
    client: AccountsClient, sam: Person
) -> None:
    """Nobody comes to a right of another by a change of address, a reset or a log-out."""
    ada = await ada_of(client)
    accounts = {who: (await ada.get(f"/staff/{who}")).body["account"] for who in (SAM, ADA)}
    acts = (("validation-mails", None), ("password-resets", None), ("sessions/revocation", None))
    every = (*acts, ("email-changes", other_address()))
    before = [row["epoch"] for row in await client.kept("accounts")]
    for id in (*accounts.values(), "0" * 26):
        assert (await sam.get(f"/accounts/{id}")).slug == "not-found"
        for act, body in every:
            assert (await help(sam, id, act, body)).slug == "not-found"
    candidate = await client.zoe(email=ADA, family_name="Byron", given_name="Ada").arrive()
    assert emails(await search(sam, "byron")) == [ADA]
    for act, body in every:
        refused = await help(sam, (await search(sam, "byron")).body["items"][0]["account"], act, body)
        assert (refused.status, refused.slug) == (403, "person-of-staff")
    assert [row["epoch"] for row in await client.kept("accounts")][: len(before)] == before
    assert candidate.tokens

    assert (await help(ada, accounts[SAM], "email-changes", other_address())).slug == "person-of-staff"
    assert (await help(ada, accounts[SAM], "password-resets")).status == 200
    ended = await help(ada, accounts[SAM], "sessions/revocation")
    assert (ended.status, ended.body["staff"]) == (200, True)
    assert (await sam.get(f"/accounts/{accounts[SAM]}")).slug == "session-ended"


async def test_who_has_only_some_centres_or_no_such_right_any_more_reaches_nobody(
    client: AccountsClient, zoe: Person
) -> None:
    """Acceptance 92: people belong to no centre."""
    id = await id_of(zoe)
    some = await entered(client, "some@univ.test", Grant(Role.SUPPORT, ("SEE",)))
    over = await entered(client, "over@univ.test", Grant(Role.SUPPORT, until=date(2026, 11, 22)))
    client.clock.advance(hours=10, minutes=55)
    for who in (some, over, zoe):
        assert (await who.log_in()).status == 200
    assert (await search(over, "durand")).status == 200
    client.clock.advance(minutes=9)  # past midnight in Paris
    for who, slug in ((some, "right-of-everything"), (over, "not-found"), (zoe, "right-missing")):
        assert (await search(who, "durand")).slug == slug
        assert (await who.get(f"/accounts/{id}")).slug == slug
        for act in ("validation-mails", "password-resets", "sessions/revocation"):
            assert (await help(who, id, act)).slug == slug
        assert (await help(who, id, "email-changes", other_address())).slug == slug
    assert len(await client.mails("identifiers-forgotten")) == 0


async def test_nobody_copies_everybody_and_nobody_writes_to_everybody(
    client: AccountsClient, zoe: Person, sam: Person
) -> None:
    for _ in range(60):
        assert (await search(sam, "durand")).status == 200
    late = await search(sam, "durand")
    assert (late.status, late.slug, late.headers["Retry-After"]) == (429, "too-many-requests", "10")
    id = await id_of(zoe)
    for _ in range(60):
        assert (await help(sam, id, "sessions/revocation")).status == 200
    assert (await help(sam, id, "sessions/revocation")).slug == "too-many-requests"
    assert len((await sam.get(f"/accounts/{id}")).body["helps"]) == 20
    assert (await zoe.log_in()).status == 200
    assert (await zoe.do("POST", "/me/password", {"current_password": PASSWORD, "password": PASSWORD})).status != 429


async def test_who_is_forgotten_meanwhile_is_not_found(client: AccountsClient, zoe: Person, sam: Person) -> None:
    id = await id_of(zoe)
    assert (await help(sam, id, "email-changes", other_address(), key="one")).status == 200
    await zoe.log_in()
    assert (await zoe.do("DELETE", "/me", {"password": PASSWORD})).status == 200
    for act, body in (("password-resets", None), ("sessions/revocation", None), ("email-changes", other_address())):
        assert (await help(sam, id, act, body)).slug == "not-found"
    assert emails(await search(sam, "durand")) == []
    await client.suite.settle()
    assert SAM not in json.dumps([row for row in await client.kept("accounts") if row["_id"] == id])
