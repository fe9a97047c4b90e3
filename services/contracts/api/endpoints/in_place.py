"""The calls by which staff fill in a file in its candidate's place: by the candidate's own rules, and saying why."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import IN_PLACE
from services.contracts.api import applications as views
from services.contracts.api import in_place as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.applications import (
    ANSWER_REFUSALS,
    DECLARE_REFUSALS,
    DEPOSIT_REFUSALS,
    PIECE_REFUSALS,
)
from services.contracts.api.endpoints.places import API
from services.contracts.events.accounts import CardChanged
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["ANSWER", "API", "DECLARE", "DEPOSIT", "FILES", "REMOVE", "SEE", "SUBMIT"]

_STAFF: Final = staff(*IN_PLACE)
_CLOSED: Final = (BUSY, refusals.CANDIDATE_ACCOUNT_CLOSED, refusals.RECUSED)

FILES: Final[Endpoint[None, api.FilesToFillIn]] = API.declare(
    Endpoint(
        "GET",
        "/review/on-behalf",
        "A person's files within one's reach that can be filled in; the person by account or by file number.",
        access=_STAFF,
        query=api.Whose,
        answer=api.FilesToFillIn,
        refusals=(INVALID_FIELDS,),
        heeds=(ProgrammeChanged, ProgrammePublished),
    )
)

SEE: Final[Endpoint[None, api.FileInPlace]] = API.declare(
    Endpoint(
        "GET",
        "/review/{id}/on-behalf",
        "A file as its candidate sees it, with what that could do now; for support while it can be filled in.",
        access=_STAFF,
        path_params=views.ApplicationPath,
        answer=api.FileInPlace,
        heeds=(CardChanged,),
        refusals=(NOT_FOUND, refusals.CANDIDATE_ACCOUNT_CLOSED),
    )
)

DEPOSIT: Final[Endpoint[api.DepositInPlace, views.ApplicationView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/on-behalf/pieces/{code}",
        "Put a document, which was uploaded for this application, into a piece in the candidate's place.",
        access=_STAFF,
        path_params=views.PiecePath,
        body=api.DepositInPlace,
        answer=views.ApplicationView,
        takes_key=True,
        takes_if_match=True,
        refusals=(*DEPOSIT_REFUSALS, *_CLOSED, refusals.INVALID_RECEIPT, refusals.RECEIPT_EXPIRED),
    )
)

REMOVE: Final[Endpoint[api.InPlace, views.ApplicationView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/on-behalf/pieces/{code}/removal",
        "Take the document out of a piece in the candidate's place.",
        access=_STAFF,
        path_params=views.PiecePath,
        body=api.InPlace,
        answer=views.ApplicationView,
        takes_key=True,
        takes_if_match=True,
        refusals=(*PIECE_REFUSALS, *_CLOSED),
    )
)

DECLARE: Final[Endpoint[api.DeclareInPlace, views.ApplicationView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/on-behalf/pieces/{code}/not-applicable",
        "Declare a conditional piece not applicable, or applicable again, in the candidate's place.",
        access=_STAFF,
        path_params=views.PiecePath,
        body=api.DeclareInPlace,
        answer=views.ApplicationView,
        takes_key=True,
        takes_if_match=True,
        refusals=(*DECLARE_REFUSALS, *_CLOSED),
    )
)

ANSWER: Final[Endpoint[api.AnswerInPlace, views.ApplicationView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/{id}/on-behalf/answers/{question}",
        "Answer a question in the candidate's place, or leave it unanswered again.",
        access=_STAFF,
        path_params=views.AnswerPath,
        body=api.AnswerInPlace,
        answer=views.ApplicationView,
        takes_key=True,
        takes_if_match=True,
        refusals=(*ANSWER_REFUSALS, *_CLOSED, INVALID_FIELDS),
    )
)

SUBMIT: Final[Endpoint[api.InPlace, views.SubmissionView]] = API.declare(
    Endpoint(
        "POST",
        "/review/{id}/on-behalf/submission",
        "Hand the file over in the candidate's place; the receipt says that the university did, and why.",
        access=_STAFF,
        path_params=views.ApplicationPath,
        body=api.InPlace,
        answer=views.SubmissionView,
        takes_key=True,
        takes_if_match=True,
        refusals=(NOT_FOUND, *_CLOSED, refusals.NOT_READY, refusals.WRONG_STATE, refusals.DEADLINE_PASSED),
    )
)
