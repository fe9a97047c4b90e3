"""Coming in by the ENT over HTTP: first to a registration, then to a session, and out again."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from services.accounts.repository.ent import TICKET_TIME
from services.accounts.wiring import erase
from services.chassis.clock import FixedClock
from services.contracts.events import accounts as events
from tests.ents import Cas
from tests.service.accounts.client import AccountsClient
from tests.service.accounts.ent.by_ent import PUBLIC, by_ent, come_back, go, registered


@pytest.mark.parametrize("user", ["zdurand", "professor"])
async def test_the_first_time_leads_to_a_prefilled_form_the_link_to_an_account_and_then_the_ent_alone(
    client: AccountsClient, cas: Cas, user: str
) -> None:
    """Acceptance 11; members of staff are candidates like others, the ENT says of nobody what they may not be (118)."""
    entry = await by_ent(client, cas, user)
    assert entry.status == 200 and entry.body["access_token"] is None
    assert entry.body["prefill"] == {
        "family_name": "Durand",
        "given_name": "Zoé",
        "email": "zoe.durand@etu.test",
        "student_number": "21404321",
    }
    zoe = client.zoe()
    assert (await zoe.register(registration_ticket=entry.body["registration_ticket"])).status == 202
    token = await zoe.link()
    waiting = await by_ent(client, cas, user)
    assert waiting.body["pending"] and waiting.body["access_token"] is None
    assert (await client.ask("POST", "/validations", {"token": token})).status == 200
    reply = await by_ent(client, cas, user)
    zoe.tokens = reply.body
    assert (reply.body["token_type"], reply.body["next"], reply.body["registration_ticket"]) == ("Bearer", "/", None)
    me = (await zoe.get("/me")).body
    assert (me["state"], me["email"], me["file_number"]) == ("validated", zoe.email, zoe.file_number)
    assert (await zoe.log_in()).slug == "bad-credentials"
    assert (await zoe.log_in(password="x")).slug == "bad-credentials"


async def test_people_are_sent_with_the_configured_address_and_never_that_of_the_request(
    client: AccountsClient,
) -> None:
    reply = await client.ask("GET", "/sso/login", headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"})
    (service,) = parse_qs(urlsplit(reply.body["url"]).query)["service"]
    assert service == f"{PUBLIC}/connexion/ent/retour/{reply.body['state']}"
    assert "evil" not in reply.body["url"]


@pytest.mark.parametrize("page", ["/", "/formations/M1-INFO?x=1#y", "/" + "p" * 199])
async def test_one_goes_on_to_the_page_that_one_came_from(client: AccountsClient, cas: Cas, page: str) -> None:
    await registered(client, cas)
    way = await go(client, page)
    assert (await come_back(client, way, ticket=cas.log_in(way["url"], "zdurand"))).body["next"] == page


@pytest.mark.parametrize(
    "page", ["//evil.test", "https://evil.test", "/\\evil.test", "\\\\evil", "", "/a\n", "/ü", "/" + "p" * 200]
)
async def test_a_page_elsewhere_is_refused(client: AccountsClient, page: str) -> None:
    """No open redirection."""
    assert (await client.ask("GET", "/sso/login", params={"next": page})).status == 422


# --- accounts that are there ------------------------------------------------------------------------------------------


async def test_an_identity_of_the_ent_never_takes_over_an_account_of_the_same_address(
    client: AccountsClient, cas: Cas
) -> None:
    """Somebody at the ENT names the address of somebody else's account: its owner gets a mail, and nobody gets in."""
    owner = await client.zoe().arrive()
    entry = await by_ent(client, cas, "mallory")
    assert entry.body["access_token"] is None
    assert (await owner.register(registration_ticket=entry.body["registration_ticket"])).status == 202
    await client.suite.settle()
    again = await by_ent(client, cas, "mallory")
    assert again.body["access_token"] is None and not again.body["pending"]
    assert (await owner.log_in()).status == 200


