"""When no mail is on its way any more."""

from __future__ import annotations

import asyncio

from services.chassis.testing import Suite
from services.contracts.instants import instant_text


async def all_mails_are_handed_over(suite: Suite) -> None:
    """Wait until the suite is at rest and every mail that is due has gone out.

    Events rest before their mails do, and what became of a mail is an event again, of which others may come.
    """
    store, before = suite.service("mailer").service.ports.store, None
    async with asyncio.timeout(120):
        while True:
            await suite.settle()
            now, rows = instant_text(suite.clock.now()), await store.find("deliveries", {}, limit=1000)
            due = any(row["state"] == "sending" or (row["state"] == "queued" and row["due_at"] <= now) for row in rows)
            states = {row["_id"]: row["state"] for row in rows}
            if not due and states == before:
                return
            before = None if due else states
            await asyncio.sleep(0.02)
