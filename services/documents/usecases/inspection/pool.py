"""The suite's side of the inspection: one inspector process, started when first needed, replaced when it dies or hangs."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import structlog

import services
from services.chassis.telemetry.metrics import INSPECTIONS
from services.contracts.refusals import ErrorCode, RefusedError
from services.contracts.refusals.documents import (
    ACTIVE_CONTENT,
    CONTENT_MISMATCH,
    DAMAGED,
    ENCRYPTED,
    INSPECTION_UNAVAILABLE,
    PAGES_DO_NOT_FIT,
    TOO_COMPLEX,
)
from services.documents.domain.uploads import Rules, image_too_large
from services.documents.usecases.inspection.findings import Finding, Notice, Noticed, Task
from services.documents.usecases.inspection.scheduler import RETRY_SECONDS, Scheduler

log = structlog.get_logger()

START_SECONDS: Final = 30.0
TRIES: Final = 2
_MODULE: Final = "services.documents.usecases.inspection.worker"
_MAX_LINE: Final = 65536
# A fork that ended so has met its bounds, or what its parser cannot bear: files do that, and so may a machine, once.
_FILES_FAULT: Final = frozenset(
    {signal.SIGXCPU, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP}
)
_REFUSALS: Final[Mapping[Finding, ErrorCode]] = {
    Finding.MISMATCH: CONTENT_MISMATCH,
    Finding.ENCRYPTED: ENCRYPTED,
    Finding.DAMAGED: DAMAGED,
    Finding.ACTIVE: ACTIVE_CONTENT,
    Finding.EXHAUSTED: TOO_COMPLEX,
}
_PAID_BY_FILE: Final = 1
"""Seconds, of the processor and by the wall, that each file of an assembly adds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that becomes pages of a PDF; `is_ready` says of a photo that it was made by `photo`."""

    path: Path
    media_type: str
    is_ready: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of files, and what their owner had better look at."""

    content: bytes
    warnings: tuple[Noticed, ...]
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an inspection may take: processor and wall-clock seconds, bytes of address space, seconds of waiting in line.

    `quick_seconds` of the processor are what a file gets before those that take longer must wait for each other.
    An answer is waited for `margin` seconds longer than a fork may live.
    """

    at_once: int
    cpu_seconds: int
    seconds: int
    bytes: int
    queue_seconds: float
    margin: float = 5.0
    quick_seconds: int = 1


class InspectorGone(Exception):
    """The inspector died or fell silent before it answered."""


@dataclass(slots=True)
class _Inspector:
    """One inspector process and the requests that it has not answered."""

    process: Process
    requests: asyncio.StreamWriter
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    listening: asyncio.Task[None] | None = None
    sandbox: tuple[str, ...] = ()
    gone: bool = False


class Inspectors:
    """Inspects files: so many at once, one of each person's, slow ones behind each other.

    Thus files that are slow to look into, however many people send them, leave room for everybody else's.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._turns = Scheduler(bounds.at_once, bounds.queue_seconds)
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._inspector: _Inspector | None = None
        self._closed = False

    @property
    def sandbox(self) -> tuple[str, ...]:
        """The layers of the running inspector's sandbox, empty before there is one."""
        return () if self._inspector is None else self._inspector.sandbox

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """While open, an inspector may run; none does before the first file."""
        try:
            yield
        finally:
            await self._stop()

    async def inspect(self, path: Path, media_type: str, rules: Rules, person: str) -> tuple[Noticed, ...]:
        """Look into a file of this person's; what it had better look at, though the file is good.

        Raises CONTENT_MISMATCH, ENCRYPTED, DAMAGED, ACTIVE_CONTENT, IMAGE_TOO_LARGE; TOO_COMPLEX for a file that takes more
        than its bounds, or twice ends its inspector; INSPECTION_UNAVAILABLE when nothing became known of it; BUSY after too
        long a wait.
        """
        return (await self._make(Task.INSPECT, _of_file(path, media_type, rules), rules, person)).warnings

    async def photo(self, path: Path, media_type: str, rules: Rules, person: str) -> Made:
        """Look into a photo, and make of it the JPEG that waits to be assembled; raises as `inspect`."""
        return await self._make(Task.PHOTO, _of_file(path, media_type, rules), rules, person)

    async def assemble(self, parts: Sequence[Part], rules: Rules, person: str) -> bytes:
        """One PDF of at most `rules.max_bytes`; raises PAGES_DO_NOT_FIT, and otherwise as `inspect`."""
        request = {
            "paths": [str(part.path.absolute()) for part in parts],
            "media_types": [part.media_type for part in parts],
            "ready": [part.is_ready for part in parts],
            "max_bytes": rules.max_bytes,
        }
        return (await self._make(Task.ASSEMBLE, request, rules, person)).content

    async def paper(self, template: str, data: Path, rules: Rules, person: str) -> bytes:
        """The PDF of a template, with the data of a file (JSON); raises INSPECTION_UNAVAILABLE, TOO_COMPLEX, BUSY."""
        request = {**_of_file(data, "application/json", rules), "template": template}
        return (await self._make(Task.PAPER, request, rules, person)).content

    async def dossier(self, data: Path, pieces: Sequence[tuple[int, Path, str]], rules: Rules, person: str) -> bytes:
        """The PDF of a whole file: a cover with the data of a file (JSON), and pieces, each with the number of its item
        on the cover, its file and its type; what cannot be read of them is left out. Raises as `paper` does.
        """
        request = {
            "paths": [str(path.absolute()) for path in (data, *(path for _, path, _ in pieces))],
            "media_types": ["application/json", *(media_type for _, _, media_type in pieces)],
            "items": [item for item, _, _ in pieces],
        }
        return (await self._make(Task.DOSSIER, request, rules, person)).content

    async def fragment(self, path: Path, item: int, rules: Rules, person: str, *, files: int = 1) -> bytes:
        """A PDF that was made here of so many files as objects of a larger one, whose bookmark is object `item`
        (`fragment.py`); it takes no more than making it did. Raises as `inspect` does.
        """
        request = {**_of_file(path, "application/pdf", rules), "item": item, **_bounded(self._bounds, files)}
        return (await self._make(Task.FRAGMENT, request, rules, person)).content

    async def preview(self, path: Path, media_type: str, page: int, rules: Rules, person: str) -> Made:
        """A JPEG of a page, from 1, empty where there is none of that number, and how many pages there are; 0 counts them
        alone. Raises as `inspect` does.
        """
        return await self._make(Task.PREVIEW, {**_of_file(path, media_type, rules), "page": page}, rules, person)

    async def _make(self, task: Task, request: Mapping[str, Any], rules: Rules, person: str) -> Made:
        answer = await self._answer(
            {"task": task.value, **_bounded(self._bounds, len(request["paths"])), **request}, person
        )
        if "finding" not in answer:
            INSPECTIONS.labels(INSPECTION_UNAVAILABLE.name).inc()
            log.error("inspection.failed", why=answer["failed"], signal=answer["signal"])
            raise INSPECTION_UNAVAILABLE(retry_after=RETRY_SECONDS)
        if answer["finding"] is None:
            INSPECTIONS.labels("clean").inc()
            warnings = tuple(Noticed(Notice(notice), page, dpi) for notice, page, dpi in answer["warnings"])
            return Made(answer["content"], warnings, answer["pages"])
        finding = Finding(answer["finding"])
        INSPECTIONS.labels(finding.value).inc()
        log.info("inspection.refused", finding=finding.value, why=answer.get("why"), signal=answer.get("signal"))
        raise _refusal(finding, rules)

    async def _answer(self, request: Mapping[str, Any], person: str) -> dict[str, Any]:
        """What becomes known of the file, first in a quick turn; one that ends its inspector gets a second look."""
        async with self._turns.own(person):
            looked = not self._turns.is_slow(person)
            if looked and not _is_exhausted(answer := await self._ask_quickly(request, person)):
                return answer
            async with self._turns.slow():
                answer = await self._ask(request)
                if not looked and _is_exhausted(answer) and answer.get("signal") != signal.SIGXCPU:
                    answer = await self._ask(request)
        return {**answer, "finding": Finding.EXHAUSTED.value} if _is_exhausted(answer) else answer

    async def _ask_quickly(self, request: Mapping[str, Any], person: str) -> dict[str, Any]:
        async with self._turns.quick():
            answer = await self._ask(
                {**request, "cpu_seconds": min(self._bounds.quick_seconds, request["cpu_seconds"])}
            )
        if answer.get("signal") == signal.SIGXCPU:
            self._turns.call_slow(person)
        return answer

    async def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        for _ in range(TRIES):
            try:
                return await self._ask_once(request)
            except (InspectorGone, OSError) as error:
                log.warning("inspection.worker-gone", error=type(error).__name__)
        INSPECTIONS.labels(INSPECTION_UNAVAILABLE.name).inc()
        raise INSPECTION_UNAVAILABLE(retry_after=RETRY_SECONDS)

    async def _ask_once(self, request: Mapping[str, Any]) -> dict[str, Any]:
        inspector = await self._running()
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        inspector.waiting[number] = answer
        try:
            inspector.requests.write(json.dumps({"id": number, **request}).encode() + b"\n")
            async with asyncio.timeout(request["seconds"] + self._bounds.margin):
                return await answer
        except TimeoutError:
            _kill(inspector)
            raise InspectorGone from None
        finally:
            inspector.waiting.pop(number, None)

    async def _running(self) -> _Inspector:
        async with self._starting:
            if self._closed:
                raise InspectorGone
            if self._inspector is None or self._inspector.gone:
                self._inspector = await _start()
            return self._inspector

    async def _stop(self) -> None:
        self._closed = True
        async with self._starting:
            inspector, self._inspector = self._inspector, None
        if inspector is not None:
            _kill(inspector)
            await inspector.process.wait()
            if inspector.listening is not None:
                await inspector.listening


