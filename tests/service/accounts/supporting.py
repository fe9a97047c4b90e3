"""Support and an administrator, and how they look for people."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.grants import Grant
from services.contracts.actors import Role
from tests.service.accounts.client import AccountsClient, Person, Reply
from tests.service.accounts.test_staffing import entered

SAM, ADA = "sam@univ.test", "ada@univ.test"


async def sam_of(client: AccountsClient) -> Person:
    """Support of everything, logged in."""
    return await entered(client, SAM, Grant(Role.SUPPORT))


async def ada_of(client: AccountsClient) -> Person:
    """An administrator of everything, logged in."""
    return await entered(client, ADA, Grant(Role.ADMIN))


async def search(who: Person, q: str, **asked: Any) -> Reply:
    """What somebody finds."""
    query = "&".join(f"{name}={value}" for name, value in {"q": q, **asked}.items())
    return await who.get(f"/accounts?{query}")


def emails(reply: Reply) -> list[str]:
    """Of those who were found."""
    assert reply.status == 200, reply.body
    return [item["email"] for item in reply.body["items"]]
