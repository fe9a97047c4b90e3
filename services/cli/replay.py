"""`parvis replay`: has a service tell all others again what its journals hold."""

from __future__ import annotations

from services.chassis.events.journal import Journal
from services.chassis.events.teller import order_replay
from services.cli.control import Output, Suite, writes
from services.contracts.events.catalogue import Audience


@writes(chosen_by="service")
async def replay(suite: Suite, output: Output, *, service: str, start: int) -> int:
    """Leave the order in the service's store, from which the process that publishes takes it."""
    store = suite[service].ports.store
    last = await Journal(store, Audience.PUBLIC).last()
    await order_replay(store, start - 1)
    output.line(
        f"{service}: rows {start} to {last} of its public journal are told again while it runs; so is how things stand"
    )
    return 0
