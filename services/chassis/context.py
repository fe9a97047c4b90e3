"""Who asks, when, and what makes a command the same when it is sent twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

from services.contracts.actors import Acting, ActorKind
from services.contracts.api.identity import Grant


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the holder of an account, staff, a client (a campus system), a service, an operator, or nobody known.

    `id` is opaque. Of whom a token speaks: `session` is the login that it belongs to, `epoch` counts how often all logins
    had been ended before it, `grants` are the rights of staff, and `deputy` is who acts in this person's place, if
    somebody does.
    """

    id: str
    kind: ActorKind = ActorKind.ACCOUNT
    session: str = ""
    epoch: int = 0
    grants: tuple[Grant, ...] = ()
    deputy: Actor | None = None

    def __str__(self) -> str:
        """As events name them: `account:<id>`, or the kind alone of whom nothing more is known."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)

    @property
    def asker(self) -> str:
        """Whose a key, or a place, is: apart by kind and id, and for a deputy by both persons'.

        The holder of an account is the id alone, which no other name can be: 0.1.0 remembers keys by it.
        """
        if self.deputy is not None:
            return f"{self.deputy} for {self}"
        return self.id if self.kind is ActorKind.ACCOUNT else str(self)

    @property
    def account(self) -> str:
        """The id of the account by which what is theirs is found; raises TypeError for all who have none."""
        if self.kind is not ActorKind.ACCOUNT:
            raise TypeError(f"{self.kind} has no account")
        return self.id


NOBODY: Final = Actor("", ActorKind.NOBODY)
"""Whoever calls what anybody may call; who holds the secret of a link is not known by it."""
OPERATOR: Final = Actor("", ActorKind.OPERATOR)
"""Who gives a command at the machine."""


def acting_service(name: str) -> Actor:
    """A service that acts by itself: by the clock, or because of an event."""
    return Actor(name, ActorKind.SERVICE)


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The circumstances of one command.

    `actor` is who acts, `on_behalf_of` in whose place where that is another. `now` is the arrival of the request's first
    byte, or of the event; `key` and `digest` are the Idempotency-Key and the
    SHA-256 of the body; `personal` says that somebody with a token asks, of whom no more than so many a day are taken;
    `expected` is the version that If-Match names. `event` is the id of the event that caused it, and `sequence` its number
    among those of `source`, by which is known what is newer; `part` narrows the source to what the events of one part say.

    `written` names what a request without a key writes over, and `began` is its arrival in seconds of `time.monotonic`: a
    request that hangs may be sent again, and must not undo what was written there since.
    """

    now: datetime
    correlation: str
    actor: Actor
    on_behalf_of: Actor | None = None
    key: str | None = None
    digest: str | None = None
    expected: int | None = None
    event: str | None = None
    sequence: int = 0
    source: str = ""
    part: str = ""
    written: str = ""
    began: float = 0.0
    personal: bool = False
    traceparent: str | None = None

    @property
    def acting(self) -> Acting:
        """Who acts, and in whose place, as events and documents name them."""
        return Acting(str(self.actor), None if self.on_behalf_of is None else str(self.on_behalf_of))

    def by_itself(self) -> CommandContext:
        """What follows from this one: nobody sends it again, so it has no key, no expected version, and no event's turn.

        Who acts stays, and so does the event that caused it.
        """
        return replace(
            self, key=None, digest=None, expected=None, written="", personal=False, sequence=0, source="", part=""
        )

    def of_service(self, name: str) -> CommandContext:
        """The same done by a service, in nobody's name."""
        return replace(self.by_itself(), actor=acting_service(name), on_behalf_of=None)


class EventRef(NamedTuple):
    """An event that a command caused: its id and type, for `Parvis-Seen`."""

    id: str
    type: str
