"""Processes that tests start, made in milliseconds: a server has loaded all of Parvis once and forks for each of them."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 600.0


class Child:
    """`python -m MODULE ...` without the time that an interpreter takes to load it; its face is `subprocess.Popen`'s.

    It dies with the process that asked for it. Its parent is the server, so that `os.waitpid` is of no use.
    """

    def __init__(self, line: socket.socket) -> None:
        """`line` says the number of the process, and how it has ended when it has."""
        self._line = line
        # Not by `__del__`: garbage that refers to itself may have the line ended first, which is a warning.
        weakref.finalize(self, line.close)
        self.args: Final = ("python", "-m")
        self.returncode: int | None = None
        line.settimeout(_START_SECONDS)
        self.pid: Final = _number(line.recv(4))

    def poll(self) -> int | None:
        """How it ended, negative for a signal; None while it lives."""
        return self.returncode if self.returncode is not None or not self._over(0) else self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and say how it was; raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            if not self._over(timeout):
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            # Only looked at, and so still there for another thread that asks at the same time. Silence: the server has
            # been killed, and its children with it.
            said = self._line.recv(4, socket.MSG_PEEK)
            self.returncode = _number(said) if said else -signal.SIGKILL
            self._line.shutdown(socket.SHUT_WR)
        return self.returncode

    def _over(self, timeout: float | None) -> bool:
        end = select.poll()
        end.register(self._line, select.POLLIN)
        return bool(end.poll(None if timeout is None else timeout * 1000))


class ForkServer:
    """The process `tests.forkserver`; it ends when this one does, however that comes."""

    def __init__(self) -> None:
        # Whole messages: several threads may give orders at once.
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process: Final = subprocess.Popen(
                [sys.executable, "-m", "tests.forkserver", str(theirs.fileno())],
                cwd=_ROOT,
                env=os.environ | {"PYTHONPATH": str(_ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def pid(self) -> int:
        """The server's number."""
        return self._process.pid

    def start(self, module: str, *arguments: str, cwd: Path, env: Mapping[str, str], stdout: int, stderr: int) -> Child:
        """Start `python -m MODULE ARGUMENT...` in a folder with this environment and no other, its input empty."""
        order = {"module": module, "arguments": arguments, "cwd": str(cwd), "environment": dict(env)}
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [theirs.fileno(), stdout, stderr])
        return Child(line)

    def close(self) -> None:
        """Kill what is left and end."""
        self._orders.close()
        self._process.wait()


_own: Final[list[ForkServer]] = []
_making: Final = threading.Lock()


def _server() -> ForkServer:
    with _making:
        if not _own:
            _own.append(ForkServer())
        return _own[0]


def start(module: str, *arguments: str, cwd: Path, env: Mapping[str, str], stdout: int, stderr: int) -> Child:
    """`ForkServer.start` on this process's own, which is made at the first use."""
    return _server().start(module, *arguments, cwd=cwd, env=env, stdout=stdout, stderr=stderr)


def run(
    module: str, *arguments: str, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENT...` to its end; raises `subprocess.TimeoutExpired` after having killed it."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = start(module, *arguments, cwd=cwd, env=env, stdout=out.fileno(), stderr=err.fileno())
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess([module, *arguments], code, out.read(), err.read())


def end() -> None:
    """End this process's own server, if there is one."""
    with _making:
        while _own:
            _own.pop().close()


def _number(said: bytes) -> int:
    if not said:
        raise RuntimeError("the fork server has died; it says why on standard error")
    return int(struct.unpack("i", said)[0])
