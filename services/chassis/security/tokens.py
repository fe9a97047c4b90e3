"""Signed things: keys of the services that sign, and cached key sets of those that check.

JWS with EdDSA over Ed25519 (RFC 8037) alone; the algorithm never comes from the token.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self, TypeVar, cast

import aiohttp
import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic_core import from_json, to_json

from services.chassis.ports import Clock, Collection, Document, DuplicateKey, Ids, PortError, Store
from services.chassis.store.rows import readable
from services.contracts.instants import instant, instant_text

log = structlog.get_logger()

T = TypeVar("T")

ALGORITHM: Final = "EdDSA"
KEYS: Final = Collection("keys")

FETCH_SECONDS: Final = 5.0
FRESH_SECONDS: Final = 300.0
"""How long a fetched key set is used before it is fetched anew."""
PAUSE_SECONDS: Final = 2.0
"""Least time between two fetches of one key set, whoever asks and whatever for."""
MAX_KEY_SET_BYTES: Final = 65536
MAX_TOKEN_CHARACTERS: Final = 8192
MAX_PROOF_CHARACTERS: Final = 65536
"""The longest thing checked offline: the receipt of a file of 40 pieces has about 13,000 characters."""
REMEMBERED_TOKENS: Final = 4096
RELOAD_SECONDS: Final = 60.0
ROTATION_NOTICE: Final = timedelta(seconds=2 * FRESH_SECONDS)
"""How long a new key is published before it signs, so that no checker meets it unprepared."""
LEEWAY: Final = timedelta(seconds=5)
"""Difference between the clocks of two services that `nbf` forgives."""


class _EdDsaOnly(jws.JWSRegistry):
    """Knows one algorithm. The library's own registry warns of the name that RFC 9864 renames; tokens keep it."""

    def get_alg(self, name: str) -> Any:
        if name != ALGORITHM:
            raise InvalidToken("algorithm")
        return self.algorithms[ALGORITHM]


class InvalidToken(ValueError):
    """A token is not what it should be; `why` is a word for logs and never for the client."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class KeysUnavailable(PortError):
    """Whether a token is good cannot be said: it names a key that is not known here, and its service does not answer."""


class ExpiredToken(InvalidToken):
    """All is well with the token but its time."""


_REGISTRY: Final = _EdDsaOnly()


# --- signing ------------------------------------------------------------------------------------------------------


class Signer:
    """The keys of one service. They are kept for ever, because what they signed is checked for ever; the newest signs.

    Keys lie in the service's own store, collection `KEYS`, numbered 1, 2, 3: replicas that start at the same instant
    agree on the first.
    """

    def __init__(self, service: str, store: Store, clock: Clock, ids: Ids) -> None:
        self.service = service
        self._store = store
        self._clock = clock
        self._ids = ids
        self._keys: list[tuple[datetime, OKPKey]] = []
        self._loaded = float("-inf")

    async def load(self) -> None:
        """Read the keys, making the first if there is none; to be repeated to learn of a rotation."""
        rows = await self._rows()
        keys = readable(self.service, KEYS.name, rows, _stored_key)
        if not keys:
            await self._make(len(rows) + 1, self._clock.now())
            keys = readable(self.service, KEYS.name, await self._rows(), _stored_key)
        self._keys = keys
        self._loaded = asyncio.get_running_loop().time()

    async def refresh(self) -> None:
        """Load again if that was not done within `RELOAD_SECONDS`, to publish keys that another replica made."""
        if asyncio.get_running_loop().time() - self._loaded > RELOAD_SECONDS:
            await self.load()

    async def rotate(self) -> None:
        """Make a new key, published at once, that signs after `ROTATION_NOTICE`; two at the same time make one."""
        rows = await self._rows()
        await self._make(len(rows) + 1, self._clock.now() + ROTATION_NOTICE)
        await self.load()

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """A compact JWS over `claims` and `iss`; the same claims give the same signature while the key is the same."""
        now = self._clock.now()
        started = [key for signs_from, key in self._keys if signs_from <= now]
        key = started[-1] if started else self._keys[0][1]
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": typ}
        payload = to_json({"iss": f"parvis/{self.service}", **claims})
        return jws.serialize_compact(header, payload, key, registry=_REGISTRY)

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set (RFC 7517), newest first."""
        return {"keys": [key.as_dict(private=False) for _, key in reversed(self._keys)]}

    async def _rows(self) -> list[Document]:
        return await self._store.find(KEYS.name, {}, limit=1000)

    async def _make(self, number: int, signs_from: datetime) -> None:
        kid = f"{self.service}-{self._ids.new()}"
        key = OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig", "alg": ALGORITHM})
        document = {
            "_id": number,
            "version": 1,
            "signs_from": instant_text(signs_from),
            "jwk": key.as_dict(private=True),
        }
        try:
            await self._store.insert(KEYS.name, document)
        except DuplicateKey:
            log.info("keys.made-elsewhere", service=self.service, number=number)


