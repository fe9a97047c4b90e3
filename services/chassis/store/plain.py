"""Plain documents: changed by compare-and-set, taken away when their time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from services.chassis.ports import Document, DuplicateKey, Range, Store
from services.contracts.instants import instant_text
from services.contracts.refusals import BUSY

MAX_TRIES: Final = 50
SWEEP: Final = 500
"""Documents taken away in one round."""


async def change_document(
    store: Store, collection: str, id: str, decide: Callable[[Document | None], Document | None]
) -> Document | None:
    """Put what `decide` makes of a document in its place, anew on every race; None from it changes nothing.

    Answers the document as it now stands; raises BUSY after `MAX_TRIES` races.
    """
    for _ in range(MAX_TRIES):
        there = await store.get(collection, id)
        changed = decide(there)
        if changed is None:
            return there
        version = there["version"] if there else 0
        # What only a newer release knows of it stays.
        document = {**(there or {}), **changed, "_id": id, "version": version + 1}
        if there is None:
            try:
                await store.insert(collection, document)
            except DuplicateKey:
                continue
            return document
        if await store.replace(collection, document, version=version):
            return document
    raise BUSY(retry_after=1)


async def sweep(store: Store, collection: str, field: str, now: datetime) -> int:
    """Take away documents whose instant `field` has passed; answer how many went."""
    over = await store.find(collection, {field: Range(le=instant_text(now))}, sort=((field, 1),), limit=SWEEP)
    await asyncio.gather(*(store.delete(collection, row["_id"], version=row["version"]) for row in over))
    return len(over)
