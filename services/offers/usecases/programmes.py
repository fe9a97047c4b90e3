"""Putting programmes into the catalogue and taking them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.chassis.context import CommandContext, EventRef
from services.chassis.events.aggregates import Decision
from services.chassis.ports import DuplicateKey
from services.contracts.refusals import NOT_FOUND
from services.offers.domain.programmes import Content, Programme, differences, publish, withdraw
from services.offers.domain.states import ProgrammeState
from services.offers.domain.text import Text
from services.offers.usecases.app import App

Change = Literal["created", "updated", "unchanged"]

Describe = Callable[[Content | None], Content]
"""Says what a programme is to be, knowing what it is now (None: it is new, or it was withdrawn)."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing came to; `differences` names the parts that are other than before, `before` the revision it had."""

    code: str
    change: Change
    differences: tuple[str, ...] = ()
    events: tuple[EventRef, ...] = ()
    before: int = 0
    title: Text | None = None


async def publish_programme(
    app: App, code: str, content: Content | Describe, command: CommandContext, *, revive: bool = True
) -> Published:
    """Put a programme into the catalogue or bring it up to date; nothing is written if nothing is different.

    One that was withdrawn stays so unless `revive`. Raises INVALID_FIELDS with all that is wrong.
    """
    before: Programme | None = None

    def decide(there: Programme | None) -> Decision[Programme]:
        nonlocal before
        before = there
        return Decision(*publish(there, code, _described(content, there), revive=revive))

    outcome = await app.programmes.change(code, decide, command)
    if outcome is None:
        try:
            outcome = await app.programmes.add(code, decide(None), command)
        except DuplicateKey:  # another process was first
            outcome = await app.programmes.change(code, decide, command)
    if outcome is None:
        raise NOT_FOUND()
    return _published(before, outcome.saved.state, outcome.events)


async def preview_programme(app: App, code: str, content: Content | Describe, *, revive: bool = True) -> Published:
    """What `publish_programme` would do, without doing it; raises the same refusals."""
    saved = await app.programmes.get(code)
    there = saved.state if saved else None
    after, _ = publish(there, code, _described(content, there), revive=revive)
    return _published(there, after, ())


async def withdraw_programme(app: App, code: str, command: CommandContext) -> tuple[EventRef, ...]:
    """Take a programme out of the catalogue; answer the events caused; raises NOT_FOUND."""
    outcome = await app.programmes.change(code, lambda there: Decision(*withdraw(there)), command)
    if outcome is None:
        raise NOT_FOUND()
    return outcome.events


def _described(content: Content | Describe, there: Programme | None) -> Content:
    if isinstance(content, Content):
        return content
    return content(there.content if there and there.state is ProgrammeState.PUBLISHED else None)


def _published(before: Programme | None, after: Programme, events: tuple[EventRef, ...]) -> Published:
    if before is None:
        return Published(after.code, "created", (), events, title=after.content.title)
    if before.revision == after.revision:
        return Published(after.code, "unchanged", before=before.revision)
    changed = differences(before.content, after.content)
    return Published(after.code, "updated", changed, events, before.revision, after.content.title)
