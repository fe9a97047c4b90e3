"""What counts as a failure where a process counts what it answers (ADR 110)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from services.chassis.clock import FixedClock
from services.chassis.http.middleware import Middleware
from services.chassis.refusals import TOO_MANY_AT_ONCE, UNAVAILABLE
from services.chassis.settings import Settings
from services.chassis.telemetry.answering import Answered
from services.contracts.refusals import BUSY, MAINTENANCE, NOT_FOUND

NOON = datetime(2027, 4, 15, 12, 0, tzinfo=UTC)
SAYS = {
    "fine": None,
    "nothing": NOT_FOUND(),
    "often": TOO_MANY_AT_ONCE(retry_after=1),
    "full": BUSY(retry_after=1),
    "closed": MAINTENANCE(retry_after=1, until="2027-04-15T13:00:00.000Z"),
    "away": UNAVAILABLE(retry_after=1),
}


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("/api/offers/things/fine", {"offers": (1, 0)}),
        ("/api/offers/things/nothing", {"offers": (1, 0)}),
        ("/api/offers/things/often", {"offers": (1, 0)}),
        ("/api/offers/things/full", {"offers": (1, 0)}),
        ("/api/offers/things/closed", {"offers": (1, 0)}),
        ("/api/offers/things/away", {"offers": (1, 1)}),
        ("/api/offers/things/broken", {"offers": (1, 1)}),
        ("/gestion/away", {"portal": (1, 0)}),
        ("/gestion/broken", {"portal": (1, 1)}),
        ("/api/offers/jwks.json", {}),
        ("/nowhere", {}),
    ],
)
async def test_what_is_shed_on_purpose_or_passed_on_is_no_failure(
    tmp_path: Path, path: str, counts: dict[str, tuple[int, int]]
) -> None:
    async def say(request: web.Request) -> web.StreamResponse:
        refusal = SAYS[request.match_info.get("what", "fine")]  # of what is broken a KeyError
        if refusal is not None:
            raise refusal
        return web.Response()

    answered = Answered()
    middleware = Middleware(Settings(data=tmp_path), 1, (answered, FixedClock(NOON)))
    app = web.Application(middlewares=[middleware.middleware])
    for route in ("/api/offers/things/{what}", "/gestion/{what}", "/api/offers/jwks.json"):
        app.router.add_get(route, say)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            await answer.read()
    finally:
        await runner.cleanup()
    over = answered.over(NOON + timedelta(minutes=1))
    assert {each.service: (each.asked, each.failed) for each in over} == counts


def test_what_is_counted_in_a_minute_before_does_not_part_whoever_fails_in_this_one() -> None:
    """A clock that was put back, or a request that took long."""
    answered = Answered()
    for number in (1, 0, 1):
        for _ in range(2):
            answered.count("offers", NOON + timedelta(minutes=number), failed=True, who="ann")
    found = answered.over(NOON + timedelta(minutes=2))
    assert [(each.failed, each.failed_for_others) for each in found] == [(2, 0), (4, 0)]


def test_who_asked_is_held_for_the_minute_alone_and_what_it_tells_until_it_is_read() -> None:
    """Nobody reads what most processes of a cluster count."""
    answered = Answered()
    for number in range(3):
        for who, failed in (("ann", True), ("ann", True), ("bob", True), ("eve", False)):
            answered.count("offers", NOON + timedelta(minutes=number), failed=failed, who=who)
    found = answered.over(NOON + timedelta(minutes=3))
    assert [(each.asked, each.failed, each.asked_by_others, each.failed_for_others) for each in found] == [
        (4, 3, 2, 1)
    ] * 3
    held = [counts["offers"].askers for counts in answered._counts.values()]  # noqa: SLF001 - what it holds is no answer
    assert [len(each) for each in held] == [0, 0, 3]
