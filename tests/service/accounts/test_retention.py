"""Accounts of a campaign go when it has been over for long enough, and no others (acceptance 98, 99)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
import structlog

from services.accounts.usecases.retention import HEARD_WITHIN
from services.accounts.wiring import build
from services.chassis.ports import StoreUnavailable
from services.chassis.service.timers import Timer
from services.contracts.events.accounts import AccountErased, ErasureAnnounced
from services.contracts.events.offers import CampaignClosed
from tests.parameters import hear
from tests.service.accounts.client import AccountsClient
from tests.service.accounts.watched import WatchedStore

ENDED: Final = "2027-10-31"
GONE_AT: Final = datetime(2029, 5, 2, 2, tzinfo=UTC)
"""548 days after the end, at four in Paris."""


@pytest.fixture
async def over(client: AccountsClient) -> AccountsClient:
    """Three people of a campaign that is over, and one of the next."""
    for name in ("zoe", "kim", "max"):
        await client.zoe(email=f"{name}@etu.test").arrive()
    await client.suite.publish(CampaignClosed(campaign="2027", ended_on=ENDED), "offers")
    await client.open_campaign("2028")
    await client.zoe(email="zoe@etu.test").arrive()
    await hear(client.suite, {})
    return client


@pytest.fixture
async def known(over: AccountsClient) -> AccountsClient:
    """The same, when people were told in time on which day they go."""
    assert await told(over, GONE_AT - timedelta(days=31)) == []
    assert await told(over, GONE_AT - timedelta(days=30)) == ["2029-05-02"] * 3
    assert await told(over, GONE_AT - timedelta(days=29)) == [], "nobody twice"
    return over


def timer(client: AccountsClient, name: str) -> Timer:
    return next(each for each in client.suite.service("accounts").service.timers if each.name == name)


async def ran(client: AccountsClient, at: datetime, *, vouched: bool = True) -> int:
    """How many accounts the timer erases at an instant at which it is known that nothing else was said."""
    client.clock.moment = at
    if vouched:
        await client.suite.vouch("offers")
    done = 0
    while step := await timer(client, "retention").run(client.command()):
        done += step
    await client.suite.settle()
    return done


async def told(client: AccountsClient, at: datetime) -> list[str]:
    """The days that people are told at an instant, each person one."""
    client.clock.moment = at
    before = len(await client.told(ErasureAnnounced))
    while await timer(client, "retention-notices").run(client.command()):
        await client.suite.settle()
    return [each["day"] for each in (await client.told(ErasureAnnounced))[before:]]


async def left(client: AccountsClient) -> list[str]:
    """The campaigns of the accounts of which something is left."""
    return sorted(row["campaign"] for row in await client.kept("accounts") if "file_number" in row)


async def test_they_go_behind_the_last_day_and_every_service_is_told_once(known: AccountsClient) -> None:
    """However often it runs, and days later if it was stopped; of the campaign that follows nobody goes."""
    assert await ran(known, GONE_AT - timedelta(seconds=1)) == 0
    assert await left(known) == ["2027", "2027", "2027", "2028"]
    assert await ran(known, GONE_AT + timedelta(days=9)) == 3
    assert await ran(known, GONE_AT + timedelta(days=10)) == 0
    gone = await known.told(AccountErased)
    assert [each["campaign"] for each in gone] == ["2027"] * 3
    assert len({each["account"] for each in gone}) == 3
    while await timer(known, "clean-up").run(known.command()):
        await known.suite.settle()
    assert [row["campaign"] for row in await known.kept("accounts")] == ["2028"]


async def test_nobody_goes_as_long_as_it_is_not_known_that_everything_was_heard(known: AccountsClient) -> None:
    """Offers is away: it may have been told that the campaign is held (ADR 31)."""
    assert await ran(known, GONE_AT + timedelta(hours=2), vouched=False) == 0
    await known.suite.vouch("offers")
    heard_at = known.clock.now()
    assert await ran(known, heard_at + HEARD_WITHIN + timedelta(seconds=1), vouched=False) == 0
    assert await ran(known, heard_at + HEARD_WITHIN, vouched=False) == 3


async def test_a_replica_erases_nobody_by_parameters_that_are_in_force_no_more(known: AccountsClient) -> None:
    """Another one has heard that all is kept for longer; then what that one kept cannot be read."""
    service = known.suite.service("accounts").service
    replica = build(service.ports)
    (stale,) = [each for each in replica.timers if each.name == "retention"]
    await hear(known.suite, {"retention.kept_days": 3650}, version=2)
    known.clock.moment = GONE_AT
    await known.suite.vouch("offers")
    assert await stale.run(known.command()) == 0
    await hear(known.suite, {}, version=3)
    row = await service.ports.store.get("parameters", "institution")
    assert row is not None
    broken = row | {"retention:kept_days": "a year", "version": row["version"] + 1}
    assert await service.ports.store.replace("parameters", broken, version=row["version"])
    assert await stale.run(known.command()) == 0
    assert await left(known) == ["2027", "2027", "2027", "2028"]


async def test_a_stop_in_the_middle_costs_nobody_their_erasure(known: AccountsClient) -> None:
    """The store falls silent at the second of three; what was done is not done again, what was not is."""
    service = known.suite.service("accounts").service
    known.clock.moment = GONE_AT
    await known.suite.vouch("offers")
    watched = WatchedStore(service.ports.store)

    async def silent() -> None:
        raise StoreUnavailable("away")

    async def once() -> None:
        watched.before["replace", "accounts"] = silent

    watched.before["replace", "accounts"] = once
    replica = build(replace(service.ports, store=watched))
    (cut,) = [each for each in replica.timers if each.name == "retention"]
    with pytest.raises(StoreUnavailable):
        await cut.run(known.command())
    await known.suite.settle()
    assert await left(known) == ["2027", "2027", "2028"]
    assert await ran(known, GONE_AT + timedelta(minutes=1)) == 2
    assert len(await known.told(AccountErased)) == 3


async def test_the_log_says_once_that_they_go_soon(over: AccountsClient) -> None:
    """Thirty days before; again only if the day becomes another one. Of a campaign that is held it says nothing."""
    believed = [timer(over, name).erases for name in ("retention-warning", "retention-notices", "retention")]
    assert believed == [True] * 3, "none goes by a clock that has leapt"
    days: list[list[str]] = []
    moves: tuple[tuple[datetime, dict[str, object]], ...] = (
        (GONE_AT - timedelta(days=31), {}),
        (GONE_AT - timedelta(days=30), {"retention.held": ["2027"]}),
        (GONE_AT - timedelta(days=30), {}),
        (GONE_AT - timedelta(days=29), {}),
        (GONE_AT - timedelta(days=29), {"retention.kept_days": 545}),
    )
    for at, given in moves:
        over.clock.moment = at
        await hear(over.suite, given, version=len(days) + 2)
        with structlog.testing.capture_logs() as lines:
            await timer(over, "retention-warning").run(over.command())
        days.append([line["day"] for line in lines if line["event"] == "retention.near"])
    assert days == [[], [], ["2029-05-02"], [], ["2029-04-29"]]
