"""The calls of accounts by which an administrator gives and takes rights. `API` is the whole of accounts."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, Field

from services.contracts.actors import Role
from services.contracts.api import staff as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.rights import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION
from services.contracts.refusals import accounts as refusals

__all__ = ["API", "DISMISS", "IDENTIFY", "INVITE", "MEMBER", "MEMBERS", "SET_RIGHTS"]

_ADMIN: Final = staff(Role.ADMIN)
_ASKED: Final = (refusals.SESSION_ENDED, refusals.RIGHT_OF_EVERYTHING, NOT_FOUND)
_CHANGED: Final = (*_ASKED, STALE_VERSION, refusals.OWN_ADMINISTRATION, BUSY)


class LoginPath(BaseModel):
    """A login in a path: what the person logs in by, or their address."""

    login: Annotated[
        str, Field(pattern=r"^([^\x00-\x20/@\x7f-\x9f]{1,64}@[^\x00-\x20/@\x7f-\x9f]{1,189}|[0-9A-Za-z-]{8,10})$")
    ]


MEMBERS: Final[Endpoint[None, api.StaffList]] = API.declare(
    Endpoint(
        "GET",
        "/staff",
        "Who has which rights, who gave them, and when; for an admin of everything, as all calls here.",
        access=_ADMIN,
        query=api.StaffPage,
        answer=api.StaffList,
        refusals=(*_ASKED, INVALID_FIELDS),
    )
)

MEMBER: Final[Endpoint[None, api.StaffView]] = API.declare(
    Endpoint(
        "GET",
        "/staff/{login}",
        "The rights of one member of staff.",
        access=_ADMIN,
        path_params=LoginPath,
        answer=api.StaffView,
        refusals=_ASKED,
    )
)

SET_RIGHTS: Final[Endpoint[api.Rights, api.StaffView]] = API.declare(
    Endpoint(
        "PUT",
        "/staff/{login}",
        "Say all that somebody may do. An address that nobody of staff has is invited by mail. Other rights end all logins.",
        access=_ADMIN,
        path_params=LoginPath,
        body=api.Rights,
        answer=api.StaffView,
        refusals=(*_CHANGED, INVALID_FIELDS),
        takes_key=True,
        takes_if_match=True,
    )
)

DISMISS: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/staff/{login}",
        "Take all rights from somebody, who is forgotten as a member of staff.",
        access=_ADMIN,
        path_params=LoginPath,
        refusals=_CHANGED,
        takes_if_match=True,
    )
)

INVITE: Final[Endpoint[api.StaffInvitation, api.StaffView]] = API.declare(
    Endpoint(
        "POST",
        "/staff/invitations",
        "Invite somebody from elsewhere to commissions, until a day; a mail brings the link by which they set a password.",
        access=_ADMIN,
        body=api.StaffInvitation,
        answer=api.StaffView,
        status=201,
        refusals=(*_ASKED, INVALID_FIELDS, BUSY),
        takes_key=True,
    )
)

IDENTIFY: Final[Endpoint[api.EntLogin, api.StaffView]] = API.declare(
    Endpoint(
        "PUT",
        "/staff/{login}/ent",
        "Say who at the ENT comes in as a member of staff, who need not have come in before; all their logins end.",
        access=_ADMIN,
        path_params=LoginPath,
        body=api.EntLogin,
        answer=api.StaffView,
        refusals=(*_CHANGED, INVALID_FIELDS, refusals.ENT_NOT_OFFERED, refusals.ENT_IDENTITY_TAKEN),
        takes_if_match=True,
    )
)
