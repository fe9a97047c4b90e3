"""The calls of accounts about the second factor of staff. `API` is the whole of accounts."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import accounts
from services.contracts.api import second_factor as api
from services.contracts.api.access import PUBLIC, Access, staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.staff import API, LoginPath
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION
from services.contracts.refusals import accounts as refusals

__all__ = ["API", "BEGIN", "CONFIRM", "LOG_IN_FURTHER", "RENEW_RECOVERY", "RESET", "STATE"]

_STAFF: Final = Access(rightless=True, roles=frozenset(Role))
_CHANGED: Final = (refusals.SESSION_ENDED, refusals.TOO_MANY_CODES, INVALID_FIELDS, BUSY)

LOG_IN_FURTHER: Final[Endpoint[api.SecondStep, accounts.Tokens]] = API.declare(
    Endpoint(
        "POST",
        "/sessions/second-factor",
        "Show a code beside the password, which was answered with a challenge; begins the session.",
        access=PUBLIC,
        body=api.SecondStep,
        answer=accounts.Tokens,
        refusals=(
            refusals.CODE_WRONG,
            refusals.CHALLENGE_OVER,
            refusals.SESSION_ENDED,
            refusals.TOO_MANY_ATTEMPTS,
            refusals.TOO_MANY_CODES,
            INVALID_FIELDS,
            BUSY,
        ),
        takes_key=True,
        whose="challenge",
    )
)

STATE: Final[Endpoint[None, api.SecondFactorView]] = API.declare(
    Endpoint(
        "GET",
        "/me/totp",
        "See what there is beside one's password.",
        access=_STAFF,
        answer=api.SecondFactorView,
        refusals=(refusals.SESSION_ENDED,),
    )
)

BEGIN: Final[Endpoint[api.NewDevice, api.SecondFactorView]] = API.declare(
    Endpoint(
        "POST",
        "/me/totp",
        "Get a secret for a device that shows codes; it counts once a code of it was shown.",
        access=_STAFF,
        body=api.NewDevice,
        answer=api.SecondFactorView,
        refusals=(*_CHANGED, refusals.ENT_SESSION_NEEDED),
        takes_key=True,
    )
)

CONFIRM: Final[Endpoint[api.ShownCode, api.RecoveryCodes]] = API.declare(
    Endpoint(
        "POST",
        "/me/totp/confirmation",
        "Show the first code of the device; answers the recovery codes. One's other logins end; refresh for the rights.",
        access=_STAFF,
        body=api.ShownCode,
        answer=api.RecoveryCodes,
        refusals=(*_CHANGED, refusals.ENROLMENT_OVER),
        takes_key=True,
    )
)

RENEW_RECOVERY: Final[Endpoint[api.RenewedCodes, api.RecoveryCodes]] = API.declare(
    Endpoint(
        "POST",
        "/me/totp/recovery-codes",
        "Get other recovery codes; those before are good no more.",
        access=_STAFF,
        body=api.RenewedCodes,
        answer=api.RecoveryCodes,
        refusals=_CHANGED,
        takes_key=True,
    )
)

RESET: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/staff/{login}/totp",
        "Have a member of staff set up a device anew, who has lost it; their logins end, and they are told by mail.",
        access=staff(Role.ADMIN),
        path_params=LoginPath,
        takes_if_match=True,
        refusals=(
            refusals.SESSION_ENDED,
            refusals.RIGHT_OF_EVERYTHING,
            NOT_FOUND,
            STALE_VERSION,
            refusals.OWN_SECOND_FACTOR,
            BUSY,
        ),
    )
)
