"""Who wants to be forgotten is: with the password, at once, everywhere, and with a last mail (acceptance 21; ADR 61)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from services.chassis.clock import FixedClock
from services.chassis.security.tokens import KeySets
from services.chassis.testing import run_suite
from services.contracts.api.rights import ERASURE_CERTIFICATE, MAX_CERTIFICATE
from services.contracts.events import accounts as events
from services.contracts.events.applications import ApplicationsErased
from services.contracts.events.catalogue import Audience, Event
from services.contracts.events.documents import DocumentsErased
from services.contracts.events.mailer import MailsErased
from tests.service.accounts.client import PASSWORD, AccountsClient, Person, Reply
from tests.service.applications.candidate import Candidate, PeerServices


async def erase(person: Person, password: str | None = PASSWORD) -> Reply:
    return await person.do("DELETE", "/me", {} if password is None else {"password": password})


async def test_the_account_is_gone_at_once_and_the_certificate_names_nobody(zoe: Person) -> None:
    client = zoe.client
    account = (await zoe.get("/me")).body["account"]
    reply = await erase(zoe)
    assert reply.status == 200
    keysets: KeySets = client.suite.service("accounts").service.ports.keysets
    claims = await keysets.verify(reply.body["certificate"], service="accounts", typ=ERASURE_CERTIFICATE)
    assert claims == {
        "iss": "parvis/accounts",
        "sub": account,
        "campaign": "2027",
        "erased_at": reply.body["erased_at"],
    }
    assert (await zoe.get("/me")).slug == "session-ended"
    assert ((again := await erase(zoe)).status, again.slug) == (410, "account-erased")
    assert (await zoe.log_in()).slug == "bad-credentials"
    assert [each["account"] for each in await client.told(events.AccountErased)] == [account]
    (told,) = await client.told(events.NoticeIssued)
    assert (told["kind"], told["email"], told["given_name"]) == ("account-erased", zoe.email, "Zoé")
    assert (await client.zoe().arrive()).file_number != zoe.file_number, "the address is free"


async def test_whoever_is_shown_the_certificate_sees_whether_it_is_genuine(zoe: Person) -> None:
    client = zoe.client
    account = (await zoe.get("/me")).body["account"]

    async def checked(certificate: str) -> Reply:
        return await client.ask("POST", "/erasures/check", {"certificate": certificate})

    signer = client.suite.service("accounts").service.signer
    assert signer is not None
    claims = {"sub": account, "campaign": "2027", "erased_at": "2027-02-01T11:00:00Z"}
    early = signer.sign(claims, typ=ERASURE_CERTIFICATE)
    assert (await checked(early)).slug == "not-found", "who is there was not forgotten, as after a restore"
    erased = (await erase(zoe)).body
    reply = await checked(erased["certificate"])
    assert (reply.status, reply.body) == (
        200,
        {"erased_at": erased["erased_at"], "campaign": "2027", "account": account},
    )
    folded = "\r\n".join(re.findall(".{1,60}", erased["certificate"]))
    assert (await checked(folded)).status == 200, "as a mail may break it"
    head, body, signature = erased["certificate"].split(".")
    changed = f"{head}.{body[:-2]}{'AA' if body[-2:] != 'AA' else 'BB'}.{signature}"
    other_kind = signer.sign(claims, typ="parvis-else+jwt")
    bare = signer.sign({"sub": account}, typ=ERASURE_CERTIFICATE)
    for wrong in (changed, other_kind, bare, "a.b.c", "é", "x" * MAX_CERTIFICATE):
        assert (await checked(wrong)).slug == "not-found", wrong
    assert (await checked("x" * (MAX_CERTIFICATE + 1))).status == 422


async def test_it_takes_the_password_which_is_not_guessed_here(zoe: Person) -> None:
    assert (await erase(zoe, None)).fields == {"password": "required"}
    for _ in range(10):
        assert (await erase(zoe, "not the password")).fields == {"password": "wrong-password"}
    assert (await erase(zoe)).slug == "too-many-attempts"
    assert (await zoe.get("/me")).status == 200


async def test_pressed_twice_at_once_it_is_done_once(zoe: Person) -> None:
    replies = await asyncio.gather(*(erase(zoe) for _ in range(2)))
    assert sorted(reply.status for reply in replies) == [200, 410]
    assert len(await zoe.client.told(events.NoticeIssued)) == 1


async def clean_up(client: AccountsClient) -> None:
    """What the timer does, until the account is gone: once the last mail is on its way."""
    (timer,) = [each for each in client.suite.service("accounts").service.timers if each.name == "clean-up"]
    async with asyncio.timeout(120):
        while await client.kept("accounts"):
            await timer.run(client.command())
            await asyncio.sleep(0.01)


async def test_then_nothing_is_told_of_the_person_any_more(zoe: Person) -> None:
    await zoe.give("identity")
    assert (await erase(zoe)).status == 200
    await clean_up(zoe.client)
    told = await zoe.client.everything_told(Audience.INTERNAL)
    assert told and not any(word in told for word in (zoe.email, "Durand", "Zoé", zoe.file_number))


# --- in the other services ----------------------------------------------------------------------------------------------

NOTICE = {
    "account": "zoe",
    "kind": "account-erased",
    "email": "zoe.durand@etu.test",
    "given_name": "Zoé",
    "family_name": "Durand",
    "file_number": "AB12CD34",
    "language": "fr",
    "certificate": "a.b.c",
}


async def has_submitted(zoe: Person, peers: PeerServices) -> None:
    """All that a service ever copies of a person is there, the whole profile too."""
    for step in ("identity", "address", "baccalaureate"):
        await zoe.give(step)
    today = zoe.client.clock.now().date().isoformat()
    await peers.publish_programme(opens_on=today, requirements=[])
    candidate = Candidate(zoe.client.suite, "")
    id = (await candidate.ask("POST", "/applications", json={"programme": "M1-MER"}, headers=zoe.bearer)).body["id"]
    reply = await candidate.ask("POST", f"/applications/{id}/submission", headers=zoe.bearer)
    assert reply.status == 200, reply.body
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    assert "Perpignan" in str(await store.find("internal", {}, limit=1000))


async def test_every_service_answers_that_it_has_forgotten_and_the_last_mail_leaves_nothing(
    tmp_path: Path, clock: FixedClock
) -> None:
    """Through the whole suite: one mail more, whose words are nowhere but in the person's mailbox."""
    services = ("accounts", "applications", "documents", "mailer")
    async with run_suite(tmp_path, services=services, clock=clock) as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        zoe = await client.zoe().arrive()
        account = (await zoe.get("/me")).body["account"]
        await has_submitted(zoe, PeerServices(suite, clock))
        reply = await erase(zoe)
        async with asyncio.timeout(120):
            while not any(mail["X-Parvis-Kind"] == "account-erased" for mail in suite.mails()):
                await asyncio.sleep(0.05)
        await suite.settle()
        (last,) = [mail for mail in suite.mails() if mail["X-Parvis-Kind"] == "account-erased"]
        assert zoe.email in str(last["To"])
        body = last.get_body(("plain",))
        assert body is not None and reply.body["certificate"] in body.get_content()
        answers: list[tuple[str, type[Event]]] = [
            ("applications", ApplicationsErased),
            ("documents", DocumentsErased),
            ("mailer", MailsErased),
        ]
        for service, event in answers:
            store = suite.service(service).service.ports.store
            rows = await store.find("journal", {}, limit=1000)
            assert len([row for row in rows if row["type"] == event.TYPE and account in row["body"]]) == 1, service
            told = str([*rows, *await store.find("internal", {}, limit=1000)])
            assert not any(word in told for word in ("Durand", "Zoé", "Perpignan", zoe.file_number)), service
        async with asyncio.timeout(120):
            while zoe.email in str(await suite.service("mailer").service.ports.store.find("deliveries", {}, limit=9)):
                await asyncio.sleep(0.05)


async def test_the_last_mail_goes_in_whatever_order_the_news_come(tmp_path: Path, clock: FixedClock) -> None:
    erased = events.AccountErased(account="zoe", campaign="2027")
    for name, order in (("before", (0, 1)), ("after", (1, 0))):
        async with run_suite(tmp_path / name, services=("mailer",), clock=clock) as suite:
            news: tuple[Event, ...] = (events.NoticeIssued.model_validate(NOTICE), erased)
            for at in order:
                await suite.publish(news[at], "accounts")
                await suite.settle()
            async with asyncio.timeout(120):
                while not suite.mails():
                    await asyncio.sleep(0.05)
            late = events.NoticeIssued.model_validate(NOTICE | {"email": "", "given_name": "", "family_name": ""})
            await suite.publish(late, "accounts")
            await suite.settle()
            kinds = [mail["X-Parvis-Kind"] for mail in suite.mails()]
            assert kinds == ["account-erased"], name
