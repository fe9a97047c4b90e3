"""Many files put into one download in the background: what was asked for, how far it is, and for how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.backoff import Backoff

MAX_EACH: Final = 3
"""Bundles of one person that are kept, whatever their state."""
MAX_ALL: Final = 50
"""Bundles of everybody that wait or are being made."""
KEPT: Final = timedelta(hours=24)
"""How long after it was asked for a bundle can be had."""
LEASE: Final = timedelta(seconds=60)
"""A worker that has not said for so long that it is at it has died, and another begins in its place."""
PAUSES: Final = Backoff(timedelta(seconds=30), timedelta(minutes=5))
"""After which it is tried again where the world did not do it; the more often that was, the longer."""
MAX_ATTEMPTS: Final = 5


class BundleState(StrEnum):
    """How far a bundle is."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle of an `account` of staff: `kind`, `applications` and `piece` are what was asked for, in `language`.

    `people` are the accounts of all that was asked for, within reach or not: nothing of anybody else comes into it. `names`
    has of each application that was within reach then its account and what it is called where it is left out.

    While it is not done it is `due_at` an instant, and `holder` names the worker that is at it. `slot` is the one that it
    takes among its person's; `place` the one among all, until it is done. Of its `attempts` the `wasted` ones were undone by
    the world, and count for nothing. `included` are the applications that are in it once it is ready, or of which it says
    whose they are and that something lacks: its bytes stand in `parts` objects, one behind the other.
    """

    account: str
    kind: str
    applications: tuple[str, ...]
    language: str
    asked_at: datetime
    slot: int
    place: int | None
    names: tuple[tuple[str, str, str], ...] = ()
    piece: str = ""
    state: BundleState = BundleState.WAITING
    due_at: datetime | None = None
    begun_at: datetime | None = None
    holder: str = ""
    attempts: int = 0
    wasted: int = 0
    done: int = 0
    total: int = 0
    left_out: int = 0
    parts: int = 0
    size: int = 0
    sha256: str = ""
    reason: str = ""
    included: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def expires_at(self) -> datetime:
        """From when on it is gone."""
        return self.asked_at + KEPT

    def is_there(self, now: datetime) -> bool:
        """Whether it can be had."""
        return self.state is BundleState.READY and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Made:
    """What a worker has made: so many objects, bytes of all of them, and whose files are in it."""

    parts: int
    size: int
    sha256: str
    included: tuple[str, ...]
    left_out: int


def claim(bundle: Bundle, holder: str, now: datetime) -> Bundle:
    """Let a worker begin, also in the place of one that has died; at last it has failed. Unchanged: it is not due."""
    if bundle.due_at is None or bundle.due_at > now:
        return bundle
    if bundle.attempts - bundle.wasted >= MAX_ATTEMPTS:
        return fail(bundle, "broken")
    return replace(
        bundle,
        state=BundleState.RUNNING,
        holder=holder,
        attempts=bundle.attempts + 1,
        due_at=now + LEASE,
        begun_at=now,
        done=0,
    )


def advance(bundle: Bundle, holder: str, now: datetime, done: int) -> Bundle:
    """Say how far the worker is, which holds it on; unchanged where another one is at it."""
    return replace(hold(bundle, holder, now), done=done) if is_held(bundle, holder) else bundle


def hold(bundle: Bundle, holder: str, now: datetime) -> Bundle:
    """Say that the worker is still at it; unchanged where another one is."""
    return replace(bundle, due_at=now + LEASE) if is_held(bundle, holder) else bundle


def finish(bundle: Bundle, holder: str, made: Made) -> Bundle:
    """Say that all of it is written; unchanged where another worker is at it."""
    if not is_held(bundle, holder):
        return bundle
    return replace(
        bundle,
        state=BundleState.READY,
        due_at=None,
        place=None,
        holder="",
        done=bundle.total,
        parts=made.parts,
        size=made.size,
        sha256=made.sha256,
        included=made.included,
        left_out=made.left_out,
    )


def defer(bundle: Bundle, holder: str, now: datetime, *, wasted: bool) -> Bundle:
    """Try it again later, at last no more unless the attempt was `wasted`; unchanged where another worker is at it."""
    if not is_held(bundle, holder):
        return bundle
    spent = bundle.wasted + wasted
    if bundle.attempts - spent >= MAX_ATTEMPTS:
        return fail(bundle, "broken")
    pause = PAUSES.after(max(1, spent))
    return replace(bundle, state=BundleState.WAITING, holder="", due_at=now + pause, wasted=spent)


def give_up(bundle: Bundle, holder: str, reason: str) -> Bundle:
    """Say that it cannot be made, and why; unchanged where another worker is at it."""
    return fail(bundle, reason) if is_held(bundle, holder) else bundle


def without(bundle: Bundle, account: str, now: datetime) -> Bundle:
    """Let nothing be left of a person who is gone: what is being made begins anew, what holds them is none any more."""
    if account not in bundle.people:
        return bundle
    if bundle.state is BundleState.READY:
        return fail(bundle, "erased")
    bundle = replace(
        bundle,
        names=tuple(each for each in bundle.names if each[1] != account),
        people=tuple(each for each in bundle.people if each != account),
    )
    if bundle.state is not BundleState.RUNNING:
        return bundle
    return replace(bundle, state=BundleState.WAITING, holder="", due_at=now, done=0, wasted=bundle.wasted + 1)


def fail(bundle: Bundle, reason: str) -> Bundle:
    """Say that there is none, and why; whose files it would have held is forgotten."""
    return replace(
        bundle,
        state=BundleState.FAILED,
        due_at=None,
        place=None,
        holder="",
        reason=reason,
        applications=(),
        names=(),
        included=(),
        people=(),
        parts=0,
        size=0,
        sha256="",
    )


def is_held(bundle: Bundle, holder: str) -> bool:
    """Whether that worker is at it."""
    return bundle.holder == holder and bundle.state is BundleState.RUNNING
