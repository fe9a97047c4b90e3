"""Nobody comes in by what is not to be believed, and an ENT that is away is in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from services.accounts.domain.ent import WITHIN
from services.accounts.wiring import ENT_AT_ONCE
from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.ents import Cas, Provider, cas_answer, cas_success, provider, saying, served
from tests.service.accounts.client import AccountsClient, Reply
from tests.service.accounts.ent.by_ent import PUBLIC, come_back, go, registered

# --- the state --------------------------------------------------------------------------------------------------------


async def test_a_state_is_good_once_for_a_quarter_of_an_hour(
    client: AccountsClient, cas: Cas, clock: FixedClock
) -> None:
    in_time, late = await go(client), await go(client)
    clock.advance(seconds=WITHIN.total_seconds() - 1)
    assert (await come_back(client, in_time, ticket=cas.log_in(in_time["url"], "zdurand"))).status == 200
    again = await come_back(client, in_time, ticket=cas.log_in(in_time["url"], "zdurand"))
    assert (again.status, again.slug) == (401, "ent-state-invalid")
    clock.advance(seconds=1)
    assert (await come_back(client, late, ticket=cas.log_in(late["url"], "zdurand"))).slug == "ent-state-invalid"
    assert cas.asked == 1


async def test_a_state_that_is_not_ours_asks_the_ent_nothing(client: AccountsClient, cas: Cas) -> None:
    way = await go(client, "/formations")
    random, end, onward, mark = way["state"].split(".")
    for state in (
        "",
        "x",
        "...",
        f"{random}.{int(end) + 60}.{onward}.{mark}",
        f"{random}.{end}.L2V2aWw.{mark}",
        f"{random}.{end}.{onward}.",
        f"{random}.{end}.{onward}.{mark}é",
    ):
        reply = await come_back(client, way | {"state": state}, ticket="ST-1-x")
        assert (reply.status, reply.slug) == (401, "ent-state-invalid"), state
    assert cas.asked == 0


async def test_a_ticket_given_to_another_browser_lets_nobody_in(client: AccountsClient, cas: Cas) -> None:
    """Nobody can be made to come in as somebody else: the ticket is bound to the state, the state to the browser."""
    await registered(client, cas)
    attacker, victim = await go(client), await go(client)
    reply = await come_back(client, victim, ticket=cas.log_in(attacker["url"], "zdurand"))
    assert (reply.status, reply.slug) == (401, "ent-ticket-invalid")


# --- what is not to be believed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "slug"),
    [
        (cas_answer(cas_success() + cas_success()), 401, "ent-answer-invalid"),
        (
            cas_answer(cas_success("<cas:user>&a;</cas:user>"), '<!DOCTYPE a [<!ENTITY a "z">]>'),
            401,
            "ent-answer-invalid",
        ),
        ("<html><p>Maintenance<br></html>", 503, "ent-unavailable"),
    ],
)
async def test_a_forged_answer_of_cas_begins_no_session(
    tmp_path: Path, clock: FixedClock, answer: str, status: int, slug: str
) -> None:
    """In French and in English, each by its own slug (issue: bad input)."""
    async with (
        served({("GET", "/cas/p3/serviceValidate"): saying(answer)}) as host,
        run_suite(tmp_path, services=("accounts",), clock=clock, ent=f"cas+http://{host}/cas") as suite,
    ):
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        titles = set()
        for language in ("fr", "en"):
            way = await go(client)
            body = {"state": way["state"], "ticket": "ST-1-x"}
            reply = await client.ask("POST", "/sso/callback", body, {"Accept-Language": language})
            assert (reply.status, reply.slug) == (status, slug)
            titles.add(reply.body["title"])
        assert len(titles) == 2
        assert await client.kept("sessions") == []
        zoe = client.zoe()
        await zoe.arrive()  # without the ENT all goes on


@pytest.fixture
async def at() -> AsyncIterator[Provider]:
    async with provider() as made:
        yield made


async def test_openid_connect_leads_in_and_what_is_forged_does_not(
    at: Provider, tmp_path: Path, clock: FixedClock
) -> None:
    ent = f"oidc+http://parvis:s3cret@{at.address}/oidc"
    async with run_suite(tmp_path, services=("accounts",), clock=clock, ent=ent, public_url=PUBLIC) as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        at.userinfo = {"family_name": "Durand", "given_name": "Zoé", "email": "zoe.durand@etu.test"}

        async def enter(**claims: Any) -> Reply:
            way = await go(client)
            (nonce,) = parse_qs(urlsplit(way["url"]).query)["nonce"]
            at.claims = {"nonce": nonce} | claims
            return await come_back(client, way, code="code-1")

        entry = await enter()
        zoe = client.zoe()
        await zoe.register(registration_ticket=entry.body["registration_ticket"])
        assert (await client.ask("POST", "/validations", {"token": await zoe.link()})).status == 200
        for claims, slug in (
            ({"nonce": "another"}, "ent-answer-invalid"),
            ({"iss": "https://evil.test"}, "ent-answer-invalid"),
            ({"aud": "another"}, "ent-answer-invalid"),
            ({"exp": int(clock.now().timestamp())}, "ent-answer-expired"),
        ):
            refused = await enter(**claims)
            assert (refused.status, refused.slug) == (401, slug), claims
        at.error = web.json_response({"error": "invalid_grant"}, status=400)
        assert (await enter()).slug == "ent-ticket-invalid"
        at.error = None
        assert await client.kept("sessions") == []
        zoe.tokens = (await enter()).body
        assert (await zoe.get("/me")).status == 200
        # Back-channel log-out: the provider's own token, and no other.
        logout = at.signed(nonce=None, events={"http://schemas.openid.net/event/backchannel-logout": {}})
        assert (await client.ask("POST", "/sso/logout", {"notice": at.signed()})).slug == "ent-notice-invalid"
        assert (await zoe.get("/me")).status == 200
        assert (await client.ask("POST", "/sso/logout", {"notice": logout})).status == 204
        assert (await zoe.get("/me")).slug == "session-ended"


async def test_who_is_at_the_ent_while_the_secret_is_renewed_comes_in_all_the_same(
    at: Provider, tmp_path: Path, clock: FixedClock
) -> None:
    """Until the old secret is taken away: state and nonce were made with it."""
    ent = f"oidc+http://parvis:s3cret@{at.address}/oidc"
    ways, statuses = [], []
    for secret in ("a-secret", "another a-secret", "another"):
        async with run_suite(tmp_path, services=("accounts",), clock=clock, ent=ent, link_secret=secret) as suite:
            client = AccountsClient(suite, clock)
            if secret == "a-secret":
                await client.open_campaign()
                ways = [await go(client) for _ in range(2)]
                continue
            way = ways.pop()
            at.claims = {"nonce": parse_qs(urlsplit(way["url"]).query)["nonce"][0]}
            statuses.append((await come_back(client, way, code="code-1")).status)
    assert statuses == [200, 401]


# --- an ENT that is away ----------------------------------------------------------------------------------------------


async def test_where_there_is_no_ent_nobody_is_sent_to_one(tmp_path: Path, clock: FixedClock) -> None:
    async with run_suite(tmp_path, services=("accounts",), clock=clock, ent="none:") as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        assert (await client.ask("GET", "/sso")).body == {"offered": False}
        assert (await client.ask("GET", "/sso/login")).slug == "ent-not-offered"
        assert (await client.ask("POST", "/sso/logout", {"notice": "x"})).slug == "ent-not-offered"


async def test_a_silent_ent_holds_a_few_and_nobody_else(tmp_path: Path, clock: FixedClock) -> None:
    """Places for those who wait are bounded: one more is told at once, and who has a password notices nothing."""
    gives_up = asyncio.Event()

    async def thinking(request: web.Request) -> web.Response:
        await gives_up.wait()
        return web.Response()

    async with (
        served({("GET", "/cas/p3/serviceValidate"): thinking}) as host,
        run_suite(tmp_path, services=("accounts",), clock=clock, ent=f"cas+http://{host}/cas") as suite,
    ):
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        zoe = await client.zoe().arrive()
        ways = [await go(client) for _ in range(ENT_AT_ONCE + 1)]
        waiting = [asyncio.create_task(come_back(client, way, ticket="ST-1-x")) for way in ways]
        first, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result().status for task in first} <= {429, 503}
        assert (await zoe.log_in()).status == 200
        gives_up.set()
        assert {(await task).slug for task in waiting} <= {"ent-unavailable", "busy", "too-many-at-once"}
