"""What documents listens to, and what it does then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.chassis.events.inbox import Apply
from services.contracts.events.accounts import AccountErased, SessionRevoked
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationSubmitted,
    PieceDeposited,
    PieceRemoved,
)
from services.contracts.events.catalogue import Event
from services.documents.usecases import retention
from services.documents.usecases.app import App

_TABLE: Final[Mapping[type[Event], Callable[[App, Any, Any], Awaitable[None]]]] = {
    PieceDeposited: retention.attach,
    PieceRemoved: retention.detach,
    ApplicationSubmitted: retention.submit,
    ApplicationCancelled: retention.cancel,
    AccountErased: retention.erase_account,
}

LISTENS: Final[tuple[type[Event], ...]] = (*_TABLE, SessionRevoked)


def subscriptions(app: App) -> Mapping[type[Event], Apply]:
    """The use case of each event."""
    return {event: partial(usecase, app) for event, usecase in _TABLE.items()}
