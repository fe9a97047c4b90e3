"""What others have missed of internal events is told as things stand now, and a one-time link never (acceptance 110)."""

from __future__ import annotations

import asyncio

from services.chassis.events.journal import INTERNAL
from services.chassis.service.service import Running
from services.contracts.events.accounts import AddressChanged, CardChanged, LinkIssued
from services.contracts.events.catalogue import Event
from tests.service.accounts.client import AccountsClient, Person

KINDS: tuple[type[Event], ...] = (AddressChanged, CardChanged, LinkIssued)


async def tell_again(client: AccountsClient) -> int:
    """As one asks who has heard nothing; how many were told again."""
    return await client.suite.service("accounts").teller.tell_again("mailer", {kind.TYPE: 0 for kind in KINDS})


async def test_who_has_missed_internal_events_is_told_how_things_stand(client: AccountsClient, zoe: Person) -> None:
    await zoe.give("identity")
    await zoe.give("identity", given_name="Zoélie")
    before = {kind: await client.told(kind) for kind in KINDS}
    assert await tell_again(client) == 2
    after = {kind: await client.told(kind) for kind in KINDS}
    assert after[AddressChanged] == [*before[AddressChanged], before[AddressChanged][-1]]
    assert after[CardChanged] == [*before[CardChanged], before[CardChanged][-1]]
    assert after[LinkIssued] == before[LinkIssued]
    assert after[AddressChanged][-1]["given_name"] == "Zoélie"


async def test_where_the_journal_was_swept_everybody_is_told_of_who_is_still_there(
    client: AccountsClient, zoe: Person
) -> None:
    gone, young = client.zoe(email="gone@etu.test"), client.zoe(email="young@etu.test")
    await gone.register()
    await client.told(AddressChanged)
    client.clock.advance(days=8)
    await young.register()
    for timer in client.suite.service("accounts").service.timers:
        while await timer.run(client.command()):
            await client.suite.settle()
    store = client.suite.service("accounts").service.ports.store
    last = max(row["_id"] for row in await client.kept(INTERNAL.name))
    for position in range(1, last):
        await store.delete(INTERNAL.name, position)
    await tell_again(client)
    told = [event["email"] for event in await client.told(AddressChanged)]
    assert set(told[-2:]) == {zoe.email, young.email}
    assert gone.email not in told


async def test_one_account_that_cannot_be_read_keeps_nobody_else_from_being_told_of(
    client: AccountsClient, zoe: Person
) -> None:
    """Acceptance 104: it is parked, nobody claims to have told everything, and who asks for what was missed is answered."""
    running = client.suite.service("accounts")
    await client.told(AddressChanged)
    store = running.service.ports.store
    broken = {"_id": "0broken", "version": 1, "outbox_at": "2020-01-01T00:00:00.000Z", "outbox": [{"id": "x"}]}
    await store.insert("accounts", broken)
    async with asyncio.timeout(120):
        while not await running.parking.known("relay"):
            await asyncio.sleep(0.01)
    last = max(row["_id"] for row in await client.kept(INTERNAL.name))
    for position in range(1, last):
        await store.delete(INTERNAL.name, position)
    before = len(await client.told(AddressChanged))
    async with asyncio.timeout(120):  # another process tells, which has none of the rows at hand
        await Running(running.service).teller.tell_again("mailer", {kind.TYPE: 0 for kind in KINDS})
    assert [event["email"] for event in await client.told(AddressChanged)][before:] == [zoe.email]
    assert {row["item"] for row in (await running.parking.known("announce")).values()} == {
        f"{kind.TYPE}:0broken" for kind in (AddressChanged, CardChanged)
    }
    assert not await running.teller.say_position()
