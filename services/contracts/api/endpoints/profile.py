"""The calls of accounts about the profile beside its required steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import BaseModel

from services.contracts.api import profile as rows
from services.contracts.api import reference
from services.contracts.api.access import PUBLIC
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.accounts import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION
from services.contracts.refusals import accounts as refusals

__all__ = [
    "API",
    "ASK_FOR_RECORD",
    "CARRY_OVER",
    "CARRY_OVER_OFFER",
    "DAY",
    "DRAFT",
    "EXTERNAL_STUDIES",
    "FORGET_DRAFT",
    "INTERNSHIPS",
    "KEEP_DRAFT",
    "PROFILE",
    "REFERENCE",
    "WORK_EXPERIENCE",
]

DAY: Final = "public, max-age=86400"

REFERENCE: Final[Endpoint[None, reference.ReferenceList]] = API.declare(
    Endpoint(
        "GET",
        "/reference/{list}",
        "A list that forms offer.",
        access=PUBLIC,
        path_params=reference.ReferencePath,
        query=reference.ReferenceQuery,
        answer=reference.ReferenceList,
        refusals=(NOT_FOUND,),
        cache=DAY,
        heeds=(),
    )
)


PROFILE: Final[Endpoint[None, rows.ProfileView]] = API.declare(
    Endpoint("GET", "/me/profile", "See one's profile.", answer=rows.ProfileView, refusals=(refusals.SESSION_ENDED,))
)

ASK_FOR_RECORD: Final[Endpoint[rows.RecordRequest, rows.RecordAsked]] = API.declare(
    Endpoint(
        "POST",
        "/me/registrar-record",
        "Have one's record asked of the registrar.",
        body=rows.RecordRequest,
        answer=rows.RecordAsked,
        status=202,
        refusals=(
            refusals.SESSION_ENDED,
            refusals.ACCOUNT_NOT_VALIDATED,
            refusals.RECORDS_NOT_OFFERED,
            refusals.TOO_MANY_RECORD_REQUESTS,
            INVALID_FIELDS,
            BUSY,
        ),
    )
)

CARRY_OVER_OFFER: Final[Endpoint[None, rows.CarryOverView]] = API.declare(
    Endpoint(
        "GET",
        "/me/profile/carry-over",
        "See what one gave in the campaign before and may take over.",
        answer=rows.CarryOverView,
        refusals=(refusals.SESSION_ENDED,),
    )
)

CARRY_OVER: Final[Endpoint[rows.CarryOver, rows.CarryOverView]] = API.declare(
    Endpoint(
        "POST",
        "/me/profile/carry-over",
        "Take over what one gave in the campaign before; what is given in this one stays.",
        body=rows.CarryOver,
        answer=rows.CarryOverView,
        refusals=(refusals.SESSION_ENDED, refusals.ACCOUNT_NOT_VALIDATED, NOT_FOUND, INVALID_FIELDS, BUSY),
        takes_key=True,
    )
)

# --- rows of the profile ------------------------------------------------------------------------------------------

_ROWS: Final = (refusals.SESSION_ENDED, refusals.ACCOUNT_NOT_VALIDATED, NOT_FOUND, BUSY)

V = TypeVar("V", bound=rows.RowView)
R = TypeVar("R", bound=rows.RowBody)


@dataclass(frozen=True, slots=True)
class RowEndpoints(Generic[R, V]):
    """The three calls of a step that has rows."""

    add: Endpoint[R, V]
    change: Endpoint[R, V]
    remove: Endpoint[None, None]


def _rows(path: str, what: str, row: type[BaseModel], body: type[R], view: type[V]) -> RowEndpoints[R, V]:
    (parameter,) = row.model_fields
    at = f"{path}/{{{parameter}}}"
    return RowEndpoints(
        API.declare(
            Endpoint(
                "POST",
                path,
                f"Add {what}.",
                body=body,
                answer=view,
                status=201,
                refusals=(*_ROWS, INVALID_FIELDS, refusals.TOO_MANY_ROWS),
                takes_key=True,
            )
        ),
        API.declare(
            Endpoint(
                "PUT",
                at,
                f"Give {what} anew.",
                path_params=row,
                body=body,
                answer=view,
                refusals=(*_ROWS, INVALID_FIELDS, STALE_VERSION),
                takes_if_match=True,
            )
        ),
        API.declare(
            Endpoint(
                "DELETE",
                at,
                f"Take {what} away; a second time changes nothing.",
                path_params=row,
                refusals=(*_ROWS, STALE_VERSION),
                takes_if_match=True,
            )
        ),
    )


EXTERNAL_STUDIES: Final = _rows(
    "/me/profile/external-studies",
    "studies elsewhere",
    rows.StudiesPath,
    rows.ExternalStudies,
    rows.ExternalStudiesView,
)
INTERNSHIPS: Final = _rows(
    "/me/profile/internships", "an internship", rows.InternshipPath, rows.Internship, rows.InternshipView
)
WORK_EXPERIENCE: Final = _rows(
    "/me/profile/work-experience", "a job", rows.JobPath, rows.WorkExperience, rows.WorkExperienceView
)

# --- drafts -------------------------------------------------------------------------------------------------------

DRAFT: Final[Endpoint[None, rows.DraftView]] = API.declare(
    Endpoint(
        "GET",
        "/me/profile/drafts/{step}",
        "See what was typed into a step and not saved.",
        path_params=rows.DraftPath,
        answer=rows.DraftView,
        refusals=(refusals.SESSION_ENDED, NOT_FOUND),
    )
)

KEEP_DRAFT: Final[Endpoint[rows.Draft, None]] = API.declare(
    Endpoint(
        "PUT",
        "/me/profile/drafts/{step}",
        "Keep what is typed into a step until it is saved.",
        path_params=rows.DraftPath,
        body=rows.Draft,
        refusals=(refusals.SESSION_ENDED, NOT_FOUND, BUSY),
    )
)

FORGET_DRAFT: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/me/profile/drafts/{step}",
        "Forget what was typed into a step.",
        path_params=rows.DraftPath,
        refusals=(refusals.SESSION_ENDED, NOT_FOUND),
    )
)
