"""What may be told of a document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stored:
    """Clean bytes were stored."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An upload held malware; `reason` is the slug of the refusal."""

    reason: str


@dataclass(frozen=True, slots=True)
class Erased:
    """The bytes are gone; `reason` says for what."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes are of a document that the registrar holds; `file` is where they came from."""

    file: str


DomainEvent = Stored | Rejected | Erased | Fetched
