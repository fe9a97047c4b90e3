"""What keeps a run from a file keeps it from no other, and is not said of a file for what was the store's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from services.applications.domain.bulk import BulkAct
from services.applications.domain.bulk_runs import BulkRun
from services.applications.domain.decisions import Said
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
from tests.service.applications.test_decisions import complete
from tests.service.applications.test_exports import app_of, command_of
from tests.service.applications.test_review import Staff, handed_over

__all__ = ["kim"]


async def assigning(peers: PeerServices, kim: Staff, clock: FixedClock, *ids: str) -> Versioned[BulkRun]:
    """A run that nobody has begun to do yet."""
    return await asked(peers, kim, clock, ids, "assign", {"assignee": "eva"})


async def asked(
    peers: PeerServices, kim: Staff, clock: FixedClock, ids: Sequence[str], action: str, args: dict[str, Any]
) -> Versioned[BulkRun]:
    digest = (await foreseen(kim, action, [*ids], args=args))["digest"]
    wanted, command = Wanted(action, json.dumps(args), "fr"), CommandContext(clock.now(), "c", KIM)
    run = BulkRun(account="", language="fr", asked_at=clock.now(), action=action, args=wanted.args, batch="")
    return await bulk_runs.start(app_of(peers), KIM, command, wanted, ids=ids, act=act_of(run), digest=digest)


class _BrokenFirst(BulkAct):
    """An act by which nothing can be decided on the first of its files."""

    def said_of(self, place: int) -> Said:
        if place == 0:
            raise TypeError
        return self.decision or Said()


def broken_first(run: BulkRun) -> BulkAct:
    return _BrokenFirst(act_of(run).action, decision=act_of(run).decision)


async def test_a_file_that_nothing_can_be_done_to_keeps_no_others_from_it(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """At the last attempt; until then whatever is the matter with it may be over."""
    ids, app = [await complete(each, kim) for each in (zoe, await peers.candidate("max"))], app_of(peers)
    begun = await asked(peers, kim, clock, ids, "enter_decision", {"decision": {"kind": "favourable"}})
    for _ in range(MAX_ATTEMPTS):
        assert (await kim.ask("GET", f"/bulk/runs/{begun.id}")).body["state"] == "waiting"
        assert await bulk_runs.make_next(app, broken_first, command_of(peers)) == 1
        clock.advance(seconds=600)
    run = await over(kim, begun.id)
    assert (run["state"], came(run)) == ("ready", [("refused", "file-unreadable"), ("changed", None)])
    # Of who is gone nothing stands here any more, whatever they have done for many.
    await peers.suite.publish(AccountErased(account="kim", campaign=""), "accounts")
    await peers.suite.settle()
    assert await app.bulk_runs.get(begun.id) is None
    assert await app.run_files.of(begun.state.batch) == []


async def test_what_is_wrong_with_a_run_is_said_of_none_of_its_files(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """As arguments that another release has written (ADR 112)."""
    begun = await assigning(peers, kim, clock, await handed_over(zoe))

    def unreadable(run: BulkRun) -> BulkAct:
        raise ValueError

    for _ in range(MAX_ATTEMPTS):
        assert await bulk_runs.make_next(app_of(peers), unreadable, command_of(peers)) == 1
        clock.advance(seconds=600)
    run = await over(kim, begun.id)
    assert (run["state"], run["reason"]) == ("failed", "broken")
    assert [file.came for file in await app_of(peers).run_files.of(begun.state.batch)] == [None]


async def test_what_the_world_refuses_of_a_file_is_final_when_it_was_this_file_so_often(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Attempts that were wasted before, by a store that was away for a night, are none of it."""
    id, app = await complete(zoe, kim), app_of(peers)
    begun = await asked(peers, kim, clock, [id], "enter_decision", {"decision": {"kind": "favourable"}})
    refusing, tries = False, 0

    class Away(BulkAct):
        def said_of(self, place: int) -> Said:
            nonlocal tries
            if refusing:
                tries += 1
                raise BUSY(retry_after=1)
            raise PortError("away")

    def away(run: BulkRun) -> BulkAct:
        return Away(act_of(run).action, decision=act_of(run).decision)

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
