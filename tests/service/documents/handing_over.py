"""What tests of documents that are handed over do: give some, let a night pass, look at the list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.ports import PortError
from services.chassis.service.timers import Timer
from services.chassis.testing import Suite, run_suite
from services.contracts.events.applications import PreEnrolmentCompleted
from services.contracts.events.catalogue import Event
from tests.pre_enrolments import SECRET
from tests.service.documents.client import stored
from tests.service.documents.given import APPLICATION, card, changed, slot
from tests.unit.documents import files

NIGHT = datetime(2027, 6, 1, 20, 45, tzinfo=UTC)
"""22:45 at Paris."""
WANTED = {"enrolment.documents": "yes"}
OF = {"application": APPLICATION, "account": "ann", "programme": "M1-MER", "campaign": "2027"}


@cache
def pdf(pages: int) -> bytes:
    """The same bytes each time."""
    return files.pdf(pages)


@asynccontextmanager
async def running(tmp_path: Path, clock: FixedClock, url: str) -> AsyncIterator[Suite]:
    sis: dict[str, Any] = {"pre_enrolment": url, "pre_enrolment_secret": SECRET}
    async with run_suite(tmp_path / "var", services=("documents",), clock=clock, timers_by_time=False, **sis) as suite:
        await tell(suite, card(), "accounts")
        yield suite


def broken(folder: Path, content: bytes) -> None:
    """Have the disk answer by an error where these bytes are asked for."""
    files = [each for each in folder.rglob("*") if each.is_file() and "sqlite" not in each.name]
    (kept,) = [each for each in files if each.read_bytes() == content]
    kept.unlink()
    kept.mkdir()


async def tell(suite: Suite, event: Event, service: str = "applications") -> None:
    await suite.publish(event, service)
    await suite.settle()


async def uploaded(suite: Suite, *pieces: str) -> dict[str, str]:
    """Validated documents of hers, by piece."""
    given = {each: (await stored(suite, pdf(number)))["document"] for number, each in enumerate(pieces, 1)}
    await tell(suite, changed(pieces=[slot(each, id, state="validated") for each, id in given.items()]))
    return given


async def completed(suite: Suite, what: type[Event] = PreEnrolmentCompleted) -> None:
    await tell(suite, what.model_validate(OF | {"pre_enrolment": f"{APPLICATION}.pre-enrolment"}))


async def night(suite: Suite, **later: float) -> None:
    """Let time pass, and let the timer do what it does then."""
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(**later)
    command = CommandContext(suite.clock.now(), "test", acting_service("documents"))
    with suppress(PortError):
        while await timer_of(suite).run(command):
            pass


def timer_of(suite: Suite) -> Timer:
    (timer,) = [each for each in suite.service("documents").service.timers if each.name == "hand-overs"]
    return timer


async def ask(
    suite: Suite, method: str = "GET", path: str = "", also: Sequence[Mapping[str, Any]] = (), **grant: Any
) -> tuple[int, Any]:
    headers = suite.bearer("kim", kind="staff", grants=[{"role": "manager", **grant}, *also])
    async with suite.client.request(method, f"/api/documents/hand-overs{path}", headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def seen(suite: Suite, pile: str = "all") -> dict[str, tuple[str, str | None]]:
    """State and reason of each document, by piece."""
    _, found = await ask(suite, path=f"?pile={pile}")
    return {each["piece"]: (each["state"], each["reason"]) for item in found["items"] for each in item["documents"]}
