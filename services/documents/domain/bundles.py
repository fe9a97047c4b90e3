"""Many files put into one download in the background: what was asked for, and what it holds of whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from services.contracts.work import Work, WorkState, fail

MAX_EACH: Final = 3
"""Bundles of one person that are kept, whatever their state."""
MAX_ALL: Final = 50
"""Bundles of everybody that wait or are being made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Work):
    """A bundle; `kind`, `applications` and `piece` are what was asked for.

    `people` are the accounts of all that was asked for, within reach or not: nothing of anybody else comes into it. Who they
    are is `people_noted` beside it, but by releases before. `names` has of each application that was within reach then its
    account and what it is called where it is left out.

    `included` are the applications that are in it once it is ready, or of which it says whose they are and that something
    lacks: its bytes stand in `parts` objects, one behind the other.
    """

    kind: str
    applications: tuple[str, ...]
    names: tuple[tuple[str, str, str], ...] = ()
    piece: str = ""
    left_out: int = 0
    parts: int = 0
    included: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    people_noted: bool = False

    def emptied(self) -> Self:
        """Whose files it would have held is forgotten."""
        return replace(self, applications=(), names=(), included=(), people=(), parts=0, size=0, sha256="")


def without(bundle: Bundle, account: str, now: datetime) -> Bundle:
    """Let nothing be left of a person who is gone: what is being made begins anew, what holds them is none any more."""
    if account not in bundle.people:
        return bundle
    if bundle.state is WorkState.READY:
        return fail(bundle, "erased")
    bundle = replace(
        bundle,
        names=tuple(each for each in bundle.names if each[1] != account),
        people=tuple(each for each in bundle.people if each != account),
    )
    if bundle.state is not WorkState.RUNNING:
        return bundle
    return replace(bundle, state=WorkState.WAITING, holder="", due_at=now, done=0, wasted=bundle.wasted + 1)
