"""The inspector: a process with the parsers loaded, whose forks look into files.

A fork looks into one file and ends: no file meets what another left, nobody's what a stranger's did. The next fork is made
while nobody waits for it. The inspector reads requests from its standard input and writes answers to its standard output,
both JSON by the line. First it writes `{"sandbox"}`, the layers of its sandbox. Asked
`{"id", "path", "media_type", "max_pixels", "cpu_seconds", "seconds", "bytes"}`, it answers
`{"id", "finding", "why", "warnings"}`, or, when nothing became known of the file, `{"id", "failed", "signal"}`.

It ends with its input, or with status 1 when nobody reads its answers any more. Started with `python -m`, in an empty
environment; nothing else of the suite is loaded. It opens each file and hands on the descriptor: a fork can open nothing
by itself.
"""

from __future__ import annotations

import codecs
import errno
import gc
import io
import json
import math
import os
import resource
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import pikepdf
from PIL import Image

from services.documents.usecases.inspection import images, sandbox
from services.documents.usecases.inspection.findings import Finding, Notice, Verdict
from services.documents.usecases.inspection.images import inspect_image
from services.documents.usecases.inspection.pdf import inspect_pdf

_IN: Final = 0
_OUT: Final = 1
_MAX_LINE: Final = 8192
_MAX_WHY: Final = 80
_OPEN_FILES: Final = 16
MAX_WARNINGS: Final = 100
"""Of one file."""
_IMAGES: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}


def inspect(data: bytes, media_type: str, max_pixels: int) -> Verdict:
    """What is wrong with the file, if anything; an exception says nothing of the file."""
    images.prepare()
    if media_type in _IMAGES:
        return inspect_image(data, _IMAGES[media_type], max_pixels)
    return inspect_pdf(data)


def main() -> None:
    """Serve until the input ends."""
    _load_all()
    os.chdir("/")
    active = sandbox.isolate()
    gc.freeze()
    try:
        _Inspector().serve(active)
    except _NobodyReads:
        sys.exit(1)


def _load_all() -> None:
    """Look into a file of each kind: what parsers load when they are first used cannot be loaded in the sandbox."""
    Image.init()
    for encoding in ("cp437", "latin-1", "utf-16", "utf-32"):
        codecs.lookup(encoding)
    picture, document = Image.new("RGB", (8, 8)), pikepdf.new()
    document.add_blank_page()
    for format, media_type in (("JPEG", "image/jpeg"), ("PNG", "image/png")):
        picture.save(sample := io.BytesIO(), format)
        inspect(sample.getvalue(), media_type, 64)
    for encryption in (False, pikepdf.Encryption(owner="owner", user="")):
        document.save(sample := io.BytesIO(), encryption=encryption)
        inspect(sample.getvalue(), "application/pdf", 64)


# --- the inspector ----------------------------------------------------------------------------------------------


class _NobodyReads(Exception):
    """The suite is gone, or has given up this inspector."""


@dataclass(slots=True)
class _Fork:
    """A fork, the line to it, and the request that it has not answered."""

    line: socket.socket
    process: int
    request: int | None = None
    heard: bytes = b""


