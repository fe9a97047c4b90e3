"""The events that applications listens to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from services.applications.usecases import (
    copying,
    deadlines,
    erasing,
    failing,
    holding,
    offers_joined,
    places,
    pre_enrolments,
    reminders,
    unreached,
)
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.inbox import Apply
from services.chassis.security.revocations import noting
from services.chassis.service.service import Ports
from services.contracts.events.absences import AccountsWasAway, DocumentsWasAway
from services.contracts.events.accounts import (
    AccountErased,
    AccountExpired,
    AddressChanged,
    CardChanged,
    ClosingChanged,
    SessionRevoked,
    StaffChanged,
)
from services.contracts.events.applications import (
    ApplicationAccepted,
    ApplicationDecided,
    ApplicationWithdrawn,
    FileChanged,
    PlaceFreed,
)
from services.contracts.events.catalogue import Event
from services.contracts.events.commissions import CommissionChanged
from services.contracts.events.conditions import ConditionMarked
from services.contracts.events.mailer import MailBounced, MailFailed, MailReaddressed, MailSentAgain
from services.contracts.events.offers import (
    CampaignActivated,
    CampaignClosed,
    DeadlinesMoved,
    ParametersChanged,
    ProgrammeChanged,
    ProgrammePublished,
    ProgrammeWithdrawn,
)
from services.contracts.events.registrar_files import RegistrarFileKept

TABLE: Final[Mapping[type[Event], Callable[[App, Any, CommandContext], Awaitable[None]]]] = {
    AccountErased: erasing.erase_account,
    AccountExpired: erasing.forget_newcomer,
    AddressChanged: copying.keep_language,
    CardChanged: copying.keep_card,
    ClosingChanged: reminders.keep_closing,
    FileChanged: offers_joined.keep_file,
    PlaceFreed: places.keep_freed,
    ApplicationAccepted: pre_enrolments.follow,
    ApplicationDecided: pre_enrolments.follow,
    ApplicationWithdrawn: pre_enrolments.follow,
    ConditionMarked: pre_enrolments.follow,
    RegistrarFileKept: holding.bring,
    StaffChanged: copying.keep_staff,
    ProgrammePublished: copying.keep_programme,
    ProgrammeChanged: copying.keep_programme,
    ProgrammeWithdrawn: copying.withdraw_programme,
    CommissionChanged: copying.keep_board,
    DeadlinesMoved: deadlines.keep_deadlines,
    CampaignActivated: copying.keep_campaign,
    CampaignClosed: copying.keep_closed,
    AccountsWasAway: failing.keep_absence,
    DocumentsWasAway: failing.keep_absence,
    MailBounced: unreached.lose,
    MailFailed: unreached.lose,
    MailReaddressed: unreached.reach,
    MailSentAgain: unreached.resend,
}

LISTENS: Final[tuple[type[Event], ...]] = (*TABLE, SessionRevoked, ParametersChanged)

FROM_NOW: Final[tuple[type[Event], ...]] = (
    SessionRevoked,
    AccountsWasAway,
    DocumentsWasAway,
    MailBounced,
    MailFailed,
    MailReaddressed,
    MailSentAgain,
)


def subscriptions(ports: Ports, app: App) -> Mapping[type[Event], Apply]:
    """The use case for each event of `LISTENS`."""
    bound = {event: partial(use_case, app) for event, use_case in TABLE.items()}
    return {**bound, SessionRevoked: noting(ports.store), ParametersChanged: app.parameters.keep}
