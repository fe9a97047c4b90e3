"""Keys, key sets and the access token."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from services.chassis import urls
from services.chassis.clock import FixedClock
from services.chassis.context import Actor
from services.chassis.ids import RandomIds
from services.chassis.ports import Store
from services.chassis.security import tokens
from services.chassis.security.tokens import (
    KEYS,
    ExpiredToken,
    InvalidToken,
    KeySets,
    KeysUnavailable,
    Signer,
    verify_offline,
)
from services.contracts.actors import ActorKind
from tests.unit.chassis.demo import MOMENT, DemoService, serve

NOW = int(MOMENT.timestamp())


class Stage:
    """A signer whose key set is served, and a checker that fetches it; `fetches` counts how often."""

    keysets: KeySets

    def __init__(self, store: Store, clock: FixedClock) -> None:
        self.store = store
        self.clock = clock
        self.signer = Signer("accounts", store, clock, RandomIds())
        self.fetches = 0
        self.answer: web.Response | None = None

    async def keyset(self, request: web.Request) -> web.Response:
        self.fetches += 1
        return self.answer or web.json_response(self.signer.jwks())

    async def verify(self, token: str, service: str = "accounts", typ: str = "at+jwt") -> dict[str, Any]:
        return await self.keysets.verify(token, service=service, typ=typ)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        store = urls.open_store("sqlite:", service="accounts", data=tmp_path)
        stack.push_async_callback(store.close)
        await store.prepare([KEYS])
        stage = Stage(store, FixedClock(MOMENT))
        await stage.signer.load()
        app = web.Application()
        app.router.add_get("/{service}", stage.keyset)
        address = await serve(stack, app)
        stage.keysets = await stack.enter_async_context(KeySets(address + "/{service}", stage.clock))
        yield stage


def claims(**more: Any) -> dict[str, Any]:
    return {"aud": "parvis", "sub": "ada", "iat": NOW, "exp": NOW + 600, "jti": "j", "sid": "s", **more}


# --- signing and checking -----------------------------------------------------------------------------------------


async def test_what_is_signed_is_found_good_and_remembered(stage: Stage) -> None:
    token = stage.signer.sign(claims(name="Zoé"), typ="at+jwt")
    for _ in range(3):
        assert await stage.verify(token) == {"iss": "parvis/accounts", **claims(name="Zoé")}
    assert stage.fetches == 1
    assert verify_offline(token, stage.signer.jwks(), service="accounts", typ="at+jwt")["sub"] == "ada"


async def test_a_token_is_good_until_its_last_second(stage: Stage) -> None:
    token = stage.signer.sign(claims(), typ="at+jwt")
    stage.clock.advance(seconds=599)
    await stage.verify(token)
    stage.clock.advance(seconds=1)
    with pytest.raises(ExpiredToken):
        await stage.verify(token)
    assert verify_offline(token, stage.signer.jwks(), service="accounts", typ="at+jwt")


async def test_a_token_of_the_future_is_refused_beyond_what_clocks_differ(stage: Stage) -> None:
    await stage.verify(stage.signer.sign(claims(nbf=NOW + 5), typ="at+jwt"))
    with pytest.raises(InvalidToken):
        await stage.verify(stage.signer.sign(claims(nbf=NOW + 6), typ="at+jwt"))


async def test_a_token_is_good_for_one_service_and_one_type(stage: Stage) -> None:
    token = stage.signer.sign(claims(), typ="at+jwt")
    await stage.verify(token)
    for asked in ({"typ": "parvis-upload+jwt"}, {"service": "documents"}):
        with pytest.raises(InvalidToken):
            await stage.verify(token, **asked)
    foreign = stage.signer.sign(claims(iss="parvis/documents"), typ="at+jwt")
    with pytest.raises(InvalidToken):
        await stage.verify(foreign)


def tampered(token: str, part: int, **changes: Any) -> str:
    parts = token.split(".")
    raw = base64.urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4))
    parts[part] = base64.urlsafe_b64encode(json.dumps(json.loads(raw) | changes).encode()).decode().rstrip("=")
    return ".".join(parts)


async def test_forged_tokens_are_refused(stage: Stage) -> None:
    token = stage.signer.sign(claims(), typ="at+jwt")
    head, payload, signature = token.split(".")
    public = stage.signer.jwks()["keys"][0]["x"].encode()
    other = OKPKey.generate_key("Ed25519")
    symmetric = OctKey.import_key(public + b"0" * 16)
    header = {"alg": "HS256", "kid": kid(token), "typ": "at+jwt"}
    forged = [
        tampered(token, 1, sub="bob"),
        tampered(token, 0, alg="none"),
        tampered(token, 0, kid="another"),
        tampered(token, 0, jwk=other.as_dict(private=False)),
        tampered(token, 0, crit=["b64"], b64=False),
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{head}.{payload}.{signature[::-1]}",
        f"{head}..{signature}",
        f"{token}.x",
        token + "é",
        "",
        "x",
        "..",
        "x" * (tokens.MAX_TOKEN_CHARACTERS + 1),
        jws.serialize_compact(
            header, json.dumps(claims(iss="parvis/accounts")).encode(), symmetric, algorithms=["HS256"]
        ),
        stage.signer.sign(claims(exp=str(NOW + 600)), typ="at+jwt"),
        stage.signer.sign(claims(exp=True), typ="at+jwt"),
    ]
    for wrong in forged:
        with pytest.raises(InvalidToken):
            await stage.verify(wrong)


@pytest.mark.parametrize("jwks", [{}, {"keys": None}, {"keys": [{}]}, {"keys": [1]}, []])
async def test_a_damaged_key_set_finds_nothing_good(stage: Stage, jwks: Any) -> None:
    token = stage.signer.sign(claims(), typ="at+jwt")
    with pytest.raises(InvalidToken):
        verify_offline(token, jwks, service="accounts", typ="at+jwt")
    stage.answer = web.json_response(jwks)
    with pytest.raises((InvalidToken, KeysUnavailable)):
        await stage.verify(token)


# --- keys ---------------------------------------------------------------------------------------------------------


async def test_replicas_that_start_together_share_one_key(stage: Stage, tmp_path: Path) -> None:
    store = urls.open_store("sqlite:", service="documents", data=tmp_path)
    await store.prepare([KEYS])
    signers = [Signer("documents", store, stage.clock, RandomIds()) for _ in range(20)]
    await asyncio.gather(*(signer.load() for signer in signers))
    assert len({json.dumps(signer.jwks()) for signer in signers}) == 1
    assert len(signers[0].jwks()["keys"]) == 1
    await store.close()


async def test_the_public_set_holds_nothing_private(stage: Stage) -> None:
    (key,) = stage.signer.jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}


def kid(token: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))["kid"])


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_stays(stage: Stage) -> None:
    old = stage.signer.sign(claims(exp=NOW + 10**6), typ="at+jwt")
    await stage.verify(old)
    await stage.signer.rotate()
    assert len(stage.signer.jwks()["keys"]) == 2
    assert kid(stage.signer.sign(claims(), typ="at+jwt")) == kid(old)
    stage.clock.advance(seconds=tokens.ROTATION_NOTICE.total_seconds())
    new = stage.signer.sign(claims(exp=NOW + 10**6), typ="at+jwt")
    assert kid(new) != kid(old)
    assert verify_offline(new, stage.signer.jwks(), service="accounts", typ="at+jwt")
    assert verify_offline(old, stage.signer.jwks(), service="accounts", typ="at+jwt")


async def test_unknown_keys_do_not_make_a_flood_of_fetches(stage: Stage) -> None:
    token = stage.signer.sign(claims(), typ="at+jwt")
    forged = [tampered(token, 0, kid=f"unknown-{number}") for number in range(50)]
    results = await asyncio.gather(*(stage.verify(wrong) for wrong in forged), return_exceptions=True)
    assert all(isinstance(result, InvalidToken) for result in results)
    assert stage.fetches == 1


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500),
        web.Response(text="not json"),
        web.Response(body=b"{" + b" " * tokens.MAX_KEY_SET_BYTES + b"}"),
    ],
)
async def test_while_a_service_does_not_answer_nothing_new_is_believed(stage: Stage, answer: web.Response) -> None:
    good = stage.signer.sign(claims(sub="known"), typ="at+jwt")
    stage.answer = answer
    with pytest.raises(KeysUnavailable):
        await stage.verify(good)


# --- the access token over HTTP -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorization", "slug", "challenge"),
    [
        (None, "token-missing", 'Bearer realm="parvis"'),
        ("Basic YTpi", "token-missing", 'Bearer realm="parvis"'),
        ("Bearer", "token-invalid", 'Bearer realm="parvis", error="invalid_token"'),
        ("Bearer nonsense", "token-invalid", 'Bearer realm="parvis", error="invalid_token"'),
    ],
)
async def test_without_a_good_token_the_answer_is_401(
    demo_service: DemoService, authorization: str | None, slug: str, challenge: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with demo_service.client.get("/api/demo/baskets/b-a", headers=headers) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == challenge
        assert (await response.json(content_type=None))["slug"] == slug


async def test_an_access_token_must_be_meant_for_the_suite_and_whole(demo_service: DemoService) -> None:
    async def slug(**wrong: Any) -> str:
        async with demo_service.client.get("/api/demo/baskets/b-a", headers=demo_service.bearer(**wrong)) as response:
            return str((await response.json(content_type=None))["slug"])

    for good in ({}, {"sub": "a" * 64}, {"act": {"sub": "kim", "sid": "t"}}):
        assert await slug(**good) == "not-found"
    for wrong in (
        {"aud": "another"},
        {"aud": ["parvis"]},
        {"sub": ""},
        {"sub": 5},
        {"sub": "a" * 65},
        {"sub": "staff:ada"},
        {"sub": "ada\n"},
        {"kind": "king"},
        {"grants": "admin"},
        {"act": "kim"},
        {"act": {"sub": "kim"}},
        {"act": {"sub": "staff:kim", "sid": "t"}},
        {"sid": None},
    ):
        assert await slug(**wrong) == "token-invalid", wrong
    headers = demo_service.bearer()
    demo_service.clock.advance(seconds=600)
    async with demo_service.client.get("/api/demo/baskets/b-a", headers=headers) as response:
        assert (await response.json(content_type=None))["slug"] == "token-expired"


async def test_the_scheme_is_read_in_any_letter_case(demo_service: DemoService) -> None:
    headers = {"Authorization": demo_service.bearer()["Authorization"].replace("Bearer", "bearer")}
    async with demo_service.client.get("/api/demo/baskets/b-a", headers=headers) as response:
        assert response.status == 404


# --- who is let in ------------------------------------------------------------------------------------------------


async def test_staff_come_with_the_rights_alone_that_a_route_is_for(demo_service: DemoService) -> None:
    """A right for something else widens nothing that is asked of the store."""
    grants = [
        {"role": "manager", "centres": ["SEE", "LSH"]},
        {"role": "manager", "centres": ["IUT"], "commissions": []},
        {"role": "readonly", "centres": ["DROIT"]},
        {"role": "of a later release"},
    ]
    headers = demo_service.bearer("kim", kind="staff", grants=grants)
    async with demo_service.client.get("/api/demo/shelves", headers=headers) as response:
        assert [each["id"] for each in (await response.json())["items"]] == ["IUT", "LSH", "SEE"]


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("shelves", {}),
        ("shelves", {"grants": [{"role": "manager"}]}),
        ("shelves", {"kind": "client", "grants": [{"role": "manager"}]}),
        ("shelves", {"kind": "staff"}),
        ("shelves", {"kind": "staff", "grants": [{"role": "readonly"}]}),
        ("baskets/b-a", {"kind": "client"}),
        ("baskets/b-a", {"kind": "staff", "grants": [{"role": "admin"}]}),
    ],
)
async def test_whom_a_route_does_not_name_is_answered_403(
    demo_service: DemoService, path: str, claims: dict[str, Any]
) -> None:
    async with demo_service.client.get(f"/api/demo/{path}", headers=demo_service.bearer(**claims)) as response:
        assert (response.status, (await response.json(content_type=None))["slug"]) == (403, "right-missing")


def test_only_an_account_finds_what_is_an_accounts() -> None:
    for kind in set(ActorKind) - {ActorKind.ACCOUNT}:
        with pytest.raises(TypeError, match="no account"):
            _ = Actor("kim", kind).account


async def test_what_is_made_of_the_claims_of_a_remembered_token_is_made_once_and_not_once_it_has_expired(
    stage: Stage,
) -> None:
    made: list[int] = []

    def make(claims: Mapping[str, Any]) -> int:
        made.append(claims["exp"])
        return len(made)

    token = stage.signer.sign(claims(), typ="at+jwt")
    asked = {"service": "accounts", "typ": "at+jwt"}
    assert [(await stage.keysets.verified(token, **asked)).read(make) for _ in range(3)] == [1, 1, 1]
    assert (await stage.keysets.verified(token, **asked)).read(len) == len(claims()) + 1  # who issued it stands beside
    stage.clock.advance(seconds=made[0] - NOW)
    with pytest.raises(ExpiredToken):
        await stage.keysets.verified(token, **asked)
