"""Work in the background: who may be at it, when it is tried again, and how it ends (acceptance 103)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from services.contracts.work import (
    KEPT,
    LEASE,
    MAX_ATTEMPTS,
    Work,
    WorkState,
    advance,
    claim,
    defer,
    fail,
    finish,
    give_up,
    hold,
)

NOW = datetime(2027, 2, 1, 11, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums(Work):
    """Work that knows how much it is by doing it, and forgets for whom when it fails."""

    of: tuple[str, ...] = ("ann",)
    found: int = 0

    def begun(self) -> Self:
        return replace(self, done=0, total=0)

    def emptied(self) -> Self:
        return replace(self, of=())


ASKED = Sums(account="kim", language="fr", asked_at=NOW, due_at=NOW, total=2)


def test_only_who_holds_work_says_what_becomes_of_it() -> None:
    """A lease, at its last moment and one past it."""
    assert claim(replace(ASKED, due_at=NOW + LEASE), "one", NOW) == replace(ASKED, due_at=NOW + LEASE)
    begun = claim(ASKED, "one", NOW)
    assert (begun.state, begun.attempts, begun.due_at, begun.begun_at) == (WorkState.RUNNING, 1, NOW + LEASE, NOW)
    assert claim(begun, "two", NOW + LEASE - timedelta(seconds=1)) == begun, "it is not due"
    for other in (
        advance(begun, "two", NOW, 1),
        hold(begun, "two", NOW + LEASE),
        finish(begun, "two", found=3),
        defer(begun, "two", NOW, wasted=True),
        give_up(begun, "two", "rights"),
    ):
        assert other == begun
    again = claim(advance(begun, "one", NOW, 1, 2), "two", NOW + LEASE)
    assert (again.holder, again.attempts, again.done, again.total) == ("two", 2, 0, 0)
    held = advance(again, "two", NOW + LEASE, 1, 3)
    assert (held.done, held.total, held.due_at) == (1, 3, NOW + 2 * LEASE)
    assert (advance(held, "two", NOW, 2).total, hold(held, "two", NOW).done) == (3, 1)
    ready = finish(held, "two", found=3)
    assert (ready.state, ready.done, ready.found, ready.place, ready.due_at) == (WorkState.READY, 3, 3, None, None)
    assert not ready.is_held("two") and ready.is_there(NOW + KEPT - timedelta(seconds=1))
    assert not ready.is_there(NOW + KEPT) and not held.is_there(NOW)


def test_what_is_wrong_with_work_is_its_end_at_the_last_attempt_and_what_the_world_undoes_is_not() -> None:
    begun = claim(ASKED, "one", NOW)
    assert defer(begun, "one", NOW, wasted=False).due_at == NOW + timedelta(seconds=30)
    last = replace(begun, attempts=MAX_ATTEMPTS)
    assert defer(replace(last, attempts=MAX_ATTEMPTS - 1), "one", NOW, wasted=False).state is WorkState.WAITING
    assert defer(last, "one", NOW, wasted=True).state is WorkState.WAITING
    for ended in (
        defer(last, "one", NOW, wasted=False),
        claim(replace(last, state=WorkState.WAITING, holder="", due_at=NOW), "two", NOW),
        fail(last, "broken"),
    ):
        assert (ended.state, ended.reason, ended.holder, ended.due_at, ended.place) == (
            *(WorkState.FAILED, "broken", ""),
            *(None, None),
        )
        assert ended.of == (), "nothing is left of those whom it was about"
    told = give_up(begun, "one", "too-many", found=7)
    assert (told.state, told.reason, told.found) == (WorkState.FAILED, "too-many", 7)


def test_what_the_world_undoes_is_tried_again_after_pauses_that_grow_to_minutes() -> None:
    """A store that is away for an hour is not asked every half a minute by all that wait; it counts for nothing."""
    work, now, pauses = ASKED, NOW, []
    for _ in range(7):
        held = claim(work, "worker", now)
        assert held.state is WorkState.RUNNING
        work = defer(held, "worker", now, wasted=True)
        assert work.due_at is not None and work.state is WorkState.WAITING
        pauses.append(work.due_at - now)
        now = work.due_at
    assert pauses == [timedelta(seconds=each) for each in (30, 60, 120, 240, 300, 300, 300)]
