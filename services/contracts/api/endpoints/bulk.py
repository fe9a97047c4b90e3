"""What is asked before one thing is done to many files. `API` is the whole of applications."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import bulk as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.conditions import API

__all__ = ["API", "PIECES"]

PIECES: Final[Endpoint[None, api.BulkPieces]] = API.declare(
    Endpoint(
        "GET",
        "/review/bulk/pieces",
        "The pieces that some files are asked for, of which one can be judged in all of them at once.",
        access=staff(Role.MANAGER),
        query=api.BulkFiles,
        answer=api.BulkPieces,
    )
)
