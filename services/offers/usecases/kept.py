"""Writing a centre, a board or a requirement: what programmes say of it follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Final

from services.chassis.context import CommandContext, EventRef
from services.chassis.events.aggregates import MAX_TRIES, Decision
from services.chassis.ports import DuplicateKey
from services.chassis.telemetry.supervisor import task_group
from services.contracts.api.identity import Grant
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, FieldError
from services.offers.domain.kept import (
    MAX_KEPT,
    Centre,
    Commission,
    KeptPart,
    Kind,
    Said,
    Use,
    Uses,
    check,
    followed,
    keep,
    kind_of,
    said_anew,
    taken_over,
)
from services.offers.domain.programmes import Programme, write
from services.offers.domain.reach import holds
from services.offers.repository.kept import id_of
from services.offers.usecases.app import App

FOLLOW_SECONDS: Final = 5.0
AT_ONCE: Final = 64
"""Programmes that follow at a time."""
DUE_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing: what is kept, and the events of the programmes that followed."""

    kept: KeptPart
    events: Sequence[EventRef] = ()


async def keep_part(
    app: App,
    said: Said,
    uses: Uses,
    command: CommandContext,
    *,
    grants: Sequence[Grant],
    expected: int | None = None,
) -> Written:
    """Write a centre, a board or a requirement, and have programmes of the active campaign follow; twice is once.

    `uses` is what they say, `expected` the revision that was looked at, 0 for none. Raises NOT_FOUND for what is beyond all
    `grants`, STALE_VERSION, BUSY, INVALID_FIELDS with all that is wrong, such as a centre beyond them.
    """
    kind, code = kind_of(said), said.unit.code
    use = uses.get((kind, code))
    told: list[EventRef] = []
    saved = await app.kept.one(kind, code)
    _check_reach(saved.state if saved else None, said, use, grants, expected)
    if not await _has_centre(app, said, uses, grants):
        raise INVALID_FIELDS(fields=[FieldError("centre", "unknown-code"), *check(said, use)])
    if saved is None and await app.kept.how_many(kind, MAX_KEPT) == MAX_KEPT:
        raise INVALID_FIELDS(fields=[FieldError("code", "too-many", {"max": MAX_KEPT})])
    if saved is not None and saved.state.before is not None:
        told += await follow(app, saved.state, command)

    def decide(there: KeptPart | None) -> Decision[KeptPart]:
        _check_reach(there, said, use, grants, expected)
        after = keep(there, said, use, expected=expected)
        if there is not None and after.revision != there.revision and there.before is not None:
            raise BUSY(retry_after=1)  # somebody wrote meanwhile, and programmes are about to follow
        return Decision(after, said_anew(there, after))

    for _ in range(MAX_TRIES):
        outcome = await app.kept.change(id_of(kind, code), decide, command)
        if outcome is None:
            with suppress(DuplicateKey):  # another process was first
                outcome = await app.kept.add(id_of(kind, code), decide(None), command)
        if outcome is not None:
            kept = outcome.saved.state
            told += outcome.events
            told += await follow(app, kept, command)
            return Written(kept, told)
    raise BUSY(retry_after=1)


def _check_reach(
    there: KeptPart | None, said: Said, use: Use | None, grants: Sequence[Grant], expected: int | None
) -> None:
    """Raises NOT_FOUND for what is beyond all rights: what is there already, or a centre that is not."""
    before = there.said if there is not None else use.said if use is not None else None
    if before is not None or expected:
        if before is None or not reached(before, grants):
            raise NOT_FOUND()
    elif isinstance(said, Centre) and not any(grant.centres is None and grant.commissions is None for grant in grants):
        raise NOT_FOUND()


async def _has_centre(app: App, said: Said, uses: Uses, grants: Sequence[Grant]) -> bool:
    """Whether it is of a centre that there is and that is not beyond all rights, or may be of none."""
    owner = said.owner
    if not reached(said, grants):
        return False
    if isinstance(said, Centre) or owner is None or ("centre", owner) in uses:
        return True
    return await app.kept.one("centre", owner) is not None


