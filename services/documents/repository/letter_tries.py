"""When names were tried on letters, as far as it bounds what may be tried: of all replicas together."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from services.chassis.ports import Collection, Document, Index, Store
from services.chassis.store.plain import change_document, sweep
from services.chassis.store.rows import readable
from services.contracts.instants import instant, instant_text
from services.contracts.slowing import Past
from services.documents.domain import letter_tries

LETTER_TRIES: Final = Collection("letter_tries", (Index("forget_at", ("forget_at",)),))
"""By the digest of a letter's code, so that a row leads to no letter; it goes when it bounds nothing any more."""


class LetterTries:
    """Instants of what was tried, by letter; never a name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def count(self, code: str, now: datetime) -> int:
        """Count one, unless seconds are answered: those until one more may be tried."""
        waiting = 0

        def decide(row: Document | None) -> Document | None:
            nonlocal waiting
            past = _past(row)
            waiting = letter_tries.wait(past, now)
            if waiting:
                return None
            forget_at = now + letter_tries.NAMES_OF_DAY.kept
            times = [instant_text(each) for each in letter_tries.counted(past, now)]
            return {"at": times, "forget_at": instant_text(forget_at)}

        await change_document(self._store, LETTER_TRIES.name, hashlib.sha256(code.encode()).hexdigest(), decide)
        return waiting

    async def sweep(self, now: datetime) -> int:
        """Take away what counts no more; answer how many went."""
        return await sweep(self._store, LETTER_TRIES.name, "forget_at", now)


def _past(row: Document | None) -> Past:
    """What was tried; of a row that cannot be read nothing, which is told: it is written anew."""
    rows = readable("documents", LETTER_TRIES.name, [row] if row else [], lambda row: tuple(map(instant, row["at"])))
    return rows[0] if rows else ()
