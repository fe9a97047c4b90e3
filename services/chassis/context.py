"""Who asks, when, and what makes a command the same when it is sent twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request, as the access token says.

    `account` is the id of the account, `session` that of the login that the token belongs to; `epoch` counts
    how often all logins of the account had been ended before it.
    """

    account: str
    roles: frozenset[str] = frozenset()
    session: str = ""
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The circumstances of one command.

    `now` is the arrival of the request's first byte, or of the event; `key` and `digest` are the Idempotency-Key and the
    SHA-256 of the body; `personal` says that somebody with a token asks, of whom no more than so many a day are taken;
    `expected` is the version that If-Match names. `event` is the id of the event that caused it, and `sequence` its number
    among those of `source`, by which is known what is newer; `part` narrows the source to what the events of one part say.

    `written` names what a request without a key writes over, and `began` is its arrival in seconds of `time.monotonic`: a
    request that hangs may be sent again, and must not undo what was written there since.
    """

    now: datetime
    correlation: str
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


class EventRef(NamedTuple):
    """An event that a command caused: its id and type, for `Parvis-Seen`."""

    id: str
    type: str
