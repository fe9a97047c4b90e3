"""The calls of applications that staff make. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import applications as paths
from services.contracts.api import bulk, decisions, filters, narrowing, sheets
from services.contracts.api import review as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.exports import API
from services.contracts.events import accounts, applications, offers
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = [
    "ADD_NOTE",
    "API",
    "ASSIGN",
    "AUDIT",
    "BULK",
    "CHOICES",
    "COUNTS",
    "DECISION_TYPES",
    "DELETE_DECISION",
    "ENTER_DECISION",
    "EXPORT_CSV",
    "EXPORT_XLSX",
    "EXTEND",
    "FILE",
    "FILES",
    "JUDGE",
    "JUDGE_SEVERAL",
    "MARK",
    "REOPEN",
    "RETRY_PRE_ENROLMENT",
    "SET_TAGS",
    "VALIDATE_DECISION",
]

_JUDGES: Final = staff(Role.MANAGER, Role.COMMISSION)
_CHANGED: Final = (NOT_FOUND, BUSY, refusals.RECUSED)
_EXAMINED: Final = (*_CHANGED, refusals.CAMPAIGN_CLOSED)
_BESIDE: Final = (*_CHANGED, refusals.FILE_UNREADABLE)
_LISTED: Final = (
    *(accounts.AccountErased, accounts.CardChanged, applications.FileChanged, offers.CampaignActivated),
    *(offers.CampaignClosed, offers.ProgrammeChanged, offers.ProgrammePublished, offers.ProgrammeWithdrawn),
)
"""What the rows of lists are made of; their own service hears of it as others do."""

FILES: Final[Endpoint[None, api.ReviewList]] = API.declare(
    Endpoint(
        "GET",
        "/review",
        "The files within one's reach: narrowed, searched, in order.",
        access=_JUDGES,
        heeds=_LISTED,
        query=filters.ReviewPage,
        answer=api.ReviewList,
        refusals=(refusals.UNKNOWN_SORT,),
    )
)

COUNTS: Final[Endpoint[None, narrowing.ReviewCounts]] = API.declare(
    Endpoint(
        "GET",
        "/review/counts",
        "How many of the same files there are in each state, whatever state is asked for.",
        access=_JUDGES,
        heeds=_LISTED,
        query=filters.ReviewFilter,
        answer=narrowing.ReviewCounts,
        refusals=(refusals.UNKNOWN_SORT,),
    )
)

CHOICES: Final[Endpoint[None, narrowing.ReviewChoices]] = API.declare(
    Endpoint(
        "GET",
        "/review/choices",
        "The centres, commissions and programmes by which one's files can be narrowed.",
        access=_JUDGES,
        answer=narrowing.ReviewChoices,
    )
)

DECISION_TYPES: Final[Endpoint[None, decisions.DecisionTypes]] = API.declare(
    Endpoint(
        "GET",
        "/review/decision-types",
        "The types of decisions that can be entered, as the institution calls them.",
        access=_JUDGES,
        answer=decisions.DecisionTypes,
    )
)

FILE: Final[Endpoint[None, api.ReviewView]] = API.declare(
    Endpoint(
        "GET",
        "/review/{id}",
        "A file, and who has done what with it.",
        access=_JUDGES,
        path_params=paths.ApplicationPath,
        answer=api.ReviewView,
        refusals=(NOT_FOUND,),
    )
)

JUDGE: Final[Endpoint[api.Verdict, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/pieces/{code}/verdict",
        "Validate or refuse a piece, take that back, or leave a comment.",
        access=_JUDGES,
        path_params=paths.PiecePath,
        body=api.Verdict,
        answer=api.ReviewView,
        takes_key=True,
        takes_if_match=True,
        refusals=(
            *(*_EXAMINED, refusals.MANAGED_BY_REGISTRAR, refusals.FILE_FROZEN, refusals.PIECE_WITHOUT_DOCUMENT),
            *(refusals.DOCUMENT_CHANGED, refusals.PIECE_NOT_APPLICABLE),
        ),
    )
)

JUDGE_SEVERAL: Final[Endpoint[api.Verdicts, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/verdicts",
        "Say of several pieces what is thought of them; all of it is kept, or nothing.",
        access=_JUDGES,
        path_params=paths.ApplicationPath,
        body=api.Verdicts,
        answer=api.ReviewView,
        takes_key=True,
        takes_if_match=True,
        refusals=JUDGE.refusals,
    )
)

MARK: Final[Endpoint[api.FileMark, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/state",
        "Say that a file is complete, or give it back to be completed, or take either back.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        body=api.FileMark,
        answer=api.ReviewView,
        takes_key=True,
        takes_if_match=True,
        refusals=(*_EXAMINED, INVALID_FIELDS, refusals.WRONG_STATE, refusals.FILLED_IN_NOT_SUBMITTED),
    )
)

REOPEN: Final[Endpoint[api.Reopening, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/reopening",
        "Give a file back that was submitted by mistake.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        body=api.Reopening,
        answer=api.ReviewView,
        takes_key=True,
        takes_if_match=True,
        refusals=(*_EXAMINED, INVALID_FIELDS, refusals.WRONG_STATE),
    )
)

EXTEND: Final[Endpoint[api.Deadlines, api.ReviewView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/deadlines",
        "Give one application a later last day for depositing and submitting.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        body=api.Deadlines,
        answer=api.ReviewView,
        takes_if_match=True,
        refusals=(*_EXAMINED, INVALID_FIELDS, refusals.WRONG_STATE),
    )
)

_DECISION: Final = (*_EXAMINED, INVALID_FIELDS, refusals.WRONG_STATE, refusals.DECISION_CHANGED)

ENTER_DECISION: Final[Endpoint[decisions.DecisionBody, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/decision",
        "Enter a decision, in the place of one that is not validated; the candidate sees nothing of it.",
        access=_JUDGES,
        path_params=paths.ApplicationPath,
        body=decisions.DecisionBody,
        answer=api.ReviewView,
        takes_key=True,
        refusals=_DECISION,
    )
)

DELETE_DECISION: Final[Endpoint[None, api.ReviewView]] = API.declare(
    Endpoint(
        "DELETE",
        "/review/{id}/decision",
        "Take away a decision that is entered and not validated, and with it a file opened only to offer a place.",
        access=_JUDGES,
        path_params=paths.ApplicationPath,
        query=decisions.DecisionQuery,
        answer=api.ReviewView,
        refusals=(
            *(*_CHANGED, refusals.WRONG_STATE, refusals.NO_DECISION, refusals.DECISION_CHANGED),
            refusals.ACTION_FORBIDDEN,
        ),
    )
)

VALIDATE_DECISION: Final[Endpoint[decisions.DecisionValidation, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/decision/validation",
        "Let the decision that is entered count: the candidate sees it, and is told by mail, once.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        body=decisions.DecisionValidation,
        answer=api.ReviewView,
        takes_key=True,
        takes_if_match=True,
        refusals=(
            *_DECISION,
            *(refusals.NO_DECISION, refusals.SECOND_PERSON, refusals.RANK_TAKEN, refusals.LEFT_WAITLIST),
            *(refusals.GROUP_UNFIT, refusals.CONDITION_PAST),
        ),
    )
)

RETRY_PRE_ENROLMENT: Final[Endpoint[None, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/pre-enrolment/retry",
        "Have the student records asked anew for somebody whom they have refused.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        answer=api.ReviewView,
        takes_key=True,
        refusals=(*_CHANGED, refusals.ACTION_FORBIDDEN, refusals.NOTHING_REFUSED),
    )
)

BULK: Final[Endpoint[bulk.Bulk, bulk.BulkView]] = API.declare(
    Endpoint(
        "POST",
        "/review/bulk",
        "Do one thing to up to 200 files: first a dry run, which tells what would come of it, then with its digest.",
        access=staff(Role.MANAGER),
        body=bulk.Bulk,
        answer=bulk.BulkView,
        takes_key=True,
        takes_long=True,
        refusals=(BUSY, INVALID_FIELDS, refusals.PREMISES_CHANGED),
    )
)

ADD_NOTE: Final[Endpoint[sheets.NewNote, api.ReviewView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/notes",
        "Write something down beside a file, which its candidate never sees.",
        access=_JUDGES,
        path_params=paths.ApplicationPath,
        body=sheets.NewNote,
        answer=api.ReviewView,
        takes_key=True,
        refusals=(*_BESIDE, refusals.TOO_MANY_NOTES),
    )
)

SET_TAGS: Final[Endpoint[sheets.TagSet, api.ReviewView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/tags",
        "Put tags on a file, which its candidate never sees.",
        access=_JUDGES,
        path_params=paths.ApplicationPath,
        body=sheets.TagSet,
        answer=api.ReviewView,
        refusals=_BESIDE,
    )
)

ASSIGN: Final[Endpoint[sheets.Assignment, api.ReviewView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/assignee",
        "Give a file to somebody of staff to look after.",
        access=staff(Role.MANAGER),
        path_params=paths.ApplicationPath,
        body=sheets.Assignment,
        answer=api.ReviewView,
        refusals=(*_BESIDE, INVALID_FIELDS),
    )
)

AUDIT: Final[Endpoint[None, sheets.AuditList]] = API.declare(
    Endpoint(
        "GET",
        "/review/{id}/audit",
        "All that was done to a file, and by whom.",
        access=_JUDGES,
        path_params=paths.ApplicationPath,
        query=sheets.AuditPage,
        answer=sheets.AuditList,
        refusals=(NOT_FOUND,),
    )
)

_EXPORT: Final = (BUSY, refusals.UNKNOWN_SORT, refusals.TOO_MANY_ROWS)

EXPORT_CSV: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/review/export.csv",
        "The files of a list, 50,000 at most, with all that staff see of them, as comma-separated values in UTF-8.",
        access=_JUDGES,
        heeds=_LISTED,
        query=filters.ReviewExport,
        download=("text/csv",),
        refusals=_EXPORT,
        takes_long=True,
    )
)

EXPORT_XLSX: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/review/export.xlsx",
        "The same as a workbook.",
        access=_JUDGES,
        heeds=_LISTED,
        query=filters.ReviewExport,
        download=("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
        refusals=_EXPORT,
        takes_long=True,
    )
)
