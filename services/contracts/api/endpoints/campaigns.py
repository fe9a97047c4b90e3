"""The calls by which staff end a campaign and begin the next. `API` is the whole of offers."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import campaigns as api
from services.contracts.api import offers
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.imports import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals.offers import CAMPAIGN_NOT_ACTIVE, CAMPAIGN_OVER, PREMISES_CHANGED

__all__ = ["API", "CLOSE_CAMPAIGN", "ROLL_OVER", "STAFF_CAMPAIGNS"]

STAFF_CAMPAIGNS: Final[Endpoint[None, api.StaffCampaigns]] = API.declare(
    Endpoint(
        "GET",
        "/campaigns/plans",
        "All campaigns as they are kept, the newest first.",
        access=staff(Role.ADMIN),
        answer=api.StaffCampaigns,
        refusals=(NOT_FOUND,),
    )
)

CLOSE_CAMPAIGN: Final[Endpoint[None, offers.Campaigns]] = API.declare(
    Endpoint(
        "POST",
        "/campaigns/{campaign}/close",
        "End the active campaign without another in its place.",
        access=staff(Role.ADMIN),
        path_params=offers.CampaignPath,
        answer=offers.Campaigns,
        refusals=(NOT_FOUND, CAMPAIGN_NOT_ACTIVE),
        takes_key=True,
    )
)

ROLL_OVER: Final[Endpoint[api.RolloverBody, api.RolloverView]] = API.declare(
    Endpoint(
        "POST",
        "/campaigns/{campaign}/rollover",
        "Carry the programmes of another campaign into the active one, a year later: first a dry run, then by its digest.",
        access=staff(Role.ADMIN),
        path_params=offers.CampaignPath,
        body=api.RolloverBody,
        answer=api.RolloverView,
        takes_long=True,
        refusals=(BUSY, NOT_FOUND, INVALID_FIELDS, CAMPAIGN_OVER, CAMPAIGN_NOT_ACTIVE, PREMISES_CHANGED),
    )
)
