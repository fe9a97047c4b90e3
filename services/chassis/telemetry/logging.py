"""Logs: one line of JSON per fact on stderr, with event name and correlation; readable colours when a person watches.

Names of personal data are dropped by a last guard; the rule is that nobody logs them in the first place.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog
from pydantic_core import to_json

from services.chassis.settings import Settings
from services.chassis.telemetry.loglines import GatheringLoggerFactory

PERSONAL: Final = frozenset(
    {
        "address",
        "authorization",
        "birth_date",
        "birth_place",
        "body",
        "content",
        "cookie",
        "email",
        "email_confirmation",
        "family_name",
        "file_number",
        "filename",
        "given_name",
        "login",
        "mobile",
        "name",
        "national_student_number",
        "password",
        "path",
        "phone",
        "receipt",
        "recipient",
        "refresh_token",
        "token",
        "url",
    }
)
DROPPED: Final = "[dropped]"
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
MAX_FRAMES: Final = 30


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's lines to `stream` (stderr), as JSON or, on a terminal, in colours."""
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_personal,
    ]
    if stream.isatty():
        # Plain: the library's own shows the values of variables, which are people's.
        plain = structlog.dev.plain_traceback
        ending: list[structlog.typing.Processor] = [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
        factory: Callable[..., Any] = structlog.WriteLoggerFactory(file=stream)
    else:
        factory = GatheringLoggerFactory(stream)
        ending = [_traceback, structlog.processors.JSONRenderer(serializer=_json)]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    foreign: list[structlog.typing.Processor] = [structlog.stdlib.add_logger_name, *shared]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if settings.env == "production" else logging.WARNING)


def drop_personal(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put a mark in place of values whose name says that they are personal or secret, also one level down."""
    for name, value in event.items():
        if name in PERSONAL:
            event[name] = DROPPED
        elif type(value) not in _PLAIN and isinstance(value, Mapping) and not PERSONAL.isdisjoint(value):
            event[name] = {key: DROPPED if key in PERSONAL else inner for key, inner in value.items()}
    return event


def _traceback(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put type and places of an exception in its stead; the message too, but where it is wont to quote a value."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["exception"] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "message": DROPPED if isinstance(error, ValueError | LookupError) else str(error),
            "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-MAX_FRAMES:]],
        }
    return event


def _json(event: Any, **_: Any) -> str:
    return to_json(event, fallback=repr).decode()
