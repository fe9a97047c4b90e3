"""The call by which staff ask for counts."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import counts as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.bulk import API
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import FileChanged

__all__ = ["API", "STATISTICS"]

STATISTICS: Final[Endpoint[None, api.CampaignCounts]] = API.declare(
    Endpoint(
        "GET",
        "/review/statistics",
        "How many files there are or were to each programme of a campaign, and what became of them.",
        access=staff(Role.ADMIN, Role.REGISTRAR, Role.MANAGER, Role.READONLY),
        heeds=(AccountErased, FileChanged),
        query=api.CountsPage,
        answer=api.CampaignCounts,
    )
)
