"""The events that the mailer listens to: what it copies, and what it writes about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.chassis.context import CommandContext
from services.chassis.events.inbox import Apply
from services.chassis.security.revocations import noting
from services.chassis.service.service import Ports
from services.contracts.events.accounts import AccountErased, AccountExpired, AddressChanged, LinkIssued, SessionRevoked
from services.contracts.events.applications import ApplicationCancelled, ApplicationOpened, ApplicationSubmitted
from services.contracts.events.catalogue import Event
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.mailer.usecases import copying, queueing
from services.mailer.usecases.app import App

TABLE: Final[Mapping[type[Event], Callable[[App, Any, CommandContext], Awaitable[None]]]] = {
    AddressChanged: copying.copy_address,
    AccountExpired: copying.forget_person,
    AccountErased: copying.forget_person,
    ProgrammePublished: copying.copy_programme,
    ProgrammeChanged: copying.copy_programme,
    LinkIssued: queueing.write_link,
    ApplicationOpened: queueing.write_opened,
    ApplicationSubmitted: queueing.write_submitted,
    ApplicationCancelled: queueing.write_cancelled,
}

LISTENS: Final[tuple[type[Event], ...]] = (*TABLE, SessionRevoked)

FROM_NOW: Final[tuple[type[Event], ...]] = (
    LinkIssued,
    ApplicationOpened,
    ApplicationSubmitted,
    ApplicationCancelled,
    SessionRevoked,
)
"""Mails about what was long before the mailer came to know of such events would be late, and wrong."""


def subscriptions(ports: Ports, app: App) -> Mapping[type[Event], Apply]:
    """The use case for each event of `LISTENS`."""
    bound = {event: partial(use_case, app) for event, use_case in TABLE.items()}
    return {**bound, SessionRevoked: noting(ports.store)}
