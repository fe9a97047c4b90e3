"""Mails that come back: a mailbox on a real server, read once, believed only of who was written to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.ports import BouncesUnavailable
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AddressChanged
from services.contracts.events.applications import ApplicationDecided
from services.contracts.events.mailer import MailBounced, MailReaddressed, MailSent, MailSentAgain
from services.mailer.repository.mailboxes import Mailboxes
from services.mailer.usecases.returns import PAUSES
from tests.returned_mails import ABSENT, ZOE, dsn
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.mailer.test_deliveries import ask
from tests.service.mailer.test_mails import ADDRESS, APPLICATION, directory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def user() -> str:
    return f"u{uuid4().hex}"


@pytest.fixture
def noon() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def proxy(dovecot: Dovecot) -> AsyncIterator[Proxy]:
    async with Proxy.before(dovecot.url) as running:
        yield running


@pytest.fixture
async def suite(tmp_path: Path, dovecot: Dovecot, proxy: Proxy, user: str, noon: FixedClock) -> AsyncIterator[Suite]:
    there = dovecot.mailbox(user).replace(urlsplit(dovecot.url).netloc, f"127.0.0.1:{proxy.port}")
    async with run_suite(
        tmp_path / "var", services=["mailer"], clock=noon, bounces=there, timers_by_time=False
    ) as running:
        yield running


async def decided(suite: Suite) -> tuple[str, str]:
    """A decision that was mailed: the delivery, and what stands before the @ of its Message-ID."""
    await directory(suite)
    event = ApplicationDecided.model_validate(APPLICATION | {"decision": "favourable"})
    envelope = await suite.publish(event, "applications")
    await all_mails_are_handed_over(suite)
    (mail,) = suite.mails()
    return f"{envelope.id}-decision-favourable", str(mail["Message-ID"]).strip("<>").partition("@")[0]


async def read(suite: Suite) -> None:
    """What the timer does until all is read."""
    (timer,) = [each for each in suite.service("mailer").service.timers if each.name == "bounces"]
    while await timer.run(CommandContext(suite.clock.now(), "timer", acting_service("mailer"))):
        pass
    await suite.settle()


async def told(suite: Suite) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of each public event, in the order in which others learn of them."""
    rows = await suite.service("mailer").service.ports.store.find("journal", {}, sort=(("_id", 1),), limit=1000)
    envelopes = [json.loads(row["body"]) for row in rows]
    return [(each["type"], each["data"]) for each in envelopes]


async def returned(suite: Suite) -> list[MailBounced]:
    return [MailBounced.model_validate(data) for type, data in await told(suite) if type == MailBounced.TYPE]


async def unreached(suite: Suite) -> bool:
    """What the person is told of their address."""
    async with suite.client.get(f"{suite.url}/api/mailer/me/messages", headers=suite.bearer("a1")) as response:
        return bool((await response.json())["unreached"])


async def test_a_mail_that_comes_back_is_told_of_once(
    suite: Suite, dovecot: Dovecot, user: str, noon: FixedClock
) -> None:
    """Whatever else is in the mailbox, however often it is read, and although nobody remembers how far."""
    delivery, message = await decided(suite)
    ports = suite.service("mailer").service.ports
    await ports.store.insert("deliveries", {"_id": "broken", "version": 1, "message": "e" * 40})
    before = await ask(suite, state="sent")
    assert [each["id"] for each in before[1]["items"]] == [delivery]
    dovecot.deliver(
        user,
        b"\xff\xfe\x00 no mail at all",
        ABSENT,
        dsn(message, "somebody.else@example.org", own="<forged@mx>"),
        dsn("f" * 40, ZOE, own="<guessed@mx>"),
        dsn("e" * 40, ZOE, own="<of one that cannot be read@mx>"),
        dsn(message, ZOE, status="4.4.1", action="delayed", own="<delayed@mx>"),
    )
    with capture_logs() as logs:
        await read(suite)
        (view,) = (await ask(suite, state="sent"))[1]["items"]
        assert [(each["result"], each["status"]) for each in view["returns"]] == [("delayed", "4.4.1")]
        notice = dsn(message, ZOE)
        dovecot.deliver(user, notice, notice + b"x" * 400_000)
        await read(suite)
    assert "example.org" not in str(logs)
    (view,) = (await ask(suite, state="bounced"))[1]["items"]
    assert (view["id"], view["reason"]) == (delivery, "bounced")
    assert [each["result"] for each in view["returns"]] == ["delayed", "hard"]
    assert (await ask(suite, state="failed"))[1]["items"] == (await ask(suite, state="sent"))[1]["items"] == []
    assert (await ask(suite))[1]["items"] == (await ask(suite, state="undelivered"))[1]["items"] == [view]
    assert await unreached(suite)
    await ports.store.delete("mailboxes", "returned")
    await read(suite)  # as after a crash, or in a mailbox that counts anew
    assert (await Mailboxes(ports.store).place()).uid == 8
    await ports.store.delete("deliveries", "broken")
    (event,) = await returned(suite)
    assert (event.delivery, event.hard) == (delivery, True)
    assert [(each.application, each.kind) for each in event.files] == [("p1", "decision-favourable")]
    with dovecot.open(user) as mailbox:
        assert mailbox.uid("SEARCH", "UNSEEN") == ("OK", [b"1 2 3 4 5"])
    noon.advance(minutes=1)
    code, view = await ask(suite, f"/{delivery}/retry", method="POST", key="k1")
    assert (code, view["state"]) == (200, "queued")
    await all_mails_are_handed_over(suite)
    assert [each["id"] for each in (await ask(suite, state="sent"))[1]["items"]] == [delivery]


