"""What RabbitMQ's management is asked once more: it answers 500 to a list that changes while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.chassis.broker.admin.management import ATTEMPTS, Management
from services.chassis.ports import BrokerUnavailable


class _Answering:
    """A management that gives these answers one after the other, and counts what it is asked."""

    def __init__(self, statuses: Iterator[int]) -> None:
        self._statuses, self.asked = statuses, 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response([], status=next(self._statuses))

    async def users(self) -> object:
        app = web.Application()
        app.router.add_get("/api/users", self.answer)
        async with (
            TestServer(app) as server,
            Management(f"http://guest:guest@127.0.0.1:{server.port}/%2F") as management,
        ):
            return await management.ask("GET", "users")


async def test_it_is_asked_until_it_can_answer() -> None:
    management = _Answering(chain(repeat(500, ATTEMPTS - 1), [200]))
    assert await management.users() == []
    assert management.asked == ATTEMPTS


async def test_it_is_not_asked_for_ever() -> None:
    management = _Answering(repeat(500))
    with pytest.raises(BrokerUnavailable, match="GET users: 500"):
        await management.users()
    assert management.asked == ATTEMPTS


async def test_a_refusal_is_one_at_once() -> None:
    management = _Answering(repeat(401))
    with pytest.raises(BrokerUnavailable, match="GET users: 401"):
        await management.users()
    assert management.asked == 1
