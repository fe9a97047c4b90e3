"""The OpenID Connect half of the development ENT: discovery, the login, tokens, keys, and what it says of people."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey

from services.chassis.ent.development import CLIENT, OIDC_PATH, SECRET
from services.chassis.ports import Clock
from services.portal.development_ent.given import GivenOut
from services.portal.development_ent.page import LoginPage
from services.portal.development_ent.people import MadeUp
from services.portal.rendering import Rendering

TOKEN_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class _Code:
    """What a code was given for."""

    person: MadeUp
    redirect_uri: str
    nonce: str
    challenge: str


def routes(rendering: Rendering, public: str, clock: Clock) -> list[web.RouteDef]:
    """The routes; `public` is where people reach the suite. Its key is made anew at every start."""
    provider = _Provider(f"{public}{OIDC_PATH}", clock)
    page = LoginPage(rendering, public, f"{OIDC_PATH}/auth", "redirect_uri", provider.bring)
    return [
        web.get(f"{OIDC_PATH}/.well-known/openid-configuration", provider.discovery),
        web.get(f"{OIDC_PATH}/jwks", provider.keys),
        web.get(f"{OIDC_PATH}/auth", rendering.guarded(page.show)),
        web.post(f"{OIDC_PATH}/auth", rendering.guarded(page.choose)),
        web.post(f"{OIDC_PATH}/token", provider.token),
        web.get(f"{OIDC_PATH}/me", provider.me),
    ]


class _Provider:
    """Gives codes, and tokens for codes."""

    def __init__(self, issuer: str, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock
        self._key = ECKey.generate_key("P-256", {"kid": "development"})
        self._codes: GivenOut[_Code] = GivenOut()
        self._access: GivenOut[MadeUp] = GivenOut()

    def bring(self, person: MadeUp, form: Mapping[str, str]) -> Mapping[str, str]:
        """The code, beside the state that the browser came with."""
        code = _Code(person, form["redirect_uri"], form.get("nonce", ""), form.get("code_challenge", ""))
        return {"code": self._codes.give(code), "state": form.get("state", "")}

    async def discovery(self, request: web.Request) -> web.StreamResponse:
        """The document by which clients find the rest."""
        at = self._issuer
        return web.json_response(
            {
                "issuer": at,
                "authorization_endpoint": f"{at}/auth",
                "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/jwks",
                "userinfo_endpoint": f"{at}/me",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def keys(self, request: web.Request) -> web.StreamResponse:
        """The public key."""
        return web.json_response({"keys": [self._key.as_dict(private=False, use="sig")]})

    async def token(self, request: web.Request) -> web.StreamResponse:
        """A code is exchanged, once, by the client that it was given to and that knows its verifier."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        wanted = f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
            return web.json_response({"error": "invalid_client"}, status=401)
        code, challenge = self._codes.take(form.get("code", "")), _challenge(form.get("code_verifier", ""))
        if code is None or (code.redirect_uri, code.challenge) != (form.get("redirect_uri"), challenge):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": CLIENT,
            "sub": code.person.login,
            "nonce": code.nonce,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        signed = jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key, algorithms=["ES256"])
        access = self._access.give(code.person)
        return web.json_response({"access_token": access, "token_type": "Bearer", "id_token": signed})

    async def me(self, request: web.Request) -> web.StreamResponse:
        """What is said of who the access token is for; it is good once, as everything here."""
        person = self._access.take(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if person is None:
            return web.json_response({"error": "invalid_token"}, status=401)
        said: dict[str, Any] = {
            "sub": person.login,
            "family_name": person.family_name,
            "given_name": person.given_name,
            "email": list(person.emails),
            "supannEtuId": person.student_number,
        }
        return web.json_response(said)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
