"""Rows of the inbox as they come to be: one for each event, and one for what cannot be, or must not be, taken for one."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.chassis.ports import Collection, Document, Index, Range, Scalar, Store
from services.chassis.store.rows import UnreadableRow
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text

INBOX: Final = Collection(
    "inbox",
    (
        Index("due", ("state", "due_at")),
        Index("key", ("key", "state", "sequence")),
        Index("received", ("state", "received")),
    ),
)

PAGE: Final = 1000
STATES: Final = ("pending", "retrying", "blocked", "parked", "done", "skipped")

POISON: Final = "poison"
"""The type of rows that hold no event, since it could not be read."""
UNREADABLE: Final = "unreadable"
"""The type of rows of which not even the type can be read any more."""
CONFLICT: Final = "conflict-"
"""So begins the id of an event that says something else than the one that was received under its own."""


def event_row(envelope: Envelope, body: bytes, now: datetime) -> Document:
    """An event to apply."""
    return {
        **_row(envelope.id, envelope.order_key, envelope.type, body, now),
        "sequence": envelope.sequence,
        "said": said_by(envelope),
    }


def poison_row(body: bytes, now: datetime) -> Document:
    """What is no event at all, parked for a person to look at."""
    digest = hashlib.sha256(body).hexdigest()
    row = _row(f"{POISON}-{digest}", f"{POISON}:{digest}", POISON, body[:65536], now)
    return row | {"state": "parked", "error": "not an envelope"}


def conflict_row(row: Document) -> Document:
    """The same event parked under an id of its own: whose id it bears is another one, of another past."""
    return row | {
        "_id": f"{CONFLICT}{row['said']}-{row['_id']}",
        "state": "parked",
        "error": "another event of this id",
    }


def said_by(envelope: Envelope) -> str:
    """What tells an event from another one of the same id: its data may be rewritten, when a person is forgotten."""
    told = f"{envelope.type}\n{envelope.time}\n{envelope.correlationid}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def conflicts(row: Document, there: Document | None) -> bool:
    """Whether a row holds another event than the one that has its id already; 0.1.0 kept nothing to tell it by."""
    return there is not None and isinstance(there.get("said"), str) and there["said"] != row.get("said")


def is_unreadable(row: Document) -> bool:
    """Whether a row is parked because it was damaged here."""
    return row.get("state") == "parked" and row.get("error") == UnreadableRow.__name__


def next_version(row: Document, **changes: Any) -> Document:
    """The changes of a row with its next version."""
    return {"version": row["version"] + 1, **changes}


async def keys_in(store: Store, *states: str) -> set[str]:
    """The keys of all rows in these states."""
    keys: set[str] = set()
    for state in states:
        after = None
        while page := await store.find(INBOX.name, {"state": state}, sort=(("received", 1),), limit=PAGE, after=after):
            keys.update(row["key"] for row in page if "key" in row)
            after = (page[-1].get("received"), page[-1]["_id"])
    return keys


async def sweep_done(store: Store, before: str) -> int:
    """Take away rows that were applied and had come before an instant, up to 500; answer how many went."""
    old = await store.find(
        INBOX.name, {"state": "done", "received": Range(lt=before)}, sort=(("received", 1),), limit=500
    )
    await asyncio.gather(*(store.delete(INBOX.name, row["_id"], version=row["version"]) for row in old))
    return len(old)


async def forget_done(store: Store, types: frozenset[str]) -> None:
    """Take away rows of these types that were applied, so that they are applied once more when they are told again."""
    after: Sequence[Scalar | None] | None = None
    while page := await store.find(
        INBOX.name,
        {"state": "done"},
        sort=(("received", 1),),
        limit=PAGE,
        after=after,
        fields=("type", "received", "version"),
    ):
        after = (page[-1].get("received"), page[-1]["_id"])
        for row in page:
            if row.get("type") in types:
                await store.delete(INBOX.name, row["_id"], version=row["version"])


def _row(id: str, key: str, type: str, body: bytes, now: datetime) -> Document:
    return {
        "_id": id,
        "version": 1,
        "state": "pending",
        "key": key,
        "sequence": "0" * 10,
        "type": type,
        "received": instant_text(now),
        "attempts": 0,
        "body": body.decode(errors="replace"),
    }
