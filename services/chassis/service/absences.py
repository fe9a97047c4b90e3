"""That a service was away, by its own beats: told once it is there again, for others to judge (ADR 110, 120)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Decision
from services.chassis.ports import Clock, Collection, Document, Ids
from services.chassis.service.beats import Beats
from services.chassis.service.last_runs import LastRuns
from services.chassis.service.service import Ports
from services.chassis.service.timers import Timer
from services.contracts.beats import Gap, gap
from services.contracts.events.absences import WasAway
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

ABSENCES: Final = Collection("absences", (OUTBOX_INDEX,))
"""One document: the last one, by the name of the service."""
BEAT_SECONDS: Final = 20.0
LEAST: Final = timedelta(minutes=5)
"""What is told of: the least that `applications.incident_minutes` may be, which alone says what counts."""


@dataclass(frozen=True, slots=True)
class Absence:
    """From when until when no process of the service worked."""

    begins: datetime | None = None
    ends: datetime | None = None


class Absences(Aggregates[Absence]):
    """The last absence of a service, which it tells by its own event type."""

    collection: ClassVar[Collection] = ABSENCES
    event: ClassVar[type[WasAway]]

    def to_document(self, state: Absence) -> Document:
        """Instants as text."""
        if state.begins is None or state.ends is None:
            return {}
        return {"begins": instant_text(state.begins), "ends": instant_text(state.ends)}

    def from_document(self, document: Document) -> Absence:
        """What `to_document` wrote."""
        if "begins" not in document:
            return Absence()
        return Absence(instant(document["begins"]), instant(document["ends"]))

    def publish(self, id: str, state: Absence, domain_event: Any) -> Sequence[Event]:
        """That it was."""
        return [self.event(service=self.service, **self.to_document(state))]


@dataclass(frozen=True, slots=True)
class ServiceBeats:
    """Keeps that a service works, over all its processes and their lives, and tells for how long it did not.

    One of several replicas that leaves makes no gap, for the others go on.
    """

    service: str
    beats: Beats
    absences: Absences
    runs: LastRuns
    clock: Clock
    ids: Ids

    @property
    def timer(self) -> Timer:
        """Keeps a beat; a machine that slept is found out so, too."""
        return Timer("beats", BEAT_SECONDS, self.beat)

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Before anybody is served it is known for how long nobody was.

        A release that keeps no beats runs timers all the same: while it served, beside this one or in its place, nobody
        was away.
        """
        runs = (await self.runs.load()).values()
        command = CommandContext(self.clock.now(), self.ids.new(), acting_service(self.service))
        await self._beat(command, served=max((run.at for run in runs), default=None))
        yield

    async def beat(self, command: CommandContext) -> int:
        """Keep a beat, and before it what the last one tells: if a process ends between the two, the next finds it again."""
        return await self._beat(command)

    async def _beat(self, command: CommandContext, served: datetime | None = None) -> int:
        last, now, there = await self.beats.look()
        found = None if last is None else gap(last, now, LEAST)
        if found is not None and served is not None and served > found.begins:
            found = Gap(served, found.ends) if found.ends - served >= LEAST else None
        if last is not None and found is not None:
            own = replace(command.of_service(self.service).by_itself(), event=None)
            await self.absences.change_or_add(self.service, Absence(), lambda known: _after(known, found), own)
        await self.beats.keep(now, there)
        return int(found is not None)


def own_beats(ports: Ports, absences: type[Absences]) -> tuple[ServiceBeats, ...]:
    """Those of a service that runs beside others; none where one process is the whole suite, of which applications tells."""
    if ports.settings.is_alone:
        return ()
    beats = Beats(ports.store, ports.clock, service=absences.service)
    told, runs = absences(ports.store, ports.outbox), LastRuns(ports.store)
    return (ServiceBeats(absences.service, beats, told, runs, ports.clock, ports.ids),)


def _after(known: Absence, found: Gap) -> Decision[Absence]:
    """A gap that was told, by a process that ended before it kept its beat, is told as far as it goes on since."""
    state = Absence(found.begins, found.ends)
    if known.ends is not None and found.begins < known.ends:
        state = Absence(min(known.begins or found.begins, found.begins), found.ends)
    return Decision(state, (state,))
