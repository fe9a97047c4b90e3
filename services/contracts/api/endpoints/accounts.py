"""The calls of accounts."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, Field

from services.contracts.actors import Role
from services.contracts.api import accounts as api
from services.contracts.api import ent as ent_api
from services.contracts.api.access import PUBLIC, Access
from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION
from services.contracts.refusals import accounts as refusals

API: Final = Api(
    "accounts", "Accounts", "Registration, one-time links, sessions, and the profile of a candidate.", signs=True
)

_DEVICE: Final = (
    (api.DEVICE_HEADER, "What makes this device known. To be kept, and sent as `device` with the next login."),
)
_ENDED: Final = (refusals.SESSION_ENDED,)
_READ: Final = (*_ENDED, refusals.STEP_NOT_GIVEN)
_MANAGED: Final = (refusals.MANAGED_BY_REGISTRAR,)
_WRITTEN: Final = (*_ENDED, refusals.ACCOUNT_NOT_VALIDATED, INVALID_FIELDS, STALE_VERSION, NOT_FOUND, BUSY)


class LinkPath(BaseModel):
    """The secret of a link in a path."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class SessionPath(BaseModel):
    """The id of a login in a path."""

    session: Annotated[str, Field(pattern=r"^[0-9a-z]{26}$")]


# --- registration and links ---------------------------------------------------------------------------------------

REGISTER: Final[Endpoint[api.Registration, api.Registered]] = API.declare(
    Endpoint(
        "POST",
        "/accounts",
        "Ask for an account; the same answer whether or not the address is known.",
        access=PUBLIC,
        body=api.Registration,
        answer=api.Registered,
        status=202,
        refusals=(
            refusals.NO_ACTIVE_CAMPAIGN,
            refusals.ENT_REGISTRATION_OVER,
            refusals.TOO_MANY_REQUESTS,
            INVALID_FIELDS,
            BUSY,
        ),
        takes_key=True,
        whose="email",
    )
)

LOOK_AT_LINK: Final[Endpoint[None, api.LinkView]] = API.declare(
    Endpoint(
        "GET",
        "/validations/{token}",
        "See whether a one-time link is still good; changes nothing.",
        access=PUBLIC,
        path_params=LinkPath,
        answer=api.LinkView,
        refusals=(NOT_FOUND,),
    )
)

VALIDATE: Final[Endpoint[api.Validation, api.Validated]] = API.declare(
    Endpoint(
        "POST",
        "/validations",
        "Follow a validation link and set the password, or that of a change of address.",
        access=PUBLIC,
        body=api.Validation,
        answer=api.Validated,
        refusals=(
            refusals.LINK_EXPIRED,
            refusals.ALREADY_VALIDATED,
            refusals.ENT_IDENTITY_TAKEN,
            NOT_FOUND,
            INVALID_FIELDS,
            BUSY,
        ),
        answer_headers=_DEVICE,
        takes_key=True,
        whose="token",
    )
)

SEND_NEW_LINK: Final[Endpoint[api.AddressBody, api.Asked]] = API.declare(
    Endpoint(
        "POST",
        "/validations/resend",
        "Ask for a new validation link; those sent before stay good until one is used.",
        access=PUBLIC,
        body=api.AddressBody,
        answer=api.Asked,
        status=202,
        refusals=(refusals.TOO_MANY_REQUESTS, INVALID_FIELDS, BUSY),
        takes_key=True,
        whose="email",
    )
)

SEND_IDENTIFIERS: Final[Endpoint[api.AddressBody, api.Asked]] = API.declare(
    Endpoint(
        "POST",
        "/password-resets",
        "Ask for a mail with the login and a reset link.",
        access=PUBLIC,
        body=api.AddressBody,
        answer=api.Asked,
        status=202,
        refusals=(refusals.TOO_MANY_REQUESTS, INVALID_FIELDS, BUSY),
        takes_key=True,
        whose="email",
    )
)

RESET_PASSWORD: Final[Endpoint[api.PasswordReset, None]] = API.declare(
    Endpoint(
        "POST",
        "/password-resets/confirm",
        "Follow a reset link and set a new password; all sessions end.",
        access=PUBLIC,
        body=api.PasswordReset,
        refusals=(refusals.LINK_EXPIRED, refusals.LINK_USED, NOT_FOUND, INVALID_FIELDS, BUSY),
        answer_headers=_DEVICE,
        takes_key=True,
        whose="token",
    )
)

# --- sessions -----------------------------------------------------------------------------------------------------

LOG_IN: Final[Endpoint[api.Credentials, api.Tokens]] = API.declare(
    Endpoint(
        "POST",
        "/sessions",
        "Log in by file number or address. Staff with a second factor are refused with `challenge`: show a code with it.",
        access=PUBLIC,
        body=api.Credentials,
        answer=api.Tokens,
        refusals=(
            refusals.BAD_CREDENTIALS,
            refusals.SECOND_FACTOR_REQUIRED,
            refusals.SESSION_ENDED,
            refusals.CAMPAIGN_OVER,
            refusals.ACCOUNT_CLOSED,
            refusals.TOO_MANY_ATTEMPTS,
            BUSY,
        ),
        takes_key=True,
        whose="login",
    )
)

