"""The order to do all that is due: by which time passes in a campaign that is played (`parvis rehearse`)."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Final

from services.chassis.context import CommandContext
from services.chassis.service.service import Running
from services.cli.control import Output, Suite, writes

MOST_ROUNDS: Final = 10_000
"""Rounds of one timer in one order."""


@writes()
async def do_what_is_due(suite: Suite, output: Output) -> int:
    """Have every timer of the services do all that is due now, as `parvis timers run`; answer whether any did something."""
    did_any = False
    for service in suite.values():
        running = Running(service)
        async with AsyncExitStack() as stack:
            if f"{service.name}.relay" not in service.ports.tasks.states:
                if service.signer is not None:
                    await service.signer.load()
                for lifespan in service.lifespans:
                    await stack.enter_async_context(lifespan())
            for timer in service.timers:
                for _ in range(MOST_ROUNDS):
                    ports = service.ports
                    command: CommandContext = await timer.command(service.name, ports.clock, ports.ids, running.witness)
                    if not await timer.run(command):
                        break
                    did_any = True
    output.line("done" if did_any else "nothing was due")
    return int(did_any)
