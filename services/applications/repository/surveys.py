"""Which surveys of the server of forms are still to be asked about, and when that was last looked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from services.applications.domain.asked import HANDED_OVER
from services.applications.domain.states import EDITABLE, FileState
from services.applications.repository.applications import APPLICATIONS
from services.chassis.ports import Collection, Condition, Document, DuplicateKey, Index, Range, Store
from services.chassis.ports.forms import Survey
from services.chassis.store.rows import every
from services.contracts.instants import instant_text

SURVEYS: Final = Collection("surveys", (Index("due_at", ("due_at",)),))
"""A row for each survey that is to be asked about, until that is done; two more say when they were looked for."""
NIGHT: Final = "looked"
LAST_DAY: Final = "looked-on-the-last-day"
AFTERWARDS: Final = timedelta(days=60)
"""After its last day, how long it is asked whether what a file was submitted with has changed: while it is examined."""


class SurveyRepository:
    """Surveys by their number and by the names under which their responses say whose they are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def looked_on(self, round: str) -> str:
        """When the surveys of open files were looked for last in a round, NIGHT or LAST_DAY; empty if that was never."""
        row = await self._store.get(SURVEYS.name, round)
        return str(row["day"]) if row is not None else ""

    async def look(self, round: str, day: str) -> None:
        """All of that day, or part of a day, are found."""
        there = await self._store.get(SURVEYS.name, round)
        row: Document = {"_id": round, "version": 1, "day": day}
        if there is not None:
            await self._store.replace(SURVEYS.name, row | {"version": there["version"] + 1}, version=there["version"])
            return
        with suppress(DuplicateKey):  # another process has looked, too
            await self._store.insert(SURVEYS.name, row)

    async def ask(self, survey: Survey, offers: Iterable[tuple[str, str]], now: datetime) -> None:
        """Have a survey asked about for files to these programmes, each with a campaign; one that waits goes on waiting."""
        offered = tuple(offers)
        row = {
            "_id": f"{survey.id}|{survey.application}|{survey.file_number}",
            "version": 1,
            "survey": survey.id,
            "application": survey.application,
            "file_number": survey.file_number,
            "programmes": sorted({programme for programme, _ in offered}),
            "campaigns": sorted({campaign for _, campaign in offered}),
            "due_at": instant_text(now),
            "failures": 0,
        }
        with suppress(DuplicateKey):
            await self._store.insert(SURVEYS.name, row)

    async def open_files(self, day: date, until: date | None = None) -> AsyncIterator[Document]:
        """Files in their candidates' hands, in nobody's name, whose last day is that day or a later one, `until` a day."""
        async for row in self._files(EDITABLE, day, until):
            yield row

    async def files_to_ask_for(self, day: date) -> AsyncIterator[Document]:
        """Those, and such as are handed over, whose last day is at most `AFTERWARDS` ago."""
        async for row in self._files(EDITABLE, day):
            yield row
        async for row in self._files(HANDED_OVER, day - AFTERWARDS):
            yield row

    async def files_to(self, programme: str, campaigns: Sequence[str]) -> AsyncGenerator[Document, None]:
        """All files of these campaigns to a programme, in nobody's name."""
        for campaign in campaigns:
            where: dict[str, Condition] = {"programme.code": programme, "campaign": campaign}
            async for row in every(self._store, APPLICATIONS.name, where):
                yield row

    async def _files(
        self, states: Iterable[FileState], day: date, until: date | None = None
    ) -> AsyncIterator[Document]:
        days = Range(ge=day.isoformat()) if until is None else Range(ge=day.isoformat(), le=until.isoformat())
        for state in states:
            where: dict[str, Condition] = {"state": state.value, "submission_deadline": days}
            async for row in every(self._store, APPLICATIONS.name, where, sort=(("submission_deadline", 1),)):
                yield row

    def due(self, now: datetime) -> AsyncIterator[Document]:
        """Those that are to be asked about by now, the longest waiting first."""
        where = {"due_at": Range(gt="", le=instant_text(now))}
        return every(self._store, SURVEYS.name, where, sort=(("due_at", 1),))

    async def defer(self, row: Document, due_at: datetime) -> None:
        """Ask again then."""
        after = row | {"version": row["version"] + 1, "due_at": instant_text(due_at), "failures": row["failures"] + 1}
        await self._store.replace(SURVEYS.name, after, version=row["version"])

    async def asked(self, row: Document) -> None:
        """It is done, or is left until it is looked for anew."""
        await self._store.delete(SURVEYS.name, row["_id"], version=row["version"])


def survey_of(row: Document) -> Survey:
    """The survey of a row."""
    return Survey(row["survey"], row["application"], row["file_number"])
