"""Members of staff come in by the ENT, who may be candidates too (acceptance 118)."""

from __future__ import annotations

from typing import Any

import pytest

from services.accounts.domain.grants import Grant
from services.accounts.wiring import add_staff
from services.chassis.security.tokens import KeySets
from services.cli.staff import staff_add
from services.contracts.actors import Role
from services.contracts.api.identity import ACCESS_TYPE, ISSUER
from tests.ents import Cas
from tests.service.accounts.client import AccountsClient, Person, Reply
from tests.service.accounts.ent.by_ent import STUDENT, by_ent, come_back, registered
from tests.service.accounts.test_staffing import ADA, KIM, entered

GONE = (
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">'
    "<samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>"
)


async def as_candidate(client: AccountsClient, cas: Cas, user: str) -> Reply:
    way = await client.ask("GET", "/sso/login", params={"next": "/candidatures", "side": "candidate"})
    assert way.status == 200
    return await come_back(client, way.body, ticket=cas.log_in(way.body["url"], user, STUDENT))


async def claims(client: AccountsClient, token: str) -> dict[str, Any]:
    keysets: KeySets = client.suite.service("accounts").service.ports.keysets
    return dict(await keysets.verify(token, service=ISSUER, typ=ACCESS_TYPE))


async def kim_of_the_ent(client: AccountsClient, user: str = "ZDurand") -> Person:
    """An administrator by password has given rights to somebody at the ENT, who has never come in."""
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    given = await ada.do("PUT", f"/staff/{KIM}", {"email": KIM, "grants": [{"role": "manager"}]})
    assert given.body["state"] == "invited"
    said = await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": user}, {"If-Match": given.headers["ETag"]})
    assert (said.status, said.body["state"], said.body["by_ent"]) == (200, "active", True)
    return ada


async def test_who_was_given_rights_before_they_came_has_them_by_the_ent_alone(
    client: AccountsClient, cas: Cas, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kim_of_the_ent(client)
    entry = await by_ent(client, cas, "zdurand")
    assert (entry.status, entry.body["registration_ticket"]) == (200, None)
    said = await claims(client, entry.body["access_token"])
    assert (said["kind"], said["grants"]) == ("staff", [{"role": "manager"}]), "no code is asked for"
    kim = Person(client, email=KIM, tokens=entry.body)
    assert (await kim.refresh()).status == 200
    link = await kim.link("staff-invited")
    assert (await kim.look(link)).body["status"] == "used", "nothing is left to be followed"


async def test_the_same_person_is_a_candidate_too(client: AccountsClient, cas: Cas) -> None:
    """Acceptance 118."""
    await kim_of_the_ent(client)
    first = await as_candidate(client, cas, "zdurand")
    assert (first.body["access_token"], first.body["next"]) == (None, "/candidatures")
    zoe = client.zoe()
    assert (await zoe.register(registration_ticket=first.body["registration_ticket"])).status == 202
    assert (await client.ask("POST", "/validations", {"token": await zoe.link()})).status == 200
    candidate = (await as_candidate(client, cas, "zdurand")).body
    staff = (await by_ent(client, cas, "zdurand")).body
    assert "grants" not in await claims(client, candidate["access_token"])
    assert (await claims(client, staff["access_token"]))["kind"] == "staff"
    zoe.tokens = candidate
    assert (await zoe.get("/me")).body["by_ent"] is True
    assert (await zoe.get("/me/totp")).slug == "right-missing", "no right of the one side is one of the other"
    zoe.tokens = staff
    assert (await zoe.get("/me")).slug == "right-missing"


async def test_staff_come_in_between_campaigns_and_others_do_not(client: AccountsClient, cas: Cas) -> None:
    await kim_of_the_ent(client)
    await client.open_campaign("2028", closing="2027")
    assert (await by_ent(client, cas, "zdurand")).body["access_token"]
    assert (await by_ent(client, cas, "somebody")).body["access_token"] is None


async def test_whoever_logs_out_at_the_ent_is_no_staff_here_any_more(client: AccountsClient, cas: Cas) -> None:
    await kim_of_the_ent(client)
    way = (await client.ask("GET", "/sso/login")).body
    ticket = cas.log_in(way["url"], "zdurand", STUDENT)
    kim = Person(client, email=KIM, tokens=(await come_back(client, way, ticket=ticket)).body)
    assert (await client.ask("POST", "/sso/logout", {"notice": GONE.format(ticket)})).status == 204
    assert (await kim.refresh()).slug == "session-ended"


async def test_one_person_of_the_ent_is_one_member_of_staff_and_nobody_says_it_of_themselves(
    client: AccountsClient, cas: Cas
) -> None:
    ada = await kim_of_the_ent(client)
    await ada.do("PUT", "/staff/lea@univ.test", {"email": "lea@univ.test", "grants": [{"role": "support"}]})
    taken = await ada.do("PUT", "/staff/lea@univ.test/ent", {"ent_login": "zdurand"})
    assert (taken.status, taken.slug) == (409, "ent-identity-taken")
    assert (await ada.do("PUT", f"/staff/{ADA}/ent", {"ent_login": "ada"})).slug == "own-administration"
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": ""})).fields == {"ent_login": "too-short"}
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": "k" * 255})).status == 200
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": "k" * 256})).fields == {"ent_login": "too-long"}
    assert (await by_ent(client, cas, "zdurand")).body["access_token"] is None, "not this one any more"
    assert (await ada.do("PUT", f"/staff/{KIM}/ent", {"ent_login": None})).body["by_ent"] is False
    ports = client.suite.service("accounts").service.ports
    await add_staff(ports, "max@univ.test", Grant(Role.READONLY), "fr", client.command(), "zdurand")
    staff = await claims(client, (await by_ent(client, cas, "zdurand")).body["access_token"])
    assert staff["grants"] == [{"role": "readonly"}]


async def test_the_command_says_in_its_own_words_whose_login_it_is_already(client: AccountsClient, cas: Cas) -> None:
    """Nothing is written: neither the role, nor another's login taken away."""
    await kim_of_the_ent(client)
    said: list[str] = []

    class Terminal:
        def line(self, text: str, *, error: bool = False) -> None:
            assert error
            said.append(text)

        def progress(self, done: int, total: int) -> None:
            raise AssertionError

    suite = {"accounts": client.suite.service("accounts").service}
    new: dict[str, Any] = {"centres": None, "commissions": None, "until": None, "language": "fr", "ent": "ZDurand"}
    code = await staff_add.work(suite, Terminal(), {"email": "lea@univ.test", "role": Role.SUPPORT, **new})
    assert code == 1
    (told,) = said
    assert told.startswith(
        "Nothing was changed: by the login ZDurand of the ENT another member of staff comes in already."
    )
    assert [row["email"] for row in await client.kept("accounts") if "lea" in str(row)] == []


async def test_a_candidate_of_the_ent_is_no_staff(client: AccountsClient, cas: Cas) -> None:
    await registered(client, cas)
    assert "grants" not in await claims(client, (await by_ent(client, cas)).body["access_token"])
