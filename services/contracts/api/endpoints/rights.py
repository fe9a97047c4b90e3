"""The calls of accounts by which a person has another address, all data, or is forgotten. `API` is the whole of accounts."""

from __future__ import annotations

from typing import Final

from services.contracts.api import accounts, rights
from services.contracts.api.access import PUBLIC
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.profile import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import accounts as refusals

__all__ = ["API", "CHANGE_EMAIL", "CHECK_ERASURE", "ERASE", "EXPORT"]

EXPORT: Final[Endpoint[None, rights.Export]] = API.declare(
    Endpoint(
        "GET",
        "/me/export",
        "See all that accounts keeps of oneself.",
        answer=rights.Export,
        refusals=(refusals.SESSION_ENDED,),
    )
)

ERASE: Final[Endpoint[rights.Erasure, rights.Erased]] = API.declare(
    Endpoint(
        "DELETE",
        "/me",
        "Have oneself forgotten by every service; a last mail brings the certificate of it.",
        body=rights.Erasure,
        answer=rights.Erased,
        refusals=(
            refusals.SESSION_ENDED,
            refusals.ACCOUNT_ERASED,
            refusals.LOGIN_TOO_OLD,
            refusals.TOO_MANY_ATTEMPTS,
            INVALID_FIELDS,
            BUSY,
        ),
    )
)

CHANGE_EMAIL: Final[Endpoint[rights.EmailChange, accounts.Asked]] = API.declare(
    Endpoint(
        "POST",
        "/me/email-changes",
        "Ask for another address: a link goes there, the present one is told, and all of one's logins end.",
        body=rights.EmailChange,
        answer=accounts.Asked,
        status=202,
        refusals=(
            refusals.SESSION_ENDED,
            refusals.ACCOUNT_NOT_VALIDATED,
            refusals.LOGIN_TOO_OLD,
            refusals.TOO_MANY_ATTEMPTS,
            refusals.TOO_MANY_REQUESTS,
            INVALID_FIELDS,
            BUSY,
        ),
        takes_key=True,
    )
)

CHECK_ERASURE: Final[Endpoint[rights.ErasureCertificate, rights.ErasureCheck]] = API.declare(
    Endpoint(
        "POST",
        "/erasures/check",
        "Whether a certificate of an erasure is genuine, and what it proves, for whoever was shown it; changes nothing.",
        access=PUBLIC,
        body=rights.ErasureCertificate,
        answer=rights.ErasureCheck,
        refusals=(NOT_FOUND, INVALID_FIELDS),
    )
)
