"""Runs of acts for many files, and their files, each in a row of its own: a step is one small write, and a person can go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from services.applications.domain.bulk import BulkItem
from services.applications.domain.bulk_runs import MAX_ALL, MAX_EACH, BulkRun, Came, RunFile, undoing_ids
from services.applications.repository.audit import AuditedRepository
from services.applications.repository.bulk import remembered
from services.applications.repository.rows import decision_in, decision_out
from services.chassis import ports
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import Collection, Index, Range, Sort, Store
from services.chassis.store.rows import every, readable
from services.chassis.work.repository import WorkRepository, work_in
from services.contracts.api.bulk import MAX_BULK
from services.contracts.instants import instant, instant_text

RUNS: Final = work_in("bulk_runs")
RUN_FILES: Final = Collection(
    "bulk_files",
    (
        Index("batch", ("batch", "number")),
        Index("account", ("account",)),
        Index("expiry", ("expires_at",)),
    ),
)


class BulkRunRepository(AuditedRepository[BulkRun], WorkRepository[BulkRun]):
    """The runs, by id; whose each is stands in `account`."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = RUNS
    kind = BulkRun
    max_each: ClassVar[int] = MAX_EACH
    max_all: ClassVar[int] = MAX_ALL

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was done, what it undoes, and what came of it; not what was said by it, which stands with each file."""
        kept = ("action", "undoes", "state", "reason", "total", "changed", "unchanged", "refused")
        return {"bulk": {name: document[name] for name in kept if document.get(name)}}

    def action(self, happened: Sequence[Any], after: Mapping[str, Any]) -> str | None:
        """Every entry is of a run."""
        return "undo_bulk" if after.get("undoes") else "bulk"

    async def close(self, row: ports.Document, command: CommandContext) -> ports.Document | None:
        """With a run its files go."""
        closed = await super().close(row, command)
        if closed is not None:
            await RunFiles(self._store).remove(row["batch"])
        return closed

    async def undoing(self, id: str) -> Versioned[BulkRun] | None:
        """The last run that undoes that one."""
        last = None
        for each in undoing_ids(id):
            if (saved := await self.get(each)) is None:
                break
            last = saved
        return last

    async def expired(self, now: datetime) -> AsyncIterator[ports.Document]:
        """What is over by its day; a run is still needed while it is being undone."""
        async for row in super().expired(now):
            undoing = await self.undoing(row["_id"])
            if undoing is None or undoing.state.is_over:
                yield row

    async def run(self, id: str, now: datetime) -> Versioned[BulkRun] | None:
        """A run that is not gone, whoever's it is."""
        saved = await self.get(id)
        return None if saved is None or now >= saved.state.expires_at else saved


class RunFiles:
    """The files of runs, in order; `MAX_BULK` of each at most."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, files: Sequence[RunFile], expires_at: datetime) -> None:
        """Write down the files of a run that is about to begin, under a batch that no other has."""
        rows = [{**_out(each), "version": 1, "expires_at": instant_text(expires_at)} for each in files]
        await self._store.append(RUN_FILES.name, rows)

    async def of(self, batch: str) -> list[RunFile]:
        """All that are there: one whose person is gone is not."""
        return readable("applications", RUN_FILES.name, await self._rows(batch), _in)

    async def keep(self, file: RunFile) -> None:
        """Write down what came of one, unless its person is gone meanwhile."""
        row = await self._store.get(RUN_FILES.name, file.id)
        if row is not None:
            after = row | _out(file) | {"version": row["version"] + 1}
            await self._store.replace(RUN_FILES.name, after, version=row["version"])

    async def remove(self, batch: str) -> None:
        """Take all of a batch away."""
        for row in await self._rows(batch):
            await self._store.delete(RUN_FILES.name, row["_id"])

    async def _rows(self, batch: str) -> list[ports.Document]:
        order: Sort = (("batch", 1), ("number", 1))
        return await self._store.find(RUN_FILES.name, {"batch": batch}, sort=order, limit=MAX_BULK)

    async def forget(self, account: str) -> None:
        """Take away what is told of somebody."""
        async for row in every(self._store, RUN_FILES.name, {"account": account}, sort=(("account", 1),)):
            await self._store.delete(RUN_FILES.name, row["_id"])

    async def sweep(self, now: datetime) -> int:
        """Take away those of runs that are gone, or have never begun; answer how many there were."""
        where = {"expires_at": Range(le=instant_text(now))}
        gone = await self._store.find(RUN_FILES.name, where, sort=(("expires_at", 1),), limit=MAX_BULK)
        for row in gone:
            await self._store.delete(RUN_FILES.name, row["_id"])
        return len(gone)


def came_of(item: BulkItem, at: datetime) -> Came:
    """What is kept of what came of the act for one file."""
    if item.refusal is None:
        return Came(item.result, at, remembered(item))
    return Came(item.result, at, remembered(item), item.refusal.slug.name, _plain(item.refusal.members))


def _plain(members: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of a refusal that are JSON; of a file that changes nothing no text needs others."""
    return {name: value for name, value in members.items() if isinstance(value, str | int | float | bool)}


def _out(file: RunFile) -> ports.Document:
    out: ports.Document = {
        "_id": file.id,
        "batch": file.batch,
        "number": file.number,
        "file": file.file,
        "account": file.account,
        "premise": file.premise,
        "place": file.place,
    }
    if file.tries:
        out["tries"] = file.tries
    if file.entered is not None:
        out["entered"] = decision_out(file.entered)
    if (came := file.came) is not None:
        out["came"] = {"result": came.result, "at": instant_text(came.at), "out": dict(came.out)}
        if came.refusal is not None:
            out["came"] |= {"refusal": came.refusal, "figures": dict(came.figures)}
    return out


def _in(row: Mapping[str, Any]) -> RunFile:
    entered, came = row.get("entered"), row.get("came")
    return RunFile(
        row["batch"],
        row["number"],
        row["file"],
        row["account"],
        row["premise"],
        row["place"],
        None if entered is None else decision_in(entered),
        None
        if came is None
        else Came(came["result"], instant(came["at"]), came["out"], came.get("refusal"), came.get("figures", {})),
        row.get("tries", 0),
    )
