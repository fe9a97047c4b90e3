"""An OpenID provider: its discovery document and its keys, fetched when they are needed and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from services.chassis.outbound import Outbound
from services.chassis.ports.ent import EntRefused, EntUnavailable

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures by a private key alone: neither `none`, nor a secret that a public key could be taken for."""
FRESH_SECONDS: Final = 3600.0
"""How long documents are used before they are fetched anew."""
PAUSE_SECONDS: Final = 5.0
"""Least time between two fetches of the keys because a token names one that is not known, whoever sends such tokens."""
LONGEST_TOKEN: Final = 16384
MOST_KEYS: Final = 64

_KINDS: Final[dict[str, type[RSAKey | ECKey]]] = {"RSA": RSAKey, "EC": ECKey}
_REGISTRY: Final = jws.JWSRegistry(algorithms=list(ALGORITHMS))

D = TypeVar("D", bound=BaseModel)


class Metadata(BaseModel):
    """What is needed of a discovery document (OpenID Connect Discovery 1.0, section 3)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @property
    def addresses(self) -> Sequence[str]:
        """All that is asked of it over the network."""
        return [each for each in (self.token_endpoint, self.jwks_uri, self.userinfo_endpoint) if each]


class _Keys(BaseModel):
    keys: Annotated[list[dict[str, Any]], Field(max_length=MOST_KEYS)]


class Provider:
    """The provider of an issuer. `inside` is where it is reached from here, in place of the issuer's address."""

    def __init__(self, issuer: str, outbound: Outbound, *, inside: str = "") -> None:
        self._issuer = issuer.rstrip("/")
        self._inside = inside.rstrip("/")
        self._outbound = outbound
        self._metadata: Metadata | None = None
        self._keys: list[tuple[str | None, RSAKey | ECKey]] = []
        self._learnt = self._fetched = self._asked = float("-inf")
        self._lock = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """Its discovery document, for an hour; raises EntUnavailable, EntRefused for one of another issuer."""
        async with self._lock:
            if self._metadata is None or _now() - self._learnt > FRESH_SECONDS:
                found = await self._document(f"{self._issuer}/.well-known/openid-configuration", Metadata)
                if found.issuer.rstrip("/") != self._issuer:
                    raise EntRefused("answer", "discovery of another issuer")
                scheme = urlsplit(self._issuer).scheme
                if any(urlsplit(each).scheme not in ("https", scheme) for each in found.addresses):
                    raise EntRefused("answer", "addresses without TLS")
                inner = {
                    name: self._from_here(getattr(found, name))
                    for name in ("token_endpoint", "jwks_uri", "userinfo_endpoint")
                }
                self._metadata, self._learnt = found.model_copy(update=inner), _now()
        return self._metadata

    async def verified(self, token: str) -> dict[str, Any]:
        """The claims of a token that it has signed; raises EntRefused, EntUnavailable."""
        if len(token) > LONGEST_TOKEN:
            raise EntRefused("answer", "too long a token")
        try:
            parts = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
            header = parts.headers()
        except (JoseError, ValueError, TypeError) as error:
            raise EntRefused("answer", "not a token") from error
        if header.get("alg") not in ALGORITHMS:
            raise EntRefused("answer", "alg")
        keys = await self._keys_named(header.get("kid"))
        if not any(_is_signed(parts, key) for key in keys):
            raise EntRefused("answer", "signature")
        try:
            claims = from_json(parts.payload)
        except ValueError as error:
            raise EntRefused("answer", "claims") from error
        if not isinstance(claims, dict) or claims.get("iss") != (await self.metadata()).issuer:
            raise EntRefused("answer", "iss")
        return claims

    async def _keys_named(self, kid: object) -> list[RSAKey | ECKey]:
        """The keys of a name, all where a token names none; keys that are not known are asked for, now and then."""
        address = (await self.metadata()).jwks_uri
        async with self._lock:
            stale = _now() - self._fetched > FRESH_SECONDS
            if not stale and not any(kid in (None, name) for name, _ in self._keys):
                stale = _now() - self._asked > PAUSE_SECONDS
                self._asked = _now() if stale else self._asked
            if stale:
                self._keys = _usable((await self._document(address, _Keys)).keys)
                self._fetched = _now()
            return [key for name, key in self._keys if kid in (None, name)]

    async def _document(self, address: str, kind: type[D]) -> D:
        answer = await self._outbound.ask("GET", self._from_here(address), headers={"Accept": "application/json"})
        if answer.status != 200:
            raise EntUnavailable(f"status {answer.status}")
        try:
            return kind.model_validate_json(answer.body)
        except ValidationError as error:
            raise EntUnavailable("not the document") from error

    def _from_here(self, address: str) -> str:
        if self._inside and address.startswith(f"{self._issuer}/"):
            return self._inside + address.removeprefix(self._issuer)
        return address


def _now() -> float:
    return asyncio.get_running_loop().time()


def _usable(members: Sequence[dict[str, Any]]) -> list[tuple[str | None, RSAKey | ECKey]]:
    """The public keys among those of a set that are for signatures; others, and damaged ones, are passed over."""
    usable: list[tuple[str | None, RSAKey | ECKey]] = []
    for member in members:
        kind, kid = _KINDS.get(str(member.get("kty"))), member.get("kid")
        if kind is None or member.get("use", "sig") != "sig" or "d" in member:
            continue
        try:
            usable.append((kid if isinstance(kid, str) else None, kind.import_key(member)))
        except (JoseError, ValueError, TypeError):
            continue
    return usable


def _is_signed(parts: jws.CompactSignature, key: RSAKey | ECKey) -> bool:
    try:
        return jws.validate_compact(parts, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        return False
