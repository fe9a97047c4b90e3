"""Work in the background, on every store: who may ask, whose turn it is, who goes on where a process was killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from services.chassis.events.aggregates import Versioned
from services.chassis.ports import ObjectsUnavailable, TooLarge
from services.chassis.work.background import STRAYING, Background, GivenUpError, RightsUnknownError, Tell
from services.contracts.refusals import BUSY, NOT_FOUND, RefusedError
from services.contracts.work import KEPT, LEASE, MAX_ATTEMPTS, WorkState
from tests.contracts.ports.places import StorePlace, child
from tests.contracts.ports.sums import NOW, Sums, SumsRepository, asked, background, command, keys, maker, put


@pytest.fixture
async def work(store_place: StorePlace, tmp_path: Path) -> AsyncIterator[Background[Sums]]:
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, SumsRepository.collection)
        yield await stack.enter_async_context(background(store, tmp_path))


async def there(work: Background[Sums], id: str) -> Sums:
    """How far it is."""
    saved = await work.repository.get(id)
    assert saved is not None
    return saved.state


async def test_so_much_is_asked_for_by_one_and_by_all_and_the_same_key_is_the_same_work(
    work: Background[Sums],
) -> None:
    """Acceptance 108: at the limits and one past each; what is done takes no place of those who wait."""
    keyed = replace(command(), key="once", digest="same")
    first, again = [await asked(work, by=keyed) for _ in range(2)]
    assert first.id == again.id and work.asked.is_set()
    second = await asked(work)
    with pytest.raises(RefusedError) as many:
        await asked(work)
    assert many.value.slug.name == "too-many-changes"
    await asked(work, "eva")
    with pytest.raises(RefusedError) as full:
        await asked(work, "ann")
    assert (full.value.slug, full.value.retry_after) == (BUSY, 300)
    assert await work.make_next(maker(work), command()) == 1 and not work.asked.is_set()
    await asked(work, "ann")
    await work.let_go("kim", second.id, command())
    for wrong in (("kim", second.id), ("ann", first.id)):
        with pytest.raises(RefusedError) as gone:
            await work.let_go(*wrong, command())
        assert gone.value.slug == NOT_FOUND


async def test_it_is_made_told_of_and_swept_with_its_bytes(work: Background[Sums]) -> None:
    """Acceptance 103: whose last was begun longest ago comes next; after its day it goes, and bytes of nobody too."""
    first, second, other = await asked(work), await asked(work), await asked(work, "eva")
    for _ in range(3):
        assert await work.make_next(maker(work), command()) == 1
    assert await work.make_next(maker(work), command()) == 0
    for saved in (first, second, other):
        done = await there(work, saved.id)
        assert (done.state, done.found, done.done, done.attempts) == (WorkState.READY, 14, 3, 1)
    assert len(await keys(work)) == 3
    assert [row async for row in work.repository.expired(NOW + KEPT - timedelta(seconds=1))] == []
    rows = [row async for row in work.repository.expired(NOW + KEPT)]
    assert [await work.sweep(row, command()) for row in rows] == [1, 1, 1] and await keys(work) == []
    assert await work.sweep(rows[0], command()) == 0
    await put(work, f"sums/{first.id}/1")
    (stray,) = await work.objects.list("sums/")
    at = replace(command(), now=stray.modified + KEPT + STRAYING)
    assert await work.sweep_strays(at) == 0
    assert await work.sweep_strays(replace(at, now=at.now + timedelta(seconds=1))) == 1


@pytest.mark.parametrize("label", ["work.claimed", "work.made"])
async def test_another_process_goes_on_where_one_was_killed(
    store_place: StorePlace, tmp_path: Path, label: str
) -> None:
    """Acceptance 103: between the claim and the end; at the last moment of its lease and one past it."""
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, SumsRepository.collection)
        work = await stack.enter_async_context(background(store, tmp_path))
        id = (await asked(work)).id
    async with child("make_work", store_place.url, store_place.data, label) as process:
        await process.communicate()
        assert process.returncode == -9
    async with AsyncExitStack() as stack:
        store = await store_place.open(stack, SumsRepository.collection)
        work = await stack.enter_async_context(background(store, tmp_path))
        dead = await there(work, id)
        assert (dead.state, dead.attempts, dead.due_at) == (WorkState.RUNNING, 1, NOW + LEASE)
        assert await keys(work) == ([f"sums/{id}/1"] if label == "work.made" else [])
        late = replace(command(), now=NOW + LEASE)
        assert await work.make_next(maker(work), replace(late, now=late.now - timedelta(seconds=1))) == 0
        assert await work.make_next(maker(work), late) == 1
        done = await there(work, id)
        assert (done.state, done.found, done.attempts, done.wasted) == (WorkState.READY, 14, 2, 0)
        assert await keys(work) == [f"sums/{id}/2"], "of what the dead one has written nothing stays"


async def test_what_becomes_of_work_is_said_by_what_its_maker_raises(work: Background[Sums]) -> None:
    """Acceptance 103: the world wastes no attempt, its own faults end it with the last; no bytes of either stay."""
    id = (await asked(work)).id

    async def once(error: Exception, attempts: int = 0) -> Sums:
        waiting: dict[str, Any] = {
            "state": WorkState.WAITING,
            "due_at": NOW,
            "attempts": attempts,
            "wasted": 0,
            "reason": "",
        }
        await work.change(id, command(), lambda there: replace(there, **waiting))

        async def made(claimed: Versioned[Sums], tell: Tell) -> Mapping[str, Any]:
            await put(work, work.key_of(claimed))
            raise error

        assert await work.make_next(made, command()) == 1
        assert await keys(work) == [], error
        return await there(work, id)

    for error in (BUSY(retry_after=1), RightsUnknownError()):
        again = await once(error, MAX_ATTEMPTS - 1)
        assert (again.state, again.attempts, again.wasted) == (WorkState.WAITING, MAX_ATTEMPTS, 1), error
    again = await once(ValueError("zoe@example.org"), MAX_ATTEMPTS - 2)
    assert (again.state, again.wasted) == (WorkState.WAITING, 0)
    with structlog.testing.capture_logs() as lines:
        last = await once(ValueError("zoe@example.org"), MAX_ATTEMPTS - 1)
    assert (last.state, last.reason) == (WorkState.FAILED, "broken")
    assert [(line["event"], line["work"], line["error"]) for line in lines] == [("work.broken", "sums", "ValueError")]
    given_up = await once(GivenUpError("too-many", found=7))
    assert (given_up.state, given_up.reason, given_up.found) == (WorkState.FAILED, "too-many", 7)
    assert (await once(TooLarge())).reason == "too-large"
    with pytest.raises(ObjectsUnavailable):
        await once(ObjectsUnavailable(), MAX_ATTEMPTS - 1)
    assert ((await there(work, id)).state, (await there(work, id)).wasted) == (WorkState.WAITING, 1)
    exhausted: dict[str, Any] = {"due_at": NOW, "attempts": MAX_ATTEMPTS, "wasted": 0}
    await work.change(id, command(), lambda there: replace(there, **exhausted))
    assert await work.make_next(maker(work), command()) == 1
    assert (await there(work, id)).reason == "broken" and await keys(work) == []


async def test_who_lost_its_lease_stops_and_leaves_nothing(work: Background[Sums]) -> None:
    id = (await asked(work)).id

    async def lost(claimed: Versioned[Sums], tell: Tell) -> Mapping[str, Any]:
        await put(work, work.key_of(claimed))
        await work.change(id, command(), lambda there: replace(there, holder="another"))
        await asyncio.Event().wait()
        raise AssertionError

    async with asyncio.timeout(60):
        assert await work.make_next(lost, command(), beat=0.001) == 1
    assert (await there(work, id)).holder == "another" and await keys(work) == []


async def test_of_two_failures_of_one_moment_none_is_lost(work: Background[Sums]) -> None:
    """What a maker says as it is stopped is told of, too; that the work is another's comes first."""
    id = (await asked(work)).id

    async def made(claimed: Versioned[Sums], tell: Tell) -> Mapping[str, Any]:
        try:  # the beat sees the change as soon as it is there, before whoever made it goes on
            await work.change(id, command(), lambda there: replace(there, holder="another"))
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ValueError("zoe@example.org") from None
        raise AssertionError

    with structlog.testing.capture_logs() as lines:
        async with asyncio.timeout(60):
            assert await work.make_next(made, command(), beat=0.001) == 1
    assert [(line["event"], line["error"]) for line in lines] == [("work.failed-too", "ValueError")]
    assert (await there(work, id)).holder == "another"
