"""How what a service depends on fares, and a harmless question to one of them; each service answers for its own (ADR 4)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

import structlog

from services.chassis.routing import Request, Response, Route
from services.contracts.api import connectors as api
from services.contracts.api.endpoints.connectors import CONNECTORS, TESTS
from services.contracts.instants import instant_text
from services.contracts.refusals import BUSY, NOT_FOUND

log = structlog.get_logger()


class Connector(Protocol):
    """One port as this process meets it."""

    @property
    def port(self) -> str: ...
    @property
    def is_up(self) -> bool: ...
    @property
    def worked_at(self) -> datetime | None: ...
    @property
    def failed_at(self) -> datetime | None: ...
    @property
    def error(self) -> str: ...
    async def look(self) -> bool:
        """Whether it says in time that it works."""
        ...


def connector_routes(
    service: str, connectors: Iterable[Connector], needs: Collection[str], off: Sequence[str] = ()
) -> Sequence[Route]:
    """The two routes of a service that works with those ports which it `needs`; `off` are those it may be without."""
    used = {each.port: each for each in connectors if each.port in {"store", "broker", *needs}}
    absent = [name for name in off if name not in used]
    testing = asyncio.Lock()

    async def listed(request: Request) -> Response[api.Connectors]:
        _require_all_centres(request)
        shown = [_view(each) for each in used.values()]
        shown += [api.ConnectorView(name=cast("Any", name), state="off") for name in absent]
        return Response(api.Connectors(items=shown))

    async def tested(request: Request) -> Response[api.ConnectorTested]:
        _require_all_centres(request)
        if (connector := used.get(request.path["connector"])) is None:
            raise NOT_FOUND()
        if testing.locked():
            raise BUSY(retry_after=2)
        async with testing:
            begun = time.perf_counter()
            works = await connector.look()
            ms = round((time.perf_counter() - begun) * 1000)
        by = str(request.actor)
        log.info("connector.tested", service=service, connector=connector.port, works=works, ms=ms, by=by)
        return Response(api.ConnectorTested(works=works, ms=ms, connector=_view(connector)))

    return [Route(CONNECTORS[service], listed), Route(TESTS[service], tested)]


def _require_all_centres(request: Request) -> None:
    """What the institution depends on is out of the scope of an admin of some centres; raises NOT_FOUND."""
    if not any(grant.centres is None and grant.commissions is None for grant in request.actor.grants):
        raise NOT_FOUND()


def _view(connector: Connector) -> api.ConnectorView:
    known = connector.worked_at is not None or connector.failed_at is not None
    return api.ConnectorView(
        name=cast("Any", connector.port),
        state="unknown" if not known else "up" if connector.is_up else "down",
        worked_at=_moment(connector.worked_at),
        failed_at=_moment(connector.failed_at),
        error=connector.error or None,
    )


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else instant_text(moment)
