"""Spans as OpenTelemetry's library makes and sends them; loaded by `tracing` where they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.telemetry.spans import Attributes, EventTrace, SpanKind
from services.contracts.refusals import RefusedError
from services.contracts.spans import Attribute

NAME = "parvis"
_PROPAGATOR = TraceContextTextMapPropagator()


class _Span:
    """A span under way."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str | None:
        return _traceparent(self._span)

    def set(self, attribute: Attribute, value: str | int) -> None:
        self._span.set_attribute(attribute.value, value)


class Tracer:
    """Makes spans and has them sent from a thread of its own; sampling, limits and addresses are OTEL_... variables'."""

    def __init__(self, exporter: Any = None) -> None:
        """To `exporter` each span is given as it ends; without one they are sent over OTLP in batches."""
        processor = SimpleSpanProcessor(exporter) if exporter else BatchSpanProcessor(OTLPSpanExporter())
        resource = Resource({"service.name": NAME}).merge(
            OTELResourceDetector().detect()
        )  # the environment's is laid over
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(NAME)

    @contextmanager
    def span(self, name: str, kind: SpanKind, parent: str | None, attributes: Attributes) -> Iterator[_Span]:
        """A span that is the current one while this is entered; of an error it keeps the type alone."""
        with self._tracer.start_as_current_span(
            name,
            _context(parent),
            trace.SpanKind[kind.name],
            _plain(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield _Span(span)
            except BaseException as error:
                _failed(span, error)
                raise

    @contextmanager
    def events(self, name: str, kind: SpanKind, events: Iterable[EventTrace]) -> Iterator[None]:
        """A span for each event that has a trace."""
        spans = [
            self._tracer.start_span(
                f"{name} {event.type}",
                _context(event.traceparent),
                trace.SpanKind[kind.name],
                _plain({Attribute.EVENT: event.id, Attribute.EVENT_TYPE: event.type}),
            )
            for event in events
            if event.traceparent is not None
        ]
        try:
            yield
        except BaseException as error:
            for span in spans:
                _failed(span, error)
            raise
        finally:
            for span in spans:
                span.end()

    def current(self) -> str | None:
        """The trace context of the current span."""
        return _traceparent(trace.get_current_span())

    def close(self) -> None:
        """Send what there is, and make no more."""
        self._provider.shutdown()


def _traceparent(span: trace.Span) -> str | None:
    context = span.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _context(parent: str | None) -> Context | None:
    return None if parent is None else _PROPAGATOR.extract({"traceparent": parent}, Context())


def _plain(attributes: Attributes) -> dict[str, str | int]:
    return {attribute.value: value for attribute, value in attributes.items()}


def _failed(span: trace.Span, error: BaseException) -> None:
    span.set_attribute(Attribute.ERROR.value, type(error).__qualname__)
    if isinstance(error, Exception) and not isinstance(error, RefusedError):
        span.set_status(trace.StatusCode.ERROR)
