"""When nothing is under way in a suite any more, by what its stores say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from services.chassis.events.inbox import INBOX
from services.chassis.ports import In
from services.chassis.service.service import Running, Service


async def come_to_rest(suite: Mapping[str, Service], timeout: float) -> None:
    """Wait until every event is relayed, published, and applied or parked; TimeoutError after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        while not all([await _rests(service) for service in suite.values()]):
            await asyncio.sleep(0.3)


async def _rests(service: Service) -> bool:
    under_way = {"state": In(("pending", "retrying", "blocked"))}
    return await Running(service).is_published() and not await service.ports.store.count(INBOX.name, under_way)
