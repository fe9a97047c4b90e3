"""The fork server: `python -m tests.forkserver DESCRIPTOR`, a socket that brings an order per message.

`multiprocessing` has one too, whose children leave without `atexit`, are no main module, and outlive who asked for them.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import services
from services.accounts.usecases.passwords import common_passwords
from services.chassis.settings import Settings
from services.chassis.texts.catalogues import catalogues
from services.mailer.usecases.checking import check
from services.mailer.usecases.templates import shipped
from services.mailer.wiring import LISTENS
from tests.descriptors import forbid_second_descriptors

LONGEST_ORDER = 2**18
PR_SET_PDEATHSIG = 1

prctl = ctypes.CDLL(None).prctl


def load() -> None:
    """Import everything that Parvis could import and read what is shipped with it, and leave it to all children alike."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    catalogues()
    common_passwords()
    check(shipped(ZoneInfo(Settings.model_fields["timezone"].default)), LISTENS)
    threads = list(Path("/proc/self/task").iterdir())
    assert len(threads) == 1, f"an import has started a thread, which no child would have: {threading.enumerate()}"
    gc.collect()
    gc.freeze()


class Server:
    """Forks for each order, and tells those who asked how their process has ended."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._waiting = select.poll()
        self._waiting.register(orders, select.POLLIN)
        self._living: dict[int, tuple[int, int]] = {}
        self._ended: dict[int, int] = {}

    def serve(self) -> str:
        """Serve until the tests are gone, which raises SystemExit; in the children it returns: what module to run."""
        while True:
            for ready, _ in self._waiting.poll():
                if ready in self._living:
                    self._tell(ready)
                elif ready in self._ended:
                    self._reap(ready)
                elif order := self._order():
                    return order

    def _order(self) -> str | None:
        text, descriptors, _, _ = socket.recv_fds(self._orders, LONGEST_ORDER, 3)
        if not text:
            for pid, _ in self._living.values():
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            sys.exit()
        server = os.getpid()
        pid = os.fork()
        if not pid:
            self._orders.detach()
            return become(json.loads(text), descriptors[1:], server)
        line, *output = descriptors
        for descriptor in output:
            os.close(descriptor)
        say(line, pid)
        end = os.pidfd_open(pid)
        self._living[end] = pid, line
        self._waiting.register(end, select.POLLIN)
        return None

    def _tell(self, end: int) -> None:
        """Say how a process has ended. It is not reaped before that was heard: until then nobody else has its number."""
        pid, line = self._living.pop(end)
        self._waiting.unregister(end)
        os.close(end)
        how = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert how is not None
        say(line, how.si_status if how.si_code == os.CLD_EXITED else -how.si_status)
        self._ended[line] = pid
        self._waiting.register(line, select.POLLIN)

    def _reap(self, line: int) -> None:
        os.waitpid(self._ended.pop(line), 0)
        self._waiting.unregister(line)
        os.close(line)


def say(line: int, number: int) -> None:
    """Nobody need listen any more."""
    with suppress(BrokenPipeError):
        os.write(line, struct.pack("i", number))


def become(order: dict[str, Any], output: list[int], server: int) -> str:
    """Make this fork what `python -m` would start from, and return the name of the module."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        sys.exit("the fork server was killed meanwhile")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for target, descriptor in enumerate(output, start=1):
        os.dup2(descriptor, target)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    os.chdir(order["cwd"])
    sys.path[0] = order["cwd"]
    sys.argv[1:] = order["arguments"]
    module: str = order["module"]
    return module


if __name__ == "__main__":
    # A Ctrl-C goes to the whole group: it is for the children, and the tests' own end is this server's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    load()
    forbid_second_descriptors()
    module = Server(socket.socket(fileno=int(sys.argv[1]))).serve()
    # From here on a child's life is that of any interpreter: exit code, traceback, threads, atexit.
    runpy.run_module(module, run_name="__main__", alter_sys=True)
