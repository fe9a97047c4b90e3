"""One supervised process of a server: started, stopped, killed, frozen, and never left behind."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_SUPERVISOR = str(Path(__file__).with_name("supervise.py"))
_GRACE = 30.0


class Process:
    """A command under `supervise`, its output in ``log``.

    ``lifeline``: a descriptor whose other end lives as long as the server shall. By default a socket held by
    this process; the servers that the workers of a test session share get one held by the whole session, and then obey
    nobody but its end. ``at_end`` is run if that end comes while the server is still there.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        lifeline: int | None = None,
        at_end: Sequence[str] = (),
    ) -> None:
        self.log = log
        self._ended = False
        self._orders: socket.socket | None = None
        theirs = None
        if lifeline is None:
            self._orders, theirs = socket.socketpair()
            lifeline = theirs.fileno()
        arguments = [sys.executable, "-I", "-S", _SUPERVISOR, *(["--at-end", *at_end] if at_end else [])]
        try:
            self.pid = os.posix_spawn(
                sys.executable,
                [*arguments, "--", *command],
                {**os.environ, **(environment or {})},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                    (os.POSIX_SPAWN_DUP2, lifeline, 3),
                ],
                setsid=True,
            )
        finally:
            if theirs is not None:
                theirs.close()

    def running(self) -> bool:
        """Whether anything of the server is still there."""
        if not self._ended:
            try:
                self._ended = os.waitpid(self.pid, os.WNOHANG) != (0, 0)
            except ChildProcessError:
                self._ended = True
        return not self._ended

    def stop(self) -> None:
        """SIGTERM, then SIGKILL to all of it after 30 s; returns when it is gone."""
        self._order(b"T")
        if not self._gone_within(_GRACE):
            self.kill()
        self._close()

    def kill(self) -> None:
        """SIGKILL to every process of the server at once; returns when all are gone."""
        self._order(b"K")
        while not self._gone_within(_GRACE):
            os.kill(self.pid, 9)
        self._close()

    def freeze(self) -> None:
        """SIGSTOP to every process of the server: it keeps its connections and answers nothing."""
        self._order(b"S")

    def thaw(self) -> None:
        """SIGCONT after `freeze`."""
        self._order(b"C")

    def tail(self, lines: int = 20) -> str:
        """The last lines of what it printed."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:]) if self.log.exists() else ""

    def _order(self, order: bytes) -> None:
        if self._orders is None:
            raise RuntimeError("the server ends with the session that holds its lifeline, not before")
        with contextlib.suppress(ConnectionError):  # it has ended by itself, and the supervisor with it
            self._orders.sendall(order)
            self._orders.recv(1)

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _close(self) -> None:
        if self._orders is not None:
            self._orders.close()
            self._orders = None
