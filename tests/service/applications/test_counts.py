"""Counts of files are the same before the files are erased and after, whoever goes first (acceptance 99)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from services.applications.domain.counting import Counts, share_of
from services.applications.domain.model import Application, SubmissionRef
from services.applications.repository.counts import COUNTS, MOST_GOING, MOST_REMEMBERED, REMEMBERED, CountRepository
from services.applications.wiring import build
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.inbox import NotYet
from services.chassis.ports import Store, StoreUnavailable
from services.contracts.events.accounts import AccountErased
from tests.service.accounts.watched import WatchedStore
from tests.service.applications.candidate import BASE, Candidate, PeerServices
from tests.service.applications.test_decisions import answer, entered, validate
from tests.service.applications.test_erasure import erased
from tests.service.applications.test_lists import Files
from tests.service.applications.test_review import Staff
from tests.unit.applications.builders import draft

ZONE = ZoneInfo("Europe/Paris")
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
    async with peers.suite.client.get(f"{BASE}/review/statistics", headers=headers, params=query) as reply:
        return await reply.json() if reply.status == 200 else reply.status


def of(items: Any) -> dict[str, dict[str, Any]]:
    """What is not nothing, by programme, without its centre."""
    return {
        row["programme"]: {name: value for name, value in row.items() if value and name != "centre"} for row in items
    }


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
    before = (await counts(peers))["items"]
    assert of(before) == EXPECTED
    assert [each["centre"]["code"] for each in before] == ["DROIT", "SEE", "SEE"]
    (sea,) = (await counts(peers, programme="M1-MER"))["items"]
    assert sum(day["opened"] for day in sea["days"]) == 3 and sum(day["submitted"] for day in sea["days"]) == 2
    for account in ("zoe", "ana", "zoe", "ben"):
        await erased(peers, account)
        assert (await counts(peers))["items"] == before, account
        assert (await counts(peers, programme="M1-MER"))["items"] == [sea], account
    store = peers.suite.service("applications").service.ports.store
    assert not await store.count("applications", {}) and not await store.count("listing", {})
    kept = str(await store.find(COUNTS.name, {}))
    # As words: of three letters there are some by chance within ids.
    assert re.findall(r"\b(?:zoe|ana|ben|AB12CD34|Müller|Martin)\b", kept) == []


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
    assert (await counts(peers, centre, programme="L1-DROIT"))["items"] == []
    assert [*of((await counts(peers, centre="DROIT"))["items"])] == ["L1-DROIT"]
    assert [*of((await counts(peers, centre, centre="SEE", programme="M1-BIO"))["items"])] == ["M1-BIO"]
    assert await counts(peers, ({"role": "commission"},)) == 403
    assert await counts(peers, ({"role": "support"},)) == 403
    assert await counts(peers, limit="51") == 422
    headers = peers.suite.bearer("zoe")
    async with peers.suite.client.get(f"{BASE}/review/statistics", headers=headers) as reply:
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


async def test_a_file_that_goes_at_the_second_try_is_counted_as_it_stood_then(peers: PeerServices) -> None:
    """It was handed over in between, and counted before that as a draft."""
    repository = CountRepository(peers.suite.service("applications").service.ports.store)
    ref = SubmissionRef("submission-1", peers.clock.now() + timedelta(days=400), "0" * 64)
    handed_over = draft(submissions=(ref,))
    for application in (draft(), draft(), handed_over, handed_over):
        await add(repository, "f-1", application, peers.clock.now(), never)
    await add(repository, "f-2", draft(), peers.clock.now(), never)
    gone = await repository.gone(draft().campaign, draft().programme.code)
    assert (gone.counts.opened, gone.counts.submitted) == (2, 1)
    opened, submitted = draft().opened_at.astimezone(ZONE).date(), ref.submitted_at.astimezone(ZONE).date()
    assert gone.days == {opened: Counts(opened=2), submitted: Counts(submitted=1)}


async def add(
    counts: CountRepository, file: str, of: Application, now: datetime, is_gone: Callable[[str], Awaitable[bool]]
) -> None:
    await counts.add(file, of, share_of(of, ZONE), now, is_gone)


async def never(file: str) -> bool:
    return False


async def always(file: str) -> bool:
    return True


async def test_which_files_were_counted_is_known_for_two_hours_and_until_they_are_gone(peers: PeerServices) -> None:
    repository, now = CountRepository(peers.suite.service("applications").service.ports.store), peers.clock.now()

    async def known(at: datetime, is_gone: Callable[[str], Awaitable[bool]]) -> list[str]:
        await add(repository, f"f-{is_gone.__name__}-{at.isoformat()}", draft(), at, is_gone)
        gone = await repository.gone(draft().campaign, draft().programme.code)
        return [file for file in gone.files if len(file) == 1]

    await add(repository, "a", draft(), now, always)
    await add(repository, "b", draft(), now + timedelta(seconds=1), always)
    assert await known(now + REMEMBERED - timedelta(milliseconds=1), always) == ["a", "b"]
    assert await known(now + REMEMBERED, never) == ["a", "b"]
    assert await known(now + REMEMBERED, always) == ["b"]


async def test_of_files_that_go_at_once_all_are_counted_and_not_too_many_remembered(peers: PeerServices) -> None:
    """Of those that are too many, such are forgotten of which nothing is left; while nothing can be, it is waited."""
    store, now = peers.suite.service("applications").service.ports.store, peers.clock.now()
    processes, left = cycle([CountRepository(store), CountRepository(store)]), "f-000"

    async def is_gone(file: str) -> bool:
        return file != left

    names = [f"f-{number:03}" for number in range(MOST_REMEMBERED + 21)]
    for start in range(0, len(names), 11):
        step = (*names[start : start + 11], left)
        await asyncio.gather(*(add(next(processes), name, draft(), now, is_gone) for name in step))
    gone = await next(processes).gone(draft().campaign, draft().programme.code)
    assert gone.counts.opened == len(names)
    assert left in gone.files and len(gone.files) == MOST_REMEMBERED


async def test_files_of_one_programme_that_go_at_once_are_read_and_written_once_each(peers: PeerServices) -> None:
    """A campaign of 100,000 goes: what is remembered of hundreds is not read again for each that was quicker."""
    store = WatchedStore(peers.suite.service("applications").service.ports.store)
    repository = CountRepository(cast("Store", store))
    await asyncio.gather(*(add(repository, f"f-{each}", draft(), peers.clock.now(), never) for each in range(30)))
    (work,) = store.work.values()
    assert work == {("get", COUNTS.name): 30, ("insert", COUNTS.name): 1, ("replace", COUNTS.name): 29}


async def test_a_thousand_that_are_not_gone_wait_for_one_another(peers: PeerServices) -> None:
    store, now = peers.suite.service("applications").service.ports.store, peers.clock.now()
    repository = CountRepository(store)
    await add(repository, "f-0", draft(), now, never)
    (row,) = await store.find(COUNTS.name, {})
    files = [row["files"][0] | {"file": f"f-{number}"} for number in range(MOST_GOING - 1)]
    assert await store.replace(COUNTS.name, row | {"files": files, "version": 2}, version=1)
    await add(repository, "last", draft(), now, never)
    with pytest.raises(NotYet):
        await add(repository, "one-more", draft(), now, never)
    await add(repository, "one-more", draft(), now, always)


async def test_what_single_files_added_is_forgotten_two_hours_after_the_last_has_gone(
    peers: PeerServices, clock: FixedClock, files: Files
) -> None:
    """A file that was counted and is still there keeps its place, so that it is not counted twice."""
    host = peers.suite.service("applications")
    store, sea = host.service.ports.store, "2027|M1-MER"
    (sweep,) = [timer for timer in host.service.timers if timer.name == "counts"]

    async def kept() -> dict[str, Any]:
        row = await store.get(COUNTS.name, sea)
        assert row is not None
        return row

    async def swept(at: datetime) -> list[str]:
        before = await kept()
        await sweep.run(CommandContext(at, "test", actor=OPERATOR))
        after = await kept()
        assert all(after[name] == before[name] for name in ("counts", "days", "title"))
        return [each["file"] for each in after["files"]]

    assert sweep.erases
    await erased(peers, "ana")
    counted = clock.now()
    assert await swept(counted + REMEMBERED - timedelta(milliseconds=1)) == [files.id("ana-sea")]
    row = await kept()
    there = row["files"][0] | {"file": files.id("zoe-sea")}
    going = row | {"files": [*row["files"], there], "version": row["version"] + 1}
    assert await store.replace(COUNTS.name, going, version=row["version"])
    assert await swept(counted + REMEMBERED) == [files.id("zoe-sea")]
    await erased(peers, "zoe")
    assert await swept(clock.now() + 3 * REMEMBERED) == []
    assert not [each async for each in CountRepository(store).to_forget(clock.now() + 9 * REMEMBERED)]
