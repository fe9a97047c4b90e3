"""Questions asked together are answered as if each had been asked alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from services.chassis.ports import Document, StoreUnavailable
from services.chassis.store.batch_loader import MOST, BatchLoader


class Server:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[list[str | int]] = []
        self.open = asyncio.Event()
        self.down = False

    async def find(self, ids: Sequence[str | int]) -> Mapping[str | int, Document]:
        self.asked.append(list(ids))
        await self.open.wait()
        if self.down:
            raise StoreUnavailable("down")
        return {id: {"_id": id} for id in ids if id != "none"}


async def test_what_comes_while_two_are_under_way_is_one_question() -> None:
    server = Server()
    gathering = BatchLoader(server.find)
    asking = []
    for id in ("a", "b", "c", "none", "c"):
        asking.append(asyncio.create_task(gathering.get(id)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert server.asked == [["a"], ["b"]]
    server.open.set()
    assert await asyncio.gather(*asking) == [{"_id": "a"}, {"_id": "b"}, {"_id": "c"}, None, {"_id": "c"}]
    assert server.asked == [["a"], ["b"], ["c", "none"]]


async def test_no_question_is_longer_than_the_bound() -> None:
    server = Server()
    server.open.set()
    gathering = BatchLoader(server.find)
    assert len(await asyncio.gather(*(gathering.get(number) for number in range(MOST + 1)))) == MOST + 1
    assert sorted(map(len, server.asked)) == [1, MOST]


async def test_a_failure_is_told_to_all_who_wait_and_the_next_are_asked_for_anew() -> None:
    server = Server()
    server.down = True
    server.open.set()
    gathering = BatchLoader(server.find)
    ends = await asyncio.gather(*(gathering.get(number) for number in range(3)), return_exceptions=True)
    assert all(isinstance(end, StoreUnavailable) for end in ends)
    server.down = False
    assert await gathering.get(1) == {"_id": 1}


async def test_who_gives_up_takes_nobody_along() -> None:
    server = Server()
    gathering = BatchLoader(server.find)
    impatient, patient = asyncio.create_task(gathering.get(1)), asyncio.create_task(gathering.get(2))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    server.open.set()
    assert await patient == {"_id": 2}


async def test_who_comes_while_the_last_one_is_leaving_is_answered() -> None:
    server = Server()
    server.open.set()
    gathering = BatchLoader(server.find)

    async def ask_again_at_once(who: int) -> None:
        for turn in range(200):
            assert await gathering.get(f"{who}.{turn}") == {"_id": f"{who}.{turn}"}

    async with asyncio.timeout(120):
        await asyncio.gather(*(ask_again_at_once(who) for who in range(5)))
