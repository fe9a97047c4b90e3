"""Counts of files that are gone, each counted once before it goes: one document for each programme of a campaign."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from services.applications.domain.counting import Counts, counted, counts_of
from services.applications.domain.listing import Decided, Pile
from services.applications.domain.model import Application
from services.applications.repository.listing import LISTING
from services.chassis.events.inbox import NotYet
from services.chassis.ports import MAX_FIND, Collection, Document, DuplicateKey, Index, Range, Store, Where
from services.chassis.store.evolution import members
from services.chassis.store.rows import every

COUNTS: Final = Collection("counts", (Index("campaign", ("campaign", "programme")),))

REMEMBERED: Final = 100
"""Of the files that were counted last it is kept which they were, so that none is twice."""
MOST_REMEMBERED: Final = 1000
"""There are more only while they are about to go; as many wait for one another."""
MAX_TRIES: Final = 100


@dataclass(frozen=True, slots=True)
class Gone:
    """What is known of a programme's files that are gone; `files` are the last of them, which may still be about to go."""

    title: Mapping[str, str]
    counts: Counts
    files: frozenset[str]


class CountRepository:
    """Counts of the files that are gone, and of those that are there."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, file: str, of: Application, is_gone: Callable[[str], Awaitable[bool]]) -> None:
        """Count a file that is about to go, once, however often that is tried; raises NotYet if others are always quicker.

        `is_gone` says of a file that was counted whether nothing is left of it.
        """
        id = f"{of.campaign}|{of.programme.code}"
        for _ in range(MAX_TRIES):
            there = await self._store.get(COUNTS.name, id)
            known = Gone({}, Counts(), frozenset()) if there is None else _gone(there)
            if file in known.files:
                return
            files = await _remembered([] if there is None else there["files"], is_gone)
            row = (there or {}) | {
                "_id": id,
                "version": 1 if there is None else there["version"] + 1,
                "campaign": of.campaign,
                "programme": of.programme.code,
                "title": dict(of.programme.title),
                "counts": asdict(known.counts + counts_of(of)),
                "files": [*files, file],
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

    async def gone(self, campaign: str, programme: str) -> Gone:
        """What is known of a programme's files that are gone."""
        there = await self._store.get(COUNTS.name, f"{campaign}|{programme}")
        return Gone({}, Counts(), frozenset()) if there is None else _gone(there)

    async def files_of(
        self, campaign: str, programme: str
    ) -> AsyncGenerator[tuple[str, Mapping[str, str], Counts], None]:
        """The files of a programme that are there: id, title, and what each adds."""
        where = {"campaign": campaign, "programme": programme}
        async for row in every(self._store, LISTING.name, where, page=MAX_FIND):
            decided = Decided(row.get("decided") or Decided.NONE)
            submitted = row["submitted_at"] is not None
            yield row["_id"], row["title"], counted(Pile(row["pile"]).state, decided, submitted=submitted)

    async def files(self, campaign: str) -> int:
        """How many files of a campaign there are."""
        return await self._store.count(LISTING.name, {"campaign": campaign})

    async def next_programme(self, campaign: str, after: str) -> str | None:
        """The first programme behind a code that has files in a campaign, or had some."""
        where: Where = {"campaign": campaign, "programme": Range(gt=after)}
        found = [
            row["programme"]
            for name in (COUNTS.name, LISTING.name)
            for row in await self._store.find(name, where, sort=(("programme", 1),), limit=1, fields=("programme",))
        ]
        return min(found, default=None)


async def _remembered(files: Sequence[str], is_gone: Callable[[str], Awaitable[bool]]) -> list[str]:
    """The files that were counted last, and those before them that are not gone yet; raises NotYet for too many."""
    older = [each for each in files[:-REMEMBERED] if not await is_gone(each)]
    if len(older) >= MOST_REMEMBERED:
        raise NotYet("counts")
    return [*older, *files[-REMEMBERED:]]


def _gone(row: Document) -> Gone:
    known: Mapping[str, Any] = members(Counts, row["counts"])
    return Gone(row["title"], Counts(**known), frozenset(row["files"]))
