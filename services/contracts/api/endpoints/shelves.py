"""The calls by which staff arrange their lists: which columns these have, and which views are kept."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import shelves as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.behalf import API
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["API", "CHOOSE_COLUMNS", "COLUMNS", "DELETE_VIEW", "VIEWS", "WRITE_VIEW"]

_JUDGES: Final = staff(Role.MANAGER, Role.COMMISSION)

COLUMNS: Final[Endpoint[None, api.ReviewColumns]] = API.declare(
    Endpoint(
        "GET",
        "/review/columns",
        "The columns that lists can have, and those that one's own have.",
        access=_JUDGES,
        heeds=(),
        answer=api.ReviewColumns,
    )
)

CHOOSE_COLUMNS: Final[Endpoint[api.WrittenColumns, api.ReviewColumns]] = API.declare(
    Endpoint(
        "PUT",
        "/review/columns",
        "Choose the columns of one's lists, in order.",
        access=_JUDGES,
        body=api.WrittenColumns,
        answer=api.ReviewColumns,
        takes_if_match=True,
        refusals=(BUSY,),
    )
)

VIEWS: Final[Endpoint[None, api.ReviewViews]] = API.declare(
    Endpoint(
        "GET",
        "/review/views",
        "The views that one has kept, and those that are shared with one's centres and commissions.",
        access=_JUDGES,
        heeds=(ProgrammeChanged, ProgrammePublished),
        answer=api.ReviewViews,
    )
)

WRITE_VIEW: Final[Endpoint[api.WrittenView, api.SavedView]] = API.declare(
    Endpoint(
        "PUT",
        "/review/views/{name}",
        "Keep a view for oneself, or share it; it shows nobody more than their own reach.",
        access=_JUDGES,
        path_params=api.ViewPath,
        query=api.Shelf,
        body=api.WrittenView,
        answer=api.SavedView,
        takes_if_match=True,
        refusals=(BUSY, INVALID_FIELDS, NOT_FOUND, refusals.TOO_MANY_VIEWS, refusals.NOT_YOUR_VIEW),
    )
)

DELETE_VIEW: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/review/views/{name}",
        "Take a view away.",
        access=_JUDGES,
        path_params=api.ViewPath,
        query=api.Shelf,
        takes_if_match=True,
        refusals=(BUSY, INVALID_FIELDS, NOT_FOUND, refusals.NOT_YOUR_VIEW),
    )
)
