"""The catalogue follows the day and the store (acceptance 39)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.chassis import urls
from services.chassis.clock import FixedClock
from services.chassis.events.outbox import Outbox
from services.chassis.testing import Suite, run_suite
from services.cli.offline import opened
from services.offers.domain.campaigns import Campaign
from services.offers.domain.text import Text
from services.offers.repository.campaigns import CAMPAIGNS, CampaignRepository
from services.offers.repository.deadlines import DeadlineRepository
from services.offers.repository.kept import KeptRepository
from services.offers.repository.parameters import ParameterRepository
from services.offers.repository.programmes import PROGRAMMES, ProgrammeRepository
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import activate_campaign, current_campaign, plan_campaign
from services.offers.usecases.mon_master import MonMasterOptions
from services.offers.usecases.programmes import publish_programme, withdraw_programme
from services.offers.wiring import import_mon_master, use_cases
from tests.service.offers.asking import OFFERS, codes, get
from tests.service.offers.conftest import NOON, command, table
from tests.unit.offers.examples import content, days


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[Suite]:
    """Offers with the sample catalogue, loaded at noon of NOON's day."""
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as suite:
        yield suite


@pytest.fixture
async def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Suite]:
    """Offers without the sample."""
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as suite:
        yield suite


def use_cases_of(suite: Suite) -> App:
    ports = suite.service("offers").service.ports
    return use_cases(ports)


async def seen(suite: Suite, code: str, *, revision: int = 1) -> Any:
    """Wait until the catalogue in memory shows this revision of a programme."""
    async with asyncio.timeout(120):
        while True:
            async with suite.client.get(f"{OFFERS}/programmes/{code}") as answer:
                if answer.status == 200 and (shown := await answer.json())["version"] == revision:
                    return shown
            await asyncio.sleep(0.02)


async def test_first_and_last_day_count_in_the_zone_of_the_institution_39(bare: Suite) -> None:
    clock = bare.clock
    assert isinstance(clock, FixedClock)
    app = use_cases_of(bare)
    await current_campaign(app, command())
    await publish_programme(app, "M1", content(), command())
    await seen(bare, "M1")
    # From 1 February to 31 March 2027; midnight in Paris is 23:00, then 22:00 in UTC.
    for moment, slug in [
        ("2027-01-31T22:59:59+00:00", "not-yet-open"),
        ("2027-01-31T23:00:00+00:00", None),
        ("2027-03-31T21:59:59+00:00", None),
        ("2027-03-31T22:00:00+00:00", "closed"),
    ]:
        clock.moment = NOON.fromisoformat(moment)
        shown = await get(bare, "/programmes/M1")
        assert (shown["open"], shown.get("reason", {}).get("slug")) == (slug is None, slug)
        (item,) = (await get(bare, "/programmes"))["items"]
        assert item["open"] == (slug is None)
        assert await codes(bare, open="true") == (["M1"] if slug is None else [])


async def test_the_tag_changes_with_the_day(suite: Suite) -> None:
    clock = suite.clock
    assert isinstance(clock, FixedClock)
    async with suite.client.get(f"{OFFERS}/programmes") as answer:
        tag = answer.headers["ETag"]
    clock.advance(days=1)
    async with suite.client.get(f"{OFFERS}/programmes", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 200


async def test_without_a_campaign_there_is_nothing_to_apply_to(bare: Suite) -> None:
    problem = await get(bare, "/campaigns/current", status=404)
    assert (problem["slug"], problem["title"]) == ("no-active-campaign", "Aucune campagne en cours")
    assert await get(bare, "/campaigns") == {"items": [], "next": None}
    assert (await get(bare, "/programmes"))["items"] == []


async def test_the_catalogue_is_that_of_the_active_campaign(suite: Suite) -> None:
    app = use_cases_of(suite)
    days_of_2028 = Campaign("2028-2029", Text("Suivante"), NOON.date(), NOON.date() + timedelta(days=300))
    await plan_campaign(app, days_of_2028, command())
    await publish_programme(app, "NEXT", content(campaign="2028-2029"), command())
    await activate_campaign(app, "2028-2029", command())
    await seen(suite, "NEXT")
    assert await codes(suite) == ["NEXT"]
    assert (await get(suite, "/campaigns/current"))["code"] == "2028-2029"
    assert [one["state"] for one in (await get(suite, "/campaigns"))["items"]] == ["active", "closed"]
    await get(suite, "/programmes/UPVD-M1-SCIENCES-MER", status=404)


async def test_changes_and_withdrawals_are_seen(suite: Suite) -> None:
    app = use_cases_of(suite)
    await publish_programme(app, "NEW", content(capacity=1), command())
    await seen(suite, "NEW")
    assert "NEW" in await codes(suite, q="marine sciences")
    await publish_programme(app, "NEW", days(closes_on=NOON.date() - timedelta(days=1)), command())
    assert not (await seen(suite, "NEW", revision=2))["open"]
    await withdraw_programme(app, "NEW", command())
    async with asyncio.timeout(120):
        while "NEW" in await codes(suite):
            await asyncio.sleep(0.02)
    await get(suite, "/programmes/NEW", status=404)


async def test_an_import_beside_a_running_suite_is_seen(suite: Suite, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{"mention": f"{number:07}A"} for number in range(300)]))
    async with opened(suite.host.settings, ["offers"]) as beside:
        ports, options = beside["offers"].ports, MonMasterOptions()
        await import_mon_master(ports, file, command=command(), options=options, progress=lambda done, total: None)
    async with asyncio.timeout(120):
        while (await get(suite, "/programmes", {"centre": "0660437S"}))["total"] < 300:
            await asyncio.sleep(0.02)


async def test_what_was_written_while_the_suite_was_down_is_there_at_its_start(tmp_path: Path) -> None:
    store = urls.open_store("sqlite:", service="offers", data=tmp_path)
    await store.prepare([CAMPAIGNS, PROGRAMMES])
    app = App(
        CampaignRepository(store, Outbox()),
        ProgrammeRepository(store, Outbox()),
        ParameterRepository(store, Outbox()),
        DeadlineRepository(store, Outbox()),
        KeptRepository(store, Outbox()),
        ZoneInfo("Europe/Paris"),
    )
    await plan_campaign(app, Campaign("2027-2028", Text("Campagne"), NOON.date(), NOON.date()), command())
    await activate_campaign(app, "2027-2028", command())
    await publish_programme(app, "EARLY", content(), command())
    await store.close()
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as suite:
        assert "EARLY" in await codes(suite)
        await suite.settle()
        journal = suite.service("offers").journals
        events = [row.type for kept in journal.values() for row in await kept.read(0)]
        assert events.count("offers.programme.published.v1") == 41
        assert events.count("offers.campaign.activated.v1") == 1
