"""Incidents of what was answered by failures, minute by minute, and of services beside that were away (ADR 110, 120)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from services.applications.domain import failing
from services.applications.domain.failing import LEAST_MINUTES, Spans
from services.applications.domain.incidents import Incident, IncidentState, Source
from services.applications.usecases.app import App
from services.applications.usecases.incidents import beat, propose
from services.chassis.context import CommandContext
from services.chassis.telemetry.answering import Answered
from services.contracts.beats import Gap
from services.contracts.events.absences import WasAway
from services.contracts.instants import instant
from services.contracts.maintenance import outside

LOOKED_THROUGH = 20
"""Of the last incidents, for one that a span goes on from: of a stop, of another service, of before a start or elsewhere."""


@dataclass(slots=True)
class Failing:
    """What this process answers, all services of it, and the bad minutes that go on."""

    app: App
    answered: Answered
    spans: Spans = field(default_factory=Spans)

    async def measure(self, command: CommandContext) -> int:
        """Keep a beat, then look at the minutes that are over since; they are read again if what they tell was not kept."""
        found = await beat(self.app, command)
        minutes = self.answered.over(command.now)
        if not minutes:
            return found
        rules = self.app.parameters.in_force.applications
        after, bad = failing.follow(self.spans, minutes, rules.failing_percent, rules.failing_requests)
        for span, service in sorted((span, service) for service, spans in bad.items() for span in spans):
            found += await self._propose(service, span, command)
        self.spans = after
        self.answered.forget(minutes)
        return found

    async def _propose(self, service: str, span: Gap, command: CommandContext) -> int:
        return await proposed(self.app, Source.FAILING, service, span, LEAST_MINUTES * timedelta(minutes=1), command)


async def keep_absence(app: App, event: WasAway, command: CommandContext) -> None:
    """A service that was away tells so: an incident, if that was as long as the institution has people feel."""
    least = timedelta(minutes=app.parameters.in_force.applications.incident_minutes)
    await proposed(app, Source.STOPPED, event.service, Gap(instant(event.begins), instant(event.ends)), least, command)


async def proposed(app: App, source: Source, service: str, span: Gap, least: timedelta, command: CommandContext) -> int:  # noqa: PLR0917 - all that is said of one
    """Propose an incident without what lies in a window of maintenance, and what is told or was judged already.

    An outage is one incident, of how many services or stops it may be: who hears of two at once looks at one after the
    other. Answers whether it is a new one.
    """
    rules, windows = app.parameters.in_force.applications, app.parameters.in_force.maintenance.windows
    left = outside(windows, app.zone, *span, least)
    if left is None or span.ends - span.begins < least:
        return 0
    async with app.incident_turn:
        span, id, near = Gap(*left), "", timedelta(minutes=rules.incident_minutes)
        for saved in reversed(await app.incidents.newest(LOOKED_THROUGH)):
            there = saved.state
            if failing.told(span, there):
                return 0
            measured = there.state is IncidentState.OPEN and there.source is not Source.DECLARED
            if measured and failing.goes_on(span, there, near):
                id = saved.id
                break
            span = failing.behind(span, there)
        if not id and span.ends - span.begins < least:
            return 0
        if not id:
            begun = int(span.begins.timestamp())
            id = f"failing-{begun}" if source is Source.FAILING else f"{service}-{begun}"
        incident = Incident(source, service, *span, timedelta(hours=rules.incident_hours), command.now)
        return await propose(app, id, incident, command)
