"""A small aggregate for tests of the chassis: a counter that tells each of its steps to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Decision
from services.chassis.ports import Collection, Document, Index
from services.contracts.events.catalogue import Event

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Stepped(Event, type="tests.thing.stepped.v1", key="thing"):
    """The counter took a step."""

    thing: str
    count: int


@dataclass(frozen=True)
class Thing:
    """A counter with a name that no other may have."""

    name: str
    count: int = 0


class Things(Aggregates[Thing]):
    """All counters."""

    service = "tests"
    collection = Collection("things", (OUTBOX_INDEX, Index("one_per_name", ("name",), unique=True)))

    def to_document(self, state: Thing) -> Document:
        return {"name": state.name, "count": state.count}

    def from_document(self, document: Document) -> Thing:
        return Thing(document["name"], document["count"])

    def publish(self, id: str, state: Thing, fact: int) -> Sequence[Event]:
        return [Stepped(thing=id, count=fact)]


def made(name: str) -> Decision[Thing]:
    """A new counter."""
    return Decision(Thing(name), [0], {"count": 0})


def step(thing: Thing) -> Decision[Thing]:
    """One step further."""
    count = thing.count + 1
    return Decision(Thing(thing.name, count), [count], {"count": count})


def command(key: str | None = None, digest: str = "same", **parts: object) -> CommandContext:
    """A command of now."""
    return CommandContext(NOW, "test", key=key, digest=digest, **parts, actor=OPERATOR)  # type: ignore[arg-type]
