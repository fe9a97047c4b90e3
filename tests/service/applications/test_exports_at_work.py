"""Exports and those who make them: what is wrong with one, whose turn it is, who holds it on, what is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.applications.domain.exports import Export
from services.applications.repository.exports import EXPORTS
from services.applications.usecases import exports
from services.chassis.clock import FixedClock
from services.chassis.events.aggregates import Decision
from services.chassis.ports import ObjectsUnavailable, PortError, TooLarge
from services.chassis.work.background import STRAYING
from services.contracts.events.accounts import AccountErased
from services.contracts.instants import instant_text
from services.contracts.work import KEPT, LEASE, MAX_ATTEMPTS, WorkState, claim
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_exports import app_of, asked, command_of, done, manager, waiting_again
from tests.service.applications.test_review import Staff

FOLDER = "exports/"


@pytest.fixture
async def kim(peers: PeerServices, zoe: Candidate) -> Staff:
    return await manager(peers, zoe)


def _instead(begun: Decision[Export], there: Export) -> Decision[Export]:
    return begun


async def test_whose_last_was_begun_longest_ago_comes_next_and_nobody_has_two_at_once(
    peers: PeerServices, kim: Staff, clock: FixedClock
) -> None:
    """Many exports of one person wait behind the only one of another, however early they were asked for."""
    await peers.suite.settle()
    app, id = app_of(peers), await asked(kim, columns=["title"])
    await done(kim, id)
    saved = await app.exports.of("kim", id)
    assert saved is not None
    at, store = clock.now() + KEPT, peers.suite.service("applications").service.ports.store
    waiting = {**saved.document, "state": "waiting", "outbox": []}
    rows = [
        {
            **waiting,
            "_id": f"{number:026d}",
            "account": account,
            "slot": number,
            "place": number,
            "due_at": instant_text(at + timedelta(seconds=number)),
        }
        for number, account in enumerate(("kim", "kim", "kim", "eva"), 1)
    ]
    del rows[-1]["begun_at"]
    assert await store.append(EXPORTS.name, rows) == len(rows)
    order, now = [], at + timedelta(seconds=30)
    for _ in range(2):
        due = await app.exports.due(now)
        assert due is not None
        order.append(due.state.account)
        begun = Decision(claim(due.state, holder="worker", now=now))
        await app.exports.change(due.id, partial(_instead, begun), command_of(peers))
    assert order == ["eva", "kim"] and await app.exports.due(now) is None, "both have one that is being made"


async def test_what_is_wrong_with_one_export_stops_no_other_and_ends_with_its_last_attempt(
    peers: PeerServices, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 103: no room, a query that is none any more, a file that is too large; what the world undoes counts not."""
    await peers.suite.settle()
    app, id = app_of(peers), await asked(kim, columns=["title"])
    ready = await done(kim, id)
    saved = await app.exports.of("kim", id)
    assert saved is not None and ready.body["state"] == "ready"

    async def once(error: Exception, **given: Any) -> Export:
        waiting = (
            waiting_again(saved.state, clock) if not given else replace(waiting_again(saved.state, clock), **given)
        )
        # Not due for the suite's own timer, which asks with the clock, but for this one.
        later = replace(command_of(peers), now=clock.now() + LEASE)
        await app.exports.change(id, lambda _: Decision(replace(waiting, due_at=later.now)), later)

        async def make(*_: Any) -> AsyncGenerator[bytes, None]:
            yield b"begun"
            raise error

        with suppress(PortError):
            assert await exports.make_next(app, make, later) == 1
        after = await app.exports.of("kim", id)
        assert after is not None
        return after.state

    for error in (OSError(28, "no space left"), ValueError("q: Zoé")):
        again = await once(error)
        assert (again.state, again.attempts, again.wasted) == (WorkState.WAITING, 2, 0), error
        last = await once(error, attempts=MAX_ATTEMPTS - 1)
        assert (last.state, last.reason, last.holder) == (WorkState.FAILED, "broken", ""), error
    wasted = await once(ObjectsUnavailable(), attempts=MAX_ATTEMPTS - 1)
    assert (wasted.state, wasted.attempts, wasted.wasted) == (WorkState.WAITING, MAX_ATTEMPTS, 1)
    large = await once(TooLarge())
    assert (large.state, large.reason) == (WorkState.FAILED, "too-large")
    assert (await kim.ask("GET", f"/exports/{id}")).body["reason_text"].startswith("Le fichier serait trop")


