"""A fork of the inspector: bounded, without a way out, it does one task with one person's files, and ends."""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from services.documents.usecases.inspection import sandbox
from services.documents.usecases.inspection.findings import Finding, Verdict
from services.documents.usecases.inspection.tasks import perform

MAX_LINE: Final = 8192
"""Bytes of a request, and of what is said of it beside what was made."""
MAX_FILES: Final = 41
"""Files of one request: as many as a programme asks for, and what their cover says."""
MAX_WARNINGS: Final = 100
"""Of one request."""

_OPEN_FILES: Final = 16 + MAX_FILES


def work(bytes: int, line: socket.socket) -> NoReturn:
    """The fork's whole life. It says a line of JSON, whose `made` is how many bytes follow it."""
    try:
        confine(bytes, line.fileno())
        message, files, _, _ = socket.recv_fds(line, MAX_LINE, MAX_FILES)
        if message:
            said, made = _perform(json.loads(message), files)
            line.sendall(json.dumps(said).encode() + b"\n" + made)
    finally:
        os._exit(0)


def _perform(request: Mapping[str, Any], files: Sequence[int]) -> tuple[dict[str, Any], bytes]:
    """Do the task within its bounds of time; SIGXCPU or SIGALRM ends the fork at once."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used) + request["cpu_seconds"], resource.RLIM_INFINITY))
    signal.alarm(request["seconds"])
    try:
        verdict = perform(request, [_read(file) for file in files])
    except MemoryError:
        verdict = Verdict(Finding.EXHAUSTED, "memory")
    except Exception as error:  # noqa: BLE001 - a parser stumbled in a way that says nothing of the file
        return {"failed": type(error).__name__}, b""
    finally:
        signal.alarm(0)
    warnings = [(warning.notice.value, warning.page, warning.dpi) for warning in verdict.warnings[:MAX_WARNINGS]]
    said = {"finding": verdict.finding and verdict.finding.value, "why": verdict.why, "warnings": warnings}
    return {**said, "pages": verdict.pages, "made": len(verdict.made)}, verdict.made


def _read(file: int) -> bytes:
    with open(file, "rb", buffering=0, closefd=False) as opened:
        return opened.readall()


def confine(bytes: int, keep: int) -> None:
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
