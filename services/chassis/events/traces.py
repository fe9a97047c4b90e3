"""Spans of an event on its way, below that of the command which caused it: relayed, published, applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog
from pydantic_core import from_json

from services.chassis.events.journal import JournalEntry
from services.chassis.telemetry import metrics, tracing
from services.chassis.telemetry.spans import EventTrace, Span, SpanKind
from services.contracts.events.envelope import Envelope
from services.contracts.spans import Attribute


def relaying(envelopes: Iterable[Envelope]) -> AbstractContextManager[None]:
    """While events go from outboxes to a journal."""
    told = (EventTrace(envelope.traceparent, envelope.type, envelope.id) for envelope in envelopes)
    return tracing.events("relay", SpanKind.INTERNAL, told)


def publishing(entries: Iterable[JournalEntry]) -> AbstractContextManager[None]:
    """While rows of a journal are handed to the broker, until it has confirmed them."""
    told = (EventTrace(_began_with(row.body), row.type, row.event_id) for row in entries)
    return tracing.events("publish", SpanKind.PRODUCER, told)


def _began_with(body: bytes) -> str | None:
    """The trace of an event that is handed on as it is, whatever it has become: consumers judge it."""
    try:
        traceparent = from_json(body)["traceparent"]
    except (ValueError, LookupError, TypeError):
        return None
    return traceparent if isinstance(traceparent, str) else None


@contextmanager
def applying(service: str, envelope: Envelope) -> Iterator[Span]:
    """While an event is applied: log lines bear what it began with, and the time is taken, also of a try in vain."""
    attributes: dict[Attribute, str | int] = {
        Attribute.SERVICE: service,
        Attribute.EVENT: envelope.id,
        Attribute.EVENT_TYPE: envelope.type,
        Attribute.CORRELATION: envelope.correlationid,
    }
    with (
        structlog.contextvars.bound_contextvars(correlation=envelope.correlationid, event_id=envelope.id),
        metrics.EVENT_SECONDS.labels(service, envelope.type).time(),
        tracing.span(f"apply {envelope.type}", SpanKind.CONSUMER, attributes, envelope.traceparent) as span,
    ):
        yield span
