"""The calls by which staff follow acts for many files, and undo them. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import bulk_runs as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.incidents import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["API", "ONE", "OWN", "START", "UNDO"]

_MANAGERS: Final = staff(Role.MANAGER)

START: Final[Endpoint[api.NewRun, api.RunView]] = API.declare(
    Endpoint(
        "POST",
        "/review/bulk/runs",
        "Do one thing to up to 200 files in the background, by the digest of its dry run.",
        access=_MANAGERS,
        body=api.NewRun,
        answer=api.RunView,
        answer_headers=(("Location", "Where to ask how far it is."),),
        status=202,
        takes_key=True,
        takes_long=True,
        refusals=(BUSY, INVALID_FIELDS, refusals.PREMISES_CHANGED, refusals.BULK_RUNS_FULL),
    )
)

OWN: Final[Endpoint[None, api.RunList]] = API.declare(
    Endpoint(
        "GET",
        "/review/bulk/runs",
        "One's own runs of acts for many files, the newest first.",
        access=_MANAGERS,
        heeds=(),
        answer=api.RunList,
    )
)

ONE: Final[Endpoint[None, api.RunView]] = API.declare(
    Endpoint(
        "GET",
        "/review/bulk/runs/{run}",
        "How far a run is, what came of it for each file, and whether it can be undone; one's own, or a colleague's all of "
        "whose files are within reach.",
        access=_MANAGERS,
        heeds=(),
        path_params=api.RunPath,
        answer=api.RunView,
        refusals=(NOT_FOUND,),
    )
)

UNDO: Final[Endpoint[api.UndoBody, api.UndoView]] = API.declare(
    Endpoint(
        "POST",
        "/review/bulk/runs/{run}/undo",
        "Undo a run, once: first a dry run, which tells what would be put back, then with its digest. What somebody has "
        "changed since is left alone.",
        access=_MANAGERS,
        path_params=api.RunPath,
        body=api.UndoBody,
        answer=api.UndoView,
        takes_key=True,
        takes_long=True,
        refusals=(
            *(NOT_FOUND, BUSY, INVALID_FIELDS, refusals.PREMISES_CHANGED, refusals.BULK_RUNS_FULL),
            *(refusals.BULK_LASTS, refusals.BULK_GOING_ON, refusals.BULK_UNDONE, refusals.NOTHING_TO_UNDO),
        ),
    )
)
