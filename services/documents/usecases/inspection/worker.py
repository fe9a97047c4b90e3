"""The inspector: a process with the parsers loaded, whose forks look into files.

A fork does one task and ends: no file meets what another left, nobody's what a stranger's did. The next fork is made
while nobody waits for it. The inspector reads requests from its standard input and writes answers to its standard output,
both JSON by the line. First it writes `{"sandbox"}`, the layers of its sandbox. Asked
`{"id", "task", "paths", "media_types", "cpu_seconds", "seconds", "bytes"}` and what else the task needs (`tasks.py`), it
answers `{"id", "finding", "why", "warnings", "pages", "made"}` and behind the line the bytes that were made, `made` of
them; or, when nothing became known of the files, `{"id", "failed", "signal", "made": 0}`.

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
import os
import selectors
import signal
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf
from PIL import Image

from services.documents.usecases.inspection import papers, sandbox
from services.documents.usecases.inspection.assembling import Part, assemble
from services.documents.usecases.inspection.findings import Finding, Notice
from services.documents.usecases.inspection.fork import MAX_LINE, MAX_WARNINGS, work
from services.documents.usecases.inspection.preview import COUNT, preview
from services.documents.usecases.inspection.tasks import inspect, photo

_IN: Final = 0
_OUT: Final = 1
_MAX_WHY: Final = 80
_READ: Final = 65536
_MAX_PAGES: Final = 100_000
MAX_MADE: Final = 64 * 2**20
"""Bytes that a fork may make."""


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
    papers.prepare()
    Image.init()
    for encoding in ("cp437", "latin-1", "utf-16", "utf-32"):
        codecs.lookup(encoding)
    picture, document = Image.new("RGB", (8, 8)), pikepdf.new()
    page = document.add_blank_page()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    page.obj.Contents = document.make_stream(b"BT /F 12 Tf 9 9 Td (Parvis) Tj ET")
    made = b""
    for format, media_type in (("JPEG", "image/jpeg"), ("PNG", "image/png")):
        picture.save(sample := io.BytesIO(), format)
        inspect(sample.getvalue(), media_type, 64)
        made = photo(sample.getvalue(), media_type, 64).made
    for encryption in (False, pikepdf.Encryption(owner="owner", user="")):
        document.save(sample := io.BytesIO(), encryption=encryption)
        inspect(sample.getvalue(), "application/pdf", 64)
        for number in (COUNT, 1):
            preview(sample.getvalue(), "application/pdf", number)
        assemble([Part(sample.getvalue(), "application/pdf"), Part(made, "image/jpeg")], 2**20)


# --- the inspector ----------------------------------------------------------------------------------------------


class _NobodyReads(Exception):
    """The suite is gone, or has given up this inspector."""


@dataclass(slots=True)
class _Fork:
    """A fork, the line to it, and the request that it has not answered."""

    line: socket.socket
    process: int
    request: int | None = None
    heard: bytearray = field(default_factory=bytearray)


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
        with ExitStack() as opened:
            try:
                files = [_open(path, opened) for path in request.pop("paths")]
            except OSError as error:
                why = errno.errorcode.get(error.errno or 0, "OSError")
                _tell(request["id"], {"failed": why, "signal": 0, "made": 0})
                return
            fork, self._spare, self._bytes = self._spare or self._fork(request["bytes"]), None, request["bytes"]
            fork.request = request["id"]
            socket.send_fds(fork.line, [json.dumps(request).encode() + b"\n"], files)

    def _fork(self, bytes: int) -> _Fork:
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            work(bytes, theirs)
        theirs.close()
        fork = self._forks[ours.fileno()] = _Fork(ours, process)
        self._selector.register(ours, selectors.EVENT_READ)
        return fork

    def _hear(self, fork: _Fork) -> None:
        got = _receive(fork.line)
        fork.heard += got
        if not got or fork.request is None:
            self._bury(fork)
            return
        end = fork.heard.find(b"\n", 0, MAX_LINE)
        if end < 0 and len(fork.heard) < MAX_LINE:
            return
        said, made = _said(fork.heard[: end + 1]), len(fork.heard) - end - 1
        if said is None or made > said["made"]:
            self._bury(fork)
        elif made == said["made"]:
            self._answer(fork, said, fork.heard[end + 1 :])
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
            self._answer(fork, {"failed": "no answer", "signal": max(0, -ended), "made": 0})

    def _answer(self, fork: _Fork, said: dict[str, Any], made: bytes | bytearray = b"") -> None:
        if fork.request is not None:
            _tell(fork.request, said)
            _write(_OUT, made)
        fork.request, fork.heard = None, bytearray()

    def _end(self) -> None:
        for fork in self._forks.values():
            os.kill(fork.process, signal.SIGKILL)


def _receive(line: socket.socket) -> bytes:
    try:
        return line.recv(_READ)
    except ConnectionError:
        return b""


def _open(path: str, opened: ExitStack) -> int:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
    opened.callback(os.close, file)
    return file


def _said(line: bytes | bytearray) -> dict[str, Any] | None:
    """What a fork has found, or None if that is no answer: a fork may have been taken over by what it looked into."""
    try:
        said = json.loads(line)
        if "failed" in said:
            return {"failed": str(said["failed"])[:_MAX_WHY], "signal": 0, "made": 0}
        made = int(said["made"])
        if not 0 <= made <= MAX_MADE:
            return None
        finding = None if said["finding"] is None else Finding(said["finding"]).value
        warnings = [
            (Notice(notice).value, page and int(page), None if dpi is None else max(0, int(dpi)))
            for notice, page, dpi in said["warnings"][:MAX_WARNINGS]
        ]
        why, pages = str(said["why"])[:_MAX_WHY], min(max(0, int(said["pages"])), _MAX_PAGES)
        return {"finding": finding, "why": why, "warnings": warnings, "pages": pages, "made": made}
    except (ValueError, KeyError, TypeError):
        return None


def _tell(request: int, said: dict[str, Any]) -> None:
    _write(_OUT, json.dumps({"id": request, **said}).encode() + b"\n")


def _write(descriptor: int, content: bytes | bytearray) -> None:
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except BrokenPipeError:
        raise _NobodyReads from None


if __name__ == "__main__":
    main()
