"""Members of staff: invited by mail, let in with their grants, kept apart from who applies, and out within seconds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.accounts.domain.grants import Grant
from services.accounts.usecases.announcing import announce_card, announce_staff
from services.accounts.usecases.cleaning import clean_up_account, lapsed_accounts
from services.accounts.wiring import add_staff, erase, remove_staff, use_cases
from services.chassis.clock import FixedClock
from services.contracts.actors import Role
from services.contracts.events import accounts as events
from services.contracts.events.catalogue import Audience
from services.contracts.refusals import RefusedError
from tests.service.accounts.client import AccountsClient, Person

SEE = Grant(Role.MANAGER, centres=("SEE",))
KIM = "kim@univ.test"


async def add(client: AccountsClient, grant: Grant = SEE, email: str = KIM) -> None:
    ports = client.suite.service("accounts").service.ports
    await add_staff(ports, email, grant, "fr", client.command())


async def claims(client: AccountsClient, tokens: dict[str, Any]) -> dict[str, Any]:
    keysets = client.suite.service("accounts").service.ports.keysets
    return await keysets.verify(tokens["access_token"], service="accounts", typ="at+jwt")


@pytest.fixture
async def kim(client: AccountsClient) -> Person:
    """A manager who has set a password."""
    await add(client)
    person = Person(client, email=KIM)
    assert (await person.follow(await person.link("staff-invited"))).status == 200
    return person


async def test_who_is_added_sets_a_password_by_a_mailed_link_and_logs_in_by_login_or_address(
    client: AccountsClient, kim: Person
) -> None:
    grants = [{"role": "manager", "centres": ["SEE"]}]
    for login in (kim.file_number, KIM.upper()):
        assert (await kim.log_in(login)).status == 200
        said = await claims(client, kim.tokens)
        assert (said["kind"], said["grants"]) == ("staff", grants)
    again = await kim.refresh()
    assert (await claims(client, again.body))["grants"] == grants
    bearer = {"Authorization": f"Bearer {again.body['access_token']}"}
    assert (await client.ask("GET", "/me", headers=bearer)).slug == "right-missing"
    assert (await client.ask("DELETE", "/sessions/current", headers=bearer)).status == 204
    assert (await client.ask("POST", "/sessions/refresh", {"refresh_token": again.body["refresh_token"]})).status == 401


async def test_who_erases_the_accounts_of_an_address_leaves_that_of_staff(client: AccountsClient, kim: Person) -> None:
    """A candidate is forgotten; who is of staff as well goes by `parvis staff remove`."""
    await client.zoe(email=KIM).arrive()
    ports = client.suite.service("accounts").service.ports
    assert len(await erase(ports, KIM, client.command())) == 1
    assert await erase(ports, KIM, client.command()) == []
    assert await erase(ports, kim.file_number, client.command()) == []
    assert (await kim.log_in()).status == 200


async def test_staff_have_no_card_to_tell_of(client: AccountsClient, kim: Person) -> None:
    """Not even where their row says that a step was given."""
    (row,) = await client.kept("accounts")
    given = row | {"profile": row["profile"] | {"version": 1}, "version": row["version"] + 1}
    ports = client.suite.service("accounts").service.ports
    assert await ports.store.replace("accounts", given, version=row["version"])
    await announce_card(use_cases(ports), row["_id"], client.command())
    assert await client.told(events.CardChanged) == []


async def test_who_has_missed_it_is_told_anew_who_is_of_staff_and_of_nobody_else(
    client: AccountsClient, kim: Person
) -> None:
    """Acceptance 124: by what colleagues know them."""
    await client.zoe().arrive()
    ports = client.suite.service("accounts").service.ports
    for row in await client.kept("accounts"):
        await announce_staff(use_cases(ports), row["_id"], client.command())
    assert [each["known_as"] for each in await client.told(events.StaffChanged)] == [KIM, KIM]


async def test_a_member_of_staff_outlives_the_campaign(client: AccountsClient, kim: Person) -> None:
    await client.open_campaign("2028", closing="2027")
    assert (await client.ask("POST", "/sessions", {"login": KIM, "password": kim.password})).status == 200


async def test_other_grants_end_every_session_and_the_same_end_none(client: AccountsClient, kim: Person) -> None:
    tokens = (await client.ask("POST", "/sessions", {"login": KIM, "password": kim.password})).body
    await add(client)
    assert (await client.ask("POST", "/sessions/refresh", {"refresh_token": tokens["refresh_token"]})).status == 200
    assert await client.told(events.SessionRevoked) == []
    await add(client, Grant(Role.COMMISSION, commissions=("BIO",)))
    assert (await client.ask("POST", "/sessions/refresh", {"refresh_token": tokens["refresh_token"]})).status == 401
    (revoked,) = await client.told(events.SessionRevoked)
    assert (revoked["epoch"], revoked["holder"]) == (1, "staff")
    assert [(len(each["grants"]), each["known_as"]) for each in await client.told(events.StaffChanged)] == [
        (1, KIM),
        (2, KIM),
    ]
    tokens = (await client.ask("POST", "/sessions", {"login": KIM, "password": kim.password})).body
    assert [grant["role"] for grant in (await claims(client, tokens))["grants"]] == ["manager", "commission"]


async def test_a_grant_is_in_force_on_its_last_day_and_not_after_it(client: AccountsClient, clock: FixedClock) -> None:
    await add(client, Grant(Role.MANAGER, until=date(2026, 11, 22)))
    person = Person(client, email=KIM)
    await person.follow(await person.link("staff-invited"))
    for grants in ([{"role": "manager"}], []):
        tokens = await client.ask("POST", "/sessions", {"login": KIM, "password": person.password})
        assert (await claims(client, tokens.body))["grants"] == grants
        clock.advance(hours=12)


async def test_who_is_removed_is_out_and_may_be_added_anew(client: AccountsClient, kim: Person) -> None:
    ports = client.suite.service("accounts").service.ports
    tokens = (await client.ask("POST", "/sessions", {"login": KIM, "password": kim.password})).body
    assert await remove_staff(ports, KIM, client.command())
    assert not await remove_staff(ports, KIM, client.command())
    assert (await client.ask("POST", "/sessions/refresh", {"refresh_token": tokens["refresh_token"]})).status == 401
    assert (await client.ask("POST", "/sessions", {"login": KIM, "password": kim.password})).slug == "bad-credentials"
    assert (await client.told(events.SessionRevoked))[-1]["holder"] == "staff"
    await add(client)
    assert len(await client.mails("staff-invited", KIM)) == 2


async def test_staff_who_apply_have_an_account_of_their_own_for_that(client: AccountsClient, kim: Person) -> None:
    """Acceptance 118: by the address they get in as staff, by the file number as who applies."""
    applying = Person(client, email=KIM, password="un autre mot de passe")
    await applying.register()
    await applying.follow(await applying.link())
    assert (await client.ask("POST", "/sessions", {"login": KIM, "password": kim.password})).status == 200
    login = {"login": applying.file_number, "password": applying.password}
    tokens = (await client.ask("POST", "/sessions", login)).body
    assert "kind" not in await claims(client, tokens)
    await client.ask("POST", "/password-resets", {"email": KIM})
    await client.suite.settle()
    logins = {mail["file_number"] for mail in await client.mails("identifiers-forgotten", KIM)}
    assert logins == {kim.file_number, applying.file_number}


async def test_an_invitation_shadows_nobodys_account_until_it_is_followed(client: AccountsClient, zoe: Person) -> None:
    await add(client, email=zoe.email)
    assert (await client.ask("POST", "/sessions", {"login": zoe.email, "password": zoe.password})).status == 200


async def test_an_invitation_that_nobody_follows_lapses_and_another_renews_it(
    client: AccountsClient, clock: FixedClock
) -> None:
    await add(client)
    await add(client)
    assert len(await client.mails("staff-invited", KIM)) == 2
    clock.advance(days=7)
    app = use_cases(client.suite.service("accounts").service.ports)
    for _ in range(2):
        await client.suite.settle()
        for row in [row async for row in lapsed_accounts(app, client.command())]:
            await clean_up_account(app, row, client.command())
    assert await client.kept("accounts") == []


async def test_campus_systems_hear_of_no_member_of_staff_as_of_somebody_who_applies(
    client: AccountsClient, kim: Person
) -> None:
    told = await client.everything_told(Audience.PUBLIC)
    assert "account.registered" not in told
    assert "account.validated" not in told
    assert await client.told(events.AddressChanged) == []


async def test_what_is_no_address_is_refused(client: AccountsClient) -> None:
    with pytest.raises(RefusedError, match="invalid-fields"):
        await add(client, email="kim")