class _Inspector:
    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._input = b""
        self._forks: dict[int, _Fork] = {}
        self._spare: _Fork | None = None
        self._bytes = 0

    def serve(self, active: list[str]) -> None:
        self._selector.register(_IN, selectors.EVENT_READ)
        _write(_OUT, json.dumps({"sandbox": active}).encode() + b"\n")
        try:
            self._serve()
        finally:
            self._end()

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fd != _IN:
                    self._hear(self._forks[key.fd])
                elif not self._take():
                    return

    def _take(self) -> bool:
        """Pass on what is asked for; False at the end of the input."""
        got = os.read(_IN, 65536)
        *lines, self._input = (self._input + got).split(b"\n")
        for line in lines:
            self._pass_on(json.loads(line))
        return bool(got)

    def _pass_on(self, request: dict[str, Any]) -> None:
        try:
            file = os.open(request.pop("path"), os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as error:
            _tell(request["id"], {"failed": errno.errorcode.get(error.errno or 0, "OSError"), "signal": 0})
            return
        try:
            fork, self._spare, self._bytes = self._spare or self._fork(request["bytes"]), None, request["bytes"]
            fork.request = request["id"]
            socket.send_fds(fork.line, [json.dumps(request).encode() + b"\n"], [file])
        finally:
            os.close(file)

    def _fork(self, bytes: int) -> _Fork:
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            _work(bytes, theirs)
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
            if self._spare is None:
                self._spare = self._fork(self._bytes)

    def _bury(self, fork: _Fork) -> None:
        """A fork that has ended, or that does not speak as it should."""
        self._selector.unregister(fork.line)
        del self._forks[fork.line.fileno()]
        if fork is self._spare:
            self._spare = None
        fork.line.close()
        os.kill(fork.process, signal.SIGKILL)  # has no effect on one that has ended
        _, status = os.waitpid(fork.process, 0)
        if fork.request is not None:
            ended = os.waitstatus_to_exitcode(status)
            self._answer(fork, {"failed": "no answer", "signal": max(0, -ended)})

    def _answer(self, fork: _Fork, said: dict[str, Any]) -> None:
        if fork.request is not None:
            _tell(fork.request, said)
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
        if "failed" in said:
            return {"failed": str(said["failed"])[:_MAX_WHY], "signal": 0}
        finding = None if said["finding"] is None else Finding(said["finding"]).value
        warnings = [(Notice(notice).value, page and int(page)) for notice, page in said["warnings"][:MAX_WARNINGS]]
        return {"finding": finding, "why": str(said["why"])[:_MAX_WHY], "warnings": warnings}
    except (ValueError, KeyError, TypeError):
        return None


def _tell(request: int, said: dict[str, Any]) -> None:
    _write(_OUT, json.dumps({"id": request, **said}).encode() + b"\n")


# --- a fork -----------------------------------------------------------------------------------------------------


def _work(bytes: int, line: socket.socket) -> NoReturn:
    """The fork's whole life: one file."""
    try:
        _confine(bytes, line.fileno())
        message, files, _, _ = socket.recv_fds(line, _MAX_LINE, 1)
        if message:
            line.sendall(json.dumps(_look(json.loads(message), files[0])).encode() + b"\n")
    finally:
        os._exit(0)


def _look(request: dict[str, Any], file: int) -> dict[str, Any]:
    """Look into one file within its bounds of time; SIGXCPU or SIGALRM ends the fork at once."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used) + request["cpu_seconds"], resource.RLIM_INFINITY))
    signal.alarm(request["seconds"])
    try:
        verdict = inspect(_read(file), request["media_type"], request["max_pixels"])
    except MemoryError:
        verdict = Verdict(Finding.EXHAUSTED, "memory")
    except Exception as error:  # noqa: BLE001 - a parser stumbled in a way that says nothing of the file
        return {"failed": type(error).__name__}
    finally:
        signal.alarm(0)
    warnings = [(warning.notice.value, warning.page) for warning in verdict.warnings[:MAX_WARNINGS]]
    return {"finding": verdict.finding and verdict.finding.value, "why": verdict.why, "warnings": warnings}


def _read(file: int) -> bytes:
    with open(file, "rb", closefd=False) as opened:
        return opened.read()


def _confine(bytes: int, keep: int) -> None:
    """Bounds of memory, nothing to write to, none of the inspector's own descriptors, and then the sandbox."""
    resource.setrlimit(resource.RLIMIT_AS, (bytes, bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES + keep, _OPEN_FILES + keep))
    sandbox.confine()


def _write(descriptor: int, content: bytes) -> None:
    try:
        while content:
            content = content[os.write(descriptor, content) :]
    except BrokenPipeError:
        raise _NobodyReads from None


if __name__ == "__main__":
    main()
