"""The events that accounts listens to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.accounts.usecases.app import Accounts
from services.accounts.usecases.campaigns import note_activated, note_closed
from services.contracts.events.catalogue import Event
from services.contracts.events.offers import CampaignActivated, CampaignClosed

_TABLE: Final[Mapping[type[Event], Callable[..., Awaitable[None]]]] = {
    CampaignActivated: note_activated,
    CampaignClosed: note_closed,
}

LISTENS: Final[tuple[type[Event], ...]] = tuple(_TABLE)
"""The types for which the service has a queue."""


def subscriptions(app: Accounts) -> Mapping[type[Event], Any]:
    """The use case that applies each."""
    return {event: partial(apply, app) for event, apply in _TABLE.items()}
