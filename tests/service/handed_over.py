"""When no mail is on its way any more."""

from __future__ import annotations

import asyncio

from services.chassis.testing import Suite
from services.contracts.instants import instant_text


async def all_mails_are_handed_over(suite: Suite) -> None:
    """Wait until the suite is at rest and every mail that is due has gone out: events rest before their mails do."""
    store = suite.service("mailer").service.ports.store
    async with asyncio.timeout(120):
        while True:
            await suite.settle()
            now, rows = instant_text(suite.clock.now()), await store.find("deliveries", {}, limit=1000)
            if not any(
                row["state"] == "sending" or (row["state"] == "queued" and row["due_at"] <= now) for row in rows
            ):
                return
            await asyncio.sleep(0.02)
