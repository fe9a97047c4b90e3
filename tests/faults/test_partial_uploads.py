"""Power fails between any two writes of an upload in pieces: what was acknowledged is there, the rest comes again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.candidate import Candidate, pdf
from tests.faults.crowd import TIMEOUT, newcomer
from tests.processes import SuiteProcess

PARTIAL = "/api/documents/uploads/partial"
CONTENT = pdf(200_000)
HALF = 100_000


@asynccontextmanager
async def dying_at(folder: Path, label: str) -> AsyncIterator[tuple[SuiteProcess, Candidate, str]]:
    """A suite whose power will fail there, and somebody in it with an upload that is open."""
    suite = SuiteProcess(folder / "var")
    await suite.start(crash_at=f"documents.{label}")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT)) as client:
        person = newcomer(suite, client)
        await person.becomes_known()
        begun = await person.must("POST", PARTIAL, 201, json={"length": len(CONTENT)})
        yield suite, person, f"{PARTIAL}/{begun['id']}"
    await suite.stop()


async def fails(suite: SuiteProcess, person: Candidate, method: str, path: str, **request: object) -> None:
    """Ask for what is never answered, and start again."""
    person.insist = False
    with pytest.raises(aiohttp.ClientConnectionError):
        await person.ask(method, path, **request)
    assert await suite.ended() == -9
    await suite.start()
    person.insist = True


def piece(offset: int, *, last: bool = False) -> dict[str, object]:
    """Half of the file, as it is sent."""
    headers = {
        "Content-Type": "application/partial-upload",
        "Upload-Offset": f"{offset}",
        "Upload-Complete": "?1" if last else "?0",
    }
    return {"data": CONTENT[offset : offset + HALF], "headers": headers}


@pytest.mark.parametrize(("label", "safe"), [("piece-kept", 0), ("piece-noted", HALF)])
async def test_a_piece_is_there_or_can_be_sent_again(tmp_path: Path, label: str, safe: int) -> None:
    async with dying_at(tmp_path, label) as (suite, person, place):
        await fails(suite, person, "PATCH", place, **piece(0))
        if not safe:
            await person.must("PATCH", place, 200, **piece(0))
        answer = await person.must("PATCH", place, 200, **piece(HALF, last=True))
        assert answer["upload"]["size"] == len(CONTENT)


async def test_what_is_given_up_goes_though_the_power_fails_in_the_midst(tmp_path: Path) -> None:
    async with dying_at(tmp_path, "partial-ending") as (suite, person, place):
        await person.must("PATCH", place, 200, **piece(0))
        await fails(suite, person, "DELETE", place)
        await person.must("PATCH", place, 404, **piece(HALF))
