"""The calls by which staff say what somebody pays, and under which code they enrol. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import applications as paths
from services.contracts.api import enrolments, review
from services.contracts.api import fees as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.applications import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION
from services.contracts.refusals import applications as refusals

__all__ = ["API", "FEE_LISTS", "SET_ENROLMENT_CODE", "SET_FEES"]

FEE_LISTS: Final[Endpoint[None, api.FeeListsView]] = API.declare(
    Endpoint(
        "GET",
        "/review/fee-lists",
        "The fee regimes and the exemptions that can be chosen, as the institution calls them.",
        access=staff(Role.MANAGER, Role.COMMISSION),
        answer=api.FeeListsView,
    )
)

SET_FEES: Final[Endpoint[api.FeesBody, review.ReviewView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/fees",
        "Say under which regime somebody pays, from what they are exempt, and how much: for staff and student records.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        body=api.FeesBody,
        answer=review.ReviewView,
        refusals=(NOT_FOUND, BUSY, INVALID_FIELDS, STALE_VERSION, refusals.FILE_UNREADABLE, refusals.RECUSED),
    )
)

SET_ENROLMENT_CODE: Final[Endpoint[enrolments.EnrolmentCodeBody, review.ReviewView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/enrolment-code",
        "Say under which code somebody is handed over to the student records, and have them told so by mail.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        body=enrolments.EnrolmentCodeBody,
        answer=review.ReviewView,
        refusals=(
            *(NOT_FOUND, BUSY, STALE_VERSION),
            *(refusals.CODE_TAKEN, refusals.CODE_HANDED_OVER, refusals.NOT_TOLD_YET, refusals.RECUSED),
        ),
    )
)
