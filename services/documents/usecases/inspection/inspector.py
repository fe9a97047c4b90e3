"""The inspector: a process with the parsers loaded that forks for every file, so that no file meets what another left.

It reads requests from its standard input and writes answers to its standard output, both JSON by the line:
`{"id", "path", "media_type", "max_pixels", "cpu_seconds", "seconds", "bytes"}`, `{"id", "finding", "why", "signal"}`. It
ends with its input. Started with `python -m`; nothing else of the suite is loaded, its secrets are not in the environment.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import selectors
import signal
from pathlib import Path
from typing import Any, Final, NoReturn

from services.documents.usecases.inspection.findings import Finding
from services.documents.usecases.inspection.images import inspect_image
from services.documents.usecases.inspection.pdf import inspect_pdf

READY: Final = b"ready\n"
_IN: Final = 0
_OUT: Final = 1
_MAX_ANSWER: Final = 4096
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


class _Inspector:
    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._input = b""
        self._forks: dict[int, tuple[int, int, bytes]] = {}
        """By the pipe's descriptor: process, id of the request, answer so far."""

    def serve(self) -> None:
        self._selector.register(_IN, selectors.EVENT_READ)
        _write(_OUT, READY)
        while True:
            for key, _ in self._selector.select():
                if key.fd != _IN:
                    self._hear(key.fd)
                elif not self._take():
                    self._end()
                    return

    def _take(self) -> bool:
        """Start what is asked for; False at the end of the input."""
        got = os.read(_IN, 65536)
        *lines, self._input = (self._input + got).split(b"\n")
        for line in lines:
            self._fork(json.loads(line))
        return bool(got)

    def _fork(self, request: dict[str, Any]) -> None:
        ours, theirs = os.pipe()
        process = os.fork()
        if process == 0:
            _work(request, theirs)
        os.close(theirs)
        self._forks[ours] = (process, request["id"], b"")
        self._selector.register(ours, selectors.EVENT_READ)

    def _hear(self, pipe: int) -> None:
        process, id, answer = self._forks[pipe]
        got = os.read(pipe, _MAX_ANSWER)
        if got and len(answer) < _MAX_ANSWER:
            self._forks[pipe] = (process, id, answer + got)
            return
        self._selector.unregister(pipe)
        os.close(pipe)
        del self._forks[pipe]
        _, status = os.waitpid(process, 0)
        _write(_OUT, json.dumps({"id": id, **_outcome(answer, status)}).encode() + b"\n")

    def _end(self) -> None:
        for process, _, _ in self._forks.values():
            os.kill(process, signal.SIGKILL)


def _outcome(answer: bytes, status: int) -> dict[str, Any]:
    """What a fork said; if it died instead of saying it, of which signal."""
    try:
        said = json.loads(answer)
        finding = None if said["finding"] is None else Finding(said["finding"]).value
        return {"finding": finding, "why": str(said["why"])[:80]}
    except (ValueError, KeyError, TypeError):
        ended = os.waitstatus_to_exitcode(status)
        return {"finding": Finding.DAMAGED.value, "why": "no answer", "signal": -ended if ended < 0 else 0}


def _work(request: dict[str, Any], answer_to: int) -> NoReturn:
    """The fork's whole life."""
    finding: Finding | None = Finding.DAMAGED
    why = ""
    try:
        _confine(request, answer_to)
        finding = inspect(Path(request["path"]), request["media_type"], request["max_pixels"])
    except Exception as error:  # noqa: BLE001 - a file on which the parser stumbles in whatever way is a damaged one
        why = type(error).__name__
    _write(answer_to, json.dumps({"finding": finding and finding.value, "why": why}).encode())
    os._exit(0)


def _confine(request: dict[str, Any], keep: int) -> None:
    """Bounds of time and memory, nothing to write to, none of the inspector's own descriptors."""
    signal.alarm(request["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (request["cpu_seconds"], request["cpu_seconds"] + 1))
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
