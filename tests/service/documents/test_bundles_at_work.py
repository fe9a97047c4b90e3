"""Bundles and those who make them: what stands in memory, who goes on where one has died, what is left behind."""

from __future__ import annotations

import asyncio
import gc
import re
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.context import Actor, CommandContext, acting_service
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import ObjectsUnavailable
from services.chassis.testing import Suite
from services.chassis.work.background import STRAYING
from services.contracts.actors import ActorKind
from services.contracts.api.bundles import MAX_FILES, NewBundle
from services.contracts.api.identity import Grant
from services.contracts.events.accounts import AccountErased
from services.contracts.work import KEPT, LEASE, WorkState, claim
from services.documents.domain.bundles import Bundle
from services.documents.repository.documents import FILES
from services.documents.usecases import bundles
from services.documents.usecases.app import App
from services.documents.usecases.bundle_keeping import background
from services.documents.usecases.bundle_parts import Bounds, read
from services.documents.wiring import use_cases
from tests.service.documents.client import stored, tell
from tests.service.documents.given import changed, slot
from tests.service.documents.test_bundles import application, appointed, unpacked
from tests.unit.documents import files

FOLDER = "bundles/"
KIM = Actor("kim", ActorKind.STAFF, grants=(Grant(role="manager"),))


@pytest.fixture
async def app(suite: Suite) -> AsyncIterator[App]:
    """Those who make bundles beside the suite's own."""
    app = use_cases(suite.service("documents").service.ports)
    async with app.inspectors.open():
        yield app


def later(suite: Suite, after: timedelta = LEASE) -> CommandContext:
    """A moment to which the suite's own clock does not come: what is due then is made here alone."""
    return CommandContext(suite.clock.now() + after, "worker", acting_service("documents"))


async def given(suite: Suite, size: int, *owners: str) -> list[str]:
    """Applications, with the same document in each of a person's; Kim may see them."""
    await appointed(suite)
    told, ids = [], []
    documents = {
        owner: (await stored(suite, files.pdf_of(size), account=owner))["document"] for owner in dict.fromkeys(owners)
    }
    for number, owner in enumerate(owners, 1):
        ids.append(application(number))
        notes = slot("notes", documents[owner], size=size)
        told.append(changed(application=ids[-1], account=owner, file_number=f"F{number:04d}", pieces=[notes]))
    await tell(suite, *told)
    return ids


async def asked(app: App, command: CommandContext, ids: Sequence[str], kind: str = "documents") -> str:
    """The id of a bundle."""
    wanted = NewBundle.model_validate({"kind": kind, "applications": list(ids)})
    return (await bundles.ask(app, KIM, wanted, "fr", replace(command, actor=KIM))).id


async def there(app: App, id: str) -> Versioned[Bundle]:
    """The bundle."""
    saved = await app.bundles.of("kim", id)
    assert saved is not None
    return saved


def content_of(app: App, saved: Versioned[Bundle]) -> AsyncIterator[bytes]:
    """Its bytes."""
    return read(app.objects, background(app).key_of(saved), saved.state.parts)


async def put(app: App, key: str) -> None:
    """What a worker that has died has written."""
    async with app.objects.stage(10) as stage:
        await stage.write(b"dead")
        await stage.finish()
        await stage.commit(key, "application/zip")


async def keys(app: App) -> list[str]:
    """Where bytes of bundles are."""
    return [info.key for info in await app.objects.list(FOLDER)]


