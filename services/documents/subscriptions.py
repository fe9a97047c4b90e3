"""The events that documents listens to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.chassis.context import CommandContext
from services.chassis.events.inbox import Apply
from services.chassis.security.revocations import noting
from services.chassis.service.service import Ports
from services.contracts.events.accounts import AccountErased, CardChanged, ClosingChanged, SessionRevoked, StaffChanged
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationSubmitted,
    FileChanged,
    PieceDeposited,
    PieceRemoved,
    PreEnrolmentCancelled,
    PreEnrolmentCompleted,
)
from services.contracts.events.catalogue import Event
from services.contracts.events.commissions import CommissionChanged
from services.contracts.events.held import PieceHeld
from services.contracts.events.meetings import MeetingClosed
from services.contracts.events.offers import ParametersChanged, ProgrammeChanged, ProgrammePublished
from services.documents.usecases import copying, handing_over, minutes, registrar_files, retention, signing
from services.documents.usecases.app import App

TABLE: Final[Mapping[type[Event], Callable[[App, Any, CommandContext], Awaitable[None]]]] = {
    PieceDeposited: retention.attach,
    PieceHeld: registrar_files.hold,
    PieceRemoved: retention.detach,
    ApplicationSubmitted: retention.submit,
    ApplicationCancelled: retention.cancel,
    FileChanged: copying.keep_file,
    PreEnrolmentCompleted: handing_over.begin,
    PreEnrolmentCancelled: handing_over.end,
    ProgrammePublished: copying.keep_programme,
    ProgrammeChanged: copying.keep_programme,
    CommissionChanged: signing.keep_board,
    MeetingClosed: minutes.keep,
    CardChanged: copying.keep_card,
    StaffChanged: copying.keep_staff,
    ClosingChanged: copying.keep_closing,
    AccountErased: retention.erase_account,
}

LISTENS: Final[tuple[type[Event], ...]] = (*TABLE, SessionRevoked, ParametersChanged)

FROM_NOW: Final[tuple[type[Event], ...]] = (SessionRevoked,)


def subscriptions(ports: Ports, app: App) -> Mapping[type[Event], Apply]:
    """The use case for each event of `LISTENS`."""
    bound = {event: partial(use_case, app) for event, use_case in TABLE.items()}
    return {**bound, SessionRevoked: noting(ports.store), ParametersChanged: app.parameters.keep}
