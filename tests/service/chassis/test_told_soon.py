"""What a process has done itself is finished at once, not when it next looks for what others have left (ADR 97)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from services.chassis.clock import FixedClock
from services.chassis.events.aggregates import Decision
from services.chassis.events.journal import Journal
from services.chassis.events.leases import Lease
from services.chassis.events.outbox import Outbox
from services.chassis.events.publisher import Publisher
from services.chassis.ports import Store
from services.contracts.backoff import Backoff
from services.contracts.events.catalogue import Audience
from tests.service.chassis.test_journal import Hearer, envelope, parking
from tests.service.chassis.thing import NOW, Thing, Things, command, made

SECONDS = 120
"""Until what does not happen is given up; the looks are hours apart."""


async def test_the_cursor_follows_what_is_published_though_nothing_more_comes(store: Store) -> None:
    """Who waits until all is published reads the cursor."""
    journal, lease = Journal(store, Audience.PUBLIC), Lease(store, FixedClock(NOW), "p", timedelta(hours=8))
    publisher = Publisher(
        "tests",
        store,
        Hearer(),  # type: ignore[arg-type]
        journal,
        lease,
        parking=parking(store),
        looks=Backoff(timedelta(hours=1), timedelta(hours=1)),
    )
    running = asyncio.create_task(publisher.run())
    async with asyncio.timeout(SECONDS):
        for number in range(4):
            await journal.append([envelope(number)])
            while (standing := publisher.standing()) is None or standing.position <= number:
                await asyncio.sleep(0)
        while await publisher.position() < 4:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_relay_is_told_of_what_a_command_leaves_in_the_outbox_though_it_causes_nothing(
    things: Things, outbox: Outbox
) -> None:
    """A relay that is at the document can empty it no more: it has a new version."""
    await things.add("t1", made("t1"), command())
    ((_, _, before),) = outbox.take(2)
    await things.change("t1", lambda _: Decision(Thing("t1 renamed"), []), command())
    ((_, _, after),) = outbox.take(2)
    assert before is not None
    assert after is not None
    assert after["version"] > before["version"]
    assert after["outbox"] == before["outbox"] != []
