"""Comparing with what the student records hold: by a digest of each campaign, and where that differs, one by one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, time, timedelta
from typing import Final

import structlog

from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.reconciling import (
    Comparison,
    Difference,
    Differing,
    Outcome,
    difference,
    is_among_lost,
    is_held,
    is_outdated,
    is_told,
    since,
    with_difference,
)
from services.applications.repository.pre_enrolments import PRE_ENROLMENTS
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.ports import Document, PortError, PreEnrolments, PreEnrolmentsSilent, PreEnrolmentsUnavailable
from services.chassis.store.rows import UnreadableRow, readable
from services.chassis.telemetry import metrics
from services.contracts.pre_enrolments import HeldDigest, HeldEntry, held_line

log = structlog.get_logger(__name__)

HOUR: Final = time(4)
"""Of the night, by the institution's clock."""
AGAIN: Final = timedelta(hours=1)
"""When they are asked again who were away."""

Told = Callable[[str, Differing], None]
"""Hears of each that differs in a campaign as it is found."""


def _nothing(*_: object) -> None:
    """Nobody listens."""


async def look(app: App, records: PreEnrolments, command: CommandContext) -> int:
    """Compare every campaign that goes on, once a night from four o'clock on; after a stop that is caught up.

    One replica does it. While they are away, or a campaign could not be read, all are compared again every hour. What was
    found is kept for staff until something else is, and told to metrics and log.
    """
    due_at = await app.comparisons.due_at()
    if due_at is None:
        await app.comparisons.defer(_next_night(app, command.now))
        return 0
    if command.now < due_at:
        await _measure(app)
        return 0
    night = _next_night(app, command.now)
    again = min(night, command.now + AGAIN)
    # Before the work, that no other replica does it too, and that what fails for good is not asked for all the time.
    if not await app.comparisons.claim(due_at, again):
        return 0
    done = [await _compared(app, records, campaign, command) for campaign in await campaigns(app)]
    await app.comparisons.defer(night if all(done) else again)
    await _measure(app)
    return 0


async def _compared(app: App, records: PreEnrolments, campaign: str, command: CommandContext) -> bool:
    """Compare one and keep what was found; answer whether that is all for tonight. What fails keeps it from no other."""
    try:
        if await app.closed.closed_at(campaign, command.now) is not None:
            return True
        found = await compare(app, records, campaign, command)
        found = since(found, await app.comparisons.of(campaign))
        await app.comparisons.keep(found)
    except (PortError, UnreadableRow) as error:
        log.warning("pre_enrolment.not-compared", campaign=campaign, why=type(error).__name__)
        return False
    _tell(found)
    return found.outcome is not Outcome.UNAVAILABLE


async def is_lost(app: App, id: str, record: PreEnrolment) -> bool:
    """Whether the last comparison has shown that the student records do not hold somebody whom they have taken."""
    if not is_held(record) or (found := await app.comparisons.of(record.campaign)) is None:
        return False
    return is_among_lost(found, id, record)


async def campaigns(app: App) -> Sequence[str]:
    """Those in which anybody has accepted a place."""
    return await app.pre_enrolments.campaigns()


async def compare(
    app: App, records: PreEnrolments, campaign: str, command: CommandContext, told: Told = _nothing
) -> Comparison:
    """What came of comparing one campaign; nothing is changed, and of who is under way nothing is said."""
    begun = Comparison(campaign, command.now, Outcome.SAME)
    try:
        there = await records.told(campaign)
        here = await _digest(app, campaign)
        begun = Comparison(
            campaign, command.now, Outcome.SAME, as_of=there.as_of, here=here.count, there=there.digest.count
        )
        if is_outdated(there.as_of, command.now):
            return _came(begun, Outcome.OUTDATED)
        if here == there.digest:
            return begun
        return await _one_by_one(app, records, begun, there.as_of, told)
    except PreEnrolmentsSilent:
        return _came(begun, Outcome.SILENT)
    except PreEnrolmentsUnavailable as error:
        log.warning("pre_enrolment.not-compared", campaign=campaign, why=str(error))
        return _came(begun, Outcome.UNAVAILABLE)


def _came(begun: Comparison, outcome: Outcome) -> Comparison:
    return Comparison(begun.campaign, begun.at, outcome, begun.as_of, begun.here, begun.there)


