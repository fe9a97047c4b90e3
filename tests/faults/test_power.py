"""Power fails at crash points of one service after the other, in the production size: all other processes live on.

Before, commands of operations have come and gone beside them (acceptance 101; `test_ledger` has the embedded size).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.faults.conftest import LONG, FaultBench
from tests.faults.crowd import TIMEOUT, Crowd
from tests.faults.labels import crash_labels
from tests.faults.marks import cluster
from tests.service.operations.test_commands_beside import COMMANDS

pytestmark = cluster("rabbitmq3")

AGGREGATES = (
    "aggregate.before-insert",
    "aggregate.after-insert",
    "aggregate.before-replace",
    "aggregate.after-replace",
)
TELLING = ("publisher.confirmed", "relay.journaled", "relay.cleared", "journal.before-append")
HEARING = ("inbox.applied", "inbox.received")
"""First what needs a lease: one that dies keeps its own for seconds."""
UPLOADS = tuple(label for label in crash_labels() if label.startswith("documents."))[2:]
"""Without those of erasing, which is done by the clock."""

SHORT = {"accounts": TELLING[:2], "applications": HEARING}
ALL = {
    "accounts": (*AGGREGATES, *TELLING),
    "applications": (*AGGREGATES, *TELLING, *HEARING),
    "documents": (*UPLOADS, *TELLING, *HEARING),
}
CHAINS = ALL if LONG else SHORT


async def test_a_service_dies_at_its_crash_points_while_all_others_live(bench: FaultBench) -> None:
    async with Crowd(bench.cluster, at_once=2, writers=2) as crowd:
        await crowd.go_through(1)
        await type_commands(bench)
        for name, labels in CHAINS.items():
            await die_at(bench, name, labels)
            await bench.cluster.start()
        await crowd.go_through(1)
    await bench.find_everything(crowd)


async def type_commands(bench: FaultBench) -> None:
    """Every command that opens the stores."""
    for command, (expected, arguments) in COMMANDS.items():
        if command.split()[0] in {"inbox", "journal", "mail", "replay"}:
            done = await bench.cluster.parvis(*command.split(), *arguments)
            assert done.returncode == expected, (command, done.stdout, done.stderr)


async def die_at(bench: FaultBench, name: str, labels: Sequence[str]) -> None:
    """Let a service that has but one replica for now die at each label, one life after the other."""
    alone, *others = bench.cluster.processes[name]
    await asyncio.gather(*(process.stop() for process in others))
    await alone.stop()
    for label in labels:
        await alone.start(crash_at=f"{label}#2")
        assert await alone.ended(within=2 * TIMEOUT) == -9, f"{label}: {alone.log.read_text()[-2000:]}"