REFRESH: Final[Endpoint[api.Refresh, api.Tokens]] = API.declare(
    Endpoint(
        "POST",
        "/sessions/refresh",
        "Exchange a refresh token for the next pair; an old one ends the session.",
        access=PUBLIC,
        body=api.Refresh,
        answer=api.Tokens,
        refusals=(refusals.SESSION_ENDED, refusals.CAMPAIGN_OVER, BUSY),
        takes_key=True,
        whose="refresh_token",
    )
)

LOG_OUT: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE", "/sessions/current", "Log out.", access=Access(account=True, roles=frozenset(Role), rightless=True)
    )
)

OWN_SESSIONS: Final[Endpoint[None, api.Sessions]] = API.declare(
    Endpoint("GET", "/sessions", "List one's logins.", answer=api.Sessions, refusals=_ENDED)
)

END_SESSION: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/sessions/{session}",
        "End one of one's logins, such as that of a lost telephone.",
        path_params=SessionPath,
        goes_on=True,
        refusals=(*_ENDED, NOT_FOUND),
    )
)

# --- the ENT ------------------------------------------------------------------------------------------------------

_ENT: Final = (refusals.ENT_NOT_OFFERED, refusals.ENT_UNAVAILABLE)

ENT_OFFER: Final[Endpoint[None, ent_api.EntOffer]] = API.declare(
    Endpoint(
        "GET", "/sso", "See whether students and staff come in by the ENT.", access=PUBLIC, answer=ent_api.EntOffer
    )
)

ENT_LOGIN: Final[Endpoint[None, ent_api.EntWay]] = API.declare(
    Endpoint(
        "GET",
        "/sso/login",
        "Ask where to log in at the ENT (CAS or OpenID Connect).",
        access=PUBLIC,
        query=ent_api.EntGoing,
        answer=ent_api.EntWay,
        refusals=(*_ENT, refusals.ENT_ANSWER_INVALID),
    )
)

ENT_CALLBACK: Final[Endpoint[ent_api.EntReturn, ent_api.EntEntry]] = API.declare(
    Endpoint(
        "POST",
        "/sso/callback",
        "Come back from the ENT: to a session, or the first time to a registration.",
        access=PUBLIC,
        body=ent_api.EntReturn,
        answer=ent_api.EntEntry,
        refusals=(
            *_ENT,
            refusals.ENT_STATE_INVALID,
            refusals.ENT_TICKET_INVALID,
            refusals.ENT_ANSWER_INVALID,
            refusals.ENT_ANSWER_EXPIRED,
            refusals.NO_ACTIVE_CAMPAIGN,
            refusals.ACCOUNT_CLOSED,
            refusals.TOO_MANY_ATTEMPTS,
        ),
    )
)

ENT_LOGOUT: Final[Endpoint[ent_api.EntNotice, None]] = API.declare(
    Endpoint(
        "POST",
        "/sso/logout",
        "End the session that came from a login which the ENT has ended (back channel).",
        access=PUBLIC,
        body=ent_api.EntNotice,
        refusals=(*_ENT, refusals.ENT_NOTICE_INVALID),
    )
)

# --- account and profile ------------------------------------------------------------------------------------------

ME: Final[Endpoint[None, api.Me]] = API.declare(
    Endpoint("GET", "/me", "See one's account.", answer=api.Me, refusals=_ENDED)
)

CHANGE_PASSWORD: Final[Endpoint[api.PasswordChange, None]] = API.declare(
    Endpoint(
        "POST",
        "/me/password",
        "Set another password; one's other logins end.",
        body=api.PasswordChange,
        refusals=(*_ENDED, refusals.TOO_MANY_ATTEMPTS, INVALID_FIELDS, BUSY),
        takes_key=True,
    )
)

IDENTITY: Final[Endpoint[None, api.IdentityView]] = API.declare(
    Endpoint("GET", "/me/profile/identity", "See the step identity.", answer=api.IdentityView, refusals=_READ)
)

GIVE_IDENTITY: Final[Endpoint[api.Identity, api.IdentityView]] = API.declare(
    Endpoint(
        "PUT",
        "/me/profile/identity",
        "Give the step identity, or give it anew.",
        body=api.Identity,
        answer=api.IdentityView,
        refusals=(*_WRITTEN, *_MANAGED),
        takes_if_match=True,
    )
)

ADDRESS: Final[Endpoint[None, api.AddressView]] = API.declare(
    Endpoint("GET", "/me/profile/address", "See the step address.", answer=api.AddressView, refusals=_READ)
)

GIVE_ADDRESS: Final[Endpoint[api.Address, api.AddressView]] = API.declare(
    Endpoint(
        "PUT",
        "/me/profile/address",
        "Give the step address, or give it anew.",
        body=api.Address,
        answer=api.AddressView,
        refusals=_WRITTEN,
        takes_if_match=True,
    )
)

BACCALAUREATE: Final[Endpoint[None, api.BaccalaureateView]] = API.declare(
    Endpoint(
        "GET",
        "/me/profile/baccalaureate",
        "See the step baccalaureate.",
        answer=api.BaccalaureateView,
        refusals=_READ,
    )
)

GIVE_BACCALAUREATE: Final[Endpoint[api.Baccalaureate, api.BaccalaureateView]] = API.declare(
    Endpoint(
        "PUT",
        "/me/profile/baccalaureate",
        "Give the step baccalaureate, or give it anew.",
        body=api.Baccalaureate,
        answer=api.BaccalaureateView,
        refusals=(*_WRITTEN, *_MANAGED),
        takes_if_match=True,
    )
)
