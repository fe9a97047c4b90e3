"""ENTs that say whatever a test wants: a CAS server and an OpenID provider on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from services.chassis.ports import EntVisit

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
VISIT = EntVisit("https://parvis.test/connexion/ent/retour", "s" * 43, "n" * 43, "v" * 43)
OTHER = EntVisit(VISIT.page, "t" * 43, "o" * 43, "w" * 43)

Say = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(routes: Mapping[tuple[str, str], Say]) -> AsyncIterator[str]:
    """A server with these handlers: its host and port."""
    app = web.Application()
    for (method, path), say in routes.items():
        app.router.add_route(method, path, say)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def silent(request: web.Request) -> web.StreamResponse:
    """Says nothing for as long as anybody waits."""
    await asyncio.sleep(3600)
    return web.Response()


def saying(body: bytes | str, status: int = 200, kind: str = "text/xml") -> Say:
    """Says the same to everybody."""

    async def say(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body.encode() if isinstance(body, str) else body, status=status, content_type=kind)

    return say


def cas_answer(inner: str, before: str = "") -> str:
    return f'{before}<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{inner}</cas:serviceResponse>'


def cas_success(user: str = "<cas:user>zdurand</cas:user>", attributes: str = "") -> str:
    return f"<cas:authenticationSuccess>{user}{attributes}</cas:authenticationSuccess>"


def cas_failure(code: str) -> str:
    return f'<cas:authenticationFailure code="{code}">no</cas:authenticationFailure>'


@dataclass
class Cas:
    """A CAS server at which a test logs people in: each ticket is for one service, and good once."""

    tickets: dict[tuple[str, str], str] = field(default_factory=dict)
    host: str = ""
    given: int = 0
    asked: int = 0

    @property
    def url(self) -> str:
        return f"cas+http://{self.host}/cas"

    def log_in(self, address: str, user: str, attributes: str = "") -> str:
        """What somebody comes back with who logs in at the address to which they were sent."""
        (service,) = parse_qs(urlsplit(address).query)["service"]
        self.given += 1
        ticket = f"ST-{self.given}-{user}-secret"
        who = f"<cas:user>{user}</cas:user>"
        self.tickets[service, ticket] = cas_success(who, f"<cas:attributes>{attributes}</cas:attributes>")
        return ticket

    async def validate(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        found = self.tickets.pop((request.query["service"], request.query["ticket"]), None)
        answer = cas_answer(found or cas_failure("INVALID_TICKET"))
        return web.Response(text=answer, content_type="application/xml")


@asynccontextmanager
async def cas_server() -> AsyncIterator[Cas]:
    """A CAS server that keeps to its protocol."""
    made = Cas()
    async with served({("GET", "/cas/p3/serviceValidate"): made.validate}) as made.host:
        yield made


@dataclass
class Provider:
    """An OpenID provider whose next token is in the hands of a test."""

    address: str = ""
    keys: list[RSAKey | ECKey] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256"})
    signs_with: Any = None
    token: Callable[[Provider], str] | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    error: web.Response | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    key_sets: int = 0

    @property
    def issuer(self) -> str:
        return f"http://{self.address}/oidc"

    def rotate(self) -> None:
        """A new key, and the old ones are gone."""
        self.keys = [RSAKey.generate_key(2048, {"kid": f"key-{self.key_sets}-{len(self.keys)}"})]

    def good_claims(self) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "aud": "parvis",
            "sub": "u-4711",
            "nonce": VISIT.nonce,
            "iat": int(NOON.timestamp()),
            "exp": int(NOON.timestamp()) + 300,
            "sid": "login-1",
        }

    def signed(self, **changes: Any) -> str:
        """The token; a claim that is None is not there."""
        claims = self.good_claims() | self.claims | changes
        key = self.signs_with or self.keys[0]
        header = {"kid": self.keys[0].kid, **self.header}
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """A provider that answers well unless a test has it otherwise."""
    made = Provider()
    made.rotate()

    async def discovery(request: web.Request) -> web.Response:
        at = made.issuer
        return web.json_response(
            {
                "issuer": at,
                "authorization_endpoint": f"{at}/auth",
                "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/jwks",
                "userinfo_endpoint": f"{at}/me",
            }
            | made.metadata
        )

    async def jwks(request: web.Request) -> web.Response:
        made.key_sets += 1
        return web.json_response({"keys": [key.as_dict(private=False, use="sig") for key in made.keys]})

    async def token(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        made.asked.append(form | {"authorization": request.headers.get("Authorization", "")})
        if made.error is not None:
            return made.error
        said = made.token(made) if made.token is not None else made.signed()
        return web.json_response({"access_token": "at", "token_type": "Bearer", "id_token": said})

    async def me(request: web.Request) -> web.Response:
        return web.json_response({"sub": (made.good_claims() | made.claims)["sub"]} | made.userinfo)

    routes = {
        ("GET", "/oidc/.well-known/openid-configuration"): discovery,
        ("GET", "/oidc/jwks"): jwks,
        ("POST", "/oidc/token"): token,
        ("GET", "/oidc/me"): me,
    }
    async with served(routes) as address:
        made.address = address
        yield made
