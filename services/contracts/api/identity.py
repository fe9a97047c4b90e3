"""Who is behind a request: the claims of the access token that accounts signs and every service checks (RFC 9068)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN

ACCESS_TYPE: Final = "at+jwt"
"""The `typ` of an access token; no other signed thing of the suite bears it."""
AUDIENCE: Final = "parvis"
ISSUER: Final = "accounts"
"""The service that signs access tokens; their `iss` is `parvis/accounts`."""
LIFETIME_SECONDS: Final = 600
BY_ENT: Final = "ent"
"""The claim of whoever came in by the ENT, where they may be known as somebody of the other side too."""
ENROLS: Final = "enrols"
"""The claim of staff whose rights are withheld until they have set up a second factor; services need not look at it."""


class Grant(BaseModel):
    """One right of staff: a role, for some centres and some commissions, by their codes; None is all of them."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    role: Annotated[str, Field(min_length=1, max_length=32)]
    centres: Annotated[frozenset[str] | None, Field(strict=False)] = None
    commissions: Annotated[frozenset[str] | None, Field(strict=False)] = None


class Deputy(BaseModel):
    """The member of staff who acts in the place of the token's subject (RFC 8693, section 4.1)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    sub: Annotated[str, Field(pattern=ID_PATTERN)]
    sid: Annotated[str, Field(description="The session of the deputy, which ends apart from that of the subject.")]
    epoch: Annotated[int, Field(description="How often all sessions of the deputy had ended when it was signed.")] = 0


class AccessClaims(BaseModel):
    """What an access token says; instants are seconds since 1970 in UTC."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    iss: str
    aud: str
    sub: Annotated[
        str, Field(pattern=ID_PATTERN, description="The id of the account, the member of staff or the client.")
    ]
    kind: Literal["account", "staff", "client"] = "account"
    grants: list[Grant] = []
    act: Deputy | None = None
    iat: int
    exp: int
    jti: str
    sid: Annotated[str, Field(description="The session that the token belongs to.")]
    epoch: Annotated[int, Field(description="How often all sessions of the account had ended when it was signed.")] = 0
