"""The calls by which staff look after documents that follow who was handed over. `API` is the whole of documents."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import hand_overs as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.minutes import API
from services.contracts.events.applications import FileChanged, PreEnrolmentCancelled, PreEnrolmentCompleted
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND

__all__ = ["API", "HAND_OVERS", "RETRY_HAND_OVER"]

_HEEDS: Final = (FileChanged, PreEnrolmentCancelled, PreEnrolmentCompleted, ProgrammeChanged, ProgrammePublished)

HAND_OVERS: Final[Endpoint[None, api.HandOverList]] = API.declare(
    Endpoint(
        "GET",
        "/hand-overs",
        "How far the student records are with the documents of who was handed over, within one's reach.",
        access=staff(Role.MANAGER),
        query=api.HandOverPage,
        answer=api.HandOverList,
        refusals=(INVALID_FIELDS,),
        heeds=_HEEDS,
    )
)

RETRY_HAND_OVER: Final[Endpoint[None, api.HandOverView]] = API.declare(
    Endpoint(
        "POST",
        "/hand-overs/{application}/retry",
        "Have the documents of one person that were refused given anew, in the coming night.",
        access=staff(Role.MANAGER),
        path_params=api.HandOverPath,
        answer=api.HandOverView,
        refusals=(NOT_FOUND,),
        heeds=_HEEDS,
    )
)
