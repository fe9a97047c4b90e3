"""Incidents: when candidates could not work, which last days that touched, and until when these count instead (ADR 110).

A last day ends at midnight in the institution's zone. It is touched where that is within the incident, or so shortly after
it that people had lost time they needed. All is reckoned in UTC, so that a night that changes to summer time is an hour
shorter and nobody loses that hour.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.contracts.actors import Acting
from services.contracts.incidents import LONGEST_REASON
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import INCIDENT_CHANGED, INCIDENT_JUDGED
from services.contracts.text import typed

MOST_HOURS: Final = 168
"""By so much a last day is moved at most, of one incident."""
LONGEST: Final = timedelta(days=14)
"""Of an incident that somebody declares."""
FARTHEST_BACK: Final = timedelta(days=60)
"""An incident that ended earlier is declared no more."""
AWAITED: Final = timedelta(days=3)
"""For so long after its end timers wait for somebody to judge an incident."""
KEPT: Final = timedelta(days=70)
"""Incidents that ended earlier, and were judged earlier, move no last day any more, and give way to others."""

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


class IncidentState(StrEnum):
    """What has become of it: nobody has judged it yet, last days were moved, or it concerned nobody."""

    OPEN = "open"
    EXTENDED = "extended"
    DISMISSED = "dismissed"


class Source(StrEnum):
    """Who says so: the service, which had stopped, somebody of staff, or what was answered, minute by minute."""

    STOPPED = "stopped"
    DECLARED = "declared"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Incident:
    """A span in which candidates could not work: its first instant and the one at which it was over.

    `near` is how long after it a last day still counts as touched, as was set when it was found. Last days are moved by
    `hours`, 0 as long as nobody has said so.
    """

    source: Source
    service: str
    begins: datetime
    ends: datetime
    near: timedelta
    found_at: datetime
    state: IncidentState = IncidentState.OPEN
    hours: int = 0
    reason: str = ""
    judged_at: datetime | None = None
    by: Acting | None = None
    told: bool = False
    """Whether the telling of those whose last day it moves has begun."""
    unfelt: bool = False
    """Whether it touched nobody's last day, and no programme's, when it was extended: then nobody need hear of it."""

    @property
    def lasted(self) -> timedelta:
        """For how long."""
        return self.ends - self.begins

    @property
    def least_hours(self) -> int:
        """The time that was lost, in whole hours."""
        return min(MOST_HOURS, max(1, -(-self.lasted // _HOUR)))

    def touches(self, zone: ZoneInfo) -> tuple[date, ...]:
        """The last days that end within it or shortly after, in their order."""
        return tuple(_ending(self.begins, self.ends + self.near, zone))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a calendar day is over."""
    return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)


def moved_days(incident: Incident, hours: int, now: datetime, zone: ZoneInfo) -> Mapping[date, date]:
    """The last days that it moves where it is judged now, each with the later one: one day for all of them.

    People have so many hours more from the end of the latest on, or from now on; days count to their end, so that it is the
    day in which these hours end. It is none of those that were touched, so that nothing is moved twice by one incident.
    """
    touched = incident.touches(zone)
    if not touched:
        return {}
    until = max(end_of(touched[-1], zone), now) + hours * _HOUR
    return dict.fromkeys(touched, (until - timedelta(milliseconds=1)).astimezone(zone).date())


Moves = tuple[tuple[date, date], ...]
"""Last days in their order, each with the later one that counts in its place."""


def moves_of(incidents: Iterable[Incident], zone: ZoneInfo) -> Moves:
    """What all of them move; of two that move the same day the later one counts."""
    found: dict[date, date] = {}
    for incident in incidents:
        if incident.state is IncidentState.EXTENDED and incident.judged_at is not None:
            for day, later in moved_days(incident, incident.hours, incident.judged_at, zone).items():
                found[day] = max(later, found.get(day, later))
    return tuple(sorted(found.items()))


def leading_to(days: Iterable[date], moves: Moves) -> frozenset[date]:
    """These days, and those in whose place one of them counts: of who was not told yet the earlier one is kept."""
    found = {*days}
    for before, later in reversed(moves):
        if later in found:
            found.add(before)
    return frozenset(found)


def lasting(incident: Incident, begins: datetime, ends: datetime) -> Incident:
    """One that turns out to have begun earlier or ended later, as long as nobody has judged it."""
    if incident.state is not IncidentState.OPEN:
        return incident
    return replace(incident, begins=min(begins, incident.begins), ends=max(ends, incident.ends))


