"""Plain documents of accounts: those of the chassis, and who has any."""

from __future__ import annotations

from services.chassis.ports import MAX_FIND, Range, Store
from services.chassis.store.plain import change_document, sweep

__all__ = ["change_document", "holders", "sweep"]


async def holders(store: Store, collection: str, by: str, after: str) -> list[str]:
    """The next accounts behind one, in order, of which a collection keeps something; it has an index of account and `by`."""
    found = await store.find(
        collection,
        {"account": Range(gt=after)},
        sort=(("account", 1), (by, 1)),
        limit=MAX_FIND,
        fields=("account", by),
    )
    return list(dict.fromkeys(row["account"] for row in found))
