"""Incidents: measured or declared, and judged: last days are moved, once, or they concerned nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import structlog

from services.applications.domain import incidents
from services.applications.domain.incidents import Incident, IncidentState, Source
from services.applications.repository.deadlines import INCIDENT
from services.applications.repository.incidents import MOST
from services.applications.usecases.app import App
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.ports import DuplicateKey
from services.contracts.beats import gap
from services.contracts.maintenance import outside
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.applications import INCIDENT_CHANGED, INCIDENT_JUDGED, TOO_MANY_INCIDENTS

log = structlog.get_logger()

SHOWN: Final = 100
"""Of a list of incidents, the last ones."""
BEAT_SECONDS: Final = 20.0
FOLLOW_SECONDS: Final = 2.0


async def beat(app: App, command: CommandContext) -> int:
    """Keep that the service works, and as an incident for how long it did not, if that was long enough to be felt.

    The incident is kept first: of a process that ends between the two the next one finds the same gap.
    """
    last, now, there = await app.beats.look()
    in_force = app.parameters.in_force
    rules, least = in_force.applications, timedelta(minutes=in_force.applications.incident_minutes)
    there_was = None if last is None else gap(last, now, least)
    found = None if there_was is None else outside(in_force.maintenance.windows, app.zone, *there_was, least)
    new = 0
    if last is not None and found is not None:
        near = timedelta(hours=rules.incident_hours)
        incident = Incident(Source.STOPPED, "applications", *found, near, now.at)
        new = await propose(app, f"stopped-{int(last.at.timestamp())}", incident, command)
    await app.beats.keep(now, there)
    return new


async def propose(app: App, id: str, incident: Incident, command: CommandContext) -> int:
    """Keep an incident for somebody to judge; one that is there lasts longer. Answers whether it is a new one."""
    own = replace(command.of_service("applications").by_itself(), event=None)
    if await _is_full(app, command):
        log.error("incidents.full", service="applications", id=id)
        return 0
    try:
        await app.incidents.add(id, Decision(incident), own)
    except DuplicateKey:  # another process has found it, perhaps one that ended before it kept its beat
        begins, ends = incident.begins, incident.ends
        await app.incidents.change(id, lambda there: Decision(incidents.lasting(there, begins, ends)), own)
        return 0
    seconds = int(incident.lasted.total_seconds())
    log.warning("incidents.found", service="applications", id=id, seconds=seconds)
    return 1


async def unjudged(app: App, command: CommandContext) -> frozenset[date]:
    """The last days on which nothing is done yet, also because of a gap that ends this very moment.

    A machine that slept and a store that was away come back in the midst of other work.
    """
    if not app.beats.rests(timedelta(seconds=BEAT_SECONDS)):
        await beat(app, command)
    return await app.extensions.unjudged(command.now)


@asynccontextmanager
async def measured(app: App) -> AsyncIterator[None]:
    """Before anything is done by the clock it is known for how long nothing was, and which last days were moved."""
    await app.extensions.look()
    await beat(app, CommandContext(app.clock.now(), app.ids.new(), acting_service("applications")))
    yield


async def follow(app: App, command: CommandContext) -> int:
    """Work by what another process has judged, and have those told whose last day was moved; how many incidents began so."""
    await app.extensions.look()
    begun = 0
    for saved in await app.incidents.in_state(IncidentState.EXTENDED):
        if not saved.state.told:
            await app.telling.begin(f"{INCIDENT}{saved.id}", command.now)
            told = replace(saved.state, told=True)
            own = command.of_service("applications").by_itself()
            begun += await app.incidents.save(saved, Decision(told), own) is not None
    return begun


async def declare(app: App, incident: Incident, command: CommandContext) -> Versioned[Incident]:
    """Keep an incident that somebody of staff says there was; by the same key once.

    One of the same span that is judged stays so: INCIDENT_JUDGED. Raises TOO_MANY_INCIDENTS, BUSY.
    """
    if await _is_full(app, command):
        raise TOO_MANY_INCIDENTS(max=MOST)
    id = f"declared-{incident.begins.timestamp():.0f}-{incident.ends.timestamp():.0f}"

    def decide(there: Incident) -> Decision[Incident]:
        if there.state is not IncidentState.OPEN:
            raise INCIDENT_JUDGED()
        return Decision(there)

    outcome = await app.incidents.change_or_add(id, incident, decide, replace(command, personal=False))
    return outcome.saved


async def load(app: App, id: str) -> Versioned[Incident]:
    """The incident of that id; raises NOT_FOUND."""
    saved = await app.incidents.get(id)
    if saved is None:
        raise NOT_FOUND()
    return saved


async def extend(
    app: App, id: str, command: CommandContext, *, hours: int, reason: str, digest: str
) -> Versioned[Incident]:
    """Move the last days that an incident touched, as its preview of that digest has told; once, and for ever.

    Sent again with the same hours nothing more is done. Raises NOT_FOUND, INCIDENT_JUDGED, INCIDENT_CHANGED,
    INVALID_FIELDS, BUSY.
    """
    there = (await load(app, id)).state
    programmes = await app.programmes.with_last_day(frozenset(there.touches(app.zone)))
    moved = incidents.moved_days(there, hours, command.now, app.zone)
    premises = incidents.premises(id, hours, moved, list(programmes))
    kept = incidents.leading_to(moved, app.extensions.moves)
    unfelt = not programmes and not await app.programmes.with_last_day(kept) and await app.touched.is_nobodys(kept)

    def decide(incident: Incident) -> Decision[Incident]:
        if incident.state is IncidentState.EXTENDED and incident.hours == hours:
            return Decision(incident)
        if (incident.begins, incident.ends) != (there.begins, there.ends):
            raise INCIDENT_CHANGED()
        after = incidents.extend(
            incident, hours, reason, digest, premises, now=command.now, by=command.acting, unfelt=unfelt
        )
        return Decision(after)

    outcome = await app.incidents.change(id, decide, replace(command, personal=False))
    if outcome is None:
        raise NOT_FOUND()
    await follow(app, command)
    return outcome.saved


async def dismiss(app: App, id: str, command: CommandContext, *, reason: str) -> Versioned[Incident]:
    """Say that an incident has kept nobody from anything; raises NOT_FOUND, INCIDENT_JUDGED, INVALID_FIELDS, BUSY."""

    def decide(incident: Incident) -> Decision[Incident]:
        return Decision(incidents.dismiss(incident, reason, now=command.now, by=command.acting))

    outcome = await app.incidents.change(id, decide, replace(command, personal=False))
    if outcome is None:
        raise NOT_FOUND()
    return outcome.saved


def later_days(app: App, incident: Incident, hours: int, command: CommandContext) -> Mapping[date, date]:
    """Where its last days were moved to, or would be now by so many hours."""
    if incident.state is IncidentState.EXTENDED and incident.judged_at is not None:
        return incidents.moved_days(incident, incident.hours, incident.judged_at, app.zone)
    return incidents.moved_days(incident, hours, command.now, app.zone)


async def _is_full(app: App, command: CommandContext) -> bool:
    """Whether no more incidents can be kept, after the oldest have gone that move no last day any more."""
    there = await app.incidents.newest(MOST)
    if len(there) < MOST:
        return False
    old = [saved for saved in there if incidents.is_over(saved.state, command.now)]
    return not any([await app.incidents.remove(saved.id, saved.version) for saved in old])
