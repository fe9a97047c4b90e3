"""What happened to a delivery that others hear of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The mail was taken."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The mail will not be tried again by itself; `reason` is `refused`, `not-composed`,
    `gave-up`, `unknown` or `account-closed`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Outdated:
    """The mail gives way to another, whose one-time link is fresh."""


@dataclass(frozen=True, slots=True)
class Bounced:
    """The mail came back; `hard`: its address takes none at all."""

    hard: bool


@dataclass(frozen=True, slots=True)
class Readdressed:
    """The mail has not arrived, and its person has another address by now."""


@dataclass(frozen=True, slots=True)
class SentAgain:
    """The mail was taken after a person had it tried again; who has something to say in it hears so."""


DomainEvent = Sent | Failed | Outdated | Bounced | Readdressed | SentAgain
