"""Whatever an item says of when it was due, it is worked on (acceptance 103)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.parking import Parking
from services.chassis.ports import Document, Store
from services.chassis.service.timers import item_timer

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("due_at", ["2027-01-31T11:00:00.000Z", "", "no instant", None, 7])
async def test_how_late_an_item_is_keeps_nobody_from_it(store: Store, due_at: object) -> None:
    """What is due at once, as the rest of an erased account, has no instant; nor has what was damaged."""
    worked: list[Document] = []

    async def items(command: CommandContext) -> AsyncIterator[Document]:
        yield {"_id": "a", "due_at": due_at}

    async def work(item: Document, command: CommandContext) -> int:
        worked.append(item)
        return 1

    timer = item_timer("tidying", 60, items, work, Parking("tests", store, FixedClock(NOW)))
    assert await timer.run(CommandContext(NOW, "test", actor=OPERATOR)) == 1
    assert [item["_id"] for item in worked] == ["a"]
