"""What a process depends on: every call to a port is timed and counted, and when one last went well is remembered."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from services.chassis.ports import (
    DuplicateKey,
    EntRefused,
    MailRefused,
    ObjectExists,
    PortError,
    PreEnrolmentsSilent,
    TooLarge,
)
from services.chassis.telemetry import metrics

P = TypeVar("P")

PING_SECONDS: Final = 2.0
"""How long a dependency has to say that it works."""

_ANSWERS: Final = (DuplicateKey, ObjectExists, TooLarge, MailRefused, EntRefused, PreEnrolmentsSilent)
"""Errors that are answers: the port did its work, and says no."""


@dataclass(slots=True)
class Dependency:
    """One port as this process meets it; `error` is the type of the last failure."""

    name: str
    port: str
    service: str
    ping: Callable[[], Awaitable[None]]
    is_up: bool = True
    worked_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""

    async def look(self) -> bool:
        """Whether it says in time that it works; remembered as what came of any other call is."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self.ping()
        except Exception as error:  # noqa: BLE001 - whatever it is, it does not work, and that is told
            self.failed(type(error).__name__)
            return False
        self.worked()
        return True

    def worked(self) -> None:
        """Remember that a call went well."""
        self.worked_at = datetime.now(UTC)
        if not self.is_up:
            self.is_up = True
            metrics.DEPENDENCY_UP.labels(self.name).set(1)

    def failed(self, error: str) -> None:
        """Remember that a call did not; `error` is the type of its failure."""
        self.is_up, self.error, self.failed_at = False, error, datetime.now(UTC)
        metrics.DEPENDENCY_UP.labels(self.name).set(0)


def watched(port: P, kind: str, service: str = "") -> tuple[P, Dependency]:
    """The port with every call timed and counted, and what is known of it; a store is that of one service."""
    name = f"{service}.{kind}" if service else kind
    dependency = Dependency(name, kind, service, cast("Any", port).ping)
    metrics.DEPENDENCY_UP.labels(name).set(1)
    return cast("P", _Watched(port, dependency)), dependency


class _Watched:
    """Stands in for a port: what is awaited, or read chunk by chunk, is watched; all else is the port's own."""

    def __init__(self, port: Any, dependency: Dependency) -> None:
        self._port = port
        self._dependency = dependency

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if inspect.iscoroutinefunction(attribute):
            attribute = self._watch(name, attribute)
        elif inspect.isasyncgenfunction(attribute):
            attribute = self._watch_reading(name, attribute)
        else:
            return attribute
        setattr(self, name, attribute)  # so that this is done once
        return attribute

    def _failed(self, operation: str, error: PortError) -> None:
        dependency, name = self._dependency, type(error).__name__
        metrics.PORT_ERRORS.labels(dependency.port, dependency.service, operation, name).inc()
        dependency.failed(name)

    def _watch(self, operation: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        dependency = self._dependency
        seconds = metrics.PORT_SECONDS.labels(dependency.port, dependency.service, operation)

        async def watching(*arguments: Any, **options: Any) -> Any:
            begun = time.perf_counter()
            try:
                answer = await call(*arguments, **options)
            except _ANSWERS:
                dependency.worked()
                raise
            except PortError as error:
                self._failed(operation, error)
                raise
            finally:
                seconds.observe(time.perf_counter() - begun)
            dependency.worked()
            return answer

        return watching

    def _watch_reading(self, operation: str, read: Callable[..., AsyncGenerator[Any, None]]) -> Callable[..., Any]:
        """How long it takes is the reader's affair; whether it goes well is told."""

        async def watching(*arguments: Any, **options: Any) -> AsyncGenerator[Any, None]:
            async with aclosing(read(*arguments, **options)) as chunks:
                try:
                    async for chunk in chunks:
                        yield chunk
                except PortError as error:
                    self._failed(operation, error)
                    raise
            self._dependency.worked()

        return watching
