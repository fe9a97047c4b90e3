"""Who has no password proves by the ENT that it is they who ask for what needs a proof (ADR 60)."""

from __future__ import annotations

from tests.ents import Cas
from tests.service.accounts.client import AccountsClient, Person, Reply
from tests.service.accounts.ent.by_ent import by_ent, registered

NEW = "zoe.durand@ailleurs.test"


async def change(person: Person) -> Reply:
    return await person.do("POST", "/me/email-changes", {"email": NEW, "email_confirmation": NEW})


async def test_who_has_no_password_shows_a_fresh_login_at_the_ent(client: AccountsClient, cas: Cas) -> None:
    """Ten minutes, to the second."""
    await registered(client, cas)
    zoe = client.zoe()
    zoe.tokens = (await by_ent(client, cas, "zdurand")).body
    assert not (await zoe.get("/me")).body["by_password"]
    client.clock.advance(seconds=601)
    zoe.tokens = (await zoe.refresh()).body
    reply = await change(zoe)
    assert (reply.status, reply.slug) == (403, "login-too-old")
    zoe.tokens = (await by_ent(client, cas, "zdurand")).body
    client.clock.advance(seconds=600)
    zoe.tokens = (await zoe.refresh()).body
    assert (await change(zoe)).status == 202
    assert (
        await client.ask("POST", "/validations", {"token": (await client.mails("email-changed", NEW))[-1]["token"]})
    ).status == 200
    zoe.tokens = (await by_ent(client, cas, "zdurand")).body
    me = (await zoe.get("/me")).body
    assert (me["email"], me["by_ent"]) == (NEW, True)
