"""The call by which staff have the minutes of a meeting. `API` is the whole of documents."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.bundles import API
from services.contracts.api.meetings import MeetingPath
from services.contracts.events.commissions import CommissionChanged
from services.contracts.events.meetings import MeetingClosed
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import INSPECTION_UNAVAILABLE, RECUSED

__all__ = ["API", "MINUTES_PDF"]

MINUTES_PDF: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/meetings/{meeting}/minutes.pdf",
        "The minutes of a meeting that is closed, as they were first made in this language; who is forgotten is in none.",
        access=staff(Role.MANAGER, Role.COMMISSION),
        path_params=MeetingPath,
        download=("application/pdf",),
        refusals=(NOT_FOUND, RECUSED, INSPECTION_UNAVAILABLE),
        heeds=(MeetingClosed, CommissionChanged, ProgrammeChanged, ProgrammePublished),
        takes_long=True,
    )
)
