"""Connections of clients: bounded in number, held to a pace, the ones that ask for nothing closed where others need room."""

from __future__ import annotations

import array
import asyncio
import fcntl
import resource
import termios
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import structlog
from aiohttp import web

from services.chassis import clients
from services.chassis.http import headers
from services.chassis.http.middleware import CONTEXT, refuse
from services.chassis.refusals import INTERNAL_ERROR, MALFORMED_REQUEST
from services.chassis.settings import Settings
from services.chassis.telemetry import metrics
from services.chassis.telemetry.loglines import Sampled

log = structlog.get_logger()

RESERVED_FILES: Final = 256
"""Of the files that a process may open, those that are not connections of clients."""
FEWEST_CONNECTIONS: Final = 8
MAX_HEAD_BYTES: Final = 65536
"""All of a request before its body."""
WATCH_SECONDS: Final = 1.0
FULL_SECONDS: Final = 0.25
"""How long new connections are refused without looking for one to close, once there was none."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections, and how slow they may be, in seconds and bytes per second.

    `following` of them, a quarter at most, may be told of changes for minutes, each beside one that this process makes.
    """

    connections: int
    following: int
    head_seconds: float
    unread_seconds: float
    unread_rate: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings, and never more connections than files that may be opened."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        room = settings.max_connections if files == resource.RLIM_INFINITY else files - RESERVED_FILES
        following = max(1, min(settings.max_following, settings.max_connections // 4, room // 4))
        if files != resource.RLIM_INFINITY:
            room -= following
        return cls(
            max(FEWEST_CONNECTIONS, min(settings.max_connections, room)),
            following,
            settings.head_seconds,
            settings.unread_seconds,
            settings.unread_bytes_per_second,
        )


def raise_file_limit() -> None:
    """Let this process open as many files as it may allow itself."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server(web.Server):
    """Makes connections, and closes those that are too slow or too many."""

    def __init__(self, handler: Any, bounds: Bounds, **options: Any) -> None:
        super().__init__(handler, **options)
        self.draining = False
        self.bounds = bounds
        self._options = {name: value for name, value in options.items() if name != "request_factory"}
        self._cut = Sampled("http.connections-cut")
        self._full_until = 0.0
        self._open: dict[Connection, None] = {}
        """Those that hold a file, the oldest first; what was asked over others may go on after their end."""
        self._watching: asyncio.TimerHandle | None = None

    def __call__(self) -> web.RequestHandler:
        return Connection(self, loop=self._loop, **self._options)

    def is_busy(self) -> bool:
        """Whether a request is under way on any connection."""
        return any(isinstance(each, Connection) and each.is_busy() for each in self.connections)

    def watch(self) -> None:
        """Look at every connection, now and from now on."""
        pause = min(WATCH_SECONDS, self.bounds.head_seconds / 2, self.bounds.unread_seconds / 2)
        self._watching = self._loop.call_later(pause, self.watch)
        now = self._loop.time()
        for each in list(self._open):
            if (why := each.overdue(now)) is not None:
                self.cut(each, why)

    def stop_watching(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()

    def cut(self, connection: Connection, why: str) -> None:
        """Close a connection at once; `why` is the word for metrics and log."""
        metrics.CONNECTIONS_CUT.labels(why).inc()
        self._cut.tell(why=why)
        self.closed(connection)
        connection.abort()

    def opened(self, connection: Connection) -> None:
        """One more holds a file."""
        self._open[connection] = None

    def closed(self, connection: Connection) -> None:
        """One holds none any more, or will not in a moment."""
        self._open.pop(connection, None)

    def has_room(self) -> bool:
        """Whether there is room for one connection more, which is made if need be.

        A few are closed at a time: first those between two requests, of the networks that have the most, the oldest.
        """
        if len(self._open) < self.bounds.connections:
            return True
        if self._loop.time() < self._full_until:
            return False
        having: Counter[str] = Counter()
        closable: list[tuple[bool, int, Connection]] = []
        for each in reversed(self._open):
            if not each.is_working():
                having[each.network] += 1
                closable.append((each.is_idle(), having[each.network], each))
        if not closable:
            self._full_until = self._loop.time() + FULL_SECONDS
            return False
        closable.sort(key=lambda found: found[:2], reverse=True)
        for _, _, each in closable[: max(1, self.bounds.connections // 16)]:
            self.cut(each, "crowded-out")
        return True


class Connection(web.RequestHandler):
    """A connection that is told apart by what it is waited for, and answers unreadable requests as all others."""

    __slots__ = ("_head_bytes", "_head_since", "_left", "_server", "_unread_since", "_wire", "network")

    def __init__(self, server: Server, **options: Any) -> None:
        super().__init__(server, **options)
        self._server = server
        self._wire: asyncio.Transport | None = None
        self._head_since: float | None = None
        self._head_bytes = 0
        self._unread_since: float | None = None
        self._left = 0
        self.network = ""

    # --- what it is at ------------------------------------------------------------------------------------------

    def is_busy(self) -> bool:
        """Whether a request is under way."""
        return self._current_request is not None

    def is_working(self) -> bool:
        """Whether a request is under way that has come whole, or is taken in or answered as a stream."""
        request = self._current_request
        if not isinstance(request, web.Request):
            return request is not None
        context = request.get(CONTEXT)
        return context is None or context.place is not None

    def is_idle(self) -> bool:
        """Whether nothing is half-way here."""
        return self._is_between() and self._head_since is None and not self._buffered()

    def _is_between(self) -> bool:
        """Whether the next thing to come is the head of a request."""
        return self._waiter is not None and not self._waiter.done()

    def overdue(self, now: float) -> str | None:
        """What its client has been waited for too long, or None."""
        bounds = self._server.bounds
        if self._head_since is not None and now - self._head_since > bounds.head_seconds:
            return "slow-head"
        left = self._unread()
        if not left:
            self._unread_since = None
        elif self._unread_since is None or left > self._left:
            self._unread_since, self._left = now, left
        elif self._left - left < bounds.unread_rate * (now - self._unread_since - bounds.unread_seconds):
            return "unread"
        return None

    def _buffered(self) -> int:
        return 0 if self._wire is None else self._wire.get_write_buffer_size()

    def _unread(self) -> int:
        """Bytes that the client has not taken, while there are some that the machine has not taken either."""
        mine = self._buffered()
        return mine + _unacknowledged(self._wire) if mine else 0

    def abort(self) -> None:
        """Close it without sending what is left."""
        if self._wire is not None:
            self._wire.abort()

    # --- how it lives -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take it in, or refuse it before it costs anything."""
        self._wire = cast("asyncio.Transport", transport)
        if not self._server.has_room():
            self._server.cut(self, "refused")
            self._wire = None
            return
        self._server.opened(self)
        metrics.CONNECTIONS.inc()
        found = clients.peer(str((transport.get_extra_info("peername") or ("",))[0]))
        self.network = "" if found is None else found.network
        self._head_since = self._loop.time()
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let it go."""
        if self._wire is not None:
            metrics.CONNECTIONS.dec()
            self._server.closed(self)
            self._wire = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes of a head; what is left of a body is not."""
        if not self._is_between():
            super().data_received(data)
            return
        if self._head_since is None:
            self._head_since = self._loop.time()
        self._head_bytes += len(data)
        super().data_received(data)
        if self._messages:
            self._head_since, self._head_bytes = None, 0
        elif self._head_bytes > MAX_HEAD_BYTES:
            self._server.cut(self, "large-head")

    def resume_writing(self) -> None:
        """The client has read on."""
        self._unread_since = None
        super().resume_writing()

    async def finish_response(self, request: web.BaseRequest, resp: web.StreamResponse, *rest: Any) -> Any:
        """Send the answer, and take no other request before it is on its way; while draining it is the last."""
        if self._server.draining:
            resp.force_close()
        sent = await super().finish_response(request, resp, *rest)
        if self.writing_paused:
            await self._drain_helper()
        return sent

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that could not be read, or whose answer could not be made; closes the connection."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        _UNREADABLE.tell(status=status, error=type(exc).__name__)
        request_id = headers.correlation(None)
        if status >= 500:
            response = refuse(request, INTERNAL_ERROR(request_id=request_id))
        else:
            response = refuse(request, MALFORMED_REQUEST(), status=status)
        response.headers[headers.REQUEST_ID] = request_id
        for name, value in headers.security_headers(https=False).items():
            response.headers[name] = value
        response.force_close()
        return response


_UNREADABLE: Final = Sampled("http.unreadable")


def _unacknowledged(wire: asyncio.Transport | None) -> int:
    """Bytes that the machine has sent, or will, and of which the client has not said that they came."""
    found = None if wire is None else wire.get_extra_info("socket")
    if found is None or found.fileno() < 0:
        return 0
    count = array.array("i", [0])
    fcntl.ioctl(found.fileno(), termios.TIOCOUTQ, count)
    return count[0]