async def test_an_account_that_waits_is_nobodys_before_its_link_is_followed(client: AccountsClient, cas: Cas) -> None:
    """Two people of the ENT name one address: whoever reads its mail decides, and each identity opens one account."""
    first, second = await by_ent(client, cas, "zdurand"), await by_ent(client, cas, "mallory")
    zoe = client.zoe()
    await zoe.register(registration_ticket=first.body["registration_ticket"])
    token = await zoe.link()
    await zoe.register(registration_ticket=second.body["registration_ticket"])
    await client.suite.settle()
    assert (await client.ask("POST", "/validations", {"token": token})).status == 200
    assert (await by_ent(client, cas, "mallory")).body["access_token"] is None
    assert (await by_ent(client, cas, "zdurand")).body["access_token"]


async def test_who_mistyped_the_address_registers_again_and_one_identity_opens_one_account(
    client: AccountsClient, cas: Cas
) -> None:
    entry = await by_ent(client, cas)
    typo = client.zoe(email="zoe.durnad@etu.test")
    await typo.register(registration_ticket=entry.body["registration_ticket"])
    mistyped = await typo.link()
    await registered(client, cas)
    late = await client.ask("POST", "/validations", {"token": mistyped})
    assert (late.status, late.slug) == (409, "ent-identity-taken")


async def test_asking_again_brings_the_link_again(client: AccountsClient, cas: Cas, clock: FixedClock) -> None:
    zoe = client.zoe()
    for kind in ("account-created", "link-resent"):
        entry = await by_ent(client, cas)
        await zoe.register(registration_ticket=entry.body["registration_ticket"])
        await zoe.link(kind)
        clock.advance(minutes=6)
    assert (await client.ask("POST", "/validations", {"token": await zoe.link("link-resent")})).status == 200
    assert (await by_ent(client, cas)).body["access_token"]


async def test_who_resets_a_password_before_the_link_keeps_the_account_to_themselves(
    client: AccountsClient, cas: Cas
) -> None:
    """The reset link says that the address is theirs, and nothing of who asked for the account by the ENT."""
    entry = await by_ent(client, cas, "mallory")
    zoe = client.zoe()
    await zoe.register(registration_ticket=entry.body["registration_ticket"])
    await zoe.forget()
    assert (await zoe.reset(await zoe.link("identifiers-forgotten"), zoe.password)).status == 204
    assert (await by_ent(client, cas, "mallory")).body["access_token"] is None
    assert (await zoe.log_in()).status == 200


@pytest.mark.parametrize(("said", "opens"), [({}, False), ({"by_ent": False}, False), ({"by_ent": True}, True)])
async def test_who_chooses_a_password_leaves_out_the_ent_unless_they_say_that_it_is_theirs(
    client: AccountsClient, cas: Cas, said: dict[str, bool], opens: bool
) -> None:
    """Somebody at the ENT names a stranger's address; the stranger follows the link and knows nothing of any ENT."""
    entry = await by_ent(client, cas, "mallory")
    zoe = client.zoe()
    await zoe.register(registration_ticket=entry.body["registration_ticket"])
    validation = {"token": await zoe.link(), "password": zoe.password} | said
    assert (await client.ask("POST", "/validations", validation | {"password": ""})).status == (200 if opens else 422)
    if not opens:
        assert (await client.ask("POST", "/validations", validation)).status == 200
        assert (await zoe.log_in()).status == 200
    assert bool((await by_ent(client, cas, "mallory")).body["access_token"]) is opens


async def test_a_reset_ends_the_ent_of_an_account(client: AccountsClient, cas: Cas) -> None:
    """Who fears that others get in has one way to keep them all out, and reads on the account who does get in."""
    zoe = await registered(client, cas, "mallory")
    zoe.tokens = (await by_ent(client, cas, "mallory")).body
    assert (await zoe.get("/me")).body["by_ent"] is True
    await zoe.forget()
    assert (await zoe.reset(await zoe.link("identifiers-forgotten"), zoe.password)).status == 204
    assert (await zoe.get("/me")).slug == "session-ended"
    assert (await by_ent(client, cas, "mallory")).body["access_token"] is None
    assert (await zoe.log_in()).status == 200
    assert (await zoe.get("/me")).body["by_ent"] is False


async def test_without_the_ent_a_link_still_wants_a_password(client: AccountsClient) -> None:
    zoe = client.zoe()
    await zoe.register()
    assert (await client.ask("POST", "/validations", {"token": await zoe.link()})).fields == {"password": "required"}


