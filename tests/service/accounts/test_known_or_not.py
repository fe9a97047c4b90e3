"""No request tells whether an address has an account (acceptance 14, 109): what is compared is answer and work, not time."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.contracts.api.endpoints.accounts import API
from tests.service.accounts.client import AccountsClient
from tests.service.accounts.watched import Seen, watching

ROUTES: dict[str, Callable[[str], dict[str, Any]]] = {
    "/accounts": lambda email: {
        "family_name": "Durand",
        "given_name": "Zoé",
        "email": email,
        "email_confirmation": email,
    },
    "/validations/resend": lambda email: {"email": email},
    "/password-resets": lambda email: {"email": email},
    "/sessions": lambda email: {"login": email, "password": "not the password", "device": "x" * 43},
}


async def nobody(client: AccountsClient, email: str) -> None:
    """Has no account."""


async def pending(client: AccountsClient, email: str) -> None:
    """Has registered."""
    await client.zoe(email=email).register()
    await client.suite.settle()


async def lapsed(client: AccountsClient, email: str) -> None:
    """Has registered and not validated in time."""
    await pending(client, email)
    client.clock.advance(hours=121)


async def validated(client: AccountsClient, email: str) -> None:
    """Has an account and is logged in."""
    await client.zoe(email=email).arrive()


async def over(client: AccountsClient, email: str) -> None:
    """Had an account in a campaign that is over."""
    await client.zoe(email=email).arrive()
    await client.open_campaign("2028", closing="2027")


async def impatient(client: AccountsClient, email: str) -> None:
    """Has just been mailed all that is mailed on asking."""
    person = await client.zoe(email=email).arrive()
    for _ in range(3):
        await person.forget()
        await person.register()
    await client.suite.settle()


KINDS: list[Callable[[AccountsClient, str], Awaitable[None]]] = [nobody, pending, lapsed, validated, over, impatient]


@pytest.mark.parametrize("kind", KINDS[1:], ids=lambda kind: kind.__name__)
async def test_no_route_that_takes_an_address_tells_what_there_is(
    client: AccountsClient, kind: Callable[[AccountsClient, str], Awaitable[None]]
) -> None:
    await kind(client, "known@etu.test")
    async with watching(client.suite) as replica:
        for path, body in ROUTES.items():
            seen: list[list[Seen]] = []
            for at, email in enumerate(("other@etu.test", "known@etu.test")):
                line = {"X-Forwarded-For": f"203.0.{113 + at}.7"}
                first = await replica.ask(path, body(email), **line)
                key = {"Idempotency-Key": f"key-{at}"}
                seen.append([first, await replica.ask(path, body(email), **line, **key)])
            assert seen[0] == seen[1], path
            assert seen[0][0][3].total() > 0, "the work was not seen"


def test_these_are_all_the_routes_that_take_an_address() -> None:
    public = [(each.path, each.body) for each in API if each.access.public and each.body is not None]
    taking = {path for path, body in public if {"email", "login"} & body.model_fields.keys()}
    assert taking == ROUTES.keys()


async def test_a_password_is_hashed_whoever_is_named(client: AccountsClient) -> None:
    await client.zoe().arrive()
    async with watching(client.suite) as replica:
        for email in ("zoe.durand@etu.test", "nobody@etu.test"):
            *_, hashes = await replica.ask("/sessions", ROUTES["/sessions"](email))
            assert hashes == 1


async def test_registering_an_address_does_not_begin_its_tries_anew(client: AccountsClient) -> None:
    """Else ten wrong passwords, a registration and an eleventh would tell that the address was unknown."""
    await client.zoe(email="known@etu.test").arrive()
    line = {"X-Forwarded-For": "203.0.113.7"}
    for email in ("known@etu.test", "unknown@etu.test"):
        person = client.zoe(email=email)
        for _ in range(10):
            assert (await person.log_in(password="not the password", headers=line)).status == 401
        await person.register()
        await client.suite.settle()
        assert (await person.log_in(password="not the password", headers=line)).status == 429
