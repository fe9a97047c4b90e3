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
from services.chassis.telemetry import metrics
from services.chassis.telemetry.logging import OnlyDeclared, UndeclaredLine, configure_logging
from services.chassis.telemetry.loglines import GATHERING_SECONDS, MAX_GATHERED, GatheringLogger
from tests.processes import ROOT

EVENTS = {
    "thing.begun": frozenset[str](),
    "thing.done": frozenset({"count", "number", "text", "inner"}),
    "thing.failed": frozenset[str](),
    "loop.ended": frozenset[str](),
    "process.ended": frozenset[str](),
}


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[io.StringIO]:
    kept, processors = (logging.getLogger().handlers[:], logging.getLogger().level), structlog.get_config()
    stream = io.StringIO()
    configure_logging(Settings(data=tmp_path), stream, EVENTS)
    yield stream
    structlog.configure(**processors)
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


def undeclared() -> float:
    (sample,) = [s for s in next(iter(metrics.LOG_UNDECLARED.collect())).samples if s.name.endswith("_total")]
    return sample.value


def test_what_nobody_has_declared_is_dropped_and_counted(lines: io.StringIO) -> None:
    before = undeclared()
    structlog.get_logger().info("thing.done", email="zoe@example.org", inner={"email": "zoe"}, count=1)
    structlog.get_logger().info("thing.done for zoe", count=1)
    structlog.get_logger().info("thing.done", count=1)
    dropped, other, whole = (line | {"timestamp": ""} for line in read(lines))
    assert dropped == whole == {"event": "thing.done", "count": 1, "level": "info", "timestamp": ""}
    assert other == {"event": "log.undeclared", "level": "info", "timestamp": ""}
    assert "zoe" not in lines.getvalue()
    assert undeclared() == before + 2


@pytest.mark.parametrize("line", [{"event": "thing.done", "email": "zoe"}, {"event": "thing.undone"}])
def test_in_tests_it_is_an_error(line: dict[str, Any]) -> None:
    with pytest.raises(UndeclaredLine):
        OnlyDeclared(EVENTS, strict=True)(None, "info", line)
    with pytest.raises(UndeclaredLine):
        structlog.get_logger().info(**line)


def test_lines_of_libraries_tell_their_sentence_and_nothing_that_is_put_into_it(lines: io.StringIO) -> None:
    logging.getLogger("library").warning("it rained on %s", "zoe@example.org")
    logging.getLogger("asyncio").error("a task failed\nfuture: <Task exception=ValueError('zoe@example.org')>")
    library, loop = read(lines)
    assert library["event"] == "it rained on %s"
    assert library["logger"] == "library"
    assert library["level"] == "warning"
    assert loop["event"] == "a task failed"
    assert "zoe" not in lines.getvalue()


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
    for failure in (FileNotFoundError(2, "No such file", "/zoe@example.org"), AssertionError("zoe@example.org")):
        structlog.get_logger().error("thing.failed", exc_info=failure)
    value, key, runtime, system, other = (line["exception"] for line in read(lines))
    assert value["type"] == "builtins.ValueError"
    assert key["type"] == "builtins.KeyError"
    assert "test_logging.py" in value["at"][-1]
    assert runtime["message"] == "the pump is off"
    assert system["message"] == "No such file"
    assert other["message"] == "[dropped]"
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
from services.chassis.telemetry import metrics
from services.chassis.telemetry.logging import OnlyDeclared, UndeclaredLine, configure_logging
from services.chassis.settings import Settings
configure_logging(Settings())
async def loop():
    structlog.get_logger().info("host.stopped")
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
    assert json.loads(ended.stderr)["event"] == "host.stopped"