async def test_while_the_mailbox_is_away_pauses_grow_and_nothing_is_lost(
    suite: Suite, dovecot: Dovecot, proxy: Proxy, user: str, noon: FixedClock
) -> None:
    _, message = await decided(suite)
    admin = suite.bearer("root", kind="staff", grants=[{"role": "admin"}])
    here = f"{suite.url}/api/mailer/connectors"
    with capture_logs() as logs:
        proxy.cut()
        for failures in (1, 2):
            with pytest.raises(BouncesUnavailable):
                await read(suite)
            await read(suite)  # it waits
            noon.moment += PAUSES.after(failures)
    assert [each["failures"] for each in logs if each["event"] == "bounces.unavailable"] == [1, 2]
    async with suite.client.post(f"{here}/bounces/test", headers=admin) as response:
        answer = await response.json()
        assert (answer["works"], answer["connector"]["state"]) == (False, "down")
    proxy.restore()
    dovecot.deliver(user, dsn(message, ZOE, status="5.2.2"))
    await read(suite)
    (event,) = await returned(suite)
    assert not event.hard
    states: dict[str, str] = {}
    while states.get("bounces") != "up":
        async with suite.client.get(here, headers=admin) as response:
            states = {each["name"]: each["state"] for each in (await response.json())["items"]}


async def test_one_process_reads_at_a_time(suite: Suite, dovecot: Dovecot, user: str, noon: FixedClock) -> None:
    _, message = await decided(suite)
    ports = suite.service("mailer").service.ports
    dovecot.deliver(user, dsn(message, ZOE))
    await read(suite)
    lease = await ports.store.get("leases", "bounces")
    assert lease is not None
    another = lease | {"holder": "another", "version": lease["version"] + 1}
    assert await ports.store.replace("leases", another, version=lease["version"])
    noon.advance(seconds=30)
    dovecot.deliver(user, dsn(message, ZOE, own="<second@mx>"))
    await read(suite)
    assert (await Mailboxes(ports.store).place()).uid == 1
    noon.advance(seconds=31)
    await read(suite)
    assert (await Mailboxes(ports.store).place()).uid == 2


async def test_who_gives_another_address_has_what_was_lost_told_anew_once(
    suite: Suite, dovecot: Dovecot, user: str, noon: FixedClock
) -> None:
    delivery, message = await decided(suite)
    dovecot.deliver(user, dsn(message, ZOE))
    await read(suite)
    assert await unreached(suite)
    for changes in ({"language": "en"}, {"email": "zoe@new.example"}, {"email": "zoe@newer.example"}):
        await suite.publish(AddressChanged.model_validate(ADDRESS | changes), "accounts")
    await suite.settle()
    anew = [data for type, data in await told(suite) if type == MailReaddressed.TYPE]
    files = [{"application": "p1", "kind": "decision-favourable"}]
    there = {"delivery": delivery, "account": "a1", "kind": "decision-favourable", "files": files}
    assert anew == [there]
    assert not await unreached(suite)
    noon.advance(minutes=1)
    assert (await ask(suite, f"/{delivery}/retry", method="POST", key="k1"))[1]["address"] == "zoe@newer.example"
    await all_mails_are_handed_over(suite)
    await suite.settle()
    assert [data for type, data in await told(suite) if type == MailSentAgain.TYPE] == [there]


async def test_a_mail_that_comes_back_from_an_address_of_before_is_told_anew_at_once(
    suite: Suite, dovecot: Dovecot, user: str
) -> None:
    """Its person mended the address while the mail was on its way: nothing else would tell of that.

    Both are of one write and in one journal, so nobody learns that it is told anew before they know that it was lost.
    """
    delivery, message = await decided(suite)
    await suite.publish(AddressChanged.model_validate(ADDRESS | {"email": "zoe@new.example"}), "accounts")
    dovecot.deliver(user, dsn(message, ZOE), dsn(message, ZOE, own="<again@mx>"))
    await read(suite)
    facts = [(type, data["delivery"]) for type, data in await told(suite)]
    assert facts == [(each.TYPE, delivery) for each in (MailSent, MailBounced, MailReaddressed)]