def _stored_key(row: Document) -> tuple[datetime, OKPKey]:
    try:
        return instant(row["signs_from"]), OKPKey.import_key(row["jwk"])
    except JoseError as error:
        raise ValueError("not a key") from error


# --- checking -----------------------------------------------------------------------------------------------------


class VerifiedToken:
    """The claims of a token that was found good: shared, and not to be changed."""

    __slots__ = ("_made", "claims", "until")

    def __init__(self, claims: dict[str, Any]) -> None:
        self.claims = claims
        self.until: float = claims.get("exp", 0)
        self._made: tuple[Callable[[Mapping[str, Any]], Any], Any] | None = None

    def read(self, make: Callable[[Mapping[str, Any]], T]) -> T:
        """What `make` makes of the claims, made once as long as it is the same that asks; raises what that raises."""
        if self._made is None or self._made[0] is not make:
            self._made = make, make(self.claims)
        return cast("T", self._made[1])


class _KeySet:
    """What is known of one service's keys."""

    def __init__(self) -> None:
        self.keys: dict[str, OKPKey] = {}
        self.fetched = float("-inf")
        self.asked = float("-inf")
        self.reached = False
        self.lock = asyncio.Lock()


class KeySets:
    """Public key sets of the suite's services by name, fetched over HTTP when needed and cached.

    `address` holds `{service}`. A set is fetched again after `FRESH_SECONDS`, or when a token names an unknown key, but
    never twice within `PAUSE_SECONDS`. While a service does not answer, what is known of it goes on being used.
    """

    def __init__(self, address: str, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}
        self._session: aiohttp.ClientSession | None = None
        self._remembered: OrderedDict[bytes, VerifiedToken] = OrderedDict()

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def verify(self, token: str, *, service: str, typ: str) -> dict[str, Any]:
        """The claims of a token of `service`, as `verified` finds them; raises what that raises."""
        return (await self.verified(token, service=service, typ=typ)).claims

    async def verified(self, token: str, *, service: str, typ: str) -> VerifiedToken:
        """A token of `service` that is good; raises InvalidToken for whatever is wrong, ExpiredToken if only `exp` is,
        KeysUnavailable.

        Checks form, algorithm, `kid`, signature, `typ`, `iss`, and `exp` and `nbf` where present. A token once found good
        is remembered until it expires.
        """
        mark = hashlib.sha256(f"{service}\n{typ}\n{token}".encode(errors="replace")).digest()
        now = self._clock.now().timestamp()
        if (known := self._remembered.get(mark)) is not None:
            if known.until > now:
                return known
            del self._remembered[mark]
        claims = await self._check(token, service, typ)
        _check_times(claims, now)
        good = VerifiedToken(claims)
        if "exp" in claims:
            self._remembered[mark] = good
            if len(self._remembered) > REMEMBERED_TOKENS:
                self._remembered.popitem(last=False)
        return good

    async def _check(self, token: str, service: str, typ: str) -> dict[str, Any]:
        parts, kid = _open(token, typ)
        return _claims(parts, await self._key(service, kid), service)

    async def _key(self, service: str, kid: str) -> OKPKey:
        known = self._sets.setdefault(service, _KeySet())
        loop = asyncio.get_running_loop()
        if kid not in known.keys or loop.time() - known.fetched > FRESH_SECONDS:
            async with known.lock:
                stale = kid not in known.keys or loop.time() - known.fetched > FRESH_SECONDS
                if stale and loop.time() - known.asked > PAUSE_SECONDS:
                    known.asked = loop.time()
                    await self._fetch(service, known)
        if kid in known.keys:
            return known.keys[kid]
        if not known.reached:
            raise KeysUnavailable(service)
        raise InvalidToken("unknown key")

    async def _fetch(self, service: str, known: _KeySet) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_SECONDS))
        try:
            async with self._session.get(self._address.format(service=service)) as response:
                response.raise_for_status()
                body = await response.content.read(MAX_KEY_SET_BYTES + 1)
                keys = _keys_of(body)
        except (aiohttp.ClientError, TimeoutError, ValueError, JoseError) as error:
            log.warning("keys.not-fetched", of=service, error=type(error).__name__)
            known.reached = False
            return
        known.reached = True
        if known.keys.keys() - keys.keys():
            self._remembered.clear()
        known.keys = keys
        known.fetched = asyncio.get_running_loop().time()


