"""The events that offers listens to: of others it needs to know nothing but which sessions have ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.chassis.context import CommandContext
from services.chassis.events.inbox import Apply
from services.chassis.security.revocations import noting
from services.chassis.service.service import Ports
from services.contracts.events.accounts import SessionRevoked
from services.contracts.events.catalogue import Event
from services.offers.usecases.app import App

TABLE: Final[Mapping[type[Event], Callable[[App, Any, CommandContext], Awaitable[None]]]] = {}

LISTENS: Final[tuple[type[Event], ...]] = (*TABLE, SessionRevoked)

FROM_NOW: Final[tuple[type[Event], ...]] = (SessionRevoked,)


def subscriptions(ports: Ports, app: App) -> Mapping[type[Event], Apply]:
    """The use case for each event of `LISTENS`."""
    bound = {event: partial(use_case, app) for event, use_case in TABLE.items()}
    return {**bound, SessionRevoked: noting(ports.store)}