def _is_exhausted(answer: Mapping[str, Any]) -> bool:
    return answer.get("signal") in _FILES_FAULT or answer.get("finding") == Finding.EXHAUSTED.value


def _of_file(path: Path, media_type: str, rules: Rules) -> dict[str, Any]:
    # The path is absolute, since the inspector stands elsewhere.
    return {"paths": [str(path.absolute())], "media_types": [media_type], "max_pixels": rules.max_pixels}


def _bounded(bounds: Bounds, files: int) -> dict[str, int]:
    more = _PAID_BY_FILE * (files - 1)
    return {"cpu_seconds": bounds.cpu_seconds + more, "seconds": bounds.seconds + more, "bytes": bounds.bytes}


async def _start() -> _Inspector:
    """A process that has said that it is ready; raises InspectorGone, OSError."""
    root = str(Path(services.__file__).parents[1])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", _MODULE),
        stdin=PIPE,
        stdout=PIPE,
        limit=_MAX_LINE,
        cwd=root,
        env={},
        close_fds=True,
        start_new_session=True,
    )
    requests, answers = cast("asyncio.StreamWriter", process.stdin), cast("asyncio.StreamReader", process.stdout)
    inspector = _Inspector(process, requests)
    try:
        async with asyncio.timeout(START_SECONDS):
            if not (ready := await answers.readline()):
                raise InspectorGone
            inspector.sandbox = tuple(json.loads(ready)["sandbox"])
            log.info("inspection.worker-started", sandbox=inspector.sandbox)
    except BaseException as error:
        _kill(inspector)
        await process.wait()
        if isinstance(error, TimeoutError):
            raise InspectorGone from None
        raise
    inspector.listening = asyncio.create_task(_listen(inspector, answers))
    return inspector


async def _listen(inspector: _Inspector, answers: asyncio.StreamReader) -> None:
    """Give answers to those who wait for them; when there will be none any more, tell those who still wait."""
    try:
        while line := await answers.readline():
            answer = json.loads(line)
            answer["content"] = await answers.readexactly(answer["made"])
            future = inspector.waiting.get(answer["id"])
            if future is not None and not future.done():
                future.set_result(answer)
    except (ValueError, LookupError, TypeError, EOFError) as error:
        log.error("inspection.unreadable-answer", error=type(error).__name__)
    finally:
        _kill(inspector)
        await inspector.process.wait()
        for future in inspector.waiting.values():
            if not future.done():
                future.set_exception(InspectorGone())


def _kill(inspector: _Inspector) -> None:
    """The inspector and its forks: they are a process group of their own."""
    inspector.gone = True
    with suppress(ProcessLookupError):
        os.killpg(inspector.process.pid, signal.SIGKILL)


def _refusal(finding: Finding, rules: Rules) -> RefusedError:
    if finding is Finding.TOO_MANY_PIXELS:
        return image_too_large(rules)
    return PAGES_DO_NOT_FIT(max_bytes=rules.max_bytes) if finding is Finding.UNFIT else _REFUSALS[finding]()
