"""Lists that are made into files in the background: what was asked for, how far it is, and for how long it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from services.contracts.backoff import Backoff

MAX_EACH: Final = 5
"""Exports of one person that are kept, whatever their state."""
MAX_ALL: Final = 100
"""Exports of everybody that wait or are being made."""
KEPT: Final = timedelta(hours=24)
"""How long after it was asked for an export can be had."""
LEASE: Final = timedelta(seconds=60)
"""A worker that has not said for so long how far it is has died, and another goes on in its place."""
PAUSES: Final = Backoff(timedelta(seconds=30), timedelta(minutes=5))
"""After which it is tried again where the world did not do it; the more often that was, the longer."""
MAX_ATTEMPTS: Final = 5


class ExportState(StrEnum):
    """How far an export is."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Export:
    """An export of an `account` of staff; `query` and `format` are what was asked for, in `language`.

    While it is not done it is `due_at` an instant, and `holder` names the worker that is at it. `grants` are the
    rights under which it was made. `slot` is the one that it takes among its person's; `place` the one among all,
    until it is done. Of its `attempts` the `wasted` ones were undone by the world, and count for nothing.
    """

    account: str
    format: str
    query: Mapping[str, Any]
    language: str
    asked_at: datetime
    slot: int
    place: int | None
    state: ExportState = ExportState.WAITING
    due_at: datetime | None = None
    begun_at: datetime | None = None
    holder: str = ""
    attempts: int = 0
    wasted: int = 0
    done: int = 0
    total: int = 0
    size: int = 0
    sha256: str = ""
    reason: str = ""
    most: int = 0
    taken: int = 0
    grants: tuple[str, ...] = ()

    @property
    def expires_at(self) -> datetime:
        """From when on it is gone."""
        return self.asked_at + KEPT

    def is_there(self, now: datetime) -> bool:
        """Whether it can be had."""
        return self.state is ExportState.READY and now < self.expires_at


def claim(export: Export, holder: str, now: datetime) -> Export:
    """Let a worker begin, or go on in the place of one that has died; at last it has failed. Unchanged: it is not due."""
    if export.due_at is None or export.due_at > now:
        return export
    if export.attempts - export.wasted >= MAX_ATTEMPTS:
        return fail(export, "broken")
    return replace(
        export,
        state=ExportState.RUNNING,
        holder=holder,
        attempts=export.attempts + 1,
        due_at=now + LEASE,
        begun_at=now,
        done=0,
        total=0,
    )


def advance(export: Export, holder: str, now: datetime, *, done: int, total: int) -> Export:
    """Say how far the worker is, which holds it on; unchanged where another one is at it."""
    return replace(hold(export, holder, now), done=done, total=total) if _is_held(export, holder) else export


def hold(export: Export, holder: str, now: datetime) -> Export:
    """Say that the worker is still at it; unchanged where another one is."""
    return replace(export, due_at=now + LEASE) if _is_held(export, holder) else export


def finish(export: Export, holder: str, *, size: int, sha256: str, grants: tuple[str, ...]) -> Export:
    """Say that all of it is written; unchanged where another worker is at it."""
    if not _is_held(export, holder):
        return export
    return replace(
        export,
        state=ExportState.READY,
        due_at=None,
        place=None,
        holder="",
        done=export.total,
        size=size,
        sha256=sha256,
        grants=grants,
    )


def defer(export: Export, holder: str, now: datetime, *, wasted: bool) -> Export:
    """Try it again later, at last no more unless the attempt was `wasted`; unchanged where another worker is at it."""
    if not _is_held(export, holder):
        return export
    spent = export.wasted + wasted
    if export.attempts - spent >= MAX_ATTEMPTS:
        return fail(export, "broken")
    return replace(export, state=ExportState.WAITING, holder="", due_at=now + PAUSES.after(max(1, spent)), wasted=spent)


def _is_held(export: Export, holder: str) -> bool:
    return export.holder == holder and export.state is ExportState.RUNNING


def fail(export: Export, reason: str, most: int = 0) -> Export:
    """Say that it cannot be made, and why."""
    return replace(export, state=ExportState.FAILED, due_at=None, place=None, holder="", reason=reason, most=most)
