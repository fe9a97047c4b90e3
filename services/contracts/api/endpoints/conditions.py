"""The call by which staff follow the conditions of an admission."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import conditions as api
from services.contracts.api import review
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.deliberation import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["API", "MARK_CONDITION"]

MARK_CONDITION: Final[Endpoint[api.ConditionMark, review.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/conditions/{number}",
        "Say that a condition of an admission is met or not met, or take that back; the candidate is told by mail.",
        access=staff(Role.MANAGER),
        path_params=api.ConditionPath,
        body=api.ConditionMark,
        answer=review.ReviewView,
        takes_key=True,
        takes_if_match=True,
        refusals=(NOT_FOUND, BUSY, INVALID_FIELDS, refusals.NO_PLACE, refusals.DECISION_CHANGED, refusals.RECUSED),
    )
)
