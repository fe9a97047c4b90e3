"""The call by which staff read a file as it was. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import applications as paths
from services.contracts.api import past as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.counts import API
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND

__all__ = ["API", "FILE_AT"]

FILE_AT: Final[Endpoint[None, api.PastView]] = API.declare(
    Endpoint(
        "GET",
        "/review/{id}/past",
        "A file as it was at an instant: its state, its pieces with their documents and verdicts, answers, decision. It is "
        "made of what was written down of every change. Nothing tells of the profile, of what forms said, of later last "
        "days of the programme, or of ranks among others; words and names are those of today.",
        access=staff(Role.MANAGER, Role.COMMISSION),
        path_params=paths.ApplicationPath,
        query=api.PastAsked,
        answer=api.PastView,
        refusals=(NOT_FOUND, INVALID_FIELDS),
    )
)
