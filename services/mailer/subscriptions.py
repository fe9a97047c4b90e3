"""The events that the mailer listens to: what it copies, and what its mails answer to, which their folder says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.chassis.context import CommandContext
from services.chassis.events.inbox import Apply
from services.chassis.security.revocations import noting
from services.chassis.service.service import Ports
from services.contracts.events.accounts import (
    AccountErased,
    AccountExpired,
    AddressChanged,
    ClosingChanged,
    SessionRevoked,
    StaffChanged,
)
from services.contracts.events.catalogue import Event
from services.contracts.events.commissions import CommissionChanged
from services.contracts.events.offers import ParametersChanged, ProgrammeChanged, ProgrammePublished
from services.mailer.usecases import alerts, copying, queueing
from services.mailer.usecases.app import App
from services.mailer.usecases.templates import FOLDER, declarations, mailed

UseCase = Callable[[App, Any, CommandContext], Awaitable[None]]

COPIED: Final[Mapping[type[Event], UseCase]] = {
    AddressChanged: copying.copy_address,
    ClosingChanged: copying.copy_closing,
    StaffChanged: copying.copy_colleague,
    AccountExpired: copying.forget_person,
    AccountErased: copying.forget_person,
    ProgrammePublished: copying.copy_programme,
    ProgrammeChanged: copying.copy_programme,
    CommissionChanged: alerts.keep_board,
}

MAILED: Final[tuple[type[Event], ...]] = tuple(
    event for event in mailed(declarations(FOLDER).values()) if event not in COPIED
)
"""What a mail answers to or waits for: one more folder there is one more event here."""

TABLE: Final[Mapping[type[Event], UseCase]] = {**COPIED, **dict.fromkeys(MAILED, queueing.write)}

LISTENS: Final[tuple[type[Event], ...]] = (*TABLE, SessionRevoked, ParametersChanged)

FROM_NOW: Final[tuple[type[Event], ...]] = (*MAILED, SessionRevoked)
"""Mails about what was long before the mailer came to know of such events would be late, and wrong."""


def subscriptions(ports: Ports, app: App) -> Mapping[type[Event], Apply]:
    """The use case for each event of `LISTENS`."""
    bound = {event: partial(use_case, app) for event, use_case in TABLE.items()}
    return {**bound, SessionRevoked: noting(ports.store), ParametersChanged: app.parameters.keep}
