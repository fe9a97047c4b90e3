"""Which versions applications have, for who only wants to know whether they have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.applications.repository.applications import APPLICATIONS
from services.chassis.ports import MAX_FIND, In, Store
from services.chassis.store.rows import BY_ID


@dataclass(frozen=True, slots=True)
class Versions:
    """Reads versions and nothing else."""

    store: Store

    async def of(self, ids: Sequence[str]) -> Mapping[str, int]:
        """The versions of those of these ids, `MAX_FIND` at most, that are there; the caller knows whose they are."""
        where = {"_id": In(tuple(ids))}
        found = await self.store.find(APPLICATIONS.name, where, sort=BY_ID, limit=MAX_FIND, fields=("version",))
        return {row["_id"]: row["version"] for row in found}
