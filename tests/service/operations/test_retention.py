"""What is kept of a campaign until when, and that nothing but counts stays when that is over (acceptance 98, 99)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from services import SERVICES
from services.accounts.usecases.retention import DECIDING, HEARD_WITHIN
from services.accounts.wiring import kept_campaigns
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.heard import Heard
from services.chassis.ports import Range
from services.chassis.settings import Settings
from services.chassis.testing import Suite, run_suite
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.operations.conftest import Parvis
from tests.service.operations.test_erasure import clean_up, traces
from tests.service.operations.test_inspect import lines


async def retention(suite: Suite, **later: float) -> None:
    """Some time later, have accounts tell and erase who is due, once they know that offers has said nothing else."""
    accounts, clock = suite.service("accounts"), suite.clock
    assert isinstance(clock, FixedClock)
    await suite.settle()
    clock.advance(**later)
    heard = Heard(accounts.service.ports.store, clock)
    async with asyncio.timeout(120):
        while not await heard.everything(*DECIDING, until=clock.now() - HEARD_WITHIN):
            await suite.service("offers").teller.say_position()
            await accounts.listener.look()
            await asyncio.sleep(0.02)
    for name in ("retention-notices", "retention"):
        (timer,) = [each for each in accounts.timers if each.name == name]
        while await timer.run(await timer.command("accounts", clock, accounts.service.ports.ids, accounts.witness)):
            await suite.settle()
    await suite.settle()


def shown(parvis: Parvis) -> dict[str, Any]:
    """What is told of campaigns, by their codes."""
    listed = parvis("retention", "show", "--json")
    assert listed.returncode == 0, listed.stderr
    return {row["campaign"]: row for row in lines(listed.stdout)}


def counted(parvis: Parvis, campaign: str) -> list[Any]:
    listed = parvis("retention", "counts", campaign, "--json")
    assert listed.returncode == 0, listed.stderr
    return lines(listed.stdout)


async def test_when_its_time_is_over_nothing_of_a_campaign_is_left_but_counts(
    settings: Settings, parvis: Parvis
) -> None:
    """Acceptance 99: every file of every service, objects included, is looked through; a day before, everything is there."""
    ((campaign, active),) = shown(parvis).items()
    assert (active["state"], active["accounts"], active["files"], "erased_on" in active) == ("active", 2, 2, False)
    before = counted(parvis, campaign)
    assert sum(row["opened"] for row in before) == 2 and sum(row["submitted"] for row in before) == 1
    days = ("--starts", "2040-01-01", "--ends", "2040-12-31")
    assert parvis("campaign", "plan", "NEXT", "--label", "Candidatures", *days).returncode == 0
    assert parvis("campaign", "activate", "NEXT").returncode == 0
    async with run_suite(settings.data, services=SERVICES) as suite:
        await suite.settle()
        accounts, began = suite.service("accounts").service, suite.clock.now()
        ((_, _, kept), _) = await kept_campaigns(accounts.ports, CommandContext(began, "test", actor=OPERATOR))
        assert kept is not None and kept.erased_on - kept.ended_on == timedelta(days=548 + 1)
        await all_mails_are_handed_over(suite)
        mails = len(suite.mails())
        month = timedelta(days=30)
        await retention(suite, seconds=(kept.erased_at(settings.zone) - month - began).total_seconds())
        await all_mails_are_handed_over(suite)
        announced = suite.mails()[mails:]
        assert ["erased on" in str(mail["Subject"]) for mail in announced] == [True, True], "each person one"
        await retention(suite, seconds=month.total_seconds() - 1)
        assert await accounts.ports.store.count("accounts", {"campaign": campaign, "file_number": Range(gt="")}) == 2
        await retention(suite, days=9)
        await clean_up(suite)
        for name in ("accounts", "applications"):
            assert not await suite.service(name).service.ports.store.count(name, {})
        passed = int((suite.clock.now() - began).total_seconds())
    assert traces(settings.data) == {}
    (left,) = [file for file in (settings.data / "objects").rglob("*") if file.is_file()]
    assert left.name == "identity+objects", "the store's own name"
    assert counted(parvis, campaign) == before
    gone = shown(parvis)[campaign]
    assert (gone["state"], gone["accounts"], gone["files"]) == ("closed", 0, 0)
    verified = parvis("verify", "all", PARVIS_CLOCK=f"offset:+{passed}")
    assert verified.returncode == 0, verified.stdout
