"""Whoever is erased while they are at it leaves nothing behind (acceptance 21)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from services.accounts.wiring import erase
from tests.service.accounts.client import PASSWORD, AccountsClient, Person
from tests.service.accounts.watched import watching

HELD = ("accounts", "sessions", "devices")
"""What is of one account and of nobody else."""


async def erased_and_cleaned_up(client: AccountsClient, person: Person) -> None:
    """As `parvis account erase` does it, and then the timer."""
    service = client.suite.service("accounts").service
    assert await erase(service.ports, person.email, client.command())
    await client.suite.settle()
    (timer,) = [timer for timer in service.timers if timer.name == "clean-up"]
    while await timer.run(client.command()):
        await client.suite.settle()
    assert [await client.kept(collection) for collection in HELD] == [[], [], []]


async def test_nothing_is_left_of_who_had_sessions_and_devices(zoe: Person) -> None:
    for _ in range(3):
        assert (await zoe.log_in()).status == 200
    await erased_and_cleaned_up(zoe.client, zoe)
    assert (await zoe.refresh()).slug == "session-ended"
    assert (await zoe.log_in()).slug == "bad-credentials"


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
    assert [await client.kept(collection) for collection in HELD] == [[], [], []]
