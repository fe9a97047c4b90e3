"""Logs: one line of JSON per fact on stderr, with event name and correlation; readable colours when a person watches.

A line says what `services/contracts/log_lines.py` declares and nothing else; the rest is dropped and counted. Of a library's
line only the sentence that it always says is told, never what it would put into it.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog
from pydantic_core import to_json

from services.chassis.ports import PortError
from services.chassis.settings import Settings
from services.chassis.telemetry import metrics
from services.chassis.telemetry.loglines import GatheringLoggerFactory
from services.contracts.log_lines import CONTEXT, EVENTS

DROPPED: Final = "[dropped]"
UNDECLARED: Final = "log.undeclared"
"""Stands in place of an event that nobody has declared."""
_ALWAYS: Final = CONTEXT | {"event", "level", "timestamp", "exc_info"}
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_QUOTES_NOTHING: Final = frozenset({RuntimeError, TypeError, AttributeError})
"""Errors of Python whose sentences name types and places, and no value."""
MAX_FRAMES: Final = 30


class UndeclaredLine(Exception):
    """A line of the log says what nobody has declared."""


def configure_logging(
    settings: Settings, stream: TextIO | None = None, events: Mapping[str, frozenset[str]] = EVENTS
) -> None:
    """Send structlog's and the standard library's lines to `stream` (stderr), as JSON or, on a terminal, in colours.

    `events` are those that may be told, with the keys of each.
    """
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
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
        processors=[*shared, OnlyDeclared(events), *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    foreign: list[structlog.typing.Processor] = [structlog.stdlib.add_logger_name, *shared, _first_line]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign,
            use_get_message=False,  # the sentence as the library has written it, before values are put into it
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if settings.env == "production" else logging.WARNING)


class OnlyDeclared:
    """Lets through what is declared: the event, its keys, and values without keys of their own.

    The rest is dropped and counted; with `strict`, as in tests, it raises UndeclaredLine.
    """

    def __init__(self, events: Mapping[str, frozenset[str]], *, strict: bool = False) -> None:
        self._events = events
        self._strict = strict

    def __call__(self, logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The line as it may be told."""
        keys = self._events.get(line["event"])
        undeclared = [
            name
            for name, value in line.items()
            if name not in _ALWAYS and (keys is None or name not in keys or not _is_plain(value))
        ]
        if keys is not None and not undeclared:
            return line
        if self._strict:
            raise UndeclaredLine(f"{line['event']}: {undeclared}; see services/contracts/log_lines.py")
        metrics.LOG_UNDECLARED.inc()
        for name in undeclared:
            del line[name]
        if keys is None:
            line["event"] = UNDECLARED
        return line


def _is_plain(value: Any) -> bool:
    return type(value) in _PLAIN or (isinstance(value, list | tuple) and all(type(item) in _PLAIN for item in value))


def _first_line(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of a library's line the first: below it asyncio shows its objects, and what they hold."""
    line["event"] = line["event"].partition("\n")[0]
    return line


def _traceback(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put type and places of an exception in its stead; the message only where it is known to quote no value."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["exception"] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "message": _message(error),
            "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-MAX_FRAMES:]],
        }
    return event


def _message(error: BaseException) -> str | None:
    """What an error says, where that is our own sentence or Python's on types; a system's error without its file."""
    if isinstance(error, OSError):
        return error.strerror
    return str(error) if isinstance(error, PortError) or type(error) in _QUOTES_NOTHING else DROPPED


def _json(event: Any, **_: Any) -> str:
    return to_json(event, fallback=repr).decode()
