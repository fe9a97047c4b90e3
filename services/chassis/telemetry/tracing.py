"""Spans: what one request has set going, across services, for a collector of OpenTelemetry (ADR 50).

They are made where the environment asks for them by the standard's own names, OTEL_... . Where it does not, the library is
not even loaded, a span costs the making of one object, and the trace context of clients is handed on as it came.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any, Final, Protocol, Self

from services.chassis.settings import UnusableSetting
from services.chassis.telemetry.spans import Attributes, EventTrace, Span, SpanKind
from services.contracts.spans import Attribute

STOP_SECONDS: Final = 3.0
"""How long a process that stops may take to send its last spans."""
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")


class _Tracer(Protocol):
    def span(
        self, name: str, kind: SpanKind, parent: str | None, attributes: Attributes
    ) -> AbstractContextManager[Span]: ...

    def events(self, name: str, kind: SpanKind, events: Iterable[EventTrace]) -> AbstractContextManager[None]: ...

    def current(self) -> str | None: ...

    def close(self) -> None: ...


class _Off:
    """The span where none is made."""

    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def set(self, attribute: Attribute, value: str | int) -> None: ...


_tracer: _Tracer | None = None


def span(name: str, kind: SpanKind, attributes: Attributes, parent: str | None = None) -> AbstractContextManager[Span]:
    """A span for as long as this is entered: below `parent` (W3C traceparent), else below the one that is under way."""
    if _tracer is None:
        return _Off(parent)
    return _tracer.span(name, kind, parent, attributes)


def events(name: str, kind: SpanKind, events: Iterable[EventTrace]) -> AbstractContextManager[None]:
    """A span for each event that has a trace, side by side; where no spans are made, nobody looks at the events."""
    if _tracer is None:
        return nullcontext()
    return _tracer.events(name, kind, events)


def current() -> str | None:
    """The trace context of the span that is under way."""
    return None if _tracer is None else _tracer.current()


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the environment asks for spans; raises UnusableSetting where it asks for what is not here."""
    exporter = environment.get("OTEL_TRACES_EXPORTER", "")
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or exporter == "none":
        return False
    if not exporter and not any(map(environment.get, _ENDPOINTS)):
        return False
    if exporter not in ("", "otlp"):
        raise UnusableSetting("OTEL_TRACES_EXPORTER", "otlp or none")
    if any(environment.get(name, "http/protobuf") != "http/protobuf" for name in _PROTOCOLS):
        raise UnusableSetting("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf alone")
    return True


@asynccontextmanager
async def exporting(exporter: Any = None) -> AsyncIterator[None]:
    """Make spans, if the environment asks for them or an `exporter` of the library is given, and send them.

    Within another one the outer one's are made. Raises UnusableSetting where they are asked for and cannot be.
    """
    global _tracer  # noqa: PLW0603 - one per process, as the metrics are
    if _tracer is not None or not (exporter or is_wanted(os.environ)):
        yield
        return
    try:
        from services.chassis.telemetry.otel import Tracer  # noqa: PLC0415 - nobody loads it who does not ask for it
    except ImportError as error:
        raise UnusableSetting("OTEL_TRACES_EXPORTER", "needs what the extra `traces` brings along") from error
    tracer = Tracer(exporter)
    _tracer = tracer
    try:
        yield
    finally:
        _tracer = None
        sending = threading.Thread(target=tracer.close, daemon=True)  # which a dead collector may hold up for longer
        sending.start()
        await asyncio.to_thread(sending.join, STOP_SECONDS)
