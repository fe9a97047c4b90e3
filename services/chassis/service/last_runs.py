"""When the timers of a service have last run, in whichever process: kept in its store for `parvis timers list`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.chassis.ports import Collection, Document, DuplicateKey, Store
from services.contracts.instants import instant, instant_text

LAST_RUNS: Final = Collection("last_runs")
"""One document."""
KEEP_SECONDS: Final = 60.0
"""How old what is kept may be while a process runs."""
MAX_TRIES: Final = 5
_ID: Final = "timers"


@dataclass(frozen=True, slots=True)
class LastRun:
    """When a timer has last run, and when it last found something to do, and how much."""

    at: datetime
    busy_at: datetime | None = None
    done: int = 0

    def joined(self, other: LastRun) -> LastRun:
        """What two processes know together."""
        busy = max((self, other), key=lambda each: "" if each.busy_at is None else instant_text(each.busy_at))
        return LastRun(max(self.at, other.at), busy.busy_at, busy.done)


class LastRuns:
    """What this process knows of the timers of a service, and all processes together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted: dict[str, LastRun] = {}

    def note(self, timer: str, at: datetime, done: int) -> None:
        """A timer has run, and has done so much."""
        run = LastRun(at, at, done) if done else LastRun(at)
        there = self._noted.get(timer)
        self._noted[timer] = run if there is None else there.joined(run)

    async def keep(self) -> None:
        """Keep what was noted since the last time; if others are always quicker, it is kept the next time."""
        if not (noted := self._noted):
            return
        self._noted = {}
        for _ in range(MAX_TRIES):
            there = await self._store.get(LAST_RUNS.name, _ID)
            known = dict(_runs(there))
            known |= {name: known[name].joined(run) if name in known else run for name, run in noted.items()}
            version = 0 if there is None else there["version"]
            document: Document = {"_id": _ID, "version": version + 1, "timers": _rows(known)}
            try:
                if there is None:
                    await self._store.insert(LAST_RUNS.name, document)
                    return
                if await self._store.replace(LAST_RUNS.name, document, version=version):
                    return
            except DuplicateKey:
                continue
        for name, run in noted.items():
            self._noted[name] = run.joined(self._noted.get(name, run))

    async def load(self) -> Mapping[str, LastRun]:
        """What is kept, by the name of the timer."""
        return _runs(await self._store.get(LAST_RUNS.name, _ID))


def _rows(runs: Mapping[str, LastRun]) -> list[Document]:
    return [
        {"timer": name, "at": instant_text(run.at), "done": run.done}
        | ({} if run.busy_at is None else {"busy_at": instant_text(run.busy_at)})
        for name, run in sorted(runs.items())
    ]


def _runs(there: Document | None) -> Mapping[str, LastRun]:
    rows = [] if there is None else there["timers"]
    return {
        row["timer"]: LastRun(instant(row["at"]), instant(row["busy_at"]) if "busy_at" in row else None, row["done"])
        for row in rows
    }
