"""Counts of files are the same before the files are erased and after, whoever goes first (acceptance 99)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.applications.repository.counts import COUNTS, REMEMBERED, CountRepository
from services.applications.wiring import build
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.ports import StoreUnavailable
from services.contracts.events.accounts import AccountErased
from tests.service.accounts.watched import WatchedStore
from tests.service.applications.candidate import BASE, Candidate, PeerServices
from tests.service.applications.test_decisions import answer, entered, validate
from tests.service.applications.test_erasure import erased
from tests.service.applications.test_lists import Files
from tests.service.applications.test_review import Staff
from tests.unit.applications.builders import draft

READER = ({"role": "readonly"},)


@pytest.fixture
async def files(peers: PeerServices, clock: FixedClock) -> Files:
    """Accepted and withdrawn, incomplete, complete and unfavourable, a draft, and one that is cancelled."""
    files, kim = await Files(peers).made(clock), Staff(peers)
    ana, zoe, ben = (Candidate(peers.suite, name) for name in ("ana", "zoe", "ben"))
    for candidate, name, given in ((ana, "ana-sea", "accept"), (zoe, "zoe-sea", "withdraw")):
        assert (await validate(kim, files.id(name), await entered(kim, files.id(name)))).status == 200
        assert (await answer(candidate, files.id(name), given)).status == 200
    assert (await kim.mark(files.id("zoe-bio"), "complete")).status == 200
    refused = await entered(kim, files.id("zoe-bio"), "unfavourable", reason="Niveau")
    assert (await validate(kim, files.id("zoe-bio"), refused)).status == 200
    await entered(kim, files.id("ben-law"))  # nobody counts what is not validated
    cancelled = await ben.opened()
    assert (await ben.ask("POST", f"/applications/{cancelled}/cancellation")).status == 200
    await peers.suite.settle()
    return files


async def counts(peers: PeerServices, grants: Any = READER, **query: str) -> Any:
    headers = peers.suite.bearer("kim", kind="staff", grants=list(grants))
    async with peers.suite.client.get(f"{BASE}/review/campaigns/2027/counts", headers=headers, params=query) as reply:
        return await reply.json() if reply.status == 200 else reply.status


def of(items: Any) -> dict[str, dict[str, Any]]:
    """What is not nothing, by programme."""
    return {row["programme"]: {name: value for name, value in row.items() if value} for row in items}


EXPECTED = {
    "L1-DROIT": {"programme": "L1-DROIT", "title": "Droit de la mer", "opened": 1, "submitted": 1},
    "M1-BIO": {
        "programme": "M1-BIO",
        "title": "Biologie évolutive",
        "opened": 2,
        "submitted": 1,
        "complete": 1,
        "unfavourable": 1,
    },
    "M1-MER": {
        "programme": "M1-MER",
        "title": "Sciences de la mer",
        "opened": 3,
        "cancelled": 1,
        "submitted": 2,
        "favourable": 2,
        "accepted": 1,
        "withdrawn": 1,
    },
}


async def test_counts_of_a_campaign_do_not_change_when_its_people_go(peers: PeerServices, files: Files) -> None:
    """One after the other, as one's own wish or the end of retention has it; told twice they are counted once."""
    assert of((await counts(peers))["items"]) == EXPECTED
    for account in ("zoe", "ana", "zoe", "ben"):
        await erased(peers, account)
        assert of((await counts(peers))["items"]) == EXPECTED, account
    store = peers.suite.service("applications").service.ports.store
    assert not await store.count("applications", {}) and not await store.count("listing", {})
    kept = str(await store.find(COUNTS.name, {}))
    assert not any(trace in kept for trace in ("zoe", "ana", "ben", "AB12CD34", "Müller", "Martin"))


async def test_counts_are_told_page_by_page_within_reach(peers: PeerServices, files: Files) -> None:
    """Who sits on a commission, or looks after accounts, is told none; no more is a candidate."""
    first = await counts(peers, limit="2")
    assert ([*of(first["items"])], first["next"]) == (["L1-DROIT", "M1-BIO"], "M1-BIO")
    rest = await counts(peers, limit="2", after="M1-BIO")
    assert ([*of(rest["items"])], rest["next"]) == (["M1-MER"], None)
    await erased(peers, "zoe")
    centre = ({"role": "manager", "centres": ["SEE"]},)
    assert of((await counts(peers, centre))["items"]) == {code: EXPECTED[code] for code in ("M1-BIO", "M1-MER")}
    assert (await counts(peers, ({"role": "registrar", "centres": ["NONE"]},)))["items"] == []
    assert await counts(peers, ({"role": "commission"},)) == 403
    assert await counts(peers, ({"role": "support"},)) == 403
    assert await counts(peers, limit="51") == 422
    headers = peers.suite.bearer("zoe")
    async with peers.suite.client.get(f"{BASE}/review/campaigns/2027/counts", headers=headers) as reply:
        assert reply.status == 403


async def test_a_stop_between_counting_and_erasing_counts_nobody_twice(peers: PeerServices, files: Files) -> None:
    """The store falls silent when the file is to be removed that was counted; the event is applied again."""
    there = peers.suite.service("applications").service.ports
    watched = WatchedStore(there.store)

    async def silent() -> None:
        raise StoreUnavailable("away")

    watched.before["delete", "applications"] = silent
    replica = build(replace(there, store=watched))
    apply = replica.subscriptions[AccountErased]
    command = CommandContext(peers.clock.now(), "test", actor=OPERATOR)
    with pytest.raises(StoreUnavailable):
        await apply(AccountErased(account="ana", campaign="2027"), command)
    assert of((await counts(peers))["items"]) == EXPECTED, "counted, and there"
    await erased(peers, "ana")
    assert of((await counts(peers))["items"]) == EXPECTED


async def test_files_that_go_at_once_are_all_counted_and_few_are_remembered(peers: PeerServices) -> None:
    """More than are remembered; of those only such are forgotten of which nothing is left."""
    repository, application = CountRepository(peers.suite.service("applications").service.ports.store), draft()
    left = "f-000"

    async def is_gone(file: str) -> bool:
        return file != left

    names = [f"f-{number:03}" for number in range(REMEMBERED + 21)]
    for start in range(0, len(names), 11):
        await asyncio.gather(
            *(repository.add(name, application, is_gone) for name in (*names[start : start + 11], left))
        )
    gone = await repository.gone(application.campaign, application.programme.code)
    assert gone.counts.opened == len(names)
    assert left in gone.files and len(gone.files) <= REMEMBERED + 2
