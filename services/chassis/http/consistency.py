"""`Parvis-Seen`: what the sender of a command has seen done, so that no service answers him from before it.

On the wire it is opaque: URL-safe base64 of compact JSON with the events' ids and types and the instant of the newest.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.chassis.context import EventRef
from services.chassis.events.inbox import Inbox
from services.chassis.http.headers import SEEN
from services.chassis.refusals import CATCHING_UP, INVALID_HEADER
from services.contracts.events.catalogue import Event

MAX_CHARACTERS: Final = 8192
MAX_EVENTS: Final = 64
FORGET_AFTER: Final = timedelta(days=30)
"""After this long an event counts as applied: inboxes do not remember it any more."""

_Word = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$")]


class _Mark(BaseModel):
    """What one `Parvis-Seen` says: events as (id, type), and the instant of the newest in seconds since 1970."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    e: Annotated[list[tuple[_Word, _Word]], Field(max_length=MAX_EVENTS)]
    t: Annotated[int, Field(strict=True, ge=0, le=32503680000)]


def write(events: Sequence[EventRef], now: datetime) -> str:
    """The header for the events that a command caused at `now`; of more than 64 the newest, which come after the rest."""
    mark = _Mark(e=[(event.id, event.type) for event in events[-MAX_EVENTS:]], t=int(now.timestamp()))
    return base64.urlsafe_b64encode(mark.model_dump_json().encode()).decode().rstrip("=")


def read(value: str, now: datetime) -> list[EventRef]:
    """The events that a request header names, without those too old to matter; raises INVALID_HEADER.

    Several answers' values may be joined by commas.
    """
    if len(value) > MAX_CHARACTERS:
        raise INVALID_HEADER(header=SEEN)
    marks = [_decode(part.strip()) for part in value.split(",") if part.strip()]
    if sum(len(mark.e) for mark in marks) > MAX_EVENTS:
        raise INVALID_HEADER(header=SEEN)
    young = (mark for mark in marks if datetime.fromtimestamp(mark.t, UTC) > now - FORGET_AFTER)
    return [EventRef(*event) for event in dict.fromkeys(event for mark in young for event in mark.e)]


def _decode(part: str) -> _Mark:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        return _Mark.model_validate_json(raw)
    except (binascii.Error, ValueError, ValidationError):
        raise INVALID_HEADER(header=SEEN) from None


def awaited(
    value: str, now: datetime, inbox: Inbox, service: str, heeds: Collection[type[Event]] | None = None
) -> list[str]:
    """The ids of what `Parvis-Seen` names and this service listens to; with `heeds`, only of these types.

    Of its own events a service waits only for those that it heeds: what they tell of stands in its store already, and its
    relay may be slow.
    """
    heeded = None if heeds is None else {event.TYPE for event in heeds}
    return [
        event.id
        for event in read(value, now)
        if inbox.listens_to(event.type)
        and (event.type in heeded if heeded is not None else not event.type.startswith(f"{service}."))
    ]


async def catch_up(ids: Sequence[str], inbox: Inbox, seconds: float) -> None:
    """Wait until all these events are applied, so many seconds at most; raises CATCHING_UP."""
    if not await inbox.wait_applied(ids, seconds):
        raise CATCHING_UP(retry_after=1)
