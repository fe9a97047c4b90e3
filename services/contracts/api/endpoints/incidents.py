"""The calls about incidents. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import incidents as api
from services.contracts.api.access import PUBLIC, staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.offers import SHORT
from services.contracts.api.endpoints.piece_comments import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals.applications import INCIDENT_CHANGED, INCIDENT_JUDGED, TOO_MANY_INCIDENTS

__all__ = ["API", "DECLARE", "DISMISS", "EXTEND", "INCIDENTS", "PROLONGED"]

_ADMINS: Final = staff(Role.ADMIN)

INCIDENTS: Final[Endpoint[None, api.IncidentList]] = API.declare(
    Endpoint(
        "GET",
        "/incidents",
        "When candidates could not work, as was measured or declared, with the last days that it touched; the newest first.",
        access=_ADMINS,
        heeds=(),
        answer=api.IncidentList,
        refusals=(NOT_FOUND,),
    )
)

PROLONGED: Final[Endpoint[None, api.ProlongedView]] = API.declare(
    Endpoint(
        "GET",
        "/incidents/prolonged",
        "Until when last days are extended because of incidents, for everybody.",
        access=PUBLIC,
        answer=api.ProlongedView,
        cache=SHORT,
    )
)

DECLARE: Final[Endpoint[api.DeclaredIncident, api.IncidentView]] = API.declare(
    Endpoint(
        "POST",
        "/incidents",
        "Say that candidates could not work from an instant until another one.",
        access=_ADMINS,
        body=api.DeclaredIncident,
        answer=api.IncidentView,
        takes_key=True,
        refusals=(NOT_FOUND, BUSY, INVALID_FIELDS, INCIDENT_JUDGED, TOO_MANY_INCIDENTS),
    )
)

EXTEND: Final[Endpoint[api.ExtensionBody, api.ExtensionView]] = API.declare(
    Endpoint(
        "POST",
        "/incidents/{incident}/extension",
        "Move the last days that an incident touched: first a dry run, then by its digest. It cannot be taken back.",
        access=_ADMINS,
        path_params=api.IncidentPath,
        body=api.ExtensionBody,
        answer=api.ExtensionView,
        takes_key=True,
        takes_long=True,
        refusals=(NOT_FOUND, BUSY, INVALID_FIELDS, INCIDENT_JUDGED, INCIDENT_CHANGED),
    )
)

DISMISS: Final[Endpoint[api.DismissalBody, api.IncidentView]] = API.declare(
    Endpoint(
        "POST",
        "/incidents/{incident}/dismissal",
        "Say that an incident has kept nobody from anything: no last day is moved, and nothing waits any more.",
        access=_ADMINS,
        path_params=api.IncidentPath,
        body=api.DismissalBody,
        answer=api.IncidentView,
        refusals=(NOT_FOUND, BUSY, INVALID_FIELDS, INCIDENT_JUDGED),
    )
)
