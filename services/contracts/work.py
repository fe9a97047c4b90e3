"""Work in the background: what somebody asked for and a worker makes, the one life that all of it has (ADR 90)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self, TypeVar

from services.contracts.backoff import Backoff

KEPT: Final = timedelta(hours=24)
"""How long after it was asked for work can be had."""
LEASE: Final = timedelta(seconds=60)
"""A worker that has not said for so long that it is at it has died, and another begins in its place."""
PAUSES: Final = Backoff(timedelta(seconds=30), timedelta(minutes=5))
"""After which it is tried again where the world did not do it; the more often that was, the longer."""
MAX_ATTEMPTS: Final = 5


class WorkState(StrEnum):
    """How far work is."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Work for an `account` of staff, in `language`; each kind of it is a class of its own, with what was asked for.

    While it is not done it is `due_at` an instant, and `holder` names the worker that is at it. `slot` is the one that it
    takes among its person's; `place` the one among all of its kind, until it is done. Of its `attempts` the `wasted` ones
    were undone by the world, and count for nothing.
    """

    account: str
    language: str
    asked_at: datetime
    slot: int = 0
    place: int | None = 0
    state: WorkState = WorkState.WAITING
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

    @property
    def expires_at(self) -> datetime:
        """From when on it is gone."""
        return self.asked_at + KEPT

    def is_there(self, now: datetime) -> bool:
        """Whether it can be had."""
        return self.state is WorkState.READY and now < self.expires_at

    def is_held(self, holder: str) -> bool:
        """Whether that worker is at it."""
        return self.holder == holder and self.state is WorkState.RUNNING

    def begun(self) -> Self:
        """The same as a worker begins it; a kind that learns its total by working forgets that too."""
        return replace(self, done=0)

    def emptied(self) -> Self:
        """The same where nothing came of it; a kind that names somebody forgets whom."""
        return self


W = TypeVar("W", bound=Work)


def claim(work: W, holder: str, now: datetime) -> W:
    """Let a worker begin, also in the place of one that has died; at last it has failed. Unchanged: it is not due."""
    if work.due_at is None or work.due_at > now:
        return work
    if work.attempts - work.wasted >= MAX_ATTEMPTS:
        return fail(work, "broken")
    return replace(
        work.begun(),
        state=WorkState.RUNNING,
        holder=holder,
        attempts=work.attempts + 1,
        due_at=now + LEASE,
        begun_at=now,
    )


def advance(work: W, holder: str, now: datetime, done: int, total: int | None = None) -> W:
    """Say how far the worker is, which holds it on; unchanged where another one is at it."""
    if not work.is_held(holder):
        return work
    return replace(hold(work, holder, now), done=done, total=work.total if total is None else total)


def hold(work: W, holder: str, now: datetime) -> W:
    """Say that the worker is still at it; unchanged where another one is."""
    return replace(work, due_at=now + LEASE) if work.is_held(holder) else work


def finish(work: W, holder: str, **made: Any) -> W:
    """Say that all of it is written, and what was `made`; unchanged where another worker is at it."""
    if not work.is_held(holder):
        return work
    return replace(work, state=WorkState.READY, due_at=None, place=None, holder="", done=work.total, **made)


def defer(work: W, holder: str, now: datetime, *, wasted: bool) -> W:
    """Try it again later, at last no more unless the attempt was `wasted`; unchanged where another worker is at it."""
    if not work.is_held(holder):
        return work
    spent = work.wasted + wasted
    if work.attempts - spent >= MAX_ATTEMPTS:
        return fail(work, "broken")
    return replace(work, state=WorkState.WAITING, holder="", due_at=now + PAUSES.after(max(1, spent)), wasted=spent)


def give_up(work: W, holder: str, reason: str, **said: Any) -> W:
    """Say that it cannot be made, and why; unchanged where another worker is at it."""
    return fail(replace(work, **said), reason) if work.is_held(holder) else work


def fail(work: W, reason: str) -> W:
    """Say that there is none, and why."""
    return replace(work.emptied(), state=WorkState.FAILED, due_at=None, place=None, holder="", reason=reason)
