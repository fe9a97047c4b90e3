"""The calls by which support tells apart who bears one student number. `API` is the whole of accounts."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import doubts as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.support import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import accounts as refusals

__all__ = ["API", "DECIDE", "DOUBT", "DOUBTS"]

_SUPPORT: Final = staff(Role.SUPPORT, Role.ADMIN)
_ASKED: Final = (refusals.SESSION_ENDED, refusals.RIGHT_OF_EVERYTHING, NOT_FOUND)

DOUBTS: Final[Endpoint[None, api.Doubts]] = API.declare(
    Endpoint(
        "GET",
        "/doubts",
        "Pairs of accounts that bear one student number, which nobody has verified, and that nobody has told apart yet.",
        access=_SUPPORT,
        query=api.DoubtsPage,
        answer=api.Doubts,
        refusals=(*_ASKED, INVALID_FIELDS),
    )
)

DOUBT: Final[Endpoint[None, api.DoubtView]] = API.declare(
    Endpoint(
        "GET",
        "/doubts/{first}/{second}",
        "Such a pair side by side, and what was found out of it.",
        access=_SUPPORT,
        path_params=api.PairPath,
        answer=api.DoubtView,
        refusals=_ASKED,
    )
)

DECIDE: Final[Endpoint[api.DoubtVerdict, api.DoubtView]] = API.declare(
    Endpoint(
        "PUT",
        "/doubts/{first}/{second}",
        "Say that they are two persons, or one, whose other account is closed: nobody logs in to it, and nothing is lost. "
        "With If-Match what was said before is said otherwise, which opens a closed account.",
        access=_SUPPORT,
        path_params=api.PairPath,
        body=api.DoubtVerdict,
        answer=api.DoubtView,
        refusals=(
            *_ASKED,
            INVALID_FIELDS,
            refusals.PERSON_OF_STAFF,
            refusals.DOUBT_DECIDED,
            refusals.KEPT_ACCOUNT_CLOSED,
            refusals.TOO_MANY_REQUESTS,
            BUSY,
        ),
        takes_if_match=True,
    )
)
