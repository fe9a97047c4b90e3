"""Reads workbooks in a process of their own: what a file does to its reader, by memory or time, is done to nobody else.

Started with `python -m` in an empty environment, it takes the bytes from its standard input within the bounds of its
arguments, and writes one JSON text: `{"rows"}`, or `{"refused", "members", "why"}`.
"""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

import services
from services.applications.usecases.tables import Row, is_workbook, read_table
from services.chassis.http.places import Places
from services.contracts.refusals import BUSY, RefusedError
from services.contracts.refusals.applications import TABLE_HAS_SHEETS, TABLE_UNREADABLE, TOO_MANY_ROWS

log = structlog.get_logger()

_MODULE: Final = "services.applications.usecases.table_reading"
AT_ONCE: Final = 2
"""Processes that read at once, each within its bounds: the most of one kind that a machine of two processors does well."""
RETRY_SECONDS: Final = 10
_REFUSALS: Final = {code.name: code for code in (TABLE_UNREADABLE, TABLE_HAS_SHEETS, TOO_MANY_ROWS)}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What reading one workbook may take: bytes of address space, processor and wall-clock seconds."""

    bytes: int = 768 * 2**20
    cpu_seconds: int = 60
    seconds: float = 120.0


async def read_apart(content: bytes, most: int, places: Places, bounds: Bounds = Bounds()) -> list[Row]:
    """The rows of a table as `read_table` has them, of a workbook by a process of its own.

    Raises TABLE_UNREADABLE, also for one that takes more than its bounds, TABLE_HAS_SHEETS, TOO_MANY_ROWS; BUSY where all
    `places` are taken, each of which is one process, or the machine does not come to it in time.
    """
    if not is_workbook(content):
        return await asyncio.to_thread(read_table, content, most)
    with places.take():
        answer = await _asked(content, most, bounds)
    if "rows" in answer:
        return [(number, cells) for number, cells in answer["rows"]]
    refusal = _REFUSALS[answer["refused"]]
    if refusal is TABLE_UNREADABLE:
        log.info("table.unreadable", service="applications", error=answer["why"])
    else:
        log.info("table.refused", service="applications", why=refusal.name)
    raise refusal(**answer["members"])


async def _asked(content: bytes, most: int, bounds: Bounds) -> dict[str, Any]:
    arguments = (most, bounds.bytes, bounds.cpu_seconds)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", _MODULE),
        *map(str, arguments),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=str(Path(services.__file__).parents[1]),
        env={},
        close_fds=True,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(bounds.seconds):
            said, _ = await process.communicate(content)
    except TimeoutError:
        raise BUSY(retry_after=RETRY_SECONDS) from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode:  # its bounds, or what its parser cannot bear
        return _refused(TABLE_UNREADABLE(), f"ended by {process.returncode}")
    answer: dict[str, Any] = json.loads(said)
    return answer


def _refused(refusal: RefusedError, why: str) -> dict[str, Any]:
    return {"refused": refusal.slug.name, "members": refusal.members, "why": why}


def main(arguments: Sequence[str]) -> None:
    """Read one table within the bounds: rows at most, bytes of memory, seconds of the processor."""
    most, memory, seconds = map(int, arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        answer = {"rows": read_table(sys.stdin.buffer.read(), most)}
    except MemoryError:
        answer = _refused(TABLE_UNREADABLE(), "MemoryError")
    except RefusedError as refusal:
        answer = _refused(refusal, type(refusal.__cause__ or refusal).__name__)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
