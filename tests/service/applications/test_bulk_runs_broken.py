"""What keeps a run from a file keeps it from no other, and is not said of a file for what was the store's."""

from __future__ import annotations

from typing import Any

import pytest

from services.applications.domain.bulk_runs import BulkRun
from services.applications.routes.bulk_runs import act_of
from services.applications.usecases import bulk_runs
from services.applications.usecases.bulk_runs import Wanted
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import PortError
from services.contracts.events.accounts import AccountErased
from services.contracts.refusals import BUSY
from services.contracts.work import MAX_ATTEMPTS
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import foreseen
from tests.service.applications.test_bulk_runs import KIM, came, kim, over
from tests.service.applications.test_exports import app_of, command_of
from tests.service.applications.test_review import Staff, handed_over

__all__ = ["kim"]


async def assigning(peers: PeerServices, kim: Staff, clock: FixedClock, *ids: str) -> Versioned[BulkRun]:
    """A run that nobody has begun to do yet."""
    digest = (await foreseen(kim, "assign", [*ids], args={"assignee": "eva"}))["digest"]
    wanted, command = Wanted("assign", '{"assignee":"eva"}', "fr"), CommandContext(clock.now(), "c", KIM)
    run = BulkRun(account="", language="fr", asked_at=clock.now(), action="assign", args=wanted.args, batch="")
    return await bulk_runs.start(app_of(peers), KIM, command, wanted, ids=ids, act=act_of(run), digest=digest)


async def test_a_file_that_nothing_can_be_done_to_keeps_no_others_from_it(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """At the last attempt; until then whatever is the matter with it may be over."""
    max_ = await peers.candidate("max")
    ids, app = [await handed_over(zoe), await handed_over(max_)], app_of(peers)
    begun, steps = await assigning(peers, kim, clock, *ids), 0

    def broken(run: BulkRun) -> Any:
        nonlocal steps
        steps += 1
        if steps <= MAX_ATTEMPTS:
            raise TypeError
        return act_of(run)

    for attempt in range(MAX_ATTEMPTS):
        assert ((await kim.ask("GET", f"/bulk/runs/{begun.id}")).body["state"], steps) == ("waiting", attempt)
        assert await bulk_runs.make_next(app, broken, command_of(peers)) == 1
        clock.advance(seconds=600)
    run = await over(kim, begun.id)
    assert (run["state"], came(run)) == ("ready", [("refused", "file-unreadable"), ("changed", None)])
    # Of who is gone nothing stands here any more, whatever they have done for many.
    await peers.suite.publish(AccountErased(account="kim", campaign=""), "accounts")
    await peers.suite.settle()
    assert await app.bulk_runs.get(begun.id) is None
    assert await app.run_files.of(begun.state.batch) == []


async def test_what_the_world_refuses_of_a_file_is_final_when_it_was_this_file_so_often(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Attempts that were wasted before, by a store that was away for a night, are none of it."""
    id, app = await handed_over(zoe), app_of(peers)
    begun, refusing, tries = await assigning(peers, kim, clock, id), False, 0

    def away(run: BulkRun) -> Any:
        nonlocal tries
        if refusing:
            tries += 1
            raise BUSY(retry_after=1)
        raise PortError("away")

    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(PortError):
            await bulk_runs.make_next(app, away, command_of(peers))
        clock.advance(seconds=600)
    refusing = True
    while (await kim.ask("GET", f"/bulk/runs/{begun.id}")).body["state"] == "waiting":
        assert await bulk_runs.make_next(app, away, command_of(peers)) == 1
        clock.advance(seconds=600)
    run = await over(kim, begun.id)
    assert (run["state"], came(run), tries) == ("ready", [("refused", "busy")], MAX_ATTEMPTS)
