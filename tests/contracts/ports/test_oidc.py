"""OpenID Connect: a token is believed only where this provider signed it, now, for this client and this visit."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from services.chassis.clock import FixedClock
from services.chassis.ent.oidc import LOGOUT_EVENT, OidcEnt
from services.chassis.ports import Ent, EntGone, EntRefused, EntUnavailable
from services.chassis.urls import open_ent
from tests.ents import NOON, OTHER, VISIT, Provider, provider, saying, served, silent


@pytest.fixture
async def at() -> AsyncIterator[Provider]:
    async with provider() as made:
        yield made


@pytest.fixture
async def ent(at: Provider) -> AsyncIterator[Ent]:
    opened = open_ent(f"oidc+http://parvis:s%3Acret@{at.address}/oidc", FixedClock(NOON))
    yield opened
    await opened.close()


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def unsigned(made: Provider) -> str:
    """`alg: none`, as RFC 7519 has it."""
    return ".".join([*map(encoded, ({"alg": "none", "kid": made.keys[0].kid}, made.good_claims())), ""])


def signed_by_public_key(made: Provider) -> str:
    """HS256 with the public key, which everybody has, as its secret."""
    signed = ".".join(map(encoded, ({"alg": "HS256", "kid": made.keys[0].kid}, made.good_claims())))
    code = hmac.digest(made.keys[0].as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"


def signed_by_stranger(made: Provider) -> str:
    stranger = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": made.keys[0].kid}, made.good_claims(), stranger)


def key_of_its_own(made: Provider) -> str:
    """A token that brings along the key that it wants to be checked with."""
    stranger = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": stranger.as_dict(private=False)}
    return jwt.encode(header, made.good_claims(), stranger)


def changed(made: Provider) -> str:
    head, _, signature = made.signed().split(".")
    return f"{head}.{encoded(made.good_claims() | {'sub': 'somebody'})}.{signature}"


async def test_people_are_sent_with_everything_that_binds_the_answer_to_this_visit(ent: Ent, at: Provider) -> None:
    address = urlsplit(await ent.login_address(VISIT))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VISIT.verifier.encode()).digest()).decode().rstrip("=")
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{at.issuer}/auth"
    assert {name: value for name, (value,) in parse_qs(address.query).items()} == {
        "response_type": "code",
        "client_id": "parvis",
        "redirect_uri": VISIT.page,
        "scope": "openid profile email",
        "state": VISIT.state,
        "nonce": VISIT.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


async def test_a_code_is_exchanged_with_its_verifier_for_a_person(ent: Ent, at: Provider) -> None:
    at.userinfo = {"family_name": "Durand", "given_name": "Zoé", "email": "zoe@etu.test", "supannEtuId": ["21404321"]}
    person = await ent.person(VISIT, "code-1")
    assert (person.subject, person.session) == ("oidc:u-4711", "login-1")
    assert (person.family_name, person.given_name, person.student_number) == ("Durand", "Zoé", "21404321")
    assert person.emails == ("zoe@etu.test",)
    assert at.asked == [
        {
            "grant_type": "authorization_code",
            "code": "code-1",
            "redirect_uri": VISIT.page,
            "code_verifier": VISIT.verifier,
            "authorization": f"Basic {base64.b64encode(b'parvis:s%3Acret').decode()}",
        }
    ]


async def test_a_client_says_its_secret_where_the_provider_wants_it(at: Provider) -> None:
    at.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    posting = open_ent(f"oidc+http://parvis:s3cret@{at.address}/oidc", FixedClock(NOON))
    public = open_ent(f"oidc+http://parvis@{at.address}/oidc", FixedClock(NOON))
    for opened, said in ((posting, ("parvis", "s3cret", "")), (public, ("parvis", None, ""))):
        await opened.person(VISIT, "code")
        asked = at.asked.pop()
        assert (asked.get("client_id"), asked.get("client_secret"), asked["authorization"]) == said
        await opened.close()


@pytest.mark.parametrize("forge", [unsigned, signed_by_public_key, signed_by_stranger, key_of_its_own, changed])
async def test_what_the_provider_has_not_signed_is_not_believed(
    ent: Ent, at: Provider, forge: Callable[[Provider], str]
) -> None:
    """Also `alg: none`, and HS256 with the public key (issue: bad input)."""
    at.token = forge
    with pytest.raises(EntRefused) as refusal:
        await ent.person(VISIT, "code")
    assert refusal.value.denial == "answer"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": OTHER.nonce},
        {"nonce": None},
        {"iss": "https://elsewhere.test"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["parvis", "another-client"]},
        {"aud": ["parvis", "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"sub": ""},
        {"sub": None},
        {"sub": "s" * 256},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
    ],
    ids=str,
)
async def test_a_token_for_somebody_else_or_from_elsewhere_is_not_believed(
    ent: Ent, at: Provider, claims: dict[str, Any]
) -> None:
    at.claims = claims
    with pytest.raises(EntRefused) as refusal:
        await ent.person(VISIT, "code")
    assert refusal.value.denial == "answer"


async def test_a_token_ends_to_the_second(ent: Ent, at: Provider) -> None:
    at.claims = {"exp": int(NOON.timestamp())}
    with pytest.raises(EntRefused) as refusal:
        await ent.person(VISIT, "code")
    assert refusal.value.denial == "expired"
    at.claims = {"exp": int(NOON.timestamp()) + 1, "aud": ["parvis"], "sub": "s" * 255}
    assert (await ent.person(VISIT, "code")).subject == "oidc:" + "s" * 255


async def test_keys_that_come_later_are_learnt_and_strange_ones_are_not_asked_for_again_and_again(
    ent: Ent, at: Provider
) -> None:
    await ent.person(VISIT, "code")
    at.rotate()
    await ent.person(VISIT, "code")
    assert at.key_sets == 2
    at.header["kid"] = "unheard-of"
    for _ in range(3):
        with pytest.raises(EntRefused):
            await ent.person(VISIT, "code")
    assert at.key_sets == 2


async def test_elliptic_keys_sign_as_well(ent: Ent, at: Provider) -> None:
    at.keys = [ECKey.generate_key("P-256", {"kid": "ec"})]
    at.header = {"alg": "ES256"}
    assert (await ent.person(VISIT, "code")).subject == "oidc:u-4711"


@pytest.mark.parametrize("code", ["", "c" * 1025, "a\nb"])
async def test_what_is_no_code_is_exchanged_nowhere(ent: Ent, at: Provider, code: str) -> None:
    with pytest.raises(EntRefused):
        await ent.person(VISIT, code)
    assert at.asked == []


async def test_a_code_that_was_used_is_good_for_nothing(ent: Ent, at: Provider) -> None:
    at.error = web.json_response({"error": "invalid_grant"}, status=400)
    with pytest.raises(EntRefused) as refusal:
        await ent.person(VISIT, "code")
    assert refusal.value.denial == "ticket"


@pytest.mark.parametrize(
    "error",
    [
        lambda: web.Response(text="<html>Maintenance</html>", content_type="text/html"),
        lambda: web.Response(text="<html>", status=502),
        lambda: web.json_response({"error": "invalid_client"}, status=401),
        lambda: web.json_response(["no", "object"]),
    ],
)
async def test_no_answer_that_can_be_read_is_no_answer(
    ent: Ent, at: Provider, error: Callable[[], web.Response]
) -> None:
    at.error = error()
    with pytest.raises(EntUnavailable):
        await ent.person(VISIT, "code")


async def test_what_is_told_of_somebody_else_is_not_taken(ent: Ent, at: Provider) -> None:
    at.userinfo = {"sub": "somebody-else", "email": "x@etu.test"}
    with pytest.raises(EntRefused):
        await ent.person(VISIT, "code")


@pytest.mark.parametrize("metadata", [{"issuer": "https://elsewhere.test"}, {"token_endpoint": "ftp://x.test/token"}])
async def test_a_discovery_document_of_another_issuer_is_not_believed(
    ent: Ent, at: Provider, metadata: dict[str, str]
) -> None:
    at.metadata = metadata
    with pytest.raises(EntRefused):
        await ent.login_address(VISIT)


async def test_a_provider_that_is_away_or_silent_holds_nobody_for_long() -> None:
    for handlers in ({}, {("GET", "/oidc/.well-known/openid-configuration"): silent}):
        async with served(handlers) as address:
            ent = OidcEnt(f"http://{address}/oidc", "parvis", "", FixedClock(NOON), seconds=0.2)
            with pytest.raises(EntUnavailable):
                await ent.login_address(VISIT)
            with pytest.raises(EntUnavailable):
                await ent.ping()
            await ent.close()
    page = saying("<html>", kind="text/html")
    async with served({("GET", "/oidc/.well-known/openid-configuration"): page}) as address:
        ent = OidcEnt(f"http://{address}/oidc", "parvis", "", FixedClock(NOON))
        with pytest.raises(EntUnavailable):
            await ent.login_address(VISIT)
        await ent.close()


async def test_a_logout_token_names_a_login_or_a_person(ent: Ent, at: Provider) -> None:
    at.claims = {"events": {LOGOUT_EVENT: {}}, "nonce": None}
    assert await ent.gone(at.signed()) == EntGone(session="login-1")
    assert await ent.gone(at.signed(sid=None)) == EntGone(subject="oidc:u-4711")


@pytest.mark.parametrize(
    "claims",
    [
        {"events": None},
        {"events": {"https://elsewhere.test": {}}},
        {"nonce": VISIT.nonce},
        {"sid": None, "sub": None},
        {"exp": int(NOON.timestamp())},
        {"aud": "another-client"},
    ],
    ids=str,
)
async def test_any_other_token_logs_nobody_out(ent: Ent, at: Provider, claims: dict[str, Any]) -> None:
    at.claims = {"events": {LOGOUT_EVENT: {}}, "nonce": None} | claims
    with pytest.raises(EntRefused):
        await ent.gone(at.signed())
    with pytest.raises(EntRefused):
        await ent.gone("a.b.c")