def _keys_of(body: bytes) -> dict[str, OKPKey]:
    """The Ed25519 keys of a JWK set by `kid`; raises ValueError, JoseError."""
    if len(body) > MAX_KEY_SET_BYTES:
        raise ValueError("key set too large")
    document = from_json(body)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a key set")
    return keys_of(document["keys"])


def keys_of(jwks: Sequence[Any]) -> dict[str, OKPKey]:
    """The Ed25519 keys among `jwks` (members of a JWK set) by their `kid`; raises JoseError on a damaged one."""
    return {
        jwk["kid"]: OKPKey.import_key({name: value for name, value in jwk.items() if name != "d"})
        for jwk in jwks
        if isinstance(jwk, Mapping) and jwk.get("crv") == "Ed25519" and isinstance(jwk.get("kid"), str)
    }


def _open(token: str, typ: str, longest: int = MAX_TOKEN_CHARACTERS) -> tuple[jws.CompactSignature, str]:
    """The parts of a compact JWS, nothing believed yet, and the `kid` it names; raises InvalidToken."""
    if len(token) > longest:
        raise InvalidToken("too long")
    try:
        parts = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken("form") from error
    header = parts.headers()
    kid = header.get("kid")
    if not isinstance(kid, str) or header.get("typ") != typ or header.get("alg") != ALGORITHM:
        raise InvalidToken("header")
    return parts, kid


def _claims(parts: jws.CompactSignature, key: OKPKey, service: str) -> dict[str, Any]:
    """The claims, once the signature is found good; raises InvalidToken."""
    try:
        if not jws.validate_compact(parts, key, registry=_REGISTRY):
            raise InvalidToken("signature")
        claims = from_json(parts.payload)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken("signature or claims") from error
    if not isinstance(claims, dict) or claims.get("iss") != f"parvis/{service}":
        raise InvalidToken("claims")
    return claims


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    for name in ("exp", "nbf"):
        if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], int | float)):
            raise InvalidToken(name)
    if "nbf" in claims and claims["nbf"] > now + LEEWAY.total_seconds():
        raise InvalidToken("nbf")
    if "exp" in claims and claims["exp"] <= now:
        raise ExpiredToken("exp")


def verify_offline(token: str, jwks: Mapping[str, Any], *, service: str, typ: str) -> dict[str, Any]:
    """The claims of a token checked against a key set at hand, its times left aside; raises InvalidToken."""
    parts, kid = _open(token.strip(), typ, MAX_PROOF_CHARACTERS)
    try:
        keys = keys_of(jwks["keys"])
    except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidToken("key set") from error
    if kid not in keys:
        raise InvalidToken("unknown key")
    return _claims(parts, keys[kid], service)
