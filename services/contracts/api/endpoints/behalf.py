"""The calls by which staff act in the place of a candidate."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import behalf, review
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.in_place import API
from services.contracts.events.accounts import AccountErased, CardChanged
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["API", "OPEN_FOR", "PERSON"]

PERSON: Final[Endpoint[None, behalf.Person]] = API.declare(
    Endpoint(
        "GET",
        "/review/person",
        "Who it is for whom one wants to open an application.",
        access=staff(Role.MANAGER),
        heeds=(AccountErased, CardChanged),
        query=behalf.Whom,
        answer=behalf.Person,
        refusals=(NOT_FOUND,),
    )
)

OPEN_FOR: Final[Endpoint[behalf.OpenFor, review.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/applications",
        "Open an application for somebody, or offer a place, whatever the dates and the maximum.",
        access=staff(Role.MANAGER),
        body=behalf.OpenFor,
        answer=review.ReviewView,
        status=201,
        takes_key=True,
        refusals=(
            NOT_FOUND,
            BUSY,
            INVALID_FIELDS,
            refusals.PROFILE_INCOMPLETE,
            refusals.PROGRAMME_CLOSED,
            refusals.ALREADY_APPLIED,
            refusals.CANDIDATE_ACCOUNT_CLOSED,
        ),
    )
)
