"""Minutes in which a service answered people by failures, and the spans that they make (ADR 110)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from services.contracts.beats import Gap

LEAST_MINUTES: Final = 2
"""In a row: one bad minute keeps nobody from applying, and must not hold up the clock."""
OTHERS: Final = 4
"""Of the requests that make a minute count, one part in so many must have failed for others than one alone."""
_MINUTE: Final = timedelta(minutes=1)


class Counted(Protocol):
    """One minute of one service."""

    @property
    def at(self) -> datetime:
        """When it began."""
        ...

    @property
    def service(self) -> str:
        """Whose it is."""
        ...

    @property
    def asked(self) -> int:
        """Requests that were answered in it."""
        ...

    @property
    def failed(self) -> int:
        """Those of them that were answered by a failure."""
        ...

    @property
    def asked_by_others(self) -> int:
        """Requests but those of whom most failures were answered to."""
        ...

    @property
    def failed_for_others(self) -> int:
        """Those of these that were answered by a failure."""
        ...


class Told(Protocol):
    """An incident that is there already."""

    @property
    def begins(self) -> datetime:
        """Its first instant."""
        ...

    @property
    def ends(self) -> datetime:
        """When it was over."""
        ...


@dataclass(frozen=True, slots=True)
class Spans:
    """By service: the bad minutes in a row of which the last one is not long ago."""

    open: Mapping[str, Gap] = field(default_factory=dict)


def is_bad(minute: Counted, percent: int, requests: int) -> bool:
    """Whether more than so many of a hundred failed, of at least so many requests; and of others than one alone, too.

    Somebody who has found a request that fails moves nobody's last day by it: without theirs it must still be so, of at
    least a quarter as many failures.
    """
    if minute.asked < requests or minute.failed * 100 <= minute.asked * percent:
        return False
    others = minute.failed_for_others
    return others * OTHERS >= requests and others * 100 > minute.asked_by_others * percent


def follow(spans: Spans, minutes: Iterable[Counted], percent: int, requests: int) -> tuple[Spans, dict[str, list[Gap]]]:
    """The spans after these minutes, in their order, and those of `LEAST_MINUTES` or more that have begun or grown.

    A minute in which hardly anybody asked ends a span as one that was good does: nobody was kept from anything.
    """
    there, found = dict(spans.open), dict[str, dict[datetime, Gap]]()
    for minute in minutes:
        if not is_bad(minute, percent, requests):
            continue
        before = there.get(minute.service)
        begins = before.begins if before is not None and before.ends == minute.at else minute.at
        span = there[minute.service] = Gap(begins, minute.at + _MINUTE)
        if span.ends - span.begins >= LEAST_MINUTES * _MINUTE:
            found.setdefault(minute.service, {})[span.begins] = span
    return Spans(there), {service: list(each.values()) for service, each in found.items()}


def told(span: Gap, there: Told) -> bool:
    """Whether an incident tells of all of a span; a stop is known to the second, and what is counted to the minute."""
    return there.begins - _MINUTE <= span.begins and span.ends <= there.ends


def goes_on(span: Gap, there: Told, near: timedelta) -> bool:
    """Whether an incident goes on by a span that overlaps it, or begins so shortly behind it that it is one to people.

    Of two processes that count the same outage one may know an earlier bad minute.
    """
    return span.begins <= there.ends + near and span.ends >= there.begins


def behind(span: Gap, there: Told) -> Gap:
    """What of a span lies behind an incident."""
    within = there.begins - _MINUTE <= span.begins < there.ends
    return Gap(min(there.ends, span.ends), span.ends) if within else span
