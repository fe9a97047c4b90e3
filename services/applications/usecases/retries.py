"""Many pre-enrolments tried anew at once: first what would come of it, then, on those premises, the act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.applications.domain import pre_enrolment
from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.reach import Reach
from services.applications.domain.reconciling import Comparison, is_among_lost
from services.applications.domain.retries import Retried, premises
from services.applications.repository.taking_part import taking_part
from services.applications.usecases.app import App
from services.applications.usecases.decisions import of_staff
from services.applications.usecases.one_by_one import UNDONE, UNTOUCHED, check_ids, in_turn, refusal_of
from services.applications.usecases.pre_enrolments import named_now
from services.applications.usecases.review import reached_within
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Decision
from services.contracts.refusals import PREMISES_CHANGED, RefusedError
from services.contracts.refusals.applications import NOTHING_REFUSED


async def foresee(app: App, actor: Actor, ids: Sequence[str], command: CommandContext) -> Sequence[Retried]:
    """What would come of it for each; nothing changes. Raises INVALID_FIELDS, BUSY."""
    check_ids(ids)
    async with in_turn(app, actor):
        return await _looked_at(app, actor, ids, replace(command, key=None))


async def carry_out(
    app: App, actor: Actor, ids: Sequence[str], command: CommandContext, *, digest: str
) -> Sequence[Retried]:
    """Ask anew for each; `digest` is that of the preview. Sent again under its key, nobody is asked for twice.

    Raises PREMISES_CHANGED before anything is done if one stands otherwise by now, INVALID_FIELDS, KEY_REUSED, BUSY.
    """
    check_ids(ids)
    async with in_turn(app, actor):
        items = await _looked_at(app, actor, ids, command)
        same = premises(items).confirm(digest, done=(item.done for item in items))
        return [await _done(app, actor, item, command, as_seen=seen) for item, seen in zip(items, same, strict=True)]


async def _looked_at(app: App, actor: Actor, ids: Sequence[str], command: CommandContext) -> list[Retried]:
    reaches = await app.programmes.reaches(actor)
    compared = {each.campaign: each for each in await app.comparisons.last()}  # once: they may name thousands
    return [await _looked(app, reaches, compared, id, command) for id in ids]


async def _looked(
    app: App, reaches: Sequence[Reach], compared: Mapping[str, Comparison], id: str, command: CommandContext
) -> Retried:
    try:
        saved, reach = await reached_within(app, reaches, id)
    except UNTOUCHED as error:
        return Retried(id, refusal=refusal_of(error))
    file = saved.state
    if (record := await app.pre_enrolments.get(id)) is None or record.state.state is None:
        return Retried(id, file, refusal=NOTHING_REFUSED())
    there = Retried(id, file, record.state, record.version)
    if app.pre_enrolments.earlier(record, of_staff(command)) is not None:
        return replace(there, changed=True, done=True)
    try:
        reach.check_part(id)
        found = compared.get(record.state.campaign)
        lost = found is not None and is_among_lost(found, id, record.state)
        after, _ = pre_enrolment.retry(record.state, named_now(app, file), command.now, role=reach.role, lost=lost)
    except RefusedError as refusal:
        return replace(there, refusal=refusal)
    return replace(there, changed=after != record.state, lost=lost)


async def _done(app: App, actor: Actor, item: Retried, command: CommandContext, *, as_seen: bool) -> Retried:
    """What came of it; one that has changed since it was looked at is left alone."""
    if item.done or item.refusal is not None or not item.changed:
        return item
    if not as_seen:
        return replace(item, changed=False, refusal=PREMISES_CHANGED())
    try:
        saved, reach = await reached_within(app, await app.programmes.reaches(actor), item.id)
        named, own = named_now(app, saved.state), of_staff(taking_part(command, item.id, reach))

        def decide(record: PreEnrolment) -> Decision[PreEnrolment]:
            if record != item.before:
                raise PREMISES_CHANGED()
            return Decision(*pre_enrolment.retry(record, named, command.now, role=reach.role, lost=item.lost))

        if await app.pre_enrolments.change(item.id, decide, own) is None:  # erased meanwhile
            raise NOTHING_REFUSED()
    except UNDONE as error:
        return replace(item, changed=False, refusal=refusal_of(error))
    return item
