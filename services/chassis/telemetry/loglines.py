"""Lines of the log, gathered while a loop runs: a system call for each would hold up everybody's requests."""

from __future__ import annotations

import asyncio
import atexit
import json
import threading
from collections import Counter
from contextvars import Context
from typing import Any, Final, TextIO

import structlog

GATHERING_SECONDS: Final = 0.05
MAX_GATHERED: Final = 64 * 1024
"""Characters at which what is gathered is written at once."""


class GatheringLogger:
    """A logger of structlog: writes lines together, at the latest after GATHERING_SECONDS.

    Warnings and worse take along all that came before them, at once. Without a loop in the thread each line is written at
    once. Lost are lines that are still gathered at a power failure or SIGKILL, and those that the stream does not take, as
    on a full disk: nobody's work fails for them, and how many may be missing is told as soon as it takes some again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._characters = 0
        self._lost = 0
        self._timer: asyncio.TimerHandle | None = None
        self._lock = threading.RLock()  # threads tell of their work, too
        atexit.register(self.write_out)

    def info(self, line: str) -> None:
        """Keep a line, to be written soon."""
        loop = _running_loop()
        with self._lock:
            self._lines.append(line)
            self._characters += len(line)
            if loop is None or self._characters >= MAX_GATHERED:
                self.write_out()
            elif self._timer is None:
                self._timer = loop.call_later(GATHERING_SECONDS, self.write_out)

    def warning(self, line: str) -> None:
        """Write a line now, behind those before it."""
        self.info(line)
        self.write_out()

    msg = debug = info
    error = critical = fatal = exception = warn = failure = log = warning

    def write_out(self) -> None:
        """Write what is gathered."""
        with self._lock:
            self._timer = None
            lines, self._lines, self._characters = self._lines, [], 0
            if not lines:
                return
            told = [json.dumps({"event": "log.lost", "lines": self._lost, "level": "error"})] if self._lost else []
            try:
                self._stream.write("\n".join([*told, *lines, ""]))
                self._stream.flush()
            except OSError:
                self._lost += len(lines)
            else:
                self._lost = 0


class Sampled:
    """Tells of what anybody can cause as often as he likes: the first of a kind in a second, then how many more there were.

    Without a loop in the thread every one is told.
    """

    SECONDS: Final = 1.0
    MOST_KINDS: Final = 1024
    """Kinds told apart within a second; of more, every one is told."""

    def __init__(self, event: str) -> None:
        self._log = structlog.get_logger()
        self._event = event
        self._more: Counter[tuple[tuple[str, Any], ...]] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, **kind: Any) -> None:
        """Tell of one; `kind` is all that the line holds, beside what is bound to the context."""
        loop = _running_loop()
        mark = tuple(kind.items())
        if loop is not None and mark in self._more:
            self._more[mark] += 1
            return
        self._log.info(self._event, **kind)
        if loop is not None and len(self._more) < self.MOST_KINDS:
            self._more[mark] = 0
            if self._timer is None:
                self._timer = loop.call_later(self.SECONDS, self.count, context=Context())

    def count(self) -> None:
        """Say how many more of each kind there were, and begin anew."""
        more, self._timer = self._more, None
        self._more = Counter()
        for mark, count in more.items():
            if count:
                self._log.info(self._event, **dict(mark), more=count)


class GatheringLoggerFactory:
    """Gives every module the one logger of the process, so that lines keep their order."""

    def __init__(self, stream: TextIO) -> None:
        self._logger = GatheringLogger(stream)

    def __call__(self, *_: Any) -> GatheringLogger:
        return self._logger


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
