"""The calls of offers that only staff may make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.chassis.testing import Suite
from tests.unit.chassis.demo import MOMENT

SOURCE: Final = "1999"
"""A campaign that is planned and stays so."""
ENDS: Final = ("POST /api/offers/campaigns/{campaign}/close",)
"""What ends the one campaign on which all else depends: tests/service/offers/test_rollovers.py."""

STAFFED: Final = {
    "parameters": ("GET", "PUT"),
    "parameters/revisions": ("GET",),
    "deadlines": ("GET", "POST"),
    "campaigns": ("POST",),
    "campaigns/plans": ("GET",),
    "campaigns/{campaign}/activate": ("POST",),
    "campaigns/{campaign}/close": ("POST",),
    "campaigns/{campaign}/rollover": ("POST",),
    "imports": ("POST",),
    "imports/template": ("GET",),
    "catalogue": ("GET",),
    "catalogue/{code}": ("GET",),
    "choices": ("GET",),
    "programmes/{code}": ("PUT",),
    "centres": ("GET",),
    "centres/{code}": ("GET", "PUT"),
    "commissions": ("GET",),
    "commissions/{code}": ("GET", "PUT"),
    "requirements": ("GET",),
    "requirements/{code}": ("GET", "PUT"),
    "maintenance": ("PUT",),
    "messages/{message}": ("GET", "PUT"),
}
"""What only staff may call."""
WRITTEN_OVER: Final = tuple(
    f"PUT /api/offers/{path}/{{code}}" for path in ("programmes", "centres", "commissions", "requirements")
)
"""What is written by its code."""


async def of_campaigns(suite: Suite, headers: Mapping[str, str], active: str) -> dict[str, Any]:
    """What bodies say of campaigns: of the active one, which stays as it is, and of one that programmes would come from."""
    planned = {"code": SOURCE, "label": "Avant", "starts_on": "1999-01-01", "ends_on": "1999-12-31"}
    async with suite.client.post("/api/offers/campaigns", headers=headers, json=planned) as response:
        assert response.status == 200
    return {
        "PlanCampaign.code": [active],
        "PlanCampaign.label": {"type": "string", "pattern": "^[A-Za-z]{3,40}$"},
        "PlanCampaign.label_en": [None],
        "PlanCampaign.starts_on": [f"{MOMENT.year - 1}-12-01"],
        "PlanCampaign.ends_on": [f"{MOMENT.year + 1}-12-01"],
        "RolloverBody.source": [SOURCE],
        "RolloverBody": {"required": ["source", "shift", "dry_run"]},
        "RolloverBody.dry_run": {"type": "boolean", "enum": [True]},
        "RolloverBody.digest": [None],
    }
