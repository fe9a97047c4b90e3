"""A ledger of all that people were told, kept while everything happens to the suite that may (acceptance 101, 105, 108).

Every command of the command line, kills, full disks, damaged files and hostile clients come in an order that a seed gives;
in the end every fact stands, no mail was sent twice and no promise is broken. `PARVIS_TEST_LONG=1`: for 20 minutes, or
`PARVIS_TEST_MINUTES`; `PARVIS_TEST_SEED` gives another order.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.conftest import LONG, SETTINGS, FaultBench
from tests.faults.ledger import SEED, Population
from tests.faults.marks import cluster
from tests.faults.one_machine import OneMachine
from tests.faults.servers import Servers
from tests.processes import SuiteProcess
from tests.rest import journaled


@pytest.mark.timeout(3600)
async def test_whatever_happens_to_one_machine_every_fact_stands(tmp_path: Path) -> None:
    """Acceptance 101."""
    print(f"seed {SEED}")
    suite = SuiteProcess(tmp_path / "var", **SETTINGS)
    await suite.start()
    try:
        async with Population(suite) as crowd:
            await crowd.go_through(1)
            run = OneMachine(suite, crowd, tmp_path)
            await run.plays(run.commands(), run.strokes())
            damaged = await run.stays_damaged()
        await crowd.find_what_was_told()
        await run.is_verified_but_for(damaged)
        print(await run.tells(suite.data / "mail"))
        assert await suite.stop() == 0
    finally:
        if suite.alive:
            await suite.kill()


if LONG:

    class TestOnServers:
        """Of minutes alone: on servers `verify` takes as long as people do to change what it finds."""

        pytestmark = cluster("rabbitmq3")

        async def test_whatever_happens_to_the_suite_on_servers_every_fact_stands(
            self, bench: FaultBench, tmp_path: Path
        ) -> None:
            print(f"seed {SEED}")
            async with Population(bench.cluster) as crowd:
                await crowd.go_through(1)
                run = Servers(bench, crowd, tmp_path)
                await run.plays(run.commands(), run.strokes())
            # What the broker lost is applied after what came later, and a topology that is applied takes the tap away.
            bench.disordered.update(row["key"] for row in (await journaled(bench.suite)).values())
            await bench.recorder.catch_up(bench.suite)
            await bench.find_everything(crowd)
            print(await run.tells(bench.cluster.data / "mail"))
