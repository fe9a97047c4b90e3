"""People who come in by the ENT, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.ents import Cas
from tests.service.accounts.client import AccountsClient, Person, Reply

PUBLIC = "https://candidatures.test"
STUDENT = (
    "<cas:sn>Durand</cas:sn><cas:givenName>Zoé</cas:givenName><cas:mail>zoe.durand@etu.test</cas:mail>"
    "<cas:supannEtuId>21404321</cas:supannEtuId>"
)


async def go(client: AccountsClient, page: str | None = None) -> dict[str, str]:
    reply = await client.ask("GET", "/sso/login", params={"next": page} if page else {})
    assert reply.status == 200, reply.body
    return dict(reply.body)


async def come_back(client: AccountsClient, way: dict[str, str], **proof: str) -> Reply:
    return await client.ask("POST", "/sso/callback", {"state": way["state"], **proof})


async def by_ent(client: AccountsClient, cas: Cas, user: str = "zdurand", attributes: str = STUDENT) -> Reply:
    """There and back."""
    way = await go(client)
    return await come_back(client, way, ticket=cas.log_in(way["url"], user, attributes))


async def registered(client: AccountsClient, cas: Cas, user: str = "zdurand", **person: Any) -> Person:
    """Somebody who has an account and follows the link without choosing a password."""
    entry = await by_ent(client, cas, user)
    zoe = client.zoe(**person)
    assert (await zoe.register(registration_ticket=entry.body["registration_ticket"])).status == 202
    followed = await client.ask("POST", "/validations", {"token": await zoe.link()})
    assert followed.status == 200, followed.body
    return zoe
