"""The work of one kind: whichever process is free makes it, one after the other, and it goes with its day and its person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Generic

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.inbox import NotYet
from services.chassis.failpoints import failpoint
from services.chassis.ports import Clock, DuplicateKey, Ids, Objects, PortError, TooLarge
from services.chassis.ports import Document as Row
from services.chassis.store.rows import each_of
from services.chassis.telemetry.supervisor import task_group
from services.chassis.work.repository import WorkRepository
from services.contracts import work
from services.contracts.refusals import BUSY, NOT_FOUND, ErrorCode, RefusedError
from services.contracts.work import KEPT, LEASE, W, WorkState

log = structlog.get_logger()

BEAT: Final = LEASE.total_seconds() / 3
"""Seconds after which a worker says that it is still at it, whatever it is doing."""
STRAYING: Final = timedelta(hours=1)
"""Beyond which, once nobody can have work any more, its bytes are not on their way either."""
MAX_TRIES: Final = 20

Tell = Callable[[int, int | None], Awaitable[None]]
"""Says how much is done, of how much where that is not known from the beginning."""


class LostError(Exception):
    """Another worker is at it, or nobody wants it any more."""


class GivenUpError(Exception):
    """It cannot be made: the `reason` as a word of our own, and what else is `said` of it."""

    def __init__(self, reason: str, **said: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.said = said


class RightsUnknownError(Exception):
    """Its person may act, and it was not told yet what they may see."""


@dataclass(frozen=True, slots=True)
class Background(Generic[W]):
    """The work of one kind, which `asked` wakes who makes; its bytes stand in a folder of its collection's name.

    Backups leave that folder out. The third part of each key there is the attempt, so that of two workers none takes away
    what the other writes.
    """

    repository: WorkRepository[W]
    objects: Objects
    clock: Clock
    ids: Ids
    asked: asyncio.Event

    @property
    def name(self) -> str:
        """What the kind is called in lines of the log, and its folder."""
        return self.repository.collection.name

    async def ask(
        self,
        account: str,
        begin: Callable[[str], Awaitable[W]],
        command: CommandContext,
        *,
        too_many: ErrorCode,
        full: ErrorCode,
        named: str | None = None,
    ) -> Versioned[W]:
        """Have work done; `begin` makes it of its id once there is room. Raises what that does, `too_many`, `full`, BUSY,
        KEY_REUSED; DuplicateKey where it has a name, and some is called so.
        """
        command, asked, id = replace(command, personal=False, expected=None), None, named or self.ids.new()
        for _ in range(MAX_TRIES):
            own = await self.repository.own(account)
            for saved in own:
                if (known := self.repository.repeated(saved, command)) is not None:
                    return known.saved
            slots = set(range(self.repository.max_each)) - {saved.state.slot for saved in own}
            if not slots:
                raise too_many(limit=self.repository.max_each)
            places = set(range(self.repository.max_all)) - await self.repository.places()
            if not places:
                raise full(limit=self.repository.max_all, retry_after=300)
            asked = asked or await begin(id)
            placed = replace(asked, slot=min(slots), place=min(places), due_at=command.now)
            try:
                outcome = await self.repository.add(id, Decision(placed), command)
            except DuplicateKey as error:
                if named is not None and error.index == "_id":
                    raise
                continue  # somebody was faster
            self.asked.set()
            return outcome.saved
        raise BUSY(retry_after=1)

    async def make_next(
        self,
        make: Callable[[Versioned[W], Tell], Awaitable[Mapping[str, Any]]],
        command: CommandContext,
        *,
        beat: float = BEAT,
    ) -> int:
        """Have made what comes next, and what was made of it kept; answer whether there was any. Raises PortError where the
        world did not.

        What is wrong with one piece of work is told of and is that one's end, at the last attempt.
        """
        self.asked.clear()
        found = await self.repository.due(command.now)
        if found is None:
            return 0
        id, holder = found.id, self.ids.new()
        claimed = await self.change(id, command, lambda there: work.claim(there, holder, command.now))
        if claimed is None or claimed.state.holder != holder:
            if claimed is not None and claimed.state.state is WorkState.FAILED:
                await self.clear(id)
            return 1
        failpoint("work.claimed")
        try:
            await self._make(make, claimed, command, beat)
        except LostError:
            pass
        except TooLarge:
            await self._give_up(claimed, command, "too-large")
        except GivenUpError as end:
            await self._give_up(claimed, command, end.reason, **end.said)
        except PortError:
            await self._defer(claimed, command, wasted=True)
            raise
        except (RefusedError, RightsUnknownError) as error:
            if isinstance(error, RightsUnknownError):
                log.warning("work.rights-unknown", service=self.repository.service, work=self.name, id=id)
            await self._defer(claimed, command, wasted=True)
        except Exception as error:  # noqa: BLE001 - whatever one piece does to its work, the others are made
            # Its type alone: what it says may hold what was looked for, or what is in files.
            log.error("work.broken", service=self.repository.service, work=self.name, id=id, error=type(error).__name__)
            await self._defer(claimed, command, wasted=False)
        else:
            return 1
        await self.clear(id, claimed.state.attempts)
        return 1

    async def change(self, id: str, command: CommandContext, decide: Callable[[W], W]) -> Versioned[W] | None:
        """Change work, whatever it was that caused it; None if there is none such."""
        outcome = await self.repository.change(id, lambda there: Decision(decide(there)), command.by_itself())
        return None if outcome is None else outcome.saved

    async def let_go(self, account: str, id: str, command: CommandContext) -> None:
        """Take work away, done or not; raises NOT_FOUND, BUSY."""
        saved = await self.repository.of(account, id)
        if saved is None:
            raise NOT_FOUND()
        if not await self.sweep(dict(saved.document), command):
            raise BUSY(retry_after=1)

    async def sweep(self, row: Row, command: CommandContext) -> int:
        """Take work away with its bytes; answer whether that was done, and not overtaken."""
        if row["state"] != WorkState.RUNNING:  # nobody writes them: none stay behind, wherever this stops
            await self.clear(row["_id"], row["attempts"])
        closed = await self.repository.close(row, command)
        if closed is None or not await self.repository.remove(closed["_id"], closed["version"]):
            return 0
        # A worker that is at it finds that it is gone, and takes away what it has written since.
        await self.clear(row["_id"])
        return 1

    async def forget(self, rows: AsyncIterable[Row], command: CommandContext) -> None:
        """Take away all of these; raises NotYet where one has changed meanwhile."""

        async def remove(row: Row) -> None:
            if not await self.sweep(row, command) and await self.repository.document(row["_id"]) is not None:
                raise NotYet(self.name)

        await each_of(rows, remove)

    async def sweep_strays(self, command: CommandContext) -> int:
        """Take away bytes of which no row tells any more, as a stop may leave them; answer how many there were."""
        before, after, done = command.now - KEPT - STRAYING, "", 0
        while page := await self.objects.list(f"{self.name}/", after=after):
            for info in page:
                if info.modified < before and await self.repository.document(info.key.split("/")[1]) is None:
                    done += await self.objects.delete(info.key)
            after = page[-1].key
        return done

    def key_of(self, saved: Versioned[W]) -> str:
        """Where the bytes of work are, or the folder of them."""
        return f"{self.name}/{saved.id}/{saved.state.attempts}"

    async def clear(self, id: str, attempt: int | None = None) -> None:
        """Take away the bytes of work, up to those of an attempt: of later ones another worker may be writing."""
        after = ""
        while page := await self.objects.list(f"{self.name}/{id}/", after=after):
            for info in page:
                if attempt is None or int(info.key.split("/")[2]) <= attempt:
                    await self.objects.delete(info.key)
            after = page[-1].key

    async def _make(
        self,
        make: Callable[[Versioned[W], Tell], Awaitable[Mapping[str, Any]]],
        claimed: Versioned[W],
        command: CommandContext,
        beat: float,
    ) -> None:
        id, holder, attempt = claimed.id, claimed.state.holder, claimed.state.attempts
        # What one that has died has left.
        await self.clear(id, attempt - 1)

        async def tell(done: int, total: int | None = None) -> None:
            now = self.clock.now()
            saved = await self.change(id, command, lambda there: work.advance(there, holder, now, done, total))
            _check(saved, holder)

        async with self._holding(claimed, command, beat):
            made = await make(claimed, tell)
        failpoint("work.made")
        saved = await self.change(id, command, lambda there: work.finish(there, holder, **made))
        if saved is None or saved.state.state is not WorkState.READY or saved.state.attempts != attempt:
            raise LostError

    async def _defer(self, claimed: Versioned[W], command: CommandContext, *, wasted: bool) -> None:
        holder, now = claimed.state.holder, self.clock.now()
        await self.change(claimed.id, command, lambda there: work.defer(there, holder, now, wasted=wasted))

    async def _give_up(self, claimed: Versioned[W], command: CommandContext, reason: str, **said: Any) -> None:
        holder = claimed.state.holder
        await self.change(claimed.id, command, lambda there: work.give_up(there, holder, reason, **said))

    @asynccontextmanager
    async def _holding(self, claimed: Versioned[W], command: CommandContext, beat: float) -> AsyncIterator[None]:
        """Hold work on for as long as it takes; raises LostError once it is another's, and what happens within.

        Of what fails in the same moment one thing is raised, a LostError before all else; the log tells of the others.
        """

        async def hold() -> None:
            holder = claimed.state.holder
            while True:
                await asyncio.sleep(beat)
                try:
                    saved = await self.change(
                        claimed.id, command, lambda there: work.hold(there, holder, self.clock.now())
                    )
                except (PortError, RefusedError):  # it is said again with the next beat, or found to be lost by then
                    continue
                _check(saved, holder)

        try:
            async with task_group() as group:
                holding = group.create_task(hold())
                yield
                holding.cancel()
        except ExceptionGroup as failures:
            first, *others = sorted(failures.exceptions, key=lambda error: not isinstance(error, LostError))
            for error in others:
                log.error(
                    "work.failed-too",
                    service=self.repository.service,
                    work=self.name,
                    id=claimed.id,
                    error=type(error).__name__,
                )
            raise first from None


def _check(saved: Versioned[W] | None, holder: str) -> None:
    if saved is None or not saved.state.is_held(holder):
        raise LostError
