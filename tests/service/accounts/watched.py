"""A second replica of accounts on the store of a running one, whose work is written down request by request."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast

import structlog
from aiohttp.test_utils import TestClient, TestServer

from services.accounts.wiring import build
from services.chassis.http.application import root_application
from services.chassis.http.headers import REQUEST_ID
from services.chassis.ports import Store
from services.chassis.service.service import Running
from services.chassis.testing import Suite
from tests.samples import sample

Work = Counter[tuple[str, str]]
"""How often what was asked of which collection."""


VERBS = {"get", "insert", "append", "replace", "refresh", "delete", "find", "count"}


class WatchedStore:
    """The store that it is given, and what each request asks of it.

    `before`: what comes between, once, before something is asked of a collection.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.work: dict[str, Work] = {}
        self.before: dict[tuple[str, str], Callable[[], Awaitable[None]]] = {}

    def __getattr__(self, name: str) -> Any:
        there = getattr(self._store, name)
        return partial(self._ask, name, there) if name in VERBS else there

    async def _ask(
        self, verb: str, there: Callable[..., Awaitable[Any]], collection: str, *of: Any, **more: Any
    ) -> Any:
        correlation = structlog.contextvars.get_contextvars().get("correlation", "")
        self.work.setdefault(correlation, Counter())[verb, collection] += 1
        if comes_between := self.before.pop((verb, collection), None):
            await comes_between()
        return await there(collection, *of, **more)


class Watched:
    """The replica, asked."""

    def __init__(self, client: TestClient[Any, Any], store: WatchedStore) -> None:
        self._client = client
        self._store = store

    def before(self, verb: str, collection: str, comes_between: Callable[[], Awaitable[None]]) -> None:
        """Let something happen once, before that is next asked of the collection."""
        self._store.before[verb, collection] = comes_between

    async def ask(self, path: str, body: Mapping[str, Any], **headers: str) -> Seen:
        """One request, and all that could tell its sender something, but for the time."""
        hashed = sample("parvis_passwords_hashed_total") or 0.0
        async with self._client.post(f"/api/accounts{path}", json=body, headers=headers) as response:
            text = await response.text()
        out = {
            name: value for name, value in response.headers.items() if name.lower() not in (REQUEST_ID.lower(), "date")
        }
        hashes = (sample("parvis_passwords_hashed_total") or 0.0) - hashed
        return response.status, text, out, self._store.work.get(response.headers[REQUEST_ID], Counter()), hashes

    async def put(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> int:
        """A PUT by itself; the status of its answer."""
        async with self._client.put(f"/api/accounts{path}", json=body, headers=headers) as response:
            return response.status


Seen = tuple[int, str, dict[str, str], Work, float]


@asynccontextmanager
async def watching(suite: Suite) -> AsyncIterator[Watched]:
    """Run it without any of the work that is done beside requests."""
    there = suite.service("accounts").service.ports
    store = WatchedStore(there.store)
    service = build(replace(there, store=cast("Store", store)))
    async with AsyncExitStack() as stack:
        assert service.signer is not None
        await service.signer.load()
        for lifespan in service.lifespans:
            await stack.enter_async_context(lifespan())
        app = root_application(there.settings, [Running(service)])
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        yield Watched(client, store)
