"""Accounts of a campaign go when it has been over for long enough, and no others (acceptance 98, 99)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
import structlog

from services.accounts.wiring import build
from services.chassis.ports import StoreUnavailable
from services.chassis.service.timers import Timer
from services.contracts.events.accounts import AccountErased
from services.contracts.events.offers import CampaignClosed
from tests.parameters import hear
from tests.service.accounts.client import AccountsClient
from tests.service.accounts.watched import WatchedStore

ENDED: Final = "2027-10-31"
GONE_AT: Final = datetime(2029, 5, 2, 2, tzinfo=UTC)
"""A year of 365 days and 183 more after the end, at four in Paris."""


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


async def left(client: AccountsClient) -> list[str]:
    """The campaigns of the accounts of which something is left."""
    return sorted(row["campaign"] for row in await client.kept("accounts") if "file_number" in row)


async def test_they_go_behind_the_last_day_and_every_service_is_told_once(over: AccountsClient) -> None:
    """However often it runs, and days later if it was stopped; of the campaign that follows nobody goes."""
    assert await ran(over, GONE_AT - timedelta(seconds=1)) == 0
    assert await left(over) == ["2027", "2027", "2027", "2028"]
    assert await ran(over, GONE_AT + timedelta(days=9)) == 3
    assert await ran(over, GONE_AT + timedelta(days=10)) == 0
    told = await over.told(AccountErased)
    assert [each["campaign"] for each in told] == ["2027"] * 3
    assert len({each["account"] for each in told}) == 3
    while await timer(over, "clean-up").run(over.command()):
        await over.suite.settle()
    assert [row["campaign"] for row in await over.kept("accounts")] == ["2028"]


async def test_nobody_goes_of_a_campaign_that_is_held_until_it_is_no_more(over: AccountsClient) -> None:
    await hear(over.suite, {"retention.held": ["2027"]}, version=2)
    assert await ran(over, GONE_AT + timedelta(days=400)) == 0
    await hear(over.suite, {"retention.held": []}, version=3)
    assert await ran(over, GONE_AT + timedelta(days=401)) == 3


async def test_nobody_goes_as_long_as_it_is_not_known_that_everything_was_heard(over: AccountsClient) -> None:
    """Offers is away: it may have been told that the campaign is held (ADR 31)."""
    assert await ran(over, GONE_AT + timedelta(hours=2), vouched=False) == 0
    assert await ran(over, GONE_AT + timedelta(hours=2)) == 3


async def test_a_stop_in_the_middle_costs_nobody_their_erasure(over: AccountsClient) -> None:
    """The store falls silent at the second of three; what was done is not done again, what was not is."""
    service = over.suite.service("accounts").service
    over.clock.moment = GONE_AT
    await over.suite.vouch("offers")
    watched = WatchedStore(service.ports.store)

    async def silent() -> None:
        raise StoreUnavailable("away")

    async def once() -> None:
        watched.before["replace", "accounts"] = silent

    watched.before["replace", "accounts"] = once
    replica = build(replace(service.ports, store=watched))
    (cut,) = [each for each in replica.timers if each.name == "retention"]
    with pytest.raises(StoreUnavailable):
        await cut.run(over.command())
    await over.suite.settle()
    assert await left(over) == ["2027", "2027", "2028"]
    assert await ran(over, GONE_AT + timedelta(minutes=1)) == 2
    assert len(await over.told(AccountErased)) == 3


async def test_the_log_says_once_that_they_go_soon(over: AccountsClient) -> None:
    """Thirty days before; again only if the day becomes another one. Of a campaign that is held it says nothing."""
    days: list[list[str]] = []
    moves: tuple[tuple[datetime, dict[str, object]], ...] = (
        (GONE_AT - timedelta(days=31), {}),
        (GONE_AT - timedelta(days=30), {"retention.held": ["2027"]}),
        (GONE_AT - timedelta(days=30), {}),
        (GONE_AT - timedelta(days=29), {}),
        (GONE_AT - timedelta(days=29), {"retention.restricted_days": 180}),
    )
    for at, given in moves:
        over.clock.moment = at
        await hear(over.suite, given, version=len(days) + 2)
        with structlog.testing.capture_logs() as lines:
            await timer(over, "retention-warning").run(over.command())
        days.append([line["day"] for line in lines if line["event"] == "retention.near"])
    assert days == [[], [], ["2029-05-02"], [], ["2029-04-29"]]