def reached(said: Said, grants: Sequence[Grant]) -> bool:
    """Whether one of these rights is one for it."""
    board = said.unit.code if isinstance(said, Commission) else None
    return any(holds(grant, said.owner, board) for grant in grants)


async def follow(app: App, kept: KeptPart, command: CommandContext) -> list[EventRef]:
    """Have programmes say what is kept, and note that they do; answer what they tell.

    What somebody writes meanwhile is followed as well, so that none is left behind.
    """
    told: list[EventRef] = []
    # Each programme is one command of its own, that nobody sends again.
    each = command.by_itself()
    for _ in range(MAX_TRIES):
        if kept.before is None:
            return told
        told += await _followed(app, kept, each)
        revision = kept.revision

        def settled(there: KeptPart, revision: int = revision) -> Decision[KeptPart]:
            return Decision(replace(there, before=None) if there.revision == revision else there)

        outcome = await app.kept.change(id_of(kept.kind, kept.code), settled, each)
        if outcome is None:
            return told
        if outcome.saved.state.revision == revision:
            return told
        kept = replace(outcome.saved.state, before=outcome.saved.state.before or kept.before)
    raise BUSY(retry_after=1)


async def follow_due(app: App, command: CommandContext) -> int:
    """Have programmes follow where whoever wrote was interrupted; answer how often."""
    due = await app.kept.due(DUE_AT_ONCE)
    for kept in due:
        await follow(app, kept, command)
    return len(due)


async def _followed(app: App, kept: KeptPart, command: CommandContext) -> list[EventRef]:
    campaign = (await app.campaigns.load()).current
    told: list[EventRef] = []
    if campaign is None:
        return told

    async def work(left: AsyncIterator[Programme], lock: asyncio.Lock) -> None:
        while True:
            async with lock:
                programme = await anext(left, None)
            if programme is None:
                return
            if programme.content.campaign == campaign.code and followed(programme.content, kept) != programme.content:
                told.extend(await _follow(app, kept, programme.code, command))

    async with aclosing(app.programmes.every()) as programmes, task_group() as group:
        lock = asyncio.Lock()
        for _ in range(AT_ONCE):
            group.create_task(work(programmes, lock))
    return told


async def _follow(app: App, kept: KeptPart, code: str, command: CommandContext) -> Sequence[EventRef]:
    def decide(there: Programme) -> Decision[Programme]:
        return Decision(*write(there, code, followed(there.content, kept), published=there.is_published))

    outcome = await app.programmes.change(code, decide, command)
    return () if outcome is None else outcome.events


async def kept_part(app: App, kind: Kind, code: str, uses: Uses, grants: Sequence[Grant]) -> KeptPart:
    """What is kept, or of revision 0 what programmes say; raises NOT_FOUND for what is beyond `grants` as for nothing."""
    saved, use = await app.kept.one(kind, code), uses.get((kind, code))
    found = saved.state if saved is not None else KeptPart(kind, code, 0, use.said) if use is not None else None
    if found is None or not reached(found.said, grants):
        raise NOT_FOUND()
    return found


async def kept_parts_within(app: App, kind: Kind, uses: Uses, grants: Sequence[Grant]) -> list[KeptPart]:
    """All of a kind within these rights by code, of revision 0 what programmes alone say."""
    found = {code: KeptPart(kind, code, 0, use.said) for (of, code), use in uses.items() if of == kind}
    found |= {each.code: each async for each in app.kept.of(kind)}
    return [each for _, each in sorted(found.items()) if reached(each.said, grants)]


async def take_over(
    app: App, said: Iterable[Said], command: CommandContext, *, grants: Sequence[Grant] | None = None
) -> None:
    """Keep what a catalogue file says of what staff have written, whose it is alone stays; its programmes say it, too.

    What is beyond `grants`, where these are given, stays as it is.
    """

    def decide(there: KeptPart) -> Decision[KeptPart]:
        if grants is not None and not reached(there.said, grants):
            return Decision(there)
        after = taken_over(there, wanted)
        return Decision(after, said_anew(there, after))

    for wanted in said:
        await app.kept.change(id_of(kind_of(wanted), wanted.unit.code), decide, command)
