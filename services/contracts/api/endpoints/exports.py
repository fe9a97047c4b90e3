"""The calls by which staff have lists made into files in the background."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import exports as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.shelves import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["API", "ASK", "DELETE", "FILE", "ONE", "OWN"]

_JUDGES: Final = staff(Role.MANAGER, Role.COMMISSION)

ASK: Final[Endpoint[api.NewExport, api.ExportView]] = API.declare(
    Endpoint(
        "POST",
        "/review/exports",
        "Have a list made into a file, 50,000 files at most, with what one may see when it is made.",
        access=_JUDGES,
        body=api.NewExport,
        answer=api.ExportView,
        answer_headers=(("Location", "Where to ask how far it is."),),
        status=202,
        takes_key=True,
        refusals=(BUSY, INVALID_FIELDS, refusals.UNKNOWN_SORT, refusals.TOO_MANY_EXPORTS, refusals.EXPORTS_FULL),
    )
)

OWN: Final[Endpoint[None, api.ExportList]] = API.declare(
    Endpoint("GET", "/review/exports", "One's own exports.", access=_JUDGES, heeds=(), answer=api.ExportList)
)

ONE: Final[Endpoint[None, api.ExportView]] = API.declare(
    Endpoint(
        "GET",
        "/review/exports/{id}",
        "How far an export is.",
        access=_JUDGES,
        heeds=(),
        path_params=api.ExportPath,
        answer=api.ExportView,
        refusals=(NOT_FOUND,),
    )
)

FILE: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/review/exports/{id}/file",
        "The bytes of an export that is ready, as long as one has the rights under which it was made.",
        access=_JUDGES,
        heeds=(),
        path_params=api.ExportPath,
        download=("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv"),
        takes_long=True,
        refusals=(NOT_FOUND, BUSY, refusals.RIGHTS_CHANGED),
    )
)

DELETE: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/review/exports/{id}",
        "Let go of an export, whether it is ready or not.",
        access=_JUDGES,
        path_params=api.ExportPath,
        refusals=(NOT_FOUND, BUSY),
    )
)
