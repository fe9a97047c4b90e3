"""The calls about votes of a board's meeting. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import votes as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.meetings import API
from services.contracts.api.meetings import MeetingFilePath, MeetingPath
from services.contracts.refusals import BUSY, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["API", "CLOSE_VOTE", "VOTE", "VOTES"]

_JUDGES: Final = staff(Role.MANAGER, Role.COMMISSION)
_CHANGING: Final = (
    *(NOT_FOUND, BUSY, refusals.ACTION_FORBIDDEN, refusals.WRONG_STATE, refusals.RECUSED, refusals.NO_VOTE),
)

VOTES: Final[Endpoint[None, api.MeetingVotes]] = API.declare(
    Endpoint(
        "GET",
        "/meetings/{meeting}/votes",
        "The votes of a meeting: one's own, and what was counted where they are closed.",
        access=_JUDGES,
        path_params=MeetingPath,
        answer=api.MeetingVotes,
        refusals=(NOT_FOUND, refusals.NO_VOTE),
    )
)

VOTE: Final[Endpoint[api.VoteBody, api.MeetingVotes]] = API.declare(
    Endpoint(
        "PUT",
        "/meetings/{meeting}/files/{file}/vote",
        "Vote on a file of a meeting that takes place, or vote otherwise until it is closed.",
        access=_JUDGES,
        path_params=MeetingFilePath,
        body=api.VoteBody,
        answer=api.MeetingVotes,
        refusals=(*_CHANGING, refusals.NO_VOTER, refusals.NOT_PRESENT, refusals.VOTE_CLOSED),
    )
)

CLOSE_VOTE: Final[Endpoint[None, api.MeetingVotes]] = API.declare(
    Endpoint(
        "POST",
        "/meetings/{meeting}/files/{file}/vote/closing",
        "Close the votes on a file, for good: they are counted, and nothing is entered by it.",
        access=staff(Role.MANAGER),
        path_params=MeetingFilePath,
        answer=api.MeetingVotes,
        refusals=_CHANGING,
    )
)
