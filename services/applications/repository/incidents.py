"""Incidents, each in one document, and what a process works by of those that have moved last days."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from services.applications.domain.incidents import (
    AWAITED,
    Incident,
    IncidentState,
    Moves,
    Source,
    awaited_days,
    is_over,
    moves_of,
)
from services.applications.domain.states import EDITABLE
from services.applications.repository.applications import APPLICATIONS
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.ports import MAX_FIND, Collection, Index, Range
from services.chassis.store.rows import BY_ID
from services.contracts.actors import Acting
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

INCIDENTS: Final = Collection(
    "incidents", (OUTBOX_INDEX, Index("begins", ("begins",)), Index("state", ("state", "ends")))
)

MOST: Final = 500
"""Incidents that are kept."""


class IncidentRepository(Aggregates[Incident]):
    """The incidents, by their ids."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = INCIDENTS

    def to_document(self, state: Incident) -> ports.Document:
        """Spans in seconds, instants as text; a release before knows no services that fail, and reads that they stopped."""
        failing = state.source is Source.FAILING
        document: ports.Document = {
            "source": Source.STOPPED.value if failing else state.source.value,
            "service": state.service,
            "begins": instant_text(state.begins),
            "ends": instant_text(state.ends),
            "near": int(state.near.total_seconds()),
            "found_at": instant_text(state.found_at),
            "state": state.state.value,
            "hours": state.hours,
            "reason": state.reason,
            "told": state.told,
        }
        if failing:
            document["failing"] = True
        if state.unfelt:
            document["unfelt"] = True
        if state.judged_at is not None:
            document["judged_at"] = instant_text(state.judged_at)
        if state.by is not None:
            document["by"] = state.by.actor
            if state.by.on_behalf_of is not None:
                document["on_behalf_of"] = state.by.on_behalf_of
        return document

    def from_document(self, document: ports.Document) -> Incident:
        """What `to_document` wrote."""
        judged, by = document.get("judged_at"), document.get("by")
        return Incident(
            source=Source.FAILING if document.get("failing") else Source(document["source"]),
            service=document["service"],
            begins=instant(document["begins"]),
            ends=instant(document["ends"]),
            near=timedelta(seconds=document["near"]),
            found_at=instant(document["found_at"]),
            state=IncidentState(document["state"]),
            hours=document["hours"],
            reason=document["reason"],
            judged_at=None if judged is None else instant(judged),
            by=None if by is None else Acting(by, document.get("on_behalf_of")),
            told=document["told"],
            unfelt=document.get("unfelt", False),
        )

    def publish(self, id: str, state: Incident, domain_event: Any) -> Sequence[Event]:
        """None: others learn what it means for an application by that application's events."""
        raise AssertionError("nothing is told of incidents")

    async def newest(self, most: int) -> list[Versioned[Incident]]:
        """The last ones."""
        return await self.listed({}, sort=(("begins", -1), ("_id", -1)), limit=most)

    async def in_state(self, state: IncidentState, since: datetime | None = None) -> list[Versioned[Incident]]:
        """Those in a state, of those that ended at an instant or later; the first first."""
        where: ports.Where = {"state": state.value}
        if since is not None:
            where = {"state": state.value, "ends": Range(ge=instant_text(since))}
        return await self.listed(where, sort=(("ends", 1), ("_id", 1)), limit=MAX_FIND)


class Touched:
    """Which files have a last day that an incident touched, in nobody's name: to which programme, and whose."""

    def __init__(self, store: ports.Store) -> None:
        self._store = store

    async def open_until(self, day: date) -> AsyncGenerator[ports.Document, None]:
        """Those in their candidates' hands until that day."""
        for state in sorted(EDITABLE):
            async for row in self._rows({"state": state.value, "submission_deadline": day.isoformat()}):
                yield row

    def answering_until(self, day: date) -> AsyncGenerator[ports.Document, None]:
        """Those with a place that may be answered until that day."""
        return self._rows({"unanswered_until": day.isoformat()})

    async def is_nobodys(self, days: Iterable[date]) -> bool:
        """Whether no file has one of these last days."""
        for day in days:
            for rows in (self.open_until(day), self.answering_until(day)):
                async with aclosing(rows) as found:
                    async for _ in found:
                        return False
        return True

    async def _rows(self, where: ports.Where) -> AsyncGenerator[ports.Document, None]:
        after: list[str] | None = None
        names = ("account", "programme")
        while rows := await self._store.find(
            APPLICATIONS.name, where, sort=BY_ID, limit=MAX_FIND, after=after, fields=names
        ):
            for row in rows:
                yield row
            after = [rows[-1]["_id"]]


class Extensions:
    """The last days that incidents have moved, as one process knows them; what others change it learns in seconds."""

    def __init__(self, incidents: IncidentRepository, clock: ports.Clock, zone: ZoneInfo) -> None:
        self._incidents = incidents
        self._clock = clock
        self._zone = zone
        self.moves: Moves = ()
        self.felt: Moves = ()
        """Those of incidents that touched somebody's last day."""

    async def look(self) -> None:
        """Look what has been judged."""
        found = await self._incidents.in_state(IncidentState.EXTENDED)
        now = self._clock.now()
        there = [saved.state for saved in found if not is_over(saved.state, now)]
        self.moves = moves_of(there, self._zone)
        self.felt = moves_of((each for each in there if not each.unfelt), self._zone)

    async def unjudged(self, now: datetime) -> frozenset[date]:
        """The last days on which nothing must be done yet, by what is judged this very moment."""
        found = await self._incidents.in_state(IncidentState.OPEN, now - AWAITED)
        await self.look()
        return awaited_days((saved.state for saved in found), now, self._zone)
