"""Threads that hold the connections to a sqlite file, so that no read and no sync stops the loop."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections import deque
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from traceback import clear_frames
from typing import Any, Final, Generic, TypeVar

from services.chassis.fsync import make_folder
from services.chassis.ports import StoreUnavailable
from services.chassis.store.files import make_private, uri

T = TypeVar("T")

ANSWER_WITHIN: Final = 10.0
"""Seconds after which a caller is told that the store is unavailable."""

MAX_WAITING: Final = 1024
"""Jobs of one lane that wait or run; further callers wait for room, ANSWER_WITHIN at most."""

_MAX_BATCH: Final = 256

_SWITCH_SECONDS: Final = 0.0005
"""How long a busy loop may keep the interpreter from a thread that has its answer from the disk; Python says 5 ms."""

_BUSY_SECONDS: Final = 5.0


class _Job(Generic[T]):
    __slots__ = ("error", "future", "loop", "quick", "result", "work")

    def __init__(
        self, work: Callable[[sqlite3.Connection], T], loop: asyncio.AbstractEventLoop, *, quick: bool
    ) -> None:
        self.work = work
        self.quick = quick
        self.loop = loop
        self.future: asyncio.Future[T] = loop.create_future()
        self.result: T | None = None
        self.error: BaseException | None = None

    def give_up(self, after: float) -> None:
        """Let the caller wait no longer."""
        if not self.future.done():
            self.future.set_exception(StoreUnavailable(f"no answer within {after:g} s"))


class _Watch:
    """Has the jobs of one loop give up in time, by one timer for all: one for each would cost as much as the job."""

    def __init__(self, loop: asyncio.AbstractEventLoop, within: float) -> None:
        self.loop = loop
        self._within = within
        self._jobs: deque[tuple[float, _Job[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def over(self, job: _Job[Any]) -> None:
        while self._jobs and self._jobs[0][1].future.done():
            self._jobs.popleft()
        self._jobs.append((self.loop.time() + self._within, job))
        if self._timer is None:
            self._timer = self.loop.call_later(self._within, self._look)

    def _look(self) -> None:
        self._timer = None
        while self._jobs:
            until, job = self._jobs[0]
            if not job.future.done() and until > self.loop.time():
                self._timer = self.loop.call_at(until, self._look)
                return
            job.give_up(self._within)
            self._jobs.popleft()


class ConnectionExecutor:
    """Jobs on one sqlite file, done in turn by its threads; a lane that writes commits in groups.

    A group is what has come in while the last one was being made durable: one transaction, one sync,
    each job's own failure told to its caller alone. Such a lane has one thread.
    """

    def __init__(
        self, path: Path, *, threads: int, writes: bool, timeout: float = ANSWER_WITHIN, read_only: bool = False
    ) -> None:
        """`read_only`: the file is there, and not even opened for writing."""
        self._path = path
        self._read_only = read_only
        self._timeout = timeout
        self._writes = writes
        self._jobs: SimpleQueue[list[_Job[Any]] | None] = SimpleQueue()
        self._gathered: list[_Job[Any]] = []
        self._room = asyncio.Semaphore(MAX_WAITING)
        self._closed = False
        self._watch: _Watch | None = None
        role = "writer" if writes else "reader"
        self._threads = [
            Thread(target=self._serve, name=f"{path.stem}-{role}-{n}", daemon=True) for n in range(threads)
        ]

    async def run(
        self, work: Callable[[sqlite3.Connection], T], *, within: float | None = None, quick: bool = False
    ) -> T:
        """Have `work` done on a connection; sqlite's errors become StoreUnavailable, others are raised.

        `quick` says that it takes no longer than waking a thread.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, quick=quick)
        await self._find_room(within or self._timeout)
        if self._threads[0].ident is None:
            self._start()
        late = self._watch_over(job, within)
        try:
            if quick or self._writes:
                self._gather(job)
            else:
                self._jobs.put([job])
            return await job.future
        finally:
            if late is not None:
                late.cancel()

    def _gather(self, job: _Job[Any]) -> None:
        """Hand a job over with those that come in the same turn of the loop: waking a thread costs more than the job."""
        if not self._gathered or self._gathered[0].loop is not job.loop:
            self._hand_over()
            job.loop.call_soon(self._hand_over)
        self._gathered.append(job)

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        for start in range(0, len(gathered), _MAX_BATCH):
            self._jobs.put(gathered[start : start + _MAX_BATCH])

    def _watch_over(self, job: _Job[Any], within: float | None) -> asyncio.TimerHandle | None:
        if within is not None:
            return job.loop.call_later(within, job.give_up, within)
        if self._watch is None or self._watch.loop is not job.loop:
            self._watch = _Watch(job.loop, self._timeout)
        self._watch.over(job)
        return None

    async def _find_room(self, within: float) -> None:
        if self._room.locked():
            try:
                async with asyncio.timeout(within):
                    await self._room.acquire()
            except TimeoutError:
                raise StoreUnavailable(f"no answer within {within:g} s") from None
        else:
            await self._room.acquire()  # at once; a timeout costs as much as all the rest
        if self._closed:
            self._room.release()
            raise StoreUnavailable("closed")

    async def close(self) -> None:
        """Do what is queued, then end the threads."""
        if self._closed:
            return
        self._closed = True
        self._hand_over()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            if thread.is_alive():
                await asyncio.to_thread(thread.join)

    def _start(self) -> None:
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_SECONDS))
        for thread in self._threads:
            thread.start()

    def _settle(self, jobs: list[_Job[Any]]) -> None:
        for job in jobs:
            self._room.release()
            if job.future.done():
                continue  # the caller has given up
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)

    # --- what runs in the threads --------------------------------------------------------------------------

    def _serve(self) -> None:
        connection: sqlite3.Connection | None = None
        while jobs := self._take():
            for group in [jobs] if self._writes else _by_pace(jobs):
                try:
                    connection = connection or self._connect()
                    if self._writes:
                        _commit(connection, group)
                    else:
                        _read(connection, group)
                except (sqlite3.Error, OSError) as error:
                    for job in group:
                        job.error = _unavailable(error)
                    if connection is not None:
                        connection.close()
                        connection = None
                for loop, settled in groupby(group, key=attrgetter("loop")):
                    if not loop.is_closed():
                        loop.call_soon_threadsafe(self._settle, list(settled))
        if connection is not None:
            connection.close()

    def _take(self) -> list[_Job[Any]]:
        """Wait for jobs, then take all that have gathered, but nothing behind a slow question; nothing at the end."""
        jobs = self._jobs.get()
        if jobs is None:
            return []
        taken = jobs
        while len(taken) < _MAX_BATCH and (self._writes or taken[-1].quick):
            try:
                jobs = self._jobs.get_nowait()
            except Empty:
                break
            if jobs is None:
                self._jobs.put(None)
                break
            taken.extend(jobs)
        return taken

    def _connect(self) -> sqlite3.Connection:
        if not self._read_only:
            make_folder(self._path.parent)
            make_private(self._path)  # sqlite would let everybody read it
        connection = sqlite3.connect(
            uri(self._path, "ro" if self._read_only else "rw"),
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            cached_statements=256,
        )
        try:
            if not self._read_only:
                _durable(connection)
            connection.execute("PRAGMA cache_size = -8000")
            if self._read_only or not self._writes:
                connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _durable(connection: sqlite3.Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"journal mode is {mode}, not wal")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased must not lie on in free pages
    connection.execute("PRAGMA journal_size_limit = 67108864")


