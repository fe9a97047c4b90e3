"""Counts of files that are gone, each counted once before it goes: one document for each programme of a campaign."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.applications.domain.counting import Counts, Share, counted
from services.applications.domain.listing import Decided, Pile
from services.applications.domain.model import Application
from services.applications.repository.listing import LISTING
from services.chassis.events.inbox import NotYet
from services.chassis.keyed_lock import KeyedLock
from services.chassis.ports import MAX_FIND, Collection, Document, DuplicateKey, Index, Range, Store, Where
from services.chassis.store.evolution import members
from services.chassis.store.rows import every
from services.contracts.instants import instant, instant_text

COUNTS: Final = Collection("counts", (Index("campaign", ("campaign", "programme")), Index("forget", ("forget_at",))))

REMEMBERED: Final = timedelta(hours=2)
"""For so long it is kept which files were counted, and as what, so that none is twice: whoever reads has read by then."""
MOST_REMEMBERED: Final = 500
"""Of more, those that were counted first are forgotten once they are gone."""
MOST_GOING: Final = 1000
"""There are more than that only while they are about to go; as many wait for one another."""
MAX_TRIES: Final = 100


@dataclass(frozen=True, slots=True)
class Gone:
    """What is known of a programme's files that are gone; `files` are the last of them, which may still be about to go.

    Each with what it has added. `days` are those on which files were opened or handed over, `centre` is a code and a label.
    """

    title: Mapping[str, str] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    files: Mapping[str, Share] = field(default_factory=dict)
    days: Mapping[date, Counts] = field(default_factory=dict)
    centre: Mapping[str, str] = field(default_factory=dict)


class CountRepository:
    """Counts of the files that are gone, and of those that are there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turns = KeyedLock()

    async def add(
        self, file: str, of: Application, share: Share, now: datetime, is_gone: Callable[[str], Awaitable[bool]]
    ) -> None:
        """Count a file that is about to go, once, as it stood when that was tried last.

        `is_gone` says of a file that was counted whether nothing is left of it. Raises NotYet if others are always quicker,
        or too many that were counted are not gone.
        """
        # A whole campaign goes at once: of those of one process none reads in vain what another is about to write.
        async with self._turns.of((f"{of.campaign}|{of.programme.code}",)):
            await self._add(file, of, share, now, is_gone)

    async def _add(
        self, file: str, of: Application, share: Share, now: datetime, is_gone: Callable[[str], Awaitable[bool]]
    ) -> None:
        id = f"{of.campaign}|{of.programme.code}"
        for _ in range(MAX_TRIES):
            there = await self._store.get(COUNTS.name, id)
            own: list[Document] = []
            others: list[Document] = []
            for each in (there or {}).get("files", ()):
                (own if each["file"] == file else others).append(each)
            # Of the hundreds that are remembered this one alone is read.
            known = Gone() if there is None else _gone(there | {"files": own})
            before = known.files.get(file)
            if before == share:
                return
            files = await _remembered(others, now, is_gone)
            if len(files) >= MOST_GOING:
                raise NotYet("counts")
            row = (there or {}) | {
                "_id": id,
                "version": 1 if there is None else there["version"] + 1,
                "campaign": of.campaign,
                "programme": of.programme.code,
                "title": dict(of.programme.title),
                "centre": dict(of.programme.centre),
                "counts": asdict(known.counts - (before.counts if before else Counts()) + share.counts),
                "days": _days_row(_moved(known.days, before, share)),
                "files": [*files, {"file": file, "at": instant_text(now), **_share_row(share)}],
                "forget_at": instant_text(now + REMEMBERED),
            }
            if there is None:
                try:
                    await self._store.insert(COUNTS.name, row)
                except DuplicateKey:
                    continue
                return
            if await self._store.replace(COUNTS.name, row, version=there["version"]):
                return
        raise NotYet("counts")

    def to_forget(self, now: datetime) -> AsyncGenerator[Document, None]:
        """Counts of which it is still known what single files have added, the last of them `REMEMBERED` ago."""
        due: Where = {"forget_at": Range(le=instant_text(now))}
        return every(self._store, COUNTS.name, due, sort=(("forget_at", 1),))

    async def forget(self, row: Document, now: datetime, is_gone: Callable[[str], Awaitable[bool]]) -> bool:
        """Forget what single files have added that are gone; answer whether that was done, and not overtaken.

        What is not gone yet is looked at again after `REMEMBERED`.
        """
        left = await _remembered(row["files"], now, is_gone)
        after = {name: value for name, value in row.items() if name != "forget_at"}
        again = {"forget_at": instant_text(now + REMEMBERED)} if left else {}
        after |= {"files": left, "version": row["version"] + 1, **again}
        return await self._store.replace(COUNTS.name, after, version=row["version"])

    async def gone(self, campaign: str, programme: str) -> Gone:
        """What is known of a programme's files that are gone."""
        there = await self._store.get(COUNTS.name, f"{campaign}|{programme}")
        return Gone() if there is None else _gone(there)

    async def files_of(
        self, campaign: str, programme: str, zone: ZoneInfo
    ) -> AsyncGenerator[tuple[str, Mapping[str, str], Share], None]:
        """The files of a programme that are there: id, title, and what each adds, by days of a zone."""
        where = {"campaign": campaign, "programme": programme}
        async for row in every(self._store, LISTING.name, where, page=MAX_FIND):
            decided = Decided(row.get("decided") or Decided.NONE)
            opened_on = instant(row["opened_at"]).astimezone(zone).date()
            submitted_at = row["submitted_at"]
            submitted_on = None if submitted_at is None else instant(submitted_at).astimezone(zone).date()
            counts = counted(Pile(row["pile"]).state, decided, submitted=submitted_on is not None)
            yield row["_id"], row["title"], Share(counts, opened_on, submitted_on)

    async def files(self, campaign: str) -> int:
        """How many files of a campaign there are."""
        return await self._store.count(LISTING.name, {"campaign": campaign})

    async def last_campaign(self) -> str | None:
        """The last campaign, by their codes, to which there are or were files."""
        found = [
            row["campaign"]
            for name in (COUNTS.name, LISTING.name)
            for row in await self._store.find(name, {}, sort=(("campaign", -1), ("programme", -1)), limit=1)
        ]
        return max(found, default=None)

    async def next_programme(self, campaign: str, after: str) -> str | None:
        """The first programme behind a code that has files in a campaign, or had some."""
        where: Where = {"campaign": campaign, "programme": Range(gt=after)}
        found = [
            row["programme"]
            for name in (COUNTS.name, LISTING.name)
            for row in await self._store.find(name, where, sort=(("programme", 1),), limit=1, fields=("programme",))
        ]
        return min(found, default=None)


