"""The calls by which staff have many files put into one download."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import bundles as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.signatures import API
from services.contracts.events.accounts import AccountErased, StaffChanged
from services.contracts.events.applications import FileChanged
from services.contracts.refusals import BUSY, NOT_FOUND
from services.contracts.refusals.documents import (
    BUNDLE_RIGHTS_CHANGED,
    BUNDLES_FULL,
    PIECE_NOT_NAMED,
    TOO_MANY_BUNDLES,
)

__all__ = ["API", "ASK", "DELETE", "FILE", "ONE", "OWN", "PIECES"]

_JUDGES: Final = staff(Role.MANAGER, Role.COMMISSION)

ASK: Final[Endpoint[api.NewBundle, api.BundleView]] = API.declare(
    Endpoint(
        "POST",
        "/bundles",
        "Have up to 200 files put into one ZIP or PDF, with what one may see when it is made.",
        access=_JUDGES,
        body=api.NewBundle,
        answer=api.BundleView,
        answer_headers=(("Location", "Where to ask how far it is."),),
        status=202,
        takes_key=True,
        refusals=(BUSY, NOT_FOUND, PIECE_NOT_NAMED, TOO_MANY_BUNDLES, BUNDLES_FULL),
        heeds=(AccountErased, StaffChanged, FileChanged),
    )
)

PIECES: Final[Endpoint[api.Chosen, api.PieceChoices]] = API.declare(
    Endpoint(
        "POST",
        "/bundles/pieces",
        "Which pieces are in these files, to choose one for a bundle; nothing is made.",
        access=_JUDGES,
        body=api.Chosen,
        answer=api.PieceChoices,
        heeds=(AccountErased, FileChanged),
    )
)

OWN: Final[Endpoint[None, api.BundleList]] = API.declare(
    Endpoint("GET", "/bundles", "One's own bundles.", access=_JUDGES, heeds=(AccountErased,), answer=api.BundleList)
)

ONE: Final[Endpoint[None, api.BundleView]] = API.declare(
    Endpoint(
        "GET",
        "/bundles/{id}",
        "How far a bundle is.",
        access=_JUDGES,
        heeds=(AccountErased,),
        path_params=api.BundlePath,
        answer=api.BundleView,
        refusals=(NOT_FOUND,),
    )
)

FILE: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/bundles/{id}/file",
        "The bytes of a bundle that is ready, as long as one reaches every file in it. Each of them is noted as read.",
        access=_JUDGES,
        heeds=(AccountErased, FileChanged),
        path_params=api.BundlePath,
        download=("application/zip", "application/pdf"),
        takes_long=True,
        refusals=(NOT_FOUND, BUSY, BUNDLE_RIGHTS_CHANGED),
    )
)

DELETE: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/bundles/{id}",
        "Let go of a bundle, whether it is ready or not.",
        access=_JUDGES,
        path_params=api.BundlePath,
        refusals=(NOT_FOUND, BUSY),
        heeds=(),
    )
)
