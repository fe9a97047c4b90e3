"""The servers that the workers of one test session share."""

import errno
import fcntl
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TypeVar

from tests.servers.available import DidNotStart, NotAvailable
from tests.servers.server import Server

_CLEARING = 30.0
_PREFIX = "parvis-session-"
# A session that has just made its FIFO may not hold it yet.
_YOUNG = 60.0

S = TypeVar("S", bound=Server)


class SharedServers:
    """Each server is started once, by whichever process asks first, and ends with the process that owns the session.

    The owner holds a FIFO open; the supervisors of the servers read it, and clear their server away when it closes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._servers: dict[str, Server] = {}
        self._lifeline: int | None = None

    def get(self, kind: type[S]) -> S:
        """The session's server of this kind, started if need be; raises `NotAvailable`, `DidNotStart`."""
        server = self._servers.get(kind.name)
        if server is None:
            server = self._servers[kind.name] = self._find_or_start(kind)
        assert isinstance(server, kind)
        return server

    def close(self) -> None:
        """Forget them; they run on."""
        self._servers.clear()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def _find_or_start(self, kind: type[S]) -> S:
        with (self.folder / f"{kind.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            outcome = self.folder / f"{kind.name}.json"
            if not outcome.exists():
                outcome.write_text(json.dumps(self._start(kind)))
            found = json.loads(outcome.read_text())
        if missing := found.get("not_available"):
            raise NotAvailable(*missing)
        if broken := found.get("did_not_start"):
            raise DidNotStart(broken)
        return kind.attached(found["state"])

    def _start(self, kind: type[S]) -> dict[str, object]:
        if self._lifeline is None:
            self._lifeline = os.open(self.folder / "lifeline", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        server = kind(lifeline=self._lifeline)
        outcome: dict[str, object] = {}
        try:
            server.start_now()
            outcome["state"] = server.state()
        except NotAvailable as missing:
            outcome["not_available"] = [missing.server, missing.why, missing.what_to_install]
        except DidNotStart as broken:
            outcome["did_not_start"] = str(broken)
        return outcome | {"supervisors": server.supervisors()}


class SessionOwner:
    """What the main process of a session holds: the folder, and the end of the FIFO that keeps the servers alive."""

    def __init__(self) -> None:
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        os.mkfifo(self.folder / "lifeline")
        # Read and write, since opening only to write would wait for a reader.
        self._held = os.open(self.folder / "lifeline", os.O_RDWR | os.O_CLOEXEC)

    def close(self) -> None:
        """End the servers of the session, wait until nothing of them is left, clear the folder away."""
        os.close(self._held)
        deadline = time.monotonic() + _CLEARING
        for outcome in self.folder.glob("*.json"):
            for pid in json.loads(outcome.read_text())["supervisors"]:
                while _lives(pid) and time.monotonic() < deadline:
                    time.sleep(0.02)
        shutil.rmtree(self.folder, ignore_errors=True)


def _sweep() -> None:
    """Clear the folders of sessions that were killed: nobody holds their FIFO."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        old = False
        try:
            old = time.time() - folder.stat().st_mtime > _YOUNG
            os.close(os.open(folder / "lifeline", os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno == errno.ENXIO and old:
                shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
