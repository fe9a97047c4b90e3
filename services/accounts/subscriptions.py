"""The events that accounts listens to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.accounts.usecases.app import App
from services.accounts.usecases.campaigns import note_activated, note_closed, note_parameters
from services.accounts.usecases.mailing import renew_late_link
from services.chassis.context import CommandContext
from services.chassis.events.inbox import Apply
from services.chassis.service.service import Ports
from services.contracts.events.catalogue import Event
from services.contracts.events.mailer import LinkOutdated
from services.contracts.events.offers import CampaignActivated, CampaignClosed, ParametersChanged

TABLE: Final[Mapping[type[Event], Callable[[App, Any, CommandContext], Awaitable[None]]]] = {
    CampaignActivated: note_activated,
    CampaignClosed: note_closed,
    LinkOutdated: renew_late_link,
    ParametersChanged: note_parameters,
}

LISTENS: Final[tuple[type[Event], ...]] = tuple(TABLE)

FROM_NOW: Final[tuple[type[Event], ...]] = (LinkOutdated,)
"""Links of long ago are asked for anew by whoever still wants one."""


def subscriptions(ports: Ports, app: App) -> Mapping[type[Event], Apply]:
    """The use case for each event of `LISTENS`."""
    return {event: partial(use_case, app) for event, use_case in TABLE.items()}
