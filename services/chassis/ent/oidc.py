"""OpenID Connect Core 1.0: authorization code with PKCE (RFC 7636), discovery, back-channel log-out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote_plus

from pydantic_core import from_json

from services.chassis.ent.attributes import described
from services.chassis.ent.provider import Provider
from services.chassis.outbound import SECONDS, Outbound, Reply, with_query
from services.chassis.ports.ent import EntGone, EntPerson, EntRefused, EntUnavailable, EntVisit
from services.chassis.ports.machine import Clock

SCOPE: Final = "openid profile email"
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_CODE: Final = 1024
LONGEST_SUBJECT: Final = 255
"""OpenID Connect Core, section 2."""

_OWN_FAULTS: Final = frozenset({"invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type"})
"""RFC 6749, section 5.2: this suite is not known to the provider as it should be, which operations read in the log."""


class OidcEnt:
    """The provider whose issuer is `issuer`, to which this suite is `client`.

    `inside` is where the provider is reached from here, where browsers find it by another name.
    """

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str,
        clock: Clock,
        *,
        inside: str = "",
        seconds: float = SECONDS,
    ) -> None:
        self._outbound = Outbound(EntUnavailable, seconds=seconds)
        self._provider = Provider(issuer, self._outbound, inside=inside)
        self._client = client
        self._secret = secret
        self._clock = clock

    async def login_address(self, visit: EntVisit) -> str:
        """The page on which people log in."""
        challenge = _text(hashlib.sha256(visit.verifier.encode()).digest())
        return with_query(
            (await self._provider.metadata()).authorization_endpoint,
            {
                "response_type": "code",
                "client_id": self._client,
                "redirect_uri": visit.page,
                "scope": SCOPE,
                "state": visit.state,
                "nonce": visit.nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            },
        )

    async def person(self, visit: EntVisit, proof: str) -> EntPerson:
        """Who the code is for, by the token that the provider signs; the code is good for the `verifier` of this visit."""
        if not proof.isprintable() or not 0 < len(proof) <= LONGEST_CODE:
            raise EntRefused("ticket", "form")
        tokens = await self._tokens(visit, proof)
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise EntRefused("answer", "no id_token")
        claims = await self._claims(token)
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), visit.nonce.encode()):
            raise EntRefused("answer", "nonce")
        self._check_time(claims)
        subject = _subject(claims)
        session = claims.get("sid")
        said = dict(claims) | await self._said(tokens.get("access_token"), subject)
        return described(f"oidc:{subject}", session if isinstance(session, str) else "", _attributes(said))

    async def gone(self, notice: str) -> EntGone:
        """Whom a logout token names (OpenID Connect Back-Channel Logout 1.0, section 2.6)."""
        claims = await self._claims(notice)
        events = claims.get("events")
        if not isinstance(events, dict) or LOGOUT_EVENT not in events or "nonce" in claims:
            raise EntRefused("answer", "not a logout token")
        self._check_time(claims)
        session, subject = claims.get("sid"), claims.get("sub")
        if isinstance(session, str) and session:
            return EntGone(session=session)
        if isinstance(subject, str) and subject:
            return EntGone(subject=f"oidc:{subject}")
        raise EntRefused("answer", "nobody")

    async def ping(self) -> None:
        """Return if its discovery document is there."""
        await self._provider.metadata()

    async def close(self) -> None:
        """Let go."""
        await self._outbound.close()

    # --- parts ---

    async def _tokens(self, visit: EntVisit, code: str) -> dict[str, Any]:
        metadata = await self._provider.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": visit.page,
            "code_verifier": visit.verifier,
        }
        headers = {"Accept": "application/json"}
        if not self._secret:
            form["client_id"] = self._client
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # RFC 6749, section 2.3.1: both are form-encoded first.
            pair = f"{quote_plus(self._client)}:{quote_plus(self._secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client, "client_secret": self._secret}
        answer = await self._outbound.ask("POST", metadata.token_endpoint, data=form, headers=headers)
        said = _object(answer)
        if answer.status == 200:
            return said
        error = said.get("error")
        if error == "invalid_grant":
            raise EntRefused("ticket", "invalid_grant")
        raise EntUnavailable(str(error) if error in _OWN_FAULTS else f"status {answer.status}")

    async def _claims(self, token: str) -> dict[str, Any]:
        """What the provider has signed for this client; its times are not looked at."""
        claims = await self._provider.verified(token)
        audience = claims.get("aud")
        several = audience if isinstance(audience, list) else [audience]
        if self._client not in several or claims.get("azp", self._client) != self._client:
            raise EntRefused("answer", "aud")
        if len(several) > 1 and "azp" not in claims:
            raise EntRefused("answer", "azp")
        return claims

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        end = claims.get("exp")
        if isinstance(end, bool) or not isinstance(end, int | float):
            raise EntRefused("answer", "exp")
        if end <= self._clock.now().timestamp():
            raise EntRefused("expired", "exp")

    async def _said(self, token: object, subject: str) -> dict[str, Any]:
        """What the provider tells of the person beside its signed token: it fills a form, so that nothing hangs on it."""
        endpoint = (await self._provider.metadata()).userinfo_endpoint
        if not endpoint or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            return {}
        try:
            answer = await self._outbound.ask("GET", endpoint, headers={"Authorization": f"Bearer {token}"})
            said = _object(answer) if answer.status == 200 else {}
        except EntUnavailable:
            return {}
        if said and said.get("sub") != subject:
            raise EntRefused("answer", "userinfo of somebody else")
        return said


def _object(answer: Reply) -> dict[str, Any]:
    """The JSON object of an answer; raises EntUnavailable for anything else."""
    try:
        said = from_json(answer.body)
    except ValueError as error:
        raise EntUnavailable("not JSON") from error
    if not isinstance(said, dict):
        raise EntUnavailable("not an object")
    return said


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise EntRefused("answer", "sub")
    return subject


def _attributes(said: Mapping[str, Any]) -> dict[str, list[str]]:
    """Texts, and lists of texts, by name."""
    return {
        name: [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
        for name, value in said.items()
    }


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
