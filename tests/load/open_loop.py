"""A crowd that asks when it wants to, however slowly it is answered: an open loop over as many connections as it needs."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

MOST_CONNECTIONS: Final = 2000
PATIENCE: Final = 60.0
"""Seconds after the last request for which answers are waited for."""
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Planned:
    """A request that is due so many seconds after the beginning; `make` gives its bytes."""

    at: float
    kind: str
    number: int
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it, `seconds` after it was due; `status` 0 if nothing did.

    `is_put_off` is a 429 or 503 that says when to ask again.
    """

    planned: Planned
    status: int
    seconds: float
    is_put_off: bool = False
    body: bytes = b""

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        return 200 <= self.status < 300


async def offer(
    port: int, plan: Iterable[Planned], *, most: int = MOST_CONNECTIONS, patience: float = PATIENCE
) -> list[Answer]:
    """Ask for each when it is due, in the order of the plan, over so many connections at most; the answers as they came."""
    crowd = _Crowd(port, most)
    begun = crowd.loop.time()
    for planned in plan:
        ahead = begun + planned.at - crowd.loop.time()
        await asyncio.sleep(max(0, ahead))
        crowd.ask(planned, begun + planned.at)
    return await crowd.end(patience)


class _Crowd:
    """Connections, and what is asked over them."""

    def __init__(self, port: int, most: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.answers: list[Answer] = []
        self._port = port
        self._most = most
        self._free: list[_Line] = []
        self._waiting: deque[tuple[Planned, float]] = deque()
        self._under_way: dict[int, tuple[Planned, float]] = {}
        self._open = 0
        self._connecting: set[asyncio.Task[None]] = set()
        self._lines: set[_Line] = set()
        self._idle = asyncio.Event()

    def ask(self, planned: Planned, due: float) -> None:
        self._under_way[id(planned)] = planned, due
        self._waiting.append((planned, due))
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and self._free:
            self._free.pop().send(*self._waiting.popleft())
        while self._waiting and self._open < self._most:
            self._open += 1
            task = asyncio.create_task(self._connect(*self._waiting.popleft()))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _connect(self, planned: Planned, due: float) -> None:
        try:
            _, line = await self.loop.create_connection(lambda: _Line(self), "127.0.0.1", self._port)
        except OSError:
            self._open -= 1
            self.answered(Answer(planned, 0, self.loop.time() - due))
            return
        self._lines.add(line)
        line.send(planned, due)

    def answered(self, answer: Answer) -> None:
        if self._under_way.pop(id(answer.planned), None) is not None:
            self.answers.append(answer)
        if not self._under_way:
            self._idle.set()

    def is_free(self, line: _Line) -> None:
        self._free.append(line)
        self._go_on()

    def is_lost(self, line: _Line) -> None:
        self._open -= 1
        self._lines.discard(line)
        if line in self._free:
            self._free.remove(line)
        self._go_on()

    async def end(self, patience: float) -> list[Answer]:
        self._idle.clear()
        if self._under_way:
            try:
                async with asyncio.timeout(patience):
                    await self._idle.wait()
            except TimeoutError:
                for planned, due in list(self._under_way.values()):
                    self.answered(Answer(planned, 0, self.loop.time() - due))
        self._waiting.clear()
        for line in list(self._lines):
            line.close()
        return self.answers


class _Line(asyncio.Protocol):
    """One connection: a request, its answer, the next one."""

    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd
        self._asked: tuple[Planned, float] | None = None
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, planned: Planned, due: float) -> None:
        assert self._transport is not None
        self._asked = planned, due
        self._transport.write(planned.make())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._asked is None:
            return
        head = self._buffer[: end + 2]
        found = _LENGTH.search(head)
        if found is None or len(self._buffer) < end + 4 + int(found[1]):
            return
        body, self._buffer = self._buffer[end + 4 :], b""
        (planned, due), self._asked = self._asked, None
        status, lower = int(head[9:12]), head.lower()
        is_put_off = status in (429, 503) and b"\r\nretry-after:" in lower
        self._crowd.answered(Answer(planned, status, self._crowd.loop.time() - due, is_put_off, body))
        if b"\r\nconnection: close" in lower or head.startswith(b"HTTP/1.0"):
            self.close()
        else:
            self._crowd.is_free(self)

    def connection_lost(self, error: Exception | None) -> None:
        asked, self._asked = self._asked, None
        self._crowd.is_lost(self)
        if asked is not None:
            self._crowd.answered(Answer(asked[0], 0, self._crowd.loop.time() - asked[1]))
