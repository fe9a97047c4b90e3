"""The access token that a request bears: who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from pydantic import ValidationError

from services.chassis.context import Actor
from services.chassis.refusals import TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_MISSING
from services.chassis.security.tokens import ExpiredToken, InvalidToken, KeySets
from services.contracts.actors import ActorKind
from services.contracts.api.identity import ACCESS_TYPE, AUDIENCE, ISSUER, AccessClaims

log = structlog.get_logger()


async def authenticate(authorization: str | None, keysets: KeySets) -> Actor:
    """Who the `Authorization` header says is asking; raises TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID."""
    if not authorization:
        raise TOKEN_MISSING()
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TOKEN_MISSING()
    try:
        return (await keysets.verified(token.strip(), service=ISSUER, typ=ACCESS_TYPE)).read(_holder)
    except ExpiredToken:
        raise TOKEN_EXPIRED() from None
    except (InvalidToken, ValidationError) as error:
        log.info("token.refused", why=getattr(error, "why", "claims"))
        raise TOKEN_INVALID() from None


def _holder(claims: Mapping[str, Any]) -> Actor:
    if claims.get("aud") != AUDIENCE:
        raise InvalidToken("aud")
    said = AccessClaims.model_validate(claims)
    deputy = None if said.act is None else Actor(said.act.sub, ActorKind.STAFF, said.act.sid, said.act.epoch)
    return Actor(said.sub, ActorKind(said.kind), said.sid, said.epoch, tuple(said.grants), deputy)
