"""Nobody gets in as a member of staff of the ENT by what is mailed, nor by a login that nobody sees."""

from __future__ import annotations

import pytest

from services.accounts.domain.grants import Grant
from services.accounts.wiring import add_staff
from services.contracts.actors import Role
from services.contracts.events import accounts as events
from services.contracts.refusals import INVALID_FIELDS, RefusedError
from services.contracts.refusals.accounts import ENT_IDENTITY_TAKEN
from tests.ents import Cas
from tests.service.accounts.client import AccountsClient, Person
from tests.service.accounts.ent.by_ent import by_ent
from tests.service.accounts.ent.test_staff_by_ent import kim_of_the_ent
from tests.service.accounts.test_staffing import ADA, KIM, entered

PHRASE = "une autre phrase de passe"


async def test_who_reads_the_mail_of_somebody_of_the_ent_sets_up_no_device(
    client: AccountsClient, cas: Cas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password alone is not enough to have the device that stands beside it; the ENT is."""
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    kim = await entered(client, KIM, Grant(Role.MANAGER))
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": "zdurand"})).status == 200
    await kim.forget()
    await client.suite.settle()
    assert (await kim.reset(await kim.link("identifiers-forgotten"), PHRASE)).status == 204
    kim.password = PHRASE
    assert (await kim.log_in()).status == 200
    assert (await kim.do("POST", "/me/totp", {})).slug == "ent-session-needed"
    there = Person(client, email=KIM, tokens=(await by_ent(client, cas, "zdurand")).body)
    assert (await there.do("POST", "/me/totp", {})).body["state"] == "pending"


async def test_an_address_that_nobody_has_proved_gets_no_link_that_opens_an_account_of_the_ent(
    client: AccountsClient, cas: Cas
) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    assert (await ada.do("PUT", f"/staff/{KIM}", {"email": KIM, "grants": [{"role": "manager"}]})).status == 200
    kim = Person(client, email=KIM)
    await kim.forget()
    await client.suite.settle()
    before = await kim.link("identifiers-forgotten")
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": "zdurand"})).status == 200
    assert (await kim.reset(before, PHRASE)).status in {404, 409, 410}
    client.clock.advance(seconds=3600)
    await kim.forget()
    await client.suite.settle()
    assert len(await client.mails("identifiers-forgotten", KIM)) == 1
    assert (await ada.log_in()).status == 200
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": None})).status == 200
    client.clock.advance(seconds=3600)
    await kim.forget()
    await client.suite.settle()
    assert (await kim.reset(await kim.link("identifiers-forgotten"), PHRASE)).status == 204, "by nothing else now"


async def test_another_login_of_the_ent_is_told_and_shown(client: AccountsClient, cas: Cas) -> None:
    ada = await kim_of_the_ent(client, "zdurand")
    assert (await ada.get(f"/staff/{KIM}")).body["ent_login"] == "zdurand"
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": "zdurand"})).status == 200, "changes nothing"
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": None})).body["ent_login"] is None
    told = await client.told(events.SecondFactorChanged)
    assert [(each["what"], each["email"]) for each in told] == [("ent-changed", KIM)] * 2


async def test_whoever_has_no_right_today_comes_in_as_a_candidate(client: AccountsClient, cas: Cas) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    day = client.clock.now().date().isoformat()
    grants = [{"role": "manager", "valid_until": day}]
    assert (await ada.do("PUT", f"/staff/{KIM}", {"email": KIM, "grants": grants})).status == 200
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": "zdurand"})).status == 200
    assert (await by_ent(client, cas, "zdurand")).body["access_token"]
    client.clock.advance(seconds=24 * 3600)
    entry = (await by_ent(client, cas, "zdurand")).body
    assert (entry["access_token"], bool(entry["registration_ticket"])) == (None, True)


async def test_at_the_machine_nothing_is_done_for_a_login_that_cannot_be(client: AccountsClient, cas: Cas) -> None:
    await kim_of_the_ent(client, "zdurand")
    ports = client.suite.service("accounts").service.ports
    for login, why in (("zdurand", ENT_IDENTITY_TAKEN), ("two words", INVALID_FIELDS), ("k" * 256, INVALID_FIELDS)):
        with pytest.raises(RefusedError) as refused:
            await add_staff(ports, "max@univ.test", Grant(Role.ADMIN), "fr", client.command(), login)
        assert refused.value.slug is why
    assert "max@univ.test" not in str(await client.kept("accounts"))
    assert (await add_staff(ports, KIM, Grant(Role.READONLY), "fr", client.command(), "zdurand")).state.ent is not None
