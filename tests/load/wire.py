"""A load client that costs less than what it measures: ready requests over kept connections, answers taken by length."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
CONNECTIONS = 8


def request(method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    sent = {"Host": "127.0.0.1", "Accept-Language": "fr", **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    if body or method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


class Connection(asyncio.Protocol):
    """Sends one request after the other, each when the answer before it has come, until time or requests are up.

    With a `pause`, requests are that many seconds apart from one another, as long as answers come in time.
    """

    def __init__(
        self, requests: Iterator[bytes], until: float, status: int, done: asyncio.Future[int], pause: float
    ) -> None:
        self._requests = requests
        self._until = until
        self._pause = pause
        self._next = time.perf_counter()
        self._expected = b"HTTP/1.1 %d" % status
        self._done = done
        self._answers = 0
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._next += self._pause
        ahead = self._next - self._pause - time.perf_counter()
        if ahead > 0:
            asyncio.get_running_loop().call_later(ahead, self._send)
        else:
            self._send()

    def _send(self) -> None:
        if self._done.done():
            return
        assert self._transport is not None
        request = next(self._requests, None) if time.perf_counter() < self._until else None
        if request is None:
            self._end(None)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        found = _LENGTH.search(self._buffer, 0, head + 2)
        if not self._buffer.startswith(self._expected) or found is None:
            self._end(RuntimeError(f"not a good answer: {self._buffer[:300]!r}"))
            return
        if len(self._buffer) < head + 4 + int(found[1]):
            return
        self._buffer = b""
        self._answers += 1
        self._ask()

    def _end(self, error: Exception | None) -> None:
        if not self._done.done():
            if error is not None:
                self._done.set_exception(error)
            else:
                self._done.set_result(self._answers)
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or RuntimeError("the server hung up"))


async def rate(
    port: int,
    requests: Iterable[bytes],
    *,
    seconds: float,
    connections: int = CONNECTIONS,
    status: int = 200,
    again: bool = True,
    at_most: float = float("inf"),
) -> float:
    """Good answers per second, all connections taking from one row of requests; `again` begins it anew at its end.

    `at_most` is how many a second are asked for.
    """
    loop = asyncio.get_running_loop()
    row = cycle(requests) if again else iter(requests)
    started = time.perf_counter()
    futures = []
    for _ in range(connections):
        done: asyncio.Future[int] = loop.create_future()
        await loop.create_connection(
            lambda done=done: Connection(row, started + seconds, status, done, connections / at_most),  # type: ignore[misc] # bound by default
            "127.0.0.1",
            port,
        )
        futures.append(done)
    answers = sum(await asyncio.gather(*futures))
    return answers / (time.perf_counter() - started)
