"""Nobody goes at the end of retention who was not told of that very day, a week before at least (acceptance 99)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from services.contracts.events.offers import CampaignClosed
from tests.parameters import hear
from tests.service.accounts.client import AccountsClient
from tests.service.accounts.test_retention import GONE_AT, known, left, over, ran, told

__all__ = ["known", "over"]

PARIS: Final = ZoneInfo("Europe/Paris")
BEFORE: Final = GONE_AT - timedelta(days=20)
"""People were told ten days ago."""
NOTICE: Final = timedelta(days=8)
"""Seven whole days, and what is left of the one on which they were told."""


async def fewer_days(client: AccountsClient) -> None:
    await hear(client.suite, {"retention.kept_days": 365}, version=2)


async def later_warning(client: AccountsClient) -> None:
    """People are told a week before all the same: they were told of another day."""
    await hear(client.suite, {"retention.kept_days": 365, "retention.warning_days": 60}, version=2)


async def hold_released(client: AccountsClient) -> None:
    await hear(client.suite, {"retention.held": ["2027"]}, version=2)
    assert await ran(client, GONE_AT + timedelta(days=400)) == 0
    assert await told(client, client.clock.now()) == []
    await hear(client.suite, {}, version=3)


async def hold_replaced(client: AccountsClient) -> None:
    await hear(client.suite, {"retention.held": ["2027"]}, version=2)
    assert await ran(client, GONE_AT + timedelta(days=400)) == 0
    await hear(client.suite, {"retention.held": ["2028"]}, version=3)


async def hold_set_and_released(client: AccountsClient) -> None:
    """No timer has looked in between."""
    await hear(client.suite, {"retention.held": ["2027"]}, version=2)
    await hear(client.suite, {}, version=3)
    client.clock.moment = GONE_AT


async def hold_heard_of_late(client: AccountsClient) -> None:
    """What was set before is heard behind what was set after."""
    await hear(client.suite, {}, version=3)
    client.clock.moment = GONE_AT
    await hear(client.suite, {"retention.held": ["2027"]}, version=2)


@pytest.mark.parametrize(
    "move", [fewer_days, later_warning, hold_released, hold_replaced, hold_set_and_released, hold_heard_of_late]
)
async def test_who_was_told_another_day_is_told_anew_and_stays_a_week_more(
    known: AccountsClient, move: Callable[[AccountsClient], Awaitable[None]]
) -> None:
    known.clock.moment = BEFORE
    await move(known)
    moment = known.clock.now() + timedelta(minutes=10)
    assert await ran(known, moment) == 0, "nobody was told"
    day = (moment + NOTICE).date()
    assert await told(known, moment) == [day.isoformat()] * 3
    at = datetime.combine(day, time(4), PARIS)
    assert await ran(known, at - timedelta(seconds=1)) == 0
    assert await ran(known, at) == 3


@pytest.mark.parametrize("warning_days", [365, 7, 1])
async def test_who_was_never_told_is_told_before_they_go_however_late_it_is(
    over: AccountsClient, warning_days: int
) -> None:
    """As after a stop of months; seven whole days before, however late the institution warns."""
    await hear(over.suite, {"retention.warning_days": warning_days}, version=2)
    late = GONE_AT + timedelta(days=90)
    assert await ran(over, late) == 0
    day = (late + NOTICE).date()
    assert await told(over, late) == [day.isoformat()] * 3
    at = datetime.combine(day, time(4), PARIS)
    assert await ran(over, at - timedelta(seconds=1)) == 0
    assert await ran(over, at) == 3


async def test_a_campaign_whose_end_lies_far_back_when_it_is_told_goes_no_sooner(over: AccountsClient) -> None:
    await over.suite.publish(CampaignClosed(campaign="2028", ended_on="2020-01-01"), "offers")
    await over.open_campaign("2029")
    moment = GONE_AT - timedelta(days=300)
    assert await ran(over, moment) == 0
    (day,) = await told(over, moment)
    assert date.fromisoformat(day) == (moment + NOTICE).date()
    assert await ran(over, moment + NOTICE - timedelta(days=1)) == 0
    assert await ran(over, moment + NOTICE + timedelta(days=1)) == 1


async def test_a_day_that_moves_away_and_back_is_the_one_that_was_told(known: AccountsClient) -> None:
    """Nobody was told another one meanwhile, and nobody is told the same again."""
    await hear(known.suite, {"retention.kept_days": 3650}, version=2)
    assert await told(known, BEFORE) == []
    assert await ran(known, GONE_AT) == 0
    await hear(known.suite, {}, version=3)
    assert await told(known, GONE_AT) == []
    assert await ran(known, GONE_AT) == 3


async def test_a_notice_of_long_ago_counts_no_more(known: AccountsClient) -> None:
    """As after the restore of an old backup, or a stop of weeks: people are told another day, and go on that one."""
    moment = GONE_AT + timedelta(days=15)
    assert await ran(known, moment) == 0
    assert await told(known, moment) == [(moment + NOTICE).date().isoformat()] * 3
    assert await told(known, moment + timedelta(days=1)) == []
    assert await ran(known, moment + NOTICE) == 3


async def test_what_was_answered_before_four_in_the_morning_counts(known: AccountsClient) -> None:
    """A hold of the last second may be on its way, however lately everything else was heard."""
    known.clock.moment = GONE_AT - timedelta(seconds=1)
    await known.suite.vouch("offers")
    assert await ran(known, GONE_AT + timedelta(seconds=1), vouched=False) == 0
    assert await ran(known, GONE_AT + timedelta(seconds=1)) == 3


async def test_an_account_that_cannot_be_read_keeps_nobody_else(known: AccountsClient) -> None:
    store = known.suite.service("accounts").service.ports.store
    row = next(row for row in await known.kept("accounts") if "erasure_told" in row)
    broken = {name: value for name, value in row.items() if name != "deadline"} | {"version": row["version"] + 1}
    assert await store.replace("accounts", broken, version=row["version"])
    assert await ran(known, GONE_AT) == 2
    assert await left(known) == ["2027", "2028"]


async def test_those_who_never_validated_hide_nobody_who_is_to_be_told(over: AccountsClient) -> None:
    """More of them than are looked at in one go, who come first and are told nothing."""
    store = over.suite.service("accounts").service.ports.store
    row = next(row for row in await over.kept("accounts") if row["campaign"] == "2027")
    bound = ("address_key", "file_number", "outbox")
    pending = {name: value for name, value in row.items() if name not in bound} | {"state": "pending"}
    for number in range(101):
        await store.insert("accounts", pending | {"_id": f"!{number:03}"})
    assert await told(over, GONE_AT - timedelta(days=30)) == ["2029-05-02"] * 3
