"""The call by which staff see which comments they can choose with a verdict. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.api import piece_comments as api
from services.contracts.api.applications import PiecePath
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.review import JUDGE
from services.contracts.api.endpoints.votes import API
from services.contracts.refusals import NOT_FOUND

__all__ = ["API", "COMMENTS"]

COMMENTS: Final[Endpoint[None, api.ListedComments]] = API.declare(
    Endpoint(
        "GET",
        "/review/{id}/pieces/{code}/comments",
        "The institution's comments that can be chosen with a verdict on a piece, in its candidate's language.",
        access=JUDGE.access,
        path_params=PiecePath,
        answer=api.ListedComments,
        refusals=(NOT_FOUND,),
    )
)
