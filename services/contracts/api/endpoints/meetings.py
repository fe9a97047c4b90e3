"""The calls about meetings of boards. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import meetings as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.pre_enrolments import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = [
    "ADD_FILES",
    "API",
    "BOARDS",
    "CHANGE",
    "MARK",
    "MEETING",
    "MEETINGS",
    "OUTCOME",
    "PLAN",
    "RECUSE",
    "REMOVE_FILE",
    "TAKE_BACK_RECUSAL",
]

_MANAGERS: Final = staff(Role.MANAGER)
_JUDGES: Final = staff(Role.MANAGER, Role.COMMISSION)
_CHANGING: Final = (NOT_FOUND, BUSY, refusals.ACTION_FORBIDDEN, refusals.WRONG_STATE)

MEETINGS: Final[Endpoint[None, api.MeetingList]] = API.declare(
    Endpoint(
        "GET",
        "/meetings",
        "The meetings of boards of which all programmes are within one's reach.",
        access=_JUDGES,
        query=api.MeetingPage,
        answer=api.MeetingList,
    )
)

BOARDS: Final[Endpoint[None, api.BoardList]] = API.declare(
    Endpoint(
        "GET",
        "/meeting-boards",
        "The boards for which one may plan a meeting, with their programmes.",
        access=_MANAGERS,
        answer=api.BoardList,
    )
)

PLAN: Final[Endpoint[api.NewMeeting, api.MeetingView]] = API.declare(
    Endpoint(
        "POST",
        "/meetings",
        "Plan a meeting of a board.",
        access=_MANAGERS,
        body=api.NewMeeting,
        answer=api.MeetingView,
        status=201,
        takes_key=True,
        refusals=(INVALID_FIELDS, refusals.ACTION_FORBIDDEN, BUSY),
    )
)

MEETING: Final[Endpoint[None, api.MeetingView]] = API.declare(
    Endpoint(
        "GET",
        "/meetings/{meeting}",
        "A meeting, with its files and who is convened.",
        access=_JUDGES,
        path_params=api.MeetingPath,
        answer=api.MeetingView,
        refusals=(NOT_FOUND,),
    )
)

CHANGE: Final[Endpoint[api.MeetingPlan, api.MeetingView]] = API.declare(
    Endpoint(
        "PUT",
        "/meetings/{meeting}",
        "Plan a meeting otherwise that is not closed.",
        access=_MANAGERS,
        path_params=api.MeetingPath,
        body=api.MeetingPlan,
        answer=api.MeetingView,
        takes_if_match=True,
        refusals=(*_CHANGING, INVALID_FIELDS),
    )
)

ADD_FILES: Final[Endpoint[api.MeetingFiles, api.MeetingView]] = API.declare(
    Endpoint(
        "POST",
        "/meetings/{meeting}/files",
        "Put files on a meeting that are ready for a decision: all or none.",
        access=_MANAGERS,
        path_params=api.MeetingPath,
        body=api.MeetingFiles,
        answer=api.MeetingView,
        refusals=(*_CHANGING, INVALID_FIELDS, refusals.FILE_NOT_READY, refusals.TOO_MANY_FILES),
    )
)

REMOVE_FILE: Final[Endpoint[None, api.MeetingView]] = API.declare(
    Endpoint(
        "DELETE",
        "/meetings/{meeting}/files/{file}",
        "Take a file off a meeting that is not closed; what is decided on it stays.",
        access=_MANAGERS,
        path_params=api.MeetingFilePath,
        answer=api.MeetingView,
        refusals=_CHANGING,
    )
)

MARK: Final[Endpoint[api.MeetingMark, api.MeetingView]] = API.declare(
    Endpoint(
        "POST",
        "/meetings/{meeting}/state",
        "Say that a meeting takes place and who is there, or close it, whereby its minutes are made, once.",
        access=_MANAGERS,
        path_params=api.MeetingPath,
        body=api.MeetingMark,
        answer=api.MeetingView,
        takes_if_match=True,
        refusals=(*_CHANGING, INVALID_FIELDS, refusals.VOTES_OPEN),
    )
)

RECUSE: Final[Endpoint[api.RecusalBody, api.MeetingView]] = API.declare(
    Endpoint(
        "POST",
        "/meetings/{meeting}/recusals",
        "Say that a member has no part in a file: from then on they neither see nor enter what is decided on it.",
        access=_JUDGES,
        path_params=api.MeetingPath,
        body=api.RecusalBody,
        answer=api.MeetingView,
        refusals=(*_CHANGING, INVALID_FIELDS),
    )
)

TAKE_BACK_RECUSAL: Final[Endpoint[None, api.MeetingView]] = API.declare(
    Endpoint(
        "DELETE",
        "/meetings/{meeting}/recusals/{file}/{member}",
        "Let a member take part in a file again; it stays in the file's trail that they had no part.",
        access=_MANAGERS,
        path_params=api.RecusalPath,
        answer=api.MeetingView,
        refusals=(*_CHANGING, refusals.OWN_RECUSAL),
    )
)

OUTCOME: Final[Endpoint[api.Outcome, api.OutcomeView]] = API.declare(
    Endpoint(
        "POST",
        "/meetings/{meeting}/outcome",
        "Enter what a meeting that takes place has come to for a programme; what one file refuses is in no other's way.",
        access=_JUDGES,
        path_params=api.MeetingPath,
        body=api.Outcome,
        answer=api.OutcomeView,
        takes_key=True,
        takes_long=True,
        refusals=(*_CHANGING, INVALID_FIELDS),
    )
)
