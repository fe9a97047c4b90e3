"""The calls of accounts that forms need: the lists that they offer. Its `API` is the whole of accounts."""

from __future__ import annotations

from typing import Final

from services.contracts.api import reference
from services.contracts.api.access import PUBLIC
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.accounts import API
from services.contracts.refusals import NOT_FOUND

__all__ = ["API", "DAY", "REFERENCE"]

DAY: Final = "public, max-age=86400"

REFERENCE: Final[Endpoint[None, reference.ReferenceList]] = API.declare(
    Endpoint(
        "GET",
        "/reference/{list}",
        "A list that forms offer.",
        access=PUBLIC,
        path_params=reference.ReferencePath,
        query=reference.ReferenceQuery,
        answer=reference.ReferenceList,
        refusals=(NOT_FOUND,),
        cache=DAY,
        heeds=(),
    )
)
