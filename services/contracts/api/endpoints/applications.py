"""The calls of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.api import applications as api
from services.contracts.api import decisions, following, forms
from services.contracts.api.access import PUBLIC
from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.api.receipts import ReceiptPath
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals import applications as refusals

API: Final = Api(
    "applications",
    "Applications",
    "Applications to programmes: opened, filled piece by piece, submitted with a signed receipt.",
    signs=True,
)

_LATE: Final = (refusals.DEADLINE_PASSED,)
PIECE_REFUSALS: Final = (
    NOT_FOUND,
    refusals.MANAGED_BY_REGISTRAR,
    refusals.FILE_FROZEN,
    refusals.PIECE_VALIDATED,
    refusals.PIECE_NOT_APPLICABLE,
    *_LATE,
)
DEPOSIT_REFUSALS: Final = (
    *PIECE_REFUSALS,
    refusals.PIECE_ALREADY_DEPOSITED,
    refusals.TOO_LARGE_FOR_PIECE,
    refusals.TYPE_NOT_ALLOWED,
)
ANSWER_REFUSALS: Final = (NOT_FOUND, refusals.FILE_FROZEN, *_LATE)
DECLARE_REFUSALS: Final = (
    *_LATE,
    NOT_FOUND,
    refusals.MANAGED_BY_REGISTRAR,
    refusals.FILE_FROZEN,
    refusals.PIECE_NOT_CONDITIONAL,
    refusals.PIECE_ALREADY_DEPOSITED,
    refusals.PIECE_VALIDATED,
)

OPEN: Final[Endpoint[api.OpenApplication, api.ApplicationView]] = API.declare(
    Endpoint(
        "POST",
        "/applications",
        "Apply to a programme: opens a draft with the pieces that it asks for.",
        body=api.OpenApplication,
        answer=api.ApplicationView,
        status=201,
        takes_key=True,
        refusals=(
            NOT_FOUND,
            refusals.PROFILE_INCOMPLETE,
            refusals.PROGRAMME_CLOSED,
            refusals.ALREADY_APPLIED,
            refusals.TOO_MANY_APPLICATIONS,
            refusals.TOO_MANY_OPENINGS,
        ),
    )
)

OWN: Final[Endpoint[None, api.ApplicationList]] = API.declare(
    Endpoint(
        "GET",
        "/applications",
        "One's own applications, the one opened last first.",
        query=api.ApplicationPage,
        answer=api.ApplicationList,
    )
)

ONE: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "GET",
        "/applications/{id}",
        "One of one's own applications.",
        path_params=api.ApplicationPath,
        answer=api.ApplicationView,
        refusals=(NOT_FOUND,),
    )
)

FOLLOW: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/applications/{id}/events",
        "Be told of changes of one of one's own applications as Server-Sent Events, for some minutes; then ask again.",
        path_params=api.ApplicationPath,
        tells=following.ApplicationChange,
        heeds=(),
        refusals=(NOT_FOUND,),
    )
)

DEPOSIT: Final[Endpoint[api.DepositPiece, api.ApplicationView]] = API.declare(
    Endpoint(
        "PUT",
        "/applications/{id}/pieces/{code}",
        "Put an uploaded document into a piece.",
        path_params=api.PiecePath,
        body=api.DepositPiece,
        answer=api.ApplicationView,
        refusals=(*DEPOSIT_REFUSALS, refusals.INVALID_RECEIPT, refusals.RECEIPT_EXPIRED),
        takes_if_match=True,
    )
)

REMOVE: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "DELETE",
        "/applications/{id}/pieces/{code}",
        "Take the document out of a piece.",
        path_params=api.PiecePath,
        answer=api.ApplicationView,
        refusals=PIECE_REFUSALS,
        takes_if_match=True,
    )
)

DECLARE_NOT_APPLICABLE: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "PUT",
        "/applications/{id}/pieces/{code}/not-applicable",
        "Declare a conditional piece not applicable.",
        path_params=api.PiecePath,
        answer=api.ApplicationView,
        refusals=DECLARE_REFUSALS,
        takes_if_match=True,
    )
)

DECLARE_APPLICABLE: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "DELETE",
        "/applications/{id}/pieces/{code}/not-applicable",
        "Take that back.",
        path_params=api.PiecePath,
        answer=api.ApplicationView,
        refusals=DECLARE_REFUSALS,
        takes_if_match=True,
    )
)

REUSE: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "PUT",
        "/applications/{id}/pieces/{code}/reuse",
        "Put the document in that was given for the same common piece of another application.",
        path_params=api.PiecePath,
        answer=api.ApplicationView,
        refusals=(*DEPOSIT_REFUSALS, refusals.NOTHING_TO_REUSE),
        takes_if_match=True,
    )
)

ANSWER: Final[Endpoint[api.AnswerQuestion, api.ApplicationView]] = API.declare(
    Endpoint(
        "PUT",
        "/applications/{id}/answers/{question}",
        "Answer a question of the programme, or answer it otherwise.",
        path_params=api.AnswerPath,
        body=api.AnswerQuestion,
        answer=api.ApplicationView,
        refusals=ANSWER_REFUSALS,
        takes_if_match=True,
    )
)

TAKE_BACK: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "DELETE",
        "/applications/{id}/answers/{question}",
        "Take an answer back.",
        path_params=api.AnswerPath,
        answer=api.ApplicationView,
        refusals=ANSWER_REFUSALS,
        takes_if_match=True,
    )
)

FORM: Final[Endpoint[None, forms.FilledFormView]] = API.declare(
    Endpoint(
        "GET",
        "/applications/{id}/forms/{form}",
        "What is filled in in a form of the programme.",
        path_params=api.FormPath,
        answer=forms.FilledFormView,
        refusals=(NOT_FOUND,),
    )
)

CALL_BACK: Final[Endpoint[forms.FormCallback, forms.FormReceived]] = API.declare(
    Endpoint(
        "POST",
        "/forms/callback",
        "A form's server tells that one is filled in, signed with the secret that it shares with the suite.",
        access=PUBLIC,
        body=forms.FormCallback,
        answer=forms.FormReceived,
        refusals=ANSWER_REFUSALS,
        signed=True,
    )
)

SUBMIT: Final[Endpoint[None, api.SubmissionView]] = API.declare(
    Endpoint(
        "POST",
        "/applications/{id}/submission",
        "Hand the file over; the answer holds the signed receipt.",
        path_params=api.ApplicationPath,
        answer=api.SubmissionView,
        refusals=(NOT_FOUND, refusals.NOT_READY, refusals.WRONG_STATE, *_LATE),
        takes_key=True,
        takes_if_match=True,
    )
)

CANCEL: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "POST",
        "/applications/{id}/cancellation",
        "Give a draft up.",
        path_params=api.ApplicationPath,
        answer=api.ApplicationView,
        refusals=(NOT_FOUND, refusals.WRONG_STATE, refusals.DECISION_STANDS),
        takes_key=True,
        takes_if_match=True,
    )
)

ANSWER_PLACE: Final[Endpoint[decisions.PlaceAnswer, api.ApplicationView]] = API.declare(
    Endpoint(
        "POST",
        "/applications/{id}/answer",
        "Take the place that a favourable decision offers, or withdraw.",
        path_params=api.ApplicationPath,
        body=decisions.PlaceAnswer,
        answer=api.ApplicationView,
        refusals=(NOT_FOUND, refusals.NO_PLACE, refusals.ANSWER_LATE),
        takes_key=True,
        takes_if_match=True,
    )
)

LEAVE_WAITLIST: Final[Endpoint[None, api.ApplicationView]] = API.declare(
    Endpoint(
        "POST",
        "/applications/{id}/leave-waitlist",
        "Wait for a place no more, which is for ever.",
        path_params=api.ApplicationPath,
        answer=api.ApplicationView,
        refusals=(NOT_FOUND, refusals.NOT_WAITING),
        takes_key=True,
        takes_if_match=True,
    )
)

RECEIPT: Final[Endpoint[None, api.SubmissionRecord]] = API.declare(
    Endpoint(
        "GET",
        "/applications/{id}/receipt",
        "What was submitted, and its signed receipt.",
        path_params=api.ApplicationPath,
        answer=api.SubmissionRecord,
        refusals=(NOT_FOUND, refusals.NOT_SUBMITTED),
    )
)

CHECK_RECEIPT: Final[Endpoint[None, api.ReceiptCheck]] = API.declare(
    Endpoint(
        "GET",
        "/receipts/{receipt}",
        "Whether a printed receipt is genuine, and what it proves, for whoever holds it.",
        access=PUBLIC,
        path_params=ReceiptPath,
        answer=api.ReceiptCheck,
        refusals=(NOT_FOUND,),
    )
)
