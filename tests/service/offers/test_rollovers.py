"""The programmes of a campaign come into the next one: seen before, once, with all that they ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.actors import Role
from tests.service.offers.asking import get
from tests.service.offers.conftest import NOON
from tests.service.offers.test_imports_over_http import EVERYWHERE, send
from tests.service.offers.test_own_catalogue import ROWS, table
from tests.unit.offers.test_own_catalogue import PROGRAMME

SOURCE = {"code": "2027", "label": "Année 2027", "starts_on": "2026-12-01", "ends_on": "2027-11-01"}
TARGET = {"code": "2028", "label": "Année 2028", "starts_on": "2027-12-01", "ends_on": "2028-11-01"}
BODY = {"source": "2027", "shift": "weekday"}
PATH = "/campaigns/2028/rollover"


@pytest.fixture
async def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Suite]:
    """One campaign with programmes, and the next, which is planned."""
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as running:
        for campaign in (SOURCE, TARGET):
            await send(running, campaign, path="/campaigns")
        await send(running, {}, path="/campaigns/2027/activate")
        late = {**PROGRAMME, "code": "LATE", "review_on": "2027-12-30"}
        _, done = await send(running, table(*ROWS, late, {**PROGRAMME, "code": "OUT"}).encode())
        assert done["created"] == 3, done
        yield running


async def roll(suite: Suite, grant: Mapping[str, Any] = EVERYWHERE, path: str = PATH, **more: Any) -> tuple[int, Any]:
    return await send(suite, BODY | more, path=path, grant=grant)


async def kept(suite: Suite, code: str) -> Any:
    headers = suite.bearer("kim", kind="staff", grants=[EVERYWHERE])
    async with suite.client.get(f"/api/offers/catalogue/{code}", headers=headers) as answer:
        return await answer.json()


async def test_programmes_come_with_all_that_they_ask_for_and_twice_is_once(suite: Suite) -> None:
    before = await kept(suite, "M1-MER")
    out = (await kept(suite, "OUT"))["programme"] | {"published": False}
    headers = suite.bearer("kim", kind="staff", grants=[EVERYWHERE])
    async with suite.client.put("/api/offers/programmes/OUT", json=out, headers=headers) as answer:
        assert answer.status == 200
    status, seen = await roll(suite, dry_run=True)
    assert (status, seen["target"]["state"]) == (200, "planned")
    assert (seen["carried"], seen["present"], seen["refused"]) == (1, 0, 2)
    items = {each["code"]: each for each in seen["items"]}
    faults = {code: [fault["slug"] for fault in each["faults"]] for code, each in items.items()}
    assert faults == {"LATE": ["after-the-campaign"], "OUT": ["withdrawn-programme"], "M1-MER": []}
    opens = next(day for day in items["M1-MER"]["days"] if day["name"] == "opens_on")
    assert opens == {"name": "opens_on", "before": "2027-02-01", "after": "2028-01-31", "weekend": False}
    status, problem = await roll(suite, digest=seen["digest"])
    assert (status, problem["slug"]) == (409, "campaign-is-not-active")
    await send(suite, {}, path="/campaigns/2028/activate")
    for more, slug in (
        ({"digest": "0" * 32}, "premises-changed"),
        ({"digest": seen["digest"], "shift": "date"}, "premises-changed"),
        ({}, "invalid-fields"),
        ({"digest": seen["digest"], "source": "2028"}, "invalid-fields"),
        ({"digest": seen["digest"], "source": "1999"}, "invalid-fields"),
    ):
        assert (await roll(suite, **more))[1]["slug"] == slug, more
    done = [(await roll(suite, digest=seen["digest"]))[1] for _ in range(2)]
    assert [(each["carried"], each["present"], each["refused"]) for each in done] == [(1, 0, 2), (0, 1, 2)]
    after = await kept(suite, "M1-MER")
    assert (after["campaign"], after["version"]) == ("2028", before["version"] + 1)
    assert after["programme"] | {"dates": 0} == before["programme"] | {"dates": 0}
    assert after["programme"]["dates"]["opens_on"] == "2028-01-31"
    assert (await kept(suite, "LATE"))["campaign"] == "2027"
    async with asyncio.timeout(120):
        while [each["code"] for each in (await get(suite, "/programmes"))["items"]] != ["M1-MER"]:
            await asyncio.sleep(0.02)


async def test_a_programme_that_changed_since_is_looked_at_anew(suite: Suite) -> None:
    seen = (await roll(suite, dry_run=True))[1]
    await send(suite, table(*ROWS[:-1], {**PROGRAMME, "capacity": "77"}).encode())
    await send(suite, {}, path="/campaigns/2028/activate")
    status, problem = await roll(suite, digest=seen["digest"])
    assert (status, problem["slug"]) == (409, "premises-changed")
    assert (await kept(suite, "LATE"))["campaign"] == (await kept(suite, "M1-MER"))["campaign"] == "2027"
    await send(suite, {}, path="/campaigns/2028/close")
    status, problem = await roll(suite, digest=seen["digest"])
    assert (status, problem["slug"]) == (409, "campaign-is-closed")


async def test_a_campaign_is_ended_without_another(suite: Suite) -> None:
    for code, expected in (("1999", (404, "not-found")), ("2028", (409, "campaign-is-not-active"))):
        status, problem = await send(suite, {}, path=f"/campaigns/{code}/close")
        assert (status, problem["slug"]) == expected
    for _ in range(2):
        status, closed = await send(suite, {}, path="/campaigns/2027/close")
        assert (status, [each["state"] for each in closed["items"]]) == (200, ["planned", "closed"])


@pytest.mark.parametrize(
    ("path", "body"), [(PATH, BODY | {"dry_run": True}), ("/campaigns/2027/close", {})], ids=["rollover", "close"]
)
async def test_campaigns_are_for_administrators_of_everything(suite: Suite, path: str, body: Any) -> None:
    """Acceptance 92: who has a right for a part finds nothing, whoever has none is refused."""
    for role in Role:
        if role is not Role.ADMIN:
            assert (await send(suite, body, path=path, grant={"role": role.value}))[0] == 403, role
    assert (await send(suite, body, path=path, grant={"role": "admin", "centres": ["A"]}))[0] == 404
    assert (await roll(suite, path="/campaigns/1999/rollover", dry_run=True))[0] == 404
