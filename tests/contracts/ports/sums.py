"""Work of a small kind, for the suite of all work in the background: the squares of a number, counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from services.chassis import urls
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import Versioned
from services.chassis.events.outbox import Outbox
from services.chassis.ids import RandomIds
from services.chassis.ports import Collection, Store
from services.chassis.work.background import Background, Tell
from services.chassis.work.repository import WorkRepository, work_in
from services.contracts.refusals import BUSY, TOO_MANY_CHANGES
from services.contracts.work import Work

NOW = datetime(2027, 2, 1, 11, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums(Work):
    """What was asked for, and what came of it."""

    upto: int
    found: int = 0


class SumsRepository(WorkRepository[Sums]):
    """All of it."""

    service: ClassVar[str] = "contracts"
    collection: ClassVar[Collection] = work_in("sums")
    kind = Sums
    max_each: ClassVar[int] = 2
    max_all: ClassVar[int] = 3


def command() -> CommandContext:
    """A worker's, of now."""
    return CommandContext(NOW, "worker", acting_service("contracts"))


@asynccontextmanager
async def background(store: Store, data: Path) -> AsyncIterator[Background[Sums]]:
    """All of it as work in the background, its bytes in a folder."""
    objects = urls.open_objects("file:", data)
    try:
        yield Background(SumsRepository(store, Outbox()), objects, FixedClock(NOW), RandomIds(), asyncio.Event())
    finally:
        await objects.close()


async def asked(work: Background[Sums], account: str = "kim", by: CommandContext | None = None) -> Versioned[Sums]:
    """Somebody asks for it."""
    of = by or command()

    async def begin(id: str) -> Sums:
        return Sums(account=account, language="fr", asked_at=of.now, upto=3, total=3)

    return await work.ask(account, begin, of, too_many=TOO_MANY_CHANGES, full=BUSY)


async def put(work: Background[Sums], key: str, content: bytes = b"made") -> None:
    """What a worker writes."""
    async with work.objects.stage(100) as stage:
        await stage.write(content)
        await stage.finish()
        await stage.commit(key, "text/plain")


async def keys(work: Background[Sums]) -> list[str]:
    """Where bytes are."""
    return [info.key for info in await work.objects.list("sums/")]


def maker(work: Background[Sums]) -> Any:
    """Makes it, in three steps."""

    async def made(claimed: Versioned[Sums], tell: Tell) -> Mapping[str, Any]:
        found = 0
        for number in range(1, claimed.state.upto + 1):
            found += number**2
            await tell(number, None)
        await put(work, work.key_of(claimed))
        return {"found": found, "size": 4}

    return made
