"""Who is behind a request: the claims of the access token that accounts signs and every service checks (RFC 9068)."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

ACCESS_TYPE: Final = "at+jwt"
"""The `typ` of an access token; no other signed thing of the suite bears it."""
AUDIENCE: Final = "parvis"
ISSUER: Final = "accounts"
"""The service that signs access tokens; their `iss` is `parvis/accounts`."""
LIFETIME_SECONDS: Final = 600


class AccessClaims(BaseModel):
    """What an access token says; instants are seconds since 1970 in UTC."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    iss: str
    aud: str
    sub: Annotated[str, Field(min_length=1, max_length=64, description="The id of the account.")]
    roles: list[str] = []
    iat: int
    exp: int
    jti: str
    sid: Annotated[str, Field(description="The session that the token belongs to.")]
    epoch: Annotated[int, Field(description="How often all sessions of the account had ended when it was signed.")] = 0
