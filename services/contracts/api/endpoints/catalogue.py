"""The calls by which staff keep the catalogue. `API` is the whole of offers."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import catalogue as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.offers import API
from services.contracts.api.offers import ProgrammePath
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals.offers import NO_ACTIVE_CAMPAIGN

__all__ = ["API", "CHOICES", "STAFF_PROGRAMME", "STAFF_PROGRAMMES", "WRITE_PROGRAMME"]

EDITORS: Final = staff(Role.ADMIN, Role.REGISTRAR, Role.MANAGER)

STAFF_PROGRAMMES: Final[Endpoint[None, api.StaffProgrammes]] = API.declare(
    Endpoint(
        "GET",
        "/catalogue",
        "The programmes of the active campaign that are within one's reach, those that were withdrawn too.",
        access=EDITORS,
        query=api.CataloguePage,
        answer=api.StaffProgrammes,
        refusals=(INVALID_FIELDS,),
    )
)

CHOICES: Final[Endpoint[None, api.Choices]] = API.declare(
    Endpoint(
        "GET",
        "/choices",
        "What a programme can name by its code.",
        access=EDITORS,
        answer=api.Choices,
    )
)

STAFF_PROGRAMME: Final[Endpoint[None, api.StaffProgramme]] = API.declare(
    Endpoint(
        "GET",
        "/catalogue/{code}",
        "A programme as it is kept.",
        access=EDITORS,
        path_params=ProgrammePath,
        answer=api.StaffProgramme,
        refusals=(NOT_FOUND, NO_ACTIVE_CAMPAIGN),
    )
)

WRITE_PROGRAMME: Final[Endpoint[api.WrittenProgramme, api.StaffProgramme]] = API.declare(
    Endpoint(
        "PUT",
        "/programmes/{code}",
        "Write a programme, put it into the catalogue or take it out; with If-Match 0, only one that is not there yet.",
        access=EDITORS,
        path_params=ProgrammePath,
        body=api.WrittenProgramme,
        answer=api.StaffProgramme,
        refusals=(NOT_FOUND, NO_ACTIVE_CAMPAIGN, BUSY),
        takes_key=True,
        takes_if_match=True,
    )
)
