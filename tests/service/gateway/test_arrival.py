"""Arrival counts, not handling (acceptance 54 and the product's section 8, point 2), where a gateway is trusted."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from services import SERVICES
from services.chassis.clock import FixedClock
from services.chassis.http.arrival import ARRIVED
from services.chassis.testing import Suite, run_suite
from tests.candidate import Candidate, Mailbox
from tests.service.accounts.client import ADDRESS, AccountsClient
from tests.service.applications.candidate import PeerServices
from tests.service.gateway.conftest import Open

DEADLINE = "2027-02-15"
LAST_SECOND = datetime(2027, 2, 15, 22, 59, 59, tzinfo=UTC)
"""In Paris, the last second of that day."""


@asynccontextmanager
async def at_midnight(data: Path, *, behind_gateway: bool) -> AsyncIterator[tuple[Suite, str]]:
    """A suite one second after the deadline, with an application that lacks nothing."""
    clock = FixedClock(datetime(2027, 2, 1, 11, tzinfo=UTC))
    async with run_suite(data, services=("applications",), clock=clock, behind_gateway=behind_gateway) as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme(submission_deadline=DEADLINE)
        zoe = await peers.candidate("zoe")
        id = await zoe.ready()
        clock.moment = LAST_SECOND
        clock.advance(seconds=60)  # less than so long is any request on its way to its handler
        yield suite, id


async def submit(suite: Suite, id: str, arrived: str | None) -> aiohttp.ClientResponse:
    headers = suite.bearer("zoe") | ({ARRIVED: arrived} if arrived else {})
    url = f"/api/applications/applications/{id}/submission"
    async with suite.client.post(url, headers=headers) as answer:
        await answer.read()
        return answer


async def test_a_submission_whose_first_byte_was_in_time_is_in_time(tmp_path: Path) -> None:
    async with at_midnight(tmp_path, behind_gateway=True) as (suite, id):
        assert (await submit(suite, id, None)).status == 409
        assert (await submit(suite, id, f"{time.time():.3f} 0.000")).status == 409
        answer = await submit(suite, id, f"{time.time() - 59:.3f} 2.000")
        assert answer.status == 200
        assert (await answer.json())["submitted_at"] < "2027-02-15T23:00:00.000Z"


async def test_nobody_is_believed_where_no_gateway_stands_in_front(tmp_path: Path) -> None:
    async with at_midnight(tmp_path, behind_gateway=False) as (suite, id):
        assert (await submit(suite, id, f"{time.time() - 61:.3f} 0.000")).status == 409


async def test_an_address_that_hung_and_was_sent_again_does_not_undo_a_newer_one(tmp_path: Path) -> None:
    """A line breaks, the client writes again and then something else; then the first one comes to its turn."""
    clock = FixedClock(datetime(2027, 2, 1, 11, tzinfo=UTC))
    async with run_suite(tmp_path, services=("accounts",), clock=clock, behind_gateway=True) as suite:
        desk = AccountsClient(suite, clock)
        await desk.open_campaign()
        zoe = await desk.zoe().arrive()
        clock.advance(seconds=3)
        assert (await zoe.give("address", city="Elne", postcode="66200")).status == 200
        late = await desk.ask(
            "PUT", "/me/profile/address", ADDRESS, zoe.bearer | {ARRIVED: f"{time.time() - 3:.3f} 0.000"}
        )
        assert (late.status, late.slug, late.headers["Retry-After"]) == (503, "busy", "1")
        assert (await zoe.get("/me/profile/address")).body["city"] == "Elne"
        assert (await zoe.give("address")).status == 200


async def test_a_candidate_goes_the_whole_way_through_the_gateway(gateway: Open, tmp_path: Path) -> None:
    async with run_suite(tmp_path / "var", services=SERVICES, behind_gateway=True) as suite:
        site = await gateway(suite.host.settings.port)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as client:
            candidate = Candidate(client, site.url, Mailbox(tmp_path / "var" / "mail"), insist=True)
            await candidate.goes_the_whole_way()
            assert candidate.ledger.receipt
            missing = await candidate.get("/api/applications/applications/nothing-like-it")
            assert missing.status == 404
            assert len(missing.headers["X-Frame-Options"].split(",")) == 1