async def test_next_year_one_registers_anew(client: AccountsClient, cas: Cas) -> None:
    """Acceptance 19, by the ENT."""
    await registered(client, cas)
    await client.open_campaign("2028", closing="2027")
    assert (await by_ent(client, cas)).body["registration_ticket"]


# --- the form ---------------------------------------------------------------------------------------------------------


async def test_a_registration_ticket_is_good_once_for_an_hour(
    client: AccountsClient, cas: Cas, clock: FixedClock
) -> None:
    in_time, late = (await by_ent(client, cas)).body, (await by_ent(client, cas, "other")).body
    zoe = client.zoe()
    clock.advance(seconds=TICKET_TIME.total_seconds() - 1)
    wrong = await zoe.register(registration_ticket=in_time["registration_ticket"], email_confirmation="x@etu.test")
    assert wrong.fields == {"email_confirmation": "confirmation-differs"}
    key = {"Idempotency-Key": "a-press-of-the-button"}
    for _ in range(2):  # a lost answer
        assert (await zoe.register(key, registration_ticket=in_time["registration_ticket"])).status == 202
    again = await client.zoe(email="b@etu.test").register(registration_ticket=in_time["registration_ticket"])
    assert (again.status, again.slug) == (410, "ent-registration-over")
    clock.advance(seconds=1)
    over = await client.zoe(email="c@etu.test").register(registration_ticket=late["registration_ticket"])
    assert over.slug == "ent-registration-over"
    forged = await client.zoe(email="d@etu.test").register(registration_ticket="x" * 43)
    assert forged.slug == "ent-registration-over"
    assert len(await client.told(events.AccountRegistered)) == 1


@pytest.mark.parametrize(
    ("mails", "email"),
    [
        ([], ""),
        (["zoe@etu.test", "zoe@perso.test"], "zoe@etu.test"),
        (["not an address", "zoe@etu.test"], "zoe@etu.test"),
        (["zoe@", "x" * 255 + "@etu.test", "\u202ezoe@etu.test"], ""),
    ],
)
async def test_the_form_begins_with_an_address_that_mail_can_reach_or_with_none(
    client: AccountsClient, cas: Cas, mails: list[str], email: str
) -> None:
    """No address among the ENT's attributes, several, an odd one: one types what one wants to use."""
    entry = await by_ent(client, cas, attributes="".join(f"<cas:mail>{each}</cas:mail>" for each in mails))
    assert entry.body["prefill"]["email"] == email
    zoe = client.zoe()
    assert (await zoe.register(registration_ticket=entry.body["registration_ticket"])).status == 202
    assert (await client.ask("POST", "/validations", {"token": await zoe.link()})).status == 200


# --- leaving ----------------------------------------------------------------------------------------------------------


async def test_who_logs_out_at_the_ent_is_logged_out_here_and_nobody_else(client: AccountsClient, cas: Cas) -> None:
    zoe = await registered(client, cas)
    entries = []
    for _ in range(2):
        way = await go(client)
        ticket = cas.log_in(way["url"], "zdurand")
        entries.append((ticket, await come_back(client, way, ticket=ticket)))
    (left, gone), (_, stays) = entries
    notice = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1">'
        f"<samlp:SessionIndex>{left}</samlp:SessionIndex></samlp:LogoutRequest>"
    )
    for _ in range(2):
        assert (await client.ask("POST", "/sso/logout", {"notice": notice})).status == 204
    zoe.tokens = gone.body
    assert (await zoe.get("/me")).slug == "session-ended"
    assert (await zoe.refresh()).slug == "session-ended"
    zoe.tokens = stays.body
    assert (await zoe.get("/me")).status == 200
    revoked = await client.told(events.SessionRevoked)
    assert len(revoked) == 1
    assert (await client.ask("POST", "/sso/logout", {"notice": "<a/>"})).slug == "ent-notice-invalid"


async def test_an_erased_person_leaves_nothing_of_the_ent(client: AccountsClient, cas: Cas) -> None:
    zoe = await registered(client, cas)
    await erase(client.suite.service("accounts").service.ports, zoe.email, client.command())
    (row,) = await client.kept("accounts")
    assert "ent" not in row and "ent_key" not in row
