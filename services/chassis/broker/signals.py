"""What services say to one another about their journals, beside events: how far they are, and what to send again.

Signals are no events: no journal and no inbox keeps them, and one that is lost is made good by the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict

from services.contracts.events.catalogue import Event

EXCHANGE: Final = "parvis.replay"
EVERYBODY: Final = "all"
"""Stands for every consumer of a service in the key of what is sent again."""


class _Signal(BaseModel):
    """Members of later versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Position(_Signal):
    """How far a service has told one of its journals: every row up to `position` is with the broker.

    `heads` are the newest of those rows, by type; of a type not named there is none behind `floor`. With `until`, an
    RFC 3339 instant, every event caused up to then is among them.
    """

    service: str
    journal: str
    position: int
    heads: dict[str, int]
    floor: int = 0
    until: str | None = None


class Ask(_Signal):
    """A consumer has heard each of these types up to a row, and not what follows."""

    consumer: str
    after: dict[str, int]


def position_key(service: str) -> str:
    """Where a service says how far it is."""
    return f"{service}.position"


def again_key(service: str, consumer: str = EVERYBODY) -> str:
    """Where a service sends again what a consumer has missed."""
    return f"{service}.again.{consumer}"


def ask_key(consumer: str, service: str) -> str:
    """Where a consumer asks a service to send again."""
    return f"{consumer}.ask.{service}"


def publisher_of(type: str) -> str:
    """The service whose events are of this type."""
    return type.partition(".")[0]


def keys(listens: Mapping[str, Iterable[type[Event]]]) -> dict[str, tuple[str, ...]]:
    """By which keys each service gets signals, from what each listens to: only of those that it has to do with."""
    bound: dict[str, list[str]] = {service: [] for service in listens}
    for consumer, events in listens.items():
        for service in sorted({publisher_of(event.TYPE) for event in events}):
            bound[consumer] += [position_key(service), again_key(service), again_key(service, consumer)]
            if service in bound:
                bound[service].append(ask_key(consumer, service))
    return {service: tuple(names) for service, names in bound.items()}
