"""What a span is to those who make one, whoever sends it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple, Protocol

from services.contracts.spans import Attribute

Attributes = Mapping[Attribute, str | int]


class SpanKind(Enum):
    """Which end of what a span is."""

    INTERNAL = auto()
    SERVER = auto()
    CLIENT = auto()
    PRODUCER = auto()
    CONSUMER = auto()


class Span(Protocol):
    """What is under way; `traceparent` (W3C) is what others are told, so that their spans come below this one."""

    @property
    def traceparent(self) -> str | None:
        """Its own, or what was handed in where no spans are made."""
        ...

    def set(self, attribute: Attribute, value: str | int) -> None:
        """Say what has come out since."""
        ...


class EventTrace(NamedTuple):
    """An event as spans know it."""

    traceparent: str | None
    type: str
    id: str
