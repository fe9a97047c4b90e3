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
"""Of the last incidents, for one that a span goes on from: of before a start, or of another process."""


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
        for service, gaps in bad.items():
            for gap in gaps:
                found += await self._propose(service, gap, command)
        self.spans = after
        self.answered.forget(minutes)
        return found

    async def _propose(self, service: str, gap: Gap, command: CommandContext) -> int:
        """Without what lies in a window of maintenance; one that ends where this begins goes on."""
        in_force = self.app.parameters.in_force
        left = outside(in_force.maintenance.windows, self.app.zone, *gap, LEAST_MINUTES * timedelta(minutes=1))
        if left is None:
            return 0
        near = timedelta(hours=in_force.applications.incident_hours)
        incident = Incident(Source.FAILING, service, *left, near, command.now)
        id = f"failing-{service}-{int(incident.begins.timestamp())}"
        for saved in await self.app.incidents.newest(LOOKED_THROUGH):
            there = saved.state
            if (there.source, there.service, there.state) == (
                Source.FAILING,
                service,
                IncidentState.OPEN,
            ) and there.begins <= incident.begins <= there.ends:
                id = saved.id
        return await propose(self.app, id, incident, command)
