"""How loudly it is said that something is missing: what heals by itself after a stop wakes nobody (acceptance 110)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from services.chassis.broker.signals import EXCHANGE
from services.contracts.backoff import Backoff
from tests.service.chassis.test_replay import is_event, nothing, standing

SELDOM = Backoff(timedelta(hours=1), timedelta(hours=1))
SOON = Backoff(timedelta(milliseconds=1), timedelta(milliseconds=1))


def levels(logs: Sequence[Any]) -> list[str]:
    return [entry["log_level"] for entry in logs if entry["event"] == "events.missed"]


async def test_what_is_missing_after_a_start_is_told_of_and_no_warning(tmp_path: Path) -> None:
    async with standing(tmp_path, asks=SELDOM) as pair:
        pair.broker.loses = is_event
        await pair.steps("a")
        pair.broker.loses = nothing
        with capture_logs() as logs:
            await pair.says_its_position()
            await pair.learns_the_rest()
        assert levels(logs) == ["info"]
        pair.broker.loses = is_event
        await pair.steps("b")
        pair.broker.loses = nothing
        with capture_logs() as logs:
            await pair.says_its_position()
            await pair.learns_the_rest()
        assert levels(logs) == ["warning"], "it had all, and then lost something"


async def test_what_stays_missing_is_warned_of(tmp_path: Path) -> None:
    async with standing(tmp_path, asks=SOON) as pair:
        pair.broker.loses = is_event
        await pair.steps("a")
        pair.broker.loses = nothing
        with capture_logs() as logs:
            await pair.says_its_position()
            pair.broker.loses = lambda message: message.exchange == EXCHANGE
            async with asyncio.timeout(120):
                while len(levels(logs)) < 2:
                    await pair.listener.look()
                    await asyncio.sleep(0.01)
        assert levels(logs) == ["info", "warning"]
