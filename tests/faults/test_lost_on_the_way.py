"""The broker loses what it has confirmed; those who lack it get it from the journals, without a person (acceptance 110)."""

from __future__ import annotations

from services.chassis.broker.topics import queue_of
from tests.faults.conftest import FaultBench
from tests.faults.crowd import Crowd
from tests.faults.marks import cluster
from tests.rest import journaled

pytestmark = cluster("rabbitmq3")


async def test_a_queue_is_deleted_under_load_and_made_anew(bench: FaultBench) -> None:
    """Acceptance 110: meanwhile people deposit and submit; that theirs are held is known once the queue is there again."""
    virtual_host = bench.cluster.virtual_host
    before = await bench.cluster.metric("parvis_events_missed_total")
    async with Crowd(bench.cluster, at_once=2) as crowd:
        await crowd.go_through(1)
        await virtual_host.admin("DELETE", f"/api/queues/{{v}}/{queue_of('documents')}")
        await crowd.go_through(2)
        applied = await virtual_host.parvis("topology", "apply", "--secrets", str(virtual_host.secrets))
        assert applied.code == 0, applied.out + applied.err
    # What was lost is applied after what came later.
    bench.disordered.update(row["key"] for row in (await journaled(bench.suite)).values())
    await bench.recorder.catch_up(bench.suite)
    await bench.find_everything(crowd)
    assert await bench.cluster.metric("parvis_events_missed_total") > before