async def _digest(app: App, campaign: str) -> HeldDigest:
    """That of those who were handed over, as the student records make theirs."""
    count, digest = 0, hashlib.sha256()
    async with aclosing(app.pre_enrolments.of_campaign(campaign)) as rows:
        async for row in rows:
            for saved in readable("applications", PRE_ENROLMENTS.name, [row], app.pre_enrolments.loaded):
                if is_held(saved.state):
                    count += 1
                    digest.update(held_line(saved.id, saved.state.revision))
    return HeldDigest(count=count, sha256=digest.hexdigest())


async def _one_by_one(app: App, records: PreEnrolments, begun: Comparison, as_of: datetime, told: Told) -> Comparison:
    found, campaign = begun, begun.campaign
    async with (
        aclosing(app.pre_enrolments.of_campaign(campaign)) as rows,
        aclosing(records.held(campaign)) as entries,
        aclosing(_beside(rows, entries)) as pairs,
    ):
        async for row, entry in pairs:
            if (differs := await _differs(app, campaign, row, entry, as_of)) is not None:
                found = with_difference(found, differs)
                told(campaign, differs)
    return found


async def _differs(
    app: App, campaign: str, row: Document | None, entry: HeldEntry | None, as_of: datetime
) -> Differing | None:
    there = 0 if entry is None else entry.revision
    if row is None:
        if entry is None or await _is_here(app, entry.reference, campaign):
            return None  # it has come since we passed
        return Differing(entry.reference, Difference.UNKNOWN, 0, there)
    for found in readable("applications", PRE_ENROLMENTS.name, [row], app.pre_enrolments.loaded):
        what = difference(found.state, there, as_of)
        if what is not None:
            return Differing(found.id, what, found.state.revision if is_held(found.state) else 0, there)
    return None


async def _is_here(app: App, reference: str, campaign: str) -> bool:
    """Whether somebody is of a campaign, as far as that can be read: of whose record cannot, log and metrics tell."""
    if (row := await app.pre_enrolments.document(reference)) is None:
        return False
    read = readable("applications", PRE_ENROLMENTS.name, [row], app.pre_enrolments.loaded)
    return not read or read[0].state.campaign == campaign


async def _beside(
    rows: AsyncGenerator[Document, None], entries: AsyncGenerator[HeldEntry, None]
) -> AsyncGenerator[tuple[Document | None, HeldEntry | None], None]:
    """What is here and what is there, both in order of them."""
    row, entry = await anext(rows, None), await anext(entries, None)
    while True:
        if row is not None and (entry is None or row["_id"] < entry.reference):
            yield row, None
            row = await anext(rows, None)
        elif entry is not None and (row is None or entry.reference < row["_id"]):
            yield None, entry
            entry = await anext(entries, None)
        elif row is not None and entry is not None:
            yield row, entry
            row, entry = await anext(rows, None), await anext(entries, None)
        else:
            return


async def _measure(app: App) -> None:
    """Figures of what was found, whichever replica has looked: one that has not would tell of an older night for ever."""
    for found in await app.comparisons.last():
        is_over = await app.closed.holds(found.campaign)  # then it is compared no more
        for what in Difference:
            count = 0 if is_over else found.counts.get(what, 0)
            metrics.PRE_ENROLMENTS_DIFFERENT.labels(found.campaign, what.value).set(count)
        if is_over:
            metrics.PRE_ENROLMENTS_COMPARED.remove(found.campaign)
        elif is_told(found):
            metrics.PRE_ENROLMENTS_COMPARED.labels(found.campaign).set(found.at.timestamp())


def _tell(found: Comparison) -> None:
    """A line; it names nobody."""
    differences, outcome = sum(found.counts.values()), found.outcome.value
    if found.outcome is Outcome.SAME:
        log.info("pre_enrolment.compared", campaign=found.campaign, outcome=outcome, differences=differences)
    else:
        log.warning("pre_enrolment.compared", campaign=found.campaign, outcome=outcome, differences=differences)


def _next_night(app: App, now: datetime) -> datetime:
    """The next time that it is four o'clock; in the night in which that comes twice or never, once all the same."""
    local = now.astimezone(app.zone)
    tonight = datetime.combine(local.date(), HOUR, app.zone)
    if tonight <= local:
        tonight = datetime.combine(local.date() + timedelta(days=1), HOUR, app.zone)
    return tonight.astimezone(now.tzinfo)
