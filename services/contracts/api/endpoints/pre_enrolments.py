"""The calls by which staff look after pre-enrolments. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import pre_enrolments as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.past import API
from services.contracts.refusals import BUSY, INVALID_FIELDS
from services.contracts.refusals import applications as refusals

__all__ = ["API", "COMPARISONS", "PRE_ENROLMENTS", "RETRY_PRE_ENROLMENTS"]

PRE_ENROLMENTS: Final[Endpoint[None, api.PreEnrolmentList]] = API.declare(
    Endpoint(
        "GET",
        "/review/pre-enrolments",
        "Whom the student records have refused, who waits for them, and whom they do not let go of, within one's reach.",
        access=staff(Role.MANAGER),
        query=api.PreEnrolmentPage,
        answer=api.PreEnrolmentList,
        refusals=(INVALID_FIELDS,),
    )
)

COMPARISONS: Final[Endpoint[None, api.Comparisons]] = API.declare(
    Endpoint(
        "GET",
        "/review/pre-enrolments/comparisons",
        "What came of comparing with the student records, last night or since.",
        access=staff(Role.MANAGER),
        answer=api.Comparisons,
    )
)

RETRY_PRE_ENROLMENTS: Final[Endpoint[api.Retries, api.RetriesView]] = API.declare(
    Endpoint(
        "POST",
        "/review/pre-enrolments/retries",
        "Have the student records asked anew for up to 200 people: first a dry run, then with its digest.",
        access=staff(Role.MANAGER),
        body=api.Retries,
        answer=api.RetriesView,
        takes_key=True,
        takes_long=True,
        refusals=(BUSY, INVALID_FIELDS, refusals.PREMISES_CHANGED),
    )
)
