"""Logs are JSON, tell facts, and hold no personal data."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.chassis.telemetry.loglines import GATHERING_SECONDS, MAX_GATHERED, GatheringLogger
from tests.processes import ROOT


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[io.StringIO]:
    kept = logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    configure_logging(Settings(data=tmp_path), stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers[:], logging.getLogger().level = kept


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_fact_is_one_line_of_json_with_its_context(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(correlation="c-1"):
        structlog.get_logger().info("thing.done", count=3)
    (line,) = read(lines)
    assert line["event"] == "thing.done"
    assert line["count"] == 3
    assert line["correlation"] == "c-1"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_names_of_personal_data_are_dropped(lines: io.StringIO) -> None:
    structlog.get_logger().info("thing.done", email="zoe@example.org", inner={"password": "secret", "count": 1})
    (line,) = read(lines)
    assert line["email"] == "[dropped]"
    assert line["inner"] == {"password": "[dropped]", "count": 1}
    assert "zoe" not in lines.getvalue()


def test_lines_of_libraries_take_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("library").warning("it %s", "rained")
    (line,) = read(lines)
    assert line["event"] == "it rained"
    assert line["logger"] == "library"
    assert line["level"] == "warning"


def test_an_exception_tells_type_and_place_and_quotes_no_value(lines: io.StringIO) -> None:
    def look_up() -> str:
        known: dict[str, str] = {}
        return known["zoe@example.org"]

    def count() -> int:
        return int("zoe@example.org")

    for fails in (count, look_up):
        try:
            fails()
        except (ValueError, LookupError):
            structlog.get_logger().exception("thing.failed")
    try:
        raise RuntimeError("the pump is off")
    except RuntimeError as error:
        logging.getLogger("library").error("it failed", exc_info=error)
    value, key, runtime = (line["exception"] for line in read(lines))
    assert value["type"] == "builtins.ValueError"
    assert key["type"] == "builtins.KeyError"
    assert "test_logging.py" in value["at"][-1]
    assert runtime["message"] == "the pump is off"
    assert "zoe" not in lines.getvalue()


# --- lines are gathered -----------------------------------------------------------------------------------------


async def test_lines_of_a_loop_are_written_together_and_soon(lines: io.StringIO) -> None:
    log = structlog.get_logger()
    for number in range(3):
        log.info("thing.done", number=number)
    assert lines.getvalue() == ""
    await asyncio.sleep(2 * GATHERING_SECONDS)
    assert [line["number"] for line in read(lines)] == [0, 1, 2]
    log.info("thing.done", number=3)
    await asyncio.sleep(2 * GATHERING_SECONDS)
    assert len(read(lines)) == 4


@pytest.mark.parametrize("level", ["warning", "error", "critical", "exception"])
async def test_what_is_worth_a_warning_is_written_at_once_behind_what_came_before(
    lines: io.StringIO, level: str
) -> None:
    structlog.get_logger().info("thing.begun")
    getattr(structlog.get_logger(), level)("thing.failed")
    assert [line["event"] for line in read(lines)] == ["thing.begun", "thing.failed"]


async def test_no_more_is_gathered_than_fits(lines: io.StringIO) -> None:
    log, text = structlog.get_logger(), "x" * (MAX_GATHERED // 2)
    log.info("thing.done", text=text[:100])
    log.info("thing.done", text=text)
    assert lines.getvalue() == ""
    log.info("thing.done", text=text)
    assert len(read(lines)) == 3


def test_a_log_that_takes_no_more_fails_nobodys_work_and_tells_how_much_it_lost(
    lines: io.StringIO, tmp_path: Path
) -> None:
    """As on a full disk ; what its buffer kept may come late."""
    place = tmp_path / "log"
    with Path("/dev/full").open("w", buffering=1, encoding="utf-8") as full, place.open("w", encoding="utf-8") as room:
        logger = GatheringLogger(full)
        for _ in range(3):
            logger.error('{"event": "lost"}')
        os.dup2(room.fileno(), full.fileno())
        logger.error('{"event": "kept"}')
        logger.error('{"event": "kept too"}')
    events = [json.loads(line) for line in place.read_text().splitlines()]
    assert [event["event"] for event in events][-3:] == ["log.lost", "kept", "kept too"]
    assert events[-3]["lines"] == 3


def test_what_a_loop_has_gathered_is_written_before_what_comes_after_it(lines: io.StringIO) -> None:
    async def loop() -> None:
        structlog.get_logger().info("loop.ended")

    asyncio.run(loop())
    assert lines.getvalue() == ""
    structlog.get_logger().info("process.ended")
    assert [line["event"] for line in read(lines)] == ["loop.ended", "process.ended"]


def test_a_process_that_ends_leaves_no_line_behind(tmp_path: Path) -> None:
    program = """
import asyncio, structlog
from services.chassis.telemetry.logging import configure_logging
from services.chassis.settings import Settings
configure_logging(Settings())
async def loop():
    structlog.get_logger().info("loop.ended")
asyncio.run(loop())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ended.stderr)["event"] == "loop.ended"
