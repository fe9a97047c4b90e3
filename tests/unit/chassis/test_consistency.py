"""`Parvis-Seen`: a client that has seen something done is never answered from before it."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.context import CommandContext, EventRef
from services.chassis.http import consistency
from services.contracts.refusals import RefusedError
from tests.unit.chassis.demo import MOMENT, DemoService, FruitPut, run_demo

EVENTS = [EventRef(f"demo.baskets.ada.{number}", "demo.fruit.put.v1") for number in range(64)]


def test_what_is_written_is_read() -> None:
    value = consistency.write(EVENTS[:2], MOMENT)
    assert consistency.read(value, MOMENT) == EVENTS[:2]
    assert consistency.read(f"{value}, {consistency.write(EVENTS[1:4], MOMENT)}", MOMENT) == EVENTS[:4]
    assert consistency.read("", MOMENT) == []


def test_64_events_fit_and_of_more_the_newest_stay() -> None:
    value = consistency.write(EVENTS, MOMENT)
    assert len(value) <= consistency.MAX_CHARACTERS
    assert consistency.read(value, MOMENT) == EVENTS
    assert consistency.read(consistency.write([EventRef("old", "t"), *EVENTS], MOMENT), MOMENT) == EVENTS
    with pytest.raises(RefusedError, match="invalid-header"):
        consistency.read(f"{value},{consistency.write(EVENTS[:1], MOMENT)}", MOMENT)


def test_after_thirty_days_an_event_counts_as_applied() -> None:
    value = consistency.write(EVENTS[:1], MOMENT)
    assert consistency.read(value, MOMENT + timedelta(days=30) - timedelta(seconds=1))
    assert consistency.read(value, MOMENT + timedelta(days=30)) == []


MALFORMED: list[object] = [
    [],
    {},
    {"e": [], "t": -1},
    {"e": [], "t": 10**12},
    {"e": [], "t": 1.5},
    {"e": [["a"]], "t": 1},
    {"e": [["a", 1]], "t": 1},
    {"e": [["", "t"]], "t": 1},
    {"e": [["a" * 256, "t"]], "t": 1},
    {"e": [["a\0", "t"]], "t": 1},
    {"e": [["a", "demo.fruit.put.v1\0"]], "t": 1},
    {"e": [["\u00e9 b", "t"]], "t": 1},
    {"e": [["a", "t"]] * 65, "t": 1},
    {"e": [], "t": 1, "x": 1},
]


def encoded(mark: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()


@pytest.mark.parametrize("mark", ["!!!", "x" * 8193, *map(encoded, MALFORMED)])
def test_a_malformed_mark_is_refused(mark: str) -> None:
    with pytest.raises(RefusedError, match="invalid-header"):
        consistency.read(mark, MOMENT)


async def _get(demo_service: DemoService, mark: str) -> tuple[int, str | None, str | None]:
    async with demo_service.client.get("/api/demo/baskets", headers={"Parvis-Seen": mark}) as response:
        body = await response.json(content_type=None)
        return response.status, body.get("slug"), response.headers.get("Retry-After")


async def test_a_mark_waits_for_what_is_applied_here_and_for_nothing_else(tmp_path: Path) -> None:
    applied: list[str] = []
    go = asyncio.Event()

    async def apply(event: FruitPut, command: CommandContext) -> None:
        await go.wait()
        applied.append(event.fruit)

    async with run_demo(tmp_path, {FruitPut: apply}) as demo_service:
        async with demo_service.client.post(
            "/api/demo/baskets/b-a/fruits", json={"fruit": "kiwi"}, headers=demo_service.bearer()
        ) as response:
            mark = response.headers["Parvis-Seen"]
        assert await _get(demo_service, mark) == (503, "catching-up", "1")
        own = {"Parvis-Seen": mark} | demo_service.bearer()
        async with demo_service.client.get("/api/demo/baskets/b-a", headers=own) as response:
            assert response.status == 200, "what a service tells itself holds nobody up who does not ask for it"
        assert applied == []
        asking = asyncio.create_task(_get(demo_service, mark))
        go.set()
        assert (await asking)[0] == 200
        assert applied == ["kiwi"]
        assert (await _get(demo_service, mark))[0] == 200
        foreign = consistency.write([EventRef("never", "offers.programme.changed.v1")], MOMENT)
        assert (await _get(demo_service, foreign))[0] == 200
        assert (await _get(demo_service, f"{foreign}, {mark}"))[0] == 200
        assert await _get(demo_service, "nonsense") == (400, "invalid-header", None)


async def test_a_command_waits_too_before_it_is_decided(tmp_path: Path) -> None:
    async def apply(event: FruitPut, command: CommandContext) -> None:
        await asyncio.sleep(0)

    async with run_demo(tmp_path, {FruitPut: apply}) as demo_service:
        headers = demo_service.bearer() | {"Parvis-Seen": consistency.write([EventRef("never", FruitPut.TYPE)], MOMENT)}
        async with demo_service.client.post(
            "/api/demo/baskets/b-a/fruits", json={"fruit": "fig"}, headers=headers
        ) as response:
            assert response.status == 503
        assert await demo_service.demo.baskets.get("ada-b-a") is None