async def test_200_files_are_not_held_in_memory_nor_on_the_local_disk(suite: Suite, app: App) -> None:
    """Acceptance 97: making a bundle takes a part of what holding it would take; at the bound of bytes, and one past it."""
    size, part = 100_000, 2**19
    ids, command = [*await given(suite, size, "ann"), *map(application, range(2, MAX_FILES + 1))], later(suite)
    store, few = suite.service("documents").service.ports.store, ""
    row = await store.get(FILES.name, ids[0])
    assert row is not None
    assert await store.append(FILES.name, [row | {"_id": id, "application": id} for id in ids[1:]]) == MAX_FILES - 1
    for most, state in ((5, WorkState.READY), (4, WorkState.FAILED)):
        few = await asked(app, command, ids[:2])
        assert await bundles.make_next(app, command, bounds=Bounds(50_000, most)) == 1
        ended = (await there(app, few)).state
        assert (ended.state, ended.reason) == (state, "" if state is WorkState.READY else "too-large")
    assert [key for key in await keys(app) if few in key] == []
    id = await asked(app, command, ids)
    gc.collect()
    tracemalloc.start()
    assert await bundles.make_next(app, command, bounds=Bounds(part, 50)) == 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    saved = await there(app, id)
    assert (saved.state.state, saved.state.done, saved.state.left_out) == (WorkState.READY, MAX_FILES, 0)
    assert saved.state.size > MAX_FILES * size > 3 * peak, (saved.state.size, peak)
    assert saved.state.parts == len([key for key in await keys(app) if id in key]) == -(-saved.state.size // part)
    content = b"".join([chunk async for chunk in content_of(app, saved)])
    assert len(unpacked(content)) == MAX_FILES + 1


async def test_another_worker_begins_anew_where_one_has_died(suite: Suite, app: App) -> None:
    """A lease, at its last moment and one past it; of what the dead one has written nothing stays."""
    ids, command = await given(suite, 2000, "ann", "bob"), later(suite)
    id = await asked(app, command, ids)
    await app.bundles.change(id, lambda bundle: Decision(claim(bundle, "dead", command.now)), command)
    await put(app, f"{FOLDER}{id}/1/0000")
    assert await bundles.make_next(app, replace(command, now=command.now + LEASE - timedelta(seconds=1))) == 0
    assert await bundles.make_next(app, replace(command, now=command.now + LEASE)) == 1
    saved = await there(app, id)
    assert (saved.state.state, saved.state.attempts) == (WorkState.READY, 2)
    assert await keys(app) == [f"{FOLDER}{id}/2/0000"]
    assert len(unpacked(b"".join([chunk async for chunk in content_of(app, saved)]))) == 3


async def test_who_goes_while_it_is_made_is_not_in_it(suite: Suite, app: App) -> None:
    """Acceptance 99: it is made anew, and what was written until then is gone at once."""
    ids, command = await given(suite, 2000, "ann", "bob"), later(suite)
    id = await asked(app, command, ids)
    await app.bundles.change(id, lambda bundle: Decision(claim(bundle, "elsewhere", command.now)), command)
    await put(app, f"{FOLDER}{id}/1/0000")
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    assert f"{FOLDER}{id}/1/0000" not in await keys(app)
    async with asyncio.timeout(60):
        while (saved := await there(app, id)).state.state is not WorkState.READY:  # the suite's own may be at it
            await bundles.make_next(app, command)
            await asyncio.sleep(0.01)
    assert (saved.state.state, saved.state.people, saved.state.left_out) == (WorkState.READY, ("bob",), 1), saved.state
    assert not re.search(r"\bann\b", repr(saved.document)), "within ids it is there by chance"
    entries = unpacked(b"".join([chunk async for chunk in content_of(app, saved)]))
    assert "F0001" not in repr(entries) and ids[0] in entries["LISEZMOI.txt"].decode()


async def test_who_is_only_named_in_it_is_in_it_too(suite: Suite, app: App) -> None:
    """Acceptance 99: the report tells whose document is damaged, and nothing of it is there once they are gone."""
    ids, command = await given(suite, 2000, "ann", "bob"), later(suite)
    (row,) = [row async for row in app.documents.of_account("ann")]
    await app.objects.delete(row["object"])
    id = await asked(app, command, ids)
    assert await bundles.make_next(app, command) == 1
    saved = await there(app, id)
    content = b"".join([chunk async for chunk in content_of(app, saved)])
    assert "F0001, Relevé de notes" in unpacked(content)["LISEZMOI.txt"].decode() and saved.state.left_out == 1
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    assert (await there(app, id)).state.reason == "erased" and await keys(app) == []


class _Full:
    """An object store in which there is no room."""

    def __init__(self, objects: Any) -> None:
        self._objects = objects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def stage(self, max_bytes: int) -> Any:
        raise ObjectsUnavailable("ENOSPC")


async def test_what_the_world_undoes_is_tried_again_and_what_is_over_goes(suite: Suite, app: App) -> None:
    """Acceptance 103: that counts for nothing; after its day a bundle goes with its bytes, also those nobody knows of."""
    ids, command = await given(suite, 2000, "ann"), later(suite)
    id = await asked(app, command, ids)
    with pytest.raises(ObjectsUnavailable):
        await bundles.make_next(replace(app, objects=_Full(app.objects)), command)
    waiting = (await there(app, id)).state
    assert (waiting.state, waiting.attempts, waiting.wasted) == (WorkState.WAITING, 1, 1)
    assert waiting.due_at is not None and waiting.due_at > suite.clock.now()
    assert await bundles.make_next(app, replace(command, now=max(command.now, waiting.due_at))) == 1
    assert (await there(app, id)).state.state is WorkState.READY
    over = replace(command, now=command.now + KEPT)
    assert [row async for row in app.bundles.expired(over.now - timedelta(seconds=1))] == []
    (row,) = [row async for row in app.bundles.expired(over.now)]
    assert await background(app).sweep(row, over) == 1 and await keys(app) == []
    await put(app, f"{FOLDER}{id}/2/0000")
    (stray,) = await app.objects.list(FOLDER)
    at = replace(command, now=stray.modified + KEPT + STRAYING)
    assert await background(app).sweep_strays(at) == 0
    assert await background(app).sweep_strays(replace(at, now=at.now + timedelta(seconds=1))) == 1
