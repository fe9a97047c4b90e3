"""All that accounts has of a person, for that person (acceptance 21)."""

from __future__ import annotations

from tests.service.accounts.client import PASSWORD, Person


async def test_an_export_holds_account_profile_drafts_and_logins_and_no_secret(zoe: Person) -> None:
    await zoe.give("identity")
    await zoe.do("PUT", "/me/profile/drafts/address", {"values": {"city": "Perpi"}})
    reply = await zoe.get("/me/export")
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    body = reply.body
    assert body["account"] == (await zoe.get("/me")).body
    assert body["profile"] == (await zoe.get("/me/profile")).body
    assert [(each["step"], each["values"]) for each in body["drafts"]] == [("address", {"city": "Perpi"})]
    assert [each["current"] for each in body["sessions"]] == [True]
    assert not any(secret in str(body) for secret in (PASSWORD, "argon2", zoe.tokens["refresh_token"]))


async def test_nobody_else_gets_it(zoe: Person) -> None:
    assert (await zoe.client.ask("GET", "/me/export")).slug == "token-missing"
    await zoe.do("DELETE", "/sessions/current")
    assert (await zoe.get("/me/export")).slug == "session-ended"
