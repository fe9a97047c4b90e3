"""The inspector: a process with the parsers loaded, whose forks look into files.

A fork goes on to the next file only while it finds nothing: no file meets what a bad one left. The inspector reads requests
from its standard input and writes answers to its standard output, both JSON by the line: `{"id", "path", "media_type",
"max_pixels", "cpu_seconds", "seconds", "bytes"}`, `{"id", "finding", "why", "signal"}`. It ends with its input. Started with
`python -m`; nothing else of the suite is loaded, its secrets are not in the environment.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import selectors
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from services.documents.usecases.inspection.findings import Finding
from services.documents.usecases.inspection.images import inspect_image
from services.documents.usecases.inspection.pdf import inspect_pdf

READY: Final = b"ready\n"
FILES_PER_FORK: Final = 50
_IN: Final = 0
_OUT: Final = 1
_MAX_LINE: Final = 8192
_OPEN_FILES: Final = 16
_IMAGES: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}


def inspect(path: Path, media_type: str, max_pixels: int) -> Finding | None:
    """What is wrong with the file, if anything; raises whatever its parser stumbles over."""
    if media_type in _IMAGES:
        return inspect_image(path, _IMAGES[media_type], max_pixels)
    return inspect_pdf(path)


def main() -> None:
    """Serve until the input ends."""
    gc.freeze()
    _Inspector().serve()


# --- the inspector ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Fork:
    """A fork, the line to it, and the request that it has not answered."""

    line: socket.socket
    process: int
    request: int | None = None
    files: int = 0
    heard: bytes = b""


class _Inspector:
    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._input = b""
        self._forks: dict[int, _Fork] = {}
        self._idle: list[_Fork] = []

    def serve(self) -> None:
        self._selector.register(_IN, selectors.EVENT_READ)
        _write(_OUT, READY)
        while True:
            for key, _ in self._selector.select():
                if key.fd != _IN:
                    self._hear(self._forks[key.fd])
                elif not self._take():
                    self._end()
                    return

    def _take(self) -> bool:
        """Pass on what is asked for; False at the end of the input."""
        got = os.read(_IN, 65536)
        *lines, self._input = (self._input + got).split(b"\n")
        for line in lines:
            request = json.loads(line)
            fork = self._idle.pop() if self._idle else self._fork(request)
            fork.request, fork.files = request["id"], fork.files + 1
            fork.line.sendall(line + b"\n")
        return bool(got)

    def _fork(self, request: dict[str, Any]) -> _Fork:
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            _work(request, theirs.detach())
        theirs.close()
        fork = self._forks[ours.fileno()] = _Fork(ours, process)
        self._selector.register(ours, selectors.EVENT_READ)
        return fork

    def _hear(self, fork: _Fork) -> None:
        got = _receive(fork.line)
        fork.heard += got
        if not got or fork.request is None or len(fork.heard) > _MAX_LINE:
            self._bury(fork)
        elif fork.heard.endswith(b"\n"):
            said = _said(fork.heard)
            if said is None:
                self._bury(fork)
                return
            self._answer(fork, said)
            if said["finding"] is None and fork.files < FILES_PER_FORK:
                self._idle.append(fork)
            else:
                fork.line.shutdown(socket.SHUT_WR)

    def _bury(self, fork: _Fork) -> None:
        """A fork that has ended, or that does not speak as it should."""
        self._selector.unregister(fork.line)
        del self._forks[fork.line.fileno()]
        if fork in self._idle:
            self._idle.remove(fork)
        fork.line.close()
        os.kill(fork.process, signal.SIGKILL)  # has no effect on one that has ended
        _, status = os.waitpid(fork.process, 0)
        if fork.request is not None:
            ended = os.waitstatus_to_exitcode(status)
            self._answer(fork, {"finding": Finding.DAMAGED.value, "why": "no answer", "signal": max(0, -ended)})

    def _answer(self, fork: _Fork, said: dict[str, Any]) -> None:
        _write(_OUT, json.dumps({"id": fork.request, **said}).encode() + b"\n")
        fork.request, fork.heard = None, b""

    def _end(self) -> None:
        for fork in self._forks.values():
            os.kill(fork.process, signal.SIGKILL)


def _receive(line: socket.socket) -> bytes:
    try:
        return line.recv(_MAX_LINE)
    except ConnectionError:
        return b""


def _said(line: bytes) -> dict[str, Any] | None:
    """What a fork has found, or None if that is no answer: a fork may have been taken over by what it looked into."""
    try:
        said = json.loads(line)
        finding = None if said["finding"] is None else Finding(said["finding"]).value
        return {"finding": finding, "why": str(said["why"])[:80]}
    except (ValueError, KeyError, TypeError):
        return None


# --- a fork -----------------------------------------------------------------------------------------------------


def _work(request: dict[str, Any], line: int) -> NoReturn:
    """The fork's whole life: a file, and then others, until its line is closed."""
    _confine(request, line)
    asked = b""
    while got := os.read(line, _MAX_LINE):
        asked += got
        if asked.endswith(b"\n"):
            finding, why = _look(json.loads(asked))
            asked = b""
            _write(line, json.dumps({"finding": finding and finding.value, "why": why}).encode() + b"\n")
    os._exit(0)


def _look(request: dict[str, Any]) -> tuple[Finding | None, str]:
    """Look into one file within its bounds of time; SIGXCPU or SIGALRM ends the fork at once."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used) + request["cpu_seconds"], resource.RLIM_INFINITY))
    signal.alarm(request["seconds"])
    try:
        return inspect(Path(request["path"]), request["media_type"], request["max_pixels"]), ""
    except Exception as error:  # noqa: BLE001 - a file on which the parser stumbles in whatever way is a damaged one
        return Finding.DAMAGED, type(error).__name__
    finally:
        signal.alarm(0)


def _confine(request: dict[str, Any], keep: int) -> None:
    """Bounds of memory, nothing to write to, none of the inspector's own descriptors."""
    resource.setrlimit(resource.RLIMIT_AS, (request["bytes"], request["bytes"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES + keep, _OPEN_FILES + keep))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, keep + 64)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


if __name__ == "__main__":
    main()
