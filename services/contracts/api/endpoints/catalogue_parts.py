"""The calls by which staff keep what programmes name. `API` is the whole of offers."""

from __future__ import annotations

from typing import Final

from services.contracts.api import catalogue_parts as api
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.catalogue import API, EDITORS
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND

__all__ = ["API"]


def _list(path: str, summary: str) -> Endpoint[None, api.StaffParts]:
    return API.declare(
        Endpoint(
            "GET",
            path,
            summary,
            access=EDITORS,
            query=api.PartsPage,
            answer=api.StaffParts,
            refusals=(INVALID_FIELDS,),
        )
    )


CENTRES: Final = _list("/centres", "The centres within one's reach.")
COMMISSIONS: Final = _list("/commissions", "The boards within one's reach.")
REQUIREMENTS: Final = _list("/requirements", "The requirements that one may write.")

CENTRE: Final[Endpoint[None, api.StaffCentre]] = API.declare(
    Endpoint(
        "GET",
        "/centres/{code}",
        "A centre as it is kept.",
        access=EDITORS,
        path_params=api.PartPath,
        answer=api.StaffCentre,
        refusals=(NOT_FOUND,),
    )
)

COMMISSION: Final[Endpoint[None, api.StaffCommission]] = API.declare(
    Endpoint(
        "GET",
        "/commissions/{code}",
        "A board as it is kept.",
        access=EDITORS,
        path_params=api.PartPath,
        answer=api.StaffCommission,
        refusals=(NOT_FOUND,),
    )
)

REQUIREMENT: Final[Endpoint[None, api.StaffRequirement]] = API.declare(
    Endpoint(
        "GET",
        "/requirements/{code}",
        "A requirement as it is kept.",
        access=EDITORS,
        path_params=api.PartPath,
        answer=api.StaffRequirement,
        refusals=(NOT_FOUND,),
    )
)

WRITE_CENTRE: Final[Endpoint[api.WrittenCentre, api.StaffCentre]] = API.declare(
    Endpoint(
        "PUT",
        "/centres/{code}",
        "Write a centre; programmes of the active campaign follow its name, and its contact where they have none.",
        access=EDITORS,
        path_params=api.PartPath,
        body=api.WrittenCentre,
        answer=api.StaffCentre,
        refusals=(NOT_FOUND, BUSY),
        takes_key=True,
        takes_if_match=True,
    )
)

WRITE_COMMISSION: Final[Endpoint[api.WrittenCommission, api.StaffCommission]] = API.declare(
    Endpoint(
        "PUT",
        "/commissions/{code}",
        "Write a board; programmes of the active campaign follow its name, and its contact where they named it.",
        access=EDITORS,
        path_params=api.PartPath,
        body=api.WrittenCommission,
        answer=api.StaffCommission,
        refusals=(NOT_FOUND, BUSY),
        takes_key=True,
        takes_if_match=True,
    )
)

WRITE_REQUIREMENT: Final[Endpoint[api.WrittenRequirement, api.StaffRequirement]] = API.declare(
    Endpoint(
        "PUT",
        "/requirements/{code}",
        "Write a requirement; programmes of the active campaign follow, and applications keep what was asked of them.",
        access=EDITORS,
        path_params=api.PartPath,
        body=api.WrittenRequirement,
        answer=api.StaffRequirement,
        refusals=(NOT_FOUND, BUSY),
        takes_key=True,
        takes_if_match=True,
    )
)
