"""Incidents of what was answered by failures: looked at minute by minute, and proposed as stops are (ADR 110)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from services.applications.domain import failing
from services.applications.domain.beats import Gap
from services.applications.domain.failing import LEAST_MINUTES, Spans
from services.applications.domain.incidents import Incident, IncidentState, Source
from services.applications.usecases.app import App
from services.applications.usecases.incidents import beat, propose
from services.chassis.context import CommandContext
from services.chassis.telemetry.answering import Answered
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
        """Without what lies in a window of maintenance, and what is told or was judged already: an outage is one incident,
        of how many services or stops it may be.
        """
        in_force = self.app.parameters.in_force
        rules, least = in_force.applications, LEAST_MINUTES * timedelta(minutes=1)
        left = outside(in_force.maintenance.windows, self.app.zone, *span, least)
        if left is None:
            return 0
        span, id = Gap(*left), ""
        for saved in reversed(await self.app.incidents.newest(LOOKED_THROUGH)):
            there, near = saved.state, timedelta(minutes=rules.incident_minutes)
            if failing.told(span, there):
                return 0
            measured = there.state is IncidentState.OPEN and there.source is not Source.DECLARED
            if measured and failing.goes_on(span, there, near):
                id = saved.id
                break
            span = failing.behind(span, there)
        if not id and span.ends - span.begins < least:
            return 0
        incident = Incident(Source.FAILING, service, *span, timedelta(hours=rules.incident_hours), command.now)
        return await propose(self.app, id or f"failing-{int(span.begins.timestamp())}", incident, command)
