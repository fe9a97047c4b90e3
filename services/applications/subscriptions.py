"""Events in: which use case keeps what others say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from services.applications import usecases
from services.applications.usecases import Applications
from services.chassis.events.inbox import Apply
from services.contracts.events.accounts import AccountErased, CardChanged, SessionRevoked
from services.contracts.events.catalogue import Event
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished, ProgrammeWithdrawn

LISTENS: Final[tuple[type[Event], ...]] = (
    AccountErased,
    CardChanged,
    ProgrammePublished,
    ProgrammeChanged,
    ProgrammeWithdrawn,
    SessionRevoked,
)


def subscriptions(app: Applications) -> Mapping[type[Event], Apply]:
    """The use case for each event of `LISTENS`."""
    return {
        AccountErased: partial(usecases.erase_account, app),
        CardChanged: partial(usecases.keep_card, app),
        ProgrammePublished: partial(usecases.keep_programme, app),
        ProgrammeChanged: partial(usecases.keep_programme, app),
        ProgrammeWithdrawn: partial(usecases.withdraw_programme, app),
    }