async def _remembered(
    files: Sequence[Document], now: datetime, is_gone: Callable[[str], Awaitable[bool]]
) -> list[Document]:
    """What was counted lately, and what was before that and is not gone yet."""
    since = instant_text(now - REMEMBERED)
    kept, forgotten = [], 0
    for each in files:
        may_go = each["at"] <= since or len(files) - forgotten >= MOST_REMEMBERED
        if may_go and await is_gone(each["file"]):
            forgotten += 1
        else:
            kept.append(each)
    return kept


def _named(counts: Counts) -> dict[str, int]:
    return {name: number for name, number in asdict(counts).items() if number}


def _moved(days: Mapping[date, Counts], before: Share | None, share: Share) -> dict[date, Counts]:
    """The days with what a file adds, in place of what it has added."""
    found = dict(days)
    for day, counts in before.days.items() if before else ():
        found[day] -= counts
    for day, counts in share.days.items():
        found[day] = found.get(day, Counts()) + counts
    return {day: counts for day, counts in found.items() if counts != Counts()}


def _days_row(days: Mapping[date, Counts]) -> list[Document]:
    return [{"day": day.isoformat(), **_named(counts)} for day, counts in sorted(days.items())]


def _share_row(share: Share) -> Document:
    submitted_on = None if share.submitted_on is None else share.submitted_on.isoformat()
    return {"adds": _named(share.counts), "opened_on": share.opened_on.isoformat(), "submitted_on": submitted_on}


def _share(row: Mapping[str, Any]) -> Share:
    submitted_on = None if row["submitted_on"] is None else date.fromisoformat(row["submitted_on"])
    return Share(Counts(**members(Counts, row["adds"])), date.fromisoformat(row["opened_on"]), submitted_on)


def _gone(row: Document) -> Gone:
    return Gone(
        row["title"],
        Counts(**members(Counts, row["counts"])),
        {each["file"]: _share(each) for each in row["files"]},
        {date.fromisoformat(each["day"]): Counts(**members(Counts, each)) for each in row["days"]},
        row["centre"],
    )
