"""After logging out no service takes the access token any more (ADR 37)."""

import importlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services import SERVICES
from services.chassis import urls
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, Actor, CommandContext
from services.chassis.security.revocations import KEPT, REVOKED, Revocations, noting, sweep
from services.chassis.testing import run_suite
from services.contracts.actors import ActorKind
from services.contracts.events.accounts import SessionRevoked
from services.contracts.refusals import RefusedError
from tests.service.chassis.test_access import NAMED

SERVICE, PATH = "applications", "/api/applications/applications"


async def test_a_token_of_a_revoked_session_is_refused_by_every_route_and_others_are_not(tmp_path: Path) -> None:
    async with run_suite(tmp_path, services=("applications", "documents", "mailer")) as suite:
        async with suite.client.get(PATH, headers=suite.bearer("zoe")) as response:
            assert response.status == 200, "which has looked, and would not look again for a second"
        await suite.publish(SessionRevoked(account="zoe", session="session-zoe"), "accounts")
        await suite.settle()
        for running in suite.host.running.values():
            for route in running.service.routes:
                if route.endpoint.access.public:
                    continue
                path = route.endpoint.at(**{name: NAMED.get(name, "0" * 26) for name in route.endpoint.parameters})
                async with suite.client.request(route.endpoint.method, path, headers=suite.bearer("zoe")) as response:
                    assert response.status == 401, path
                    if route.endpoint.method != "HEAD":  # which has no body to say why in
                        assert (await response.json())["slug"] == "token-invalid", path
        async with suite.client.get(PATH, headers=suite.bearer("kim")) as response:
            assert response.status == 200


@pytest.mark.parametrize("name", SERVICES)
async def test_every_service_whose_routes_ask_who_one_is_listens(tmp_path: Path, name: str) -> None:
    async with run_suite(tmp_path, services=(name,)) as suite:
        asks = any(not route.endpoint.access.public for route in suite.service(name).service.routes)
    listens = SessionRevoked in importlib.import_module(f"services.{name}.wiring").LISTENS
    assert listens == (asks and name != "accounts"), "accounts asks its own sessions"


async def test_a_revocation_is_of_one_kind_and_of_the_deputy_as_well(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    store = urls.open_store("sqlite:", service="documents", data=tmp_path)
    await store.prepare([REVOKED])
    hears, known = noting(store), Revocations(store, clock, pause=0)
    command = CommandContext(clock.now(), correlation="c", actor=OPERATOR)
    await hears(SessionRevoked(account="zoe", epoch=3), command)
    await hears(SessionRevoked(account="kim", session="s1"), command)
    await known.check(Actor("zoe", ActorKind.STAFF, session="s2", epoch=2))
    ada = Actor("ada", session="s3")
    await known.check(replace(ada, deputy=Actor("kim", ActorKind.STAFF, session="s2")))
    with pytest.raises(RefusedError, match="token-invalid"):
        await known.check(replace(ada, deputy=Actor("kim", ActorKind.STAFF, session="s1")))
    await store.close()


async def test_another_replica_and_a_later_life_know_it_until_the_token_has_expired(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    store = urls.open_store("sqlite:", service="documents", data=tmp_path)
    await store.prepare([REVOKED])
    hears, other = noting(store), Revocations(store, clock, pause=0)
    zoe, kim = Actor("zoe", session="s1", epoch=1), Actor("kim", session="s2", epoch=3)
    await other.check(zoe)
    await hears(
        SessionRevoked(account="zoe", session="s1"), CommandContext(clock.now(), correlation="c", actor=OPERATOR)
    )
    await hears(SessionRevoked(account="kim", epoch=3), CommandContext(clock.now(), correlation="c", actor=OPERATOR))
    for replica in (other, Revocations(store, clock)):
        with pytest.raises(RefusedError, match="token-invalid"):
            await replica.check(zoe)
        await replica.check(kim)
        with pytest.raises(RefusedError, match="token-invalid"):
            await replica.check(Actor("kim", session="s9", epoch=2))
    clock.advance(seconds=KEPT.total_seconds())
    assert await sweep(store, clock.now()) == 0
    clock.advance(seconds=timedelta(milliseconds=1).total_seconds())
    assert await sweep(store, clock.now()) == 2
    await store.close()