def is_over(incident: Incident, now: datetime) -> bool:
    """Whether whatever it moved, or could still hold up, is long over; somebody may judge it late."""
    return max(incident.ends, incident.judged_at or incident.ends) < now - KEPT


def prolonged_until(moves: Moves, today: date) -> date | None:
    """The latest later day; None where that is over or there is none."""
    return max((later for _, later in moves if later >= today), default=None)


def awaited_days(incidents: Iterable[Incident], now: datetime, zone: ZoneInfo) -> frozenset[date]:
    """The last days that nobody has judged yet: until somebody does, or for three days, nothing is done on them."""
    waiting = (each for each in incidents if each.state is IncidentState.OPEN and now < each.ends + AWAITED)
    return frozenset(day for each in waiting for day in each.touches(zone))


def declared(begins: datetime, ends: datetime, reason: str, near: timedelta, *, now: datetime, by: Acting) -> Incident:
    """An incident that somebody of staff says there was; raises INVALID_FIELDS."""
    reason = typed(reason)
    faults = list(_reason_faults(reason))
    if ends > now:
        faults.append(FieldError("ends", "incident-not-over"))
    elif ends < now - FARTHEST_BACK:
        faults.append(FieldError("ends", "incident-too-old", {"max": FARTHEST_BACK.days}))
    if not begins < ends:
        faults.append(FieldError("begins", "incident-empty"))
    elif ends - begins > LONGEST:
        faults.append(FieldError("begins", "incident-too-long", {"max": LONGEST.days}))
    if faults:
        raise INVALID_FIELDS(fields=faults)
    return Incident(Source.DECLARED, "", begins, ends, near, now, reason=reason, by=by)


def check_hours(incident: Incident, hours: int) -> None:
    """Raises INVALID_FIELDS for less than was lost, and for more than MOST_HOURS."""
    if not incident.least_hours <= hours <= MOST_HOURS:
        rule = {"min": incident.least_hours, "max": MOST_HOURS}
        raise INVALID_FIELDS(fields=[FieldError("hours", "incident-hours", rule)])


def extend(
    incident: Incident,
    hours: int,
    reason: str,
    digest: str,
    premises: str,
    *,
    now: datetime,
    by: Acting,
    unfelt: bool = False,
) -> Incident:
    """Move the last days that were touched, once and for ever; `premises` is what the digest of the preview must be.

    Raises INCIDENT_JUDGED, INVALID_FIELDS, INCIDENT_CHANGED.
    """
    if incident.state is not IncidentState.OPEN:
        raise INCIDENT_JUDGED()
    check_hours(incident, hours)
    reason = typed(reason)
    if faults := list(_reason_faults(reason)):
        raise INVALID_FIELDS(fields=faults)
    if digest != premises:
        raise INCIDENT_CHANGED()
    state = IncidentState.EXTENDED
    return replace(incident, state=state, hours=hours, reason=reason, judged_at=now, by=by, unfelt=unfelt)


def dismiss(incident: Incident, reason: str, *, now: datetime, by: Acting) -> Incident:
    """Say that it has kept nobody from anything; the same again changes nothing. Raises INCIDENT_JUDGED, INVALID_FIELDS."""
    if incident.state is IncidentState.EXTENDED:
        raise INCIDENT_JUDGED()
    if incident.state is IncidentState.DISMISSED:
        return incident
    reason = typed(reason)
    if faults := list(_reason_faults(reason)):
        raise INVALID_FIELDS(fields=faults)
    return replace(incident, state=IncidentState.DISMISSED, reason=reason, judged_at=now, by=by)


def premises(id: str, hours: int, days: Mapping[date, date], programmes: Sequence[str]) -> str:
    """The digest of a preview: of the hours, of the days, and of the programmes that have one of these."""
    told: list[Any] = [id, hours, sorted((str(day), str(later)) for day, later in days.items()), sorted(programmes)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _reason_faults(reason: str) -> Iterator[FieldError]:
    if not reason:
        yield FieldError("reason", "required")
    elif len(reason) > LONGEST_REASON:
        yield FieldError("reason", "too-long", {"max": LONGEST_REASON})


def _ending(after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The calendar days that end behind one instant, and by another one."""
    day = after.astimezone(zone).date() - _DAY
    while (end := end_of(day, zone)) <= until:
        if end > after:
            yield day
        day += _DAY
