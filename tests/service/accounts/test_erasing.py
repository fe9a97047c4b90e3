"""Whoever is erased while they are at it leaves nothing behind (acceptance 21)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from services.accounts.wiring import erase
from services.chassis.ports import StoreUnavailable
from tests.service.accounts.client import INE, PASSWORD, AccountsClient, Person
from tests.service.accounts.watched import watching

HELD = ("accounts", "sessions", "devices", "drafts", "lookups")
"""What is of one account and of nobody else."""


async def erased_and_cleaned_up(client: AccountsClient, person: Person) -> None:
    """As `parvis account erase` does it, and then the timer."""
    service = client.suite.service("accounts").service
    assert await erase(service.ports, person.email, client.command())
    await client.suite.settle()
    (timer,) = [timer for timer in service.timers if timer.name == "clean-up"]
    while await timer.run(client.command()):
        await client.suite.settle()
    assert [await client.kept(collection) for collection in HELD] == [[] for _ in HELD]


async def test_nothing_is_left_of_who_had_sessions_and_devices(zoe: Person) -> None:
    for _ in range(3):
        assert (await zoe.log_in()).status == 200
    await erased_and_cleaned_up(zoe.client, zoe)
    assert (await zoe.refresh()).slug == "session-ended"
    assert (await zoe.log_in()).slug == "bad-credentials"


async def test_nothing_is_left_of_who_asked_the_registrar(zoe: Person) -> None:
    certified = {"certified": True, "national_student_number": INE, "birth_date": "2003-05-14"}
    assert (await zoe.do("POST", "/me/registrar-record", certified)).status == 202
    await zoe.client.suite.settle()
    assert await zoe.client.kept("lookups")
    await erased_and_cleaned_up(zoe.client, zoe)


@pytest.mark.parametrize(
    ("path", "verb", "collection", "refusal"),
    [
        ("/sessions", "insert", "sessions", (401, "bad-credentials")),
        ("/sessions", "insert", "devices", (401, "bad-credentials")),
        ("/sessions/refresh", "replace", "sessions", (401, "session-ended")),
        ("/password-resets/confirm", "insert", "devices", (410, "link-expired")),
    ],
)
async def test_nothing_is_left_of_who_is_erased_while_they_come_in(
    zoe: Person, path: str, verb: str, collection: str, refusal: tuple[int, str]
) -> None:
    """The erasure comes whole, clean-up included, between what a request has read and what it writes."""
    client = zoe.client
    assert (await zoe.forget()).status == 202
    bodies: Mapping[str, Mapping[str, str]] = {
        "/sessions": {"login": zoe.email, "password": PASSWORD},
        "/sessions/refresh": {"refresh_token": zoe.tokens["refresh_token"]},
        "/password-resets/confirm": {"token": await zoe.link("identifiers-forgotten"), "password": PASSWORD},
    }
    async with watching(client.suite) as replica:
        replica.before(verb, collection, lambda: erased_and_cleaned_up(client, zoe))
        status, text, *_ = await replica.ask(path, bodies[path])
    assert status == refusal[0] and f'"{refusal[1]}"' in text, text
    assert [await client.kept(collection) for collection in HELD] == [[] for _ in HELD]


async def test_what_a_process_left_that_could_not_take_it_back_is_found(zoe: Person) -> None:
    """Killed, or left by its store, after a login was written and before it has looked whether there still is an account."""
    client = zoe.client
    kim = await client.zoe(email="kim@etu.test").arrive()
    service = client.suite.service("accounts").service

    async def erased() -> None:
        assert await erase(service.ports, zoe.email, client.command())
        (timer,) = [timer for timer in service.timers if timer.name == "clean-up"]
        await client.suite.settle()
        while await timer.run(client.command()):
            await client.suite.settle()

    async def silent() -> None:
        raise StoreUnavailable

    async with watching(client.suite) as replica:
        replica.before("insert", "sessions", erased)
        replica.before("get", "accounts", silent)
        status, *_ = await replica.ask("/sessions", {"login": zoe.email, "password": PASSWORD})
    assert status == 503
    assert [len(await client.kept(collection)) for collection in HELD] == [1, 2, 3, 0, 0]
    (strays,) = [timer for timer in service.timers if timer.name == "strays"]
    assert await strays.run(client.command()) == 2
    assert await strays.run(client.command()) == 0
    assert [len(await client.kept(collection)) for collection in HELD] == [1, 1, 2, 0, 0]
    assert (await kim.refresh()).status == 200
