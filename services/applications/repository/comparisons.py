"""What came of comparing with the student records, campaign by campaign, and of which night that was."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from services.applications.domain.reconciling import Comparison, Difference, Differing, Outcome
from services.chassis.ports import Collection, Document, DuplicateKey, Store
from services.chassis.store.rows import every, readable
from services.contracts.instants import instant, instant_text

COMPARISONS: Final = Collection("comparisons")
"""A row for each campaign, and one that says when it is to be looked at again."""
_NEXT: Final = "next"
_OF: Final = "of-"


class ComparisonRepository:
    """The last comparison of each campaign; they name nobody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def due_at(self) -> datetime | None:
        """When the next is due; None: that was never said."""
        row = await self._store.get(COMPARISONS.name, _NEXT)
        return None if row is None else instant(row["at"])

    async def defer(self, at: datetime) -> None:
        """The next is due then."""
        await self._put(_NEXT, {"at": instant_text(at)})

    async def claim(self, due_at: datetime, until: datetime) -> bool:
        """Take what is due at an instant, and put it off meanwhile; answer whether nobody else has."""
        there = await self._store.get(COMPARISONS.name, _NEXT)
        if there is None or instant(there["at"]) != due_at:
            return False
        row = {"_id": _NEXT, "version": there["version"] + 1, "at": instant_text(until)}
        return await self._store.replace(COMPARISONS.name, row, version=there["version"])

    async def keep(self, comparison: Comparison) -> None:
        """Keep it in place of the one before."""
        await self._put(f"{_OF}{comparison.campaign}", _out(comparison))

    async def of(self, campaign: str) -> Comparison | None:
        """The last one of a campaign, if it can be read."""
        row = await self._store.get(COMPARISONS.name, f"{_OF}{campaign}")
        rows = [] if row is None else [row]
        return next(iter(readable("applications", COMPARISONS.name, rows, _in)), None)

    async def last(self) -> Sequence[Comparison]:
        """The last one of each campaign, the newest campaign first."""
        rows = [row async for row in every(self._store, COMPARISONS.name, {}) if row["_id"].startswith(_OF)]
        return readable("applications", COMPARISONS.name, rows[::-1], _in)

    async def _put(self, id: str, members: dict[str, Any]) -> None:
        """Whoever was quicker has looked at the same moment."""
        there = await self._store.get(COMPARISONS.name, id)
        if there is None:
            with suppress(DuplicateKey):
                await self._store.insert(COMPARISONS.name, {"_id": id, "version": 1, **members})
            return
        row = {"_id": id, "version": there["version"] + 1, **members}
        await self._store.replace(COMPARISONS.name, row, version=there["version"])


def _out(comparison: Comparison) -> dict[str, Any]:
    document: dict[str, Any] = {
        "campaign": comparison.campaign,
        "at": instant_text(comparison.at),
        "outcome": comparison.outcome.value,
        "here": comparison.here,
        "there": comparison.there,
        "counts": {what.value: number for what, number in comparison.counts.items()},
        "differing": [
            {"reference": each.reference, "what": each.what.value, "here": each.here, "there": each.there}
            for each in comparison.differing
        ],
    }
    return document if comparison.as_of is None else document | {"as_of": instant_text(comparison.as_of)}


def _in(row: Document) -> Comparison:
    return Comparison(
        campaign=row["campaign"],
        at=instant(row["at"]),
        outcome=Outcome(row["outcome"]),
        as_of=instant(row["as_of"]) if "as_of" in row else None,
        here=row["here"],
        there=row["there"],
        counts={Difference(what): number for what, number in row["counts"].items()},
        differing=tuple(
            Differing(each["reference"], Difference(each["what"]), each["here"], each["there"])
            for each in row["differing"]
        ),
    )