async def test_a_worker_holds_an_export_on_through_every_phase(
    peers: PeerServices, kim: Staff, clock: FixedClock
) -> None:
    """One that writes for longer than its lease says nothing by itself and keeps it; one that lost it leaves nothing."""
    await peers.suite.settle()
    app, id = app_of(peers), await asked(kim, columns=["title"])
    await done(kim, id)
    saved = await app.exports.of("kim", id)
    assert saved is not None
    later = replace(command_of(peers), now=clock.now() + LEASE)

    async def state() -> Export:
        found = await app.exports.of("kim", id)
        assert found is not None
        return found.state

    async def slow(*_: Any) -> AsyncGenerator[bytes, None]:
        yield b"long"
        clock.advance(seconds=LEASE.total_seconds() - 1)
        async with asyncio.timeout(60):
            while (await state()).due_at != clock.now() + LEASE:
                await asyncio.sleep(0)
        yield b" enough"

    async def lost(*_: Any) -> AsyncGenerator[bytes, None]:
        yield b"nobody's"
        await app.exports.change(id, lambda there: Decision(replace(there, holder="another")), later)
        await asyncio.Event().wait()

    waiting = replace(waiting_again(saved.state, clock), due_at=later.now)
    await app.exports.change(id, lambda _: Decision(waiting), later)
    assert await exports.make_next(app, slow, later, beat=0.001) == 1
    assert ((await state()).state, (await state()).size) == (WorkState.READY, len(b"long enough"))
    later = replace(command_of(peers), now=clock.now() + LEASE)
    await app.exports.change(id, lambda _: Decision(replace(waiting, due_at=later.now, attempts=7, wasted=7)), later)
    async with asyncio.timeout(60):
        assert await exports.make_next(app, lost, later, beat=0.001) == 1
    assert (await state()).holder == "another" and await app.objects.info(f"exports/{id}/8") is None


async def test_who_is_gone_is_gone_from_the_exports_of_others_too(
    peers: PeerServices, kim: Staff, zoe: Candidate, clock: FixedClock
) -> None:
    """Acceptance 99: those that are ready, and those that are being made; bytes of which nothing tells go by themselves."""
    await peers.suite.settle()
    app, ready, running = app_of(peers), await asked(kim), await asked(kim)
    assert (await done(kim, ready)).body["state"] == (await done(kim, running)).body["state"] == "ready"
    saved = await app.exports.of("kim", running)
    assert saved is not None
    begun = claim(waiting_again(saved.state, clock), "elsewhere", clock.now())
    await app.exports.change(running, lambda _: Decision(begun), command_of(peers))
    await peers.suite.publish(AccountErased(account=zoe.account, campaign="2027"), "accounts")
    await peers.suite.settle()
    for id in (ready, running):
        assert (await kim.ask("GET", f"/exports/{id}")).slug == "not-found"
    assert await app.objects.list(FOLDER) == []
    # What a worker has written last of all, behind its back.
    kept = await asked(kim)
    await done(kim, kept)
    async with app.objects.stage(10) as stage:
        await stage.write(b"stray")
        await stage.finish()
        await stage.commit(f"{FOLDER}{running}/3", "text/csv")
    stray = await app.objects.info(f"{FOLDER}{running}/3")
    assert stray is not None
    at = replace(command_of(peers), now=stray.modified + KEPT + STRAYING)
    assert await exports.background(app).sweep_strays(at) == 0
    assert await exports.background(app).sweep_strays(replace(at, now=at.now + timedelta(seconds=1))) == 1
    assert [info.key for info in await app.objects.list(FOLDER)] == [f"{FOLDER}{kept}/1"]
