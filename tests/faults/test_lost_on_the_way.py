"""The broker loses what it has confirmed; those who lack it get it from the journals, without a person (acceptance 110)."""

from __future__ import annotations

from services.chassis.broker.topics import queue_of
from tests.faults.conftest import Stand
from tests.faults.crowd import PATIENCE, Crowd
from tests.faults.marks import cluster
from tests.faults.stores import assert_applied_once_in_order, assert_every_promise_holds, journaled
from tests.rest import come_to_rest

pytestmark = cluster("rabbitmq3")


async def test_a_queue_is_deleted_under_load_and_made_anew(stand: Stand) -> None:
    """Meanwhile people deposit and submit; their documents are known to be held as soon as the queue is there again."""
    corner = stand.cluster.corner
    before = await stand.cluster.metric("parvis_events_missed_total")
    async with Crowd(stand.cluster, at_once=2) as crowd:
        await crowd.go_through(1)
        await corner.admin("DELETE", f"/api/queues/{{v}}/{queue_of('documents')}")
        await crowd.go_through(2)
        applied = await corner.parvis("topology", "apply", "--secrets", str(corner.secrets))
        assert applied.code == 0, applied.out + applied.err
    # What was lost is applied after what came later.
    stand.disordered.update(row["key"] for row in (await journaled(stand.suite)).values())
    await crowd.find_what_was_told()
    await come_to_rest(stand.suite, 2 * PATIENCE)
    await stand.tap.catch_up(await journaled(stand.suite))
    await assert_every_promise_holds(stand.suite)
    await assert_applied_once_in_order(stand.suite, await journaled(stand.suite), stand.disordered)
    assert await stand.cluster.metric("parvis_events_missed_total") > before
