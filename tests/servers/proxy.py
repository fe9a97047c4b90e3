"""A TCP proxy that misbehaves on demand: delay, cut, blackhole, half-open, answers lost, restore."""

import asyncio
import contextlib
import socket
import struct
from enum import Enum
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

_CHUNK = 64 * 1024


class _Mode(Enum):
    PASS = "pass"
    CUT = "cut"
    BLACKHOLE = "blackhole"
    LOSE_ANSWERS = "lose answers"


class Proxy:
    """Stands on a loopback port between a client and a server, ``async with``.

    Bytes wait in the kernel's buffers while they are held back; the proxy itself keeps at most 64 KiB per connection
    and direction. ``accepted`` and ``open`` count connections, to show that a fault was met and not slept through.
    """

    def __init__(self, host: str, port: int) -> None:
        self._home = self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._mode = _Mode.PASS
        self._delay = 0.0
        self._flows = asyncio.Event()
        self._flows.set()
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.accepted = 0

    @classmethod
    def before(cls, url: str) -> "Proxy":
        """A proxy in front of the server of a URL that names host and port."""
        at = urlsplit(url)
        if at.hostname is None or at.port is None:
            raise ValueError(f"no host and port in {url}")
        return cls(at.hostname, at.port)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1; the same for its whole life."""
        assert self._server is not None, "not started"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def open(self) -> int:
        """How many connections go through it now."""
        return len(self._pairs)

    def through(self, url: str) -> str:
        """The URL of the server, by way of the proxy."""
        at = urlsplit(url)
        user = f"{at.netloc.rpartition('@')[0]}@" if "@" in at.netloc else ""
        return urlunsplit(at._replace(netloc=f"{user}127.0.0.1:{self.port}"))

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_CHUNK)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def delay(self, seconds: float) -> None:
        """From now on every chunk, in both directions, waits this long."""
        self._delay = seconds

    def cut(self) -> None:
        """Reset every connection, and every new one at once, until `restore`."""
        self._set(_Mode.CUT)
        self.drop()

    def drop(self) -> None:
        """Reset the connections of this moment; new ones pass."""
        for pair in tuple(self._pairs):
            pair.reset()

    def blackhole(self) -> None:
        """Nothing flows any more and nothing is closed; new connections are accepted and stay silent.

        After `restore` what was held back flows on, as after a partition that has healed.
        """
        self._set(_Mode.BLACKHOLE)

    def half_open(self) -> None:
        """The server's side of every connection ends and the client is not told; new connections pass."""
        for pair in tuple(self._pairs):
            pair.abandon()

    def divert(self, host: str, port: int) -> None:
        """Reset every connection; new ones go to another server, until `restore`."""
        self._target = (host, port)
        self.drop()

    def lose_answers(self) -> None:
        """The server still gets everything, and its answers vanish: what it did is unknown to the client.

        A connection that has lost bytes is reset by `restore`, since nothing on it can be understood any more.
        """
        self._set(_Mode.LOSE_ANSWERS)

    def restore(self) -> None:
        """All is well again."""
        self._delay = 0.0
        self._set(_Mode.PASS)
        diverted, self._target = self._target != self._home, self._home
        for pair in tuple(self._pairs):
            if pair.spoilt or diverted:
                pair.reset()

    def _set(self, mode: _Mode) -> None:
        self._mode = mode
        if mode is _Mode.BLACKHOLE:
            self._flows.clear()
        else:
            self._flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self._mode is _Mode.CUT:
                return
            await self._flows.wait()
            await self._relay(reader, writer)
        except asyncio.CancelledError:
            # Only `__aexit__` cancels, and it waits for this task: nobody is left to be told.
            pass
        finally:
            _reset(writer)
            self._tasks.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(*self._target, limit=_CHUNK)
        except OSError:
            return
        pair = _Pair(writer, upstream_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._pump(reader, upstream_writer, pair, answers=False),
                self._pump(upstream_reader, writer, pair, answers=True),
            )
            await pair.abandoned_client_left(reader)
        finally:
            self._pairs.discard(pair)
            pair.reset()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: "_Pair", *, answers: bool
    ) -> None:
        try:
            while chunk := await source.read(_CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._flows.wait()
                if answers and self._mode is _Mode.LOSE_ANSWERS:
                    pair.spoilt = True
                    continue
                sink.write(chunk)
                await sink.drain()
            await self._flows.wait()
            if not pair.abandoned and sink.can_write_eof():
                sink.write_eof()
        except OSError:
            if not pair.abandoned:
                pair.reset()


class _Pair:
    """The two connections of one client."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._client, self._server = client, server
        self.spoilt = False
        self.abandoned = False

    def reset(self) -> None:
        _reset(self._client)
        _reset(self._server)

    def abandon(self) -> None:
        self.abandoned = True
        _reset(self._server)

    async def abandoned_client_left(self, reader: asyncio.StreamReader) -> None:
        """Keep a client whose server is gone, until it goes away itself."""
        if self.abandoned:
            with contextlib.suppress(OSError):
                while await reader.read(_CHUNK):
                    pass


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST: what `abort` alone does looks like an orderly end to the other side."""
    if not writer.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
