"""What stands in the store, what is decided on it, and what comes of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from services.chassis.context import EventRef

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """An aggregate as it stands in the store; `document` is the whole of it, in the schema of this process or a newer."""

    id: str
    state: T
    version: int
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the chassis remembers of it: sequence, keys, applied events."""
        meta: Mapping[str, Any] = self.document.get("meta", {})
        return meta

    @property
    def same_since(self) -> int:
        """The earliest version that tells a reader the same as this one: since then there were only silent decisions."""
        since, version = self.meta.get("same", (self.version, self.version))
        return int(since) if version == self.version else self.version

    @property
    def outbox(self) -> Sequence[Mapping[str, Any]]:
        """The events that were not known to be relayed when it was saved."""
        outbox: Sequence[Mapping[str, Any]] = self.document.get("outbox", ())
        return outbox


@dataclass(frozen=True, slots=True)
class Decision(Generic[T]):
    """What a use case decides on an aggregate: its new state, the facts to publish, the answer to remember.

    Without facts and with `state` as it was, nothing is written. `answer` is JSON and is given again to the same key.
    After a `silent` one whoever read the aggregate before has still seen all that there is to see, by If-Match too.
    """

    state: T
    domain_events: Sequence[Any] = ()
    answer: Any = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of a command: the aggregate after it, the answer, the events caused; `repeated` if a key was known."""

    saved: Versioned[T]
    answer: Any = None
    events: tuple[EventRef, ...] = ()
    repeated: bool = False