def _commit(connection: sqlite3.Connection, batch: list[_Job[Any]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for job in batch:
        _perform(connection, job)
        if not connection.in_transaction:
            raise sqlite3.OperationalError("the transaction was rolled back")
    connection.execute("COMMIT")


def _by_pace(jobs: list[_Job[Any]]) -> list[list[_Job[Any]]]:
    """Quick questions are answered together, and not only when a slow one behind them is."""
    quick = [job for job in jobs if job.quick]
    return [group for group in (quick, jobs[len(quick) :]) if group]


def _read(connection: sqlite3.Connection, batch: list[_Job[Any]]) -> None:
    for job in batch:
        _perform(connection, job)


def _perform(connection: sqlite3.Connection, job: _Job[Any]) -> None:
    try:
        job.result = _outcome(connection, job)
    except sqlite3.Error as error:
        job.error = _unavailable(error)
    except Exception as error:  # noqa: BLE001 - handed to the caller, as a future does
        _let_go(error)
        job.error = error


def _outcome(connection: sqlite3.Connection, job: _Job[T]) -> T:
    result = job.work(connection)
    if isinstance(result, sqlite3.Cursor):
        raise TypeError(f"a {type(result).__name__} is of its connection's thread alone")
    return result


def _let_go(error: BaseException) -> None:
    """Free what the frames of a failure hold while no other job runs.

    A cursor that is freed resets its statement, which the connection keeps and gives to the next who asks the same:
    freed on the loop's thread it does so in the midst of another job, which then fails as SQLITE_MISUSE.
    """
    seen: BaseException | None = error
    while seen is not None:
        clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__


def _unavailable(error: Exception) -> StoreUnavailable:
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return StoreUnavailable(f"{name}: {error}")
