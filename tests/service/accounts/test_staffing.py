"""An administrator gives and takes rights over HTTP: who gave them and when, and nobody left without an administrator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.grants import Grant
from services.accounts.repository.administering import TurnRepository
from services.accounts.wiring import add_staff
from services.chassis.clock import FixedClock
from services.contracts.actors import Role
from services.contracts.events import accounts as events
from services.contracts.events.catalogue import Audience
from tests.service.accounts.client import AccountsClient, Person, Reply

ADA, KIM = "ada@univ.test", "kim@univ.test"
TODAY = date(2026, 11, 22)
MANAGER: dict[str, Any] = {"role": "manager", "centres": ["SEE"]}
ADMIN: dict[str, Any] = {"role": "admin"}


async def entered(client: AccountsClient, email: str, grant: Grant | None = None) -> Person:
    """Somebody who has followed their invitation and is logged in; with a grant, given at the machine."""
    if grant is not None:
        await add_staff(client.suite.service("accounts").service.ports, email, grant, "fr", client.command())
    person = Person(client, email=email)
    assert (await person.follow(await person.link("staff-invited"))).status == 200
    assert (await person.log_in()).status == 200
    return person


@pytest.fixture
async def ada(client: AccountsClient) -> Person:
    """The first administrator."""
    return await entered(client, ADA, Grant(Role.ADMIN))


async def put(ada: Person, *grants: Mapping[str, Any], login: str = KIM, email: str = KIM, tag: str = "") -> Reply:
    """Say all that somebody may do."""
    headers = {"If-Match": f'"{tag}"'} if tag else {}
    return await ada.do("PUT", f"/staff/{login}", {"email": email, "grants": [*grants]}, headers)


async def invite(ada: Person, email: str = "juror@elsewhere.test", headers: Any = None, **changes: Any) -> Reply:
    body = {"email": email, "commissions": ["BIO"], "valid_until": "2027-06-30"} | changes
    return await ada.do("POST", "/staff/invitations", body, headers)


async def forgets_who_gave(client: AccountsClient, email: str) -> None:
    """Have the rights of somebody as a release stored them that kept nothing of who gave them."""
    (row,) = [row for row in await client.kept("accounts") if row["email"] == email]
    grants = [{name: value for name, value in each.items() if name != "giving"} for each in row["grants"]]
    changed = row | {"grants": grants, "version": row["version"] + 1}
    ports = client.suite.service("accounts").service.ports
    assert await ports.store.replace("accounts", changed, version=row["version"])


def said(reply: Reply) -> list[dict[str, Any]]:
    """The grants of an answer without who gave them."""
    shown = [{name: value for name, value in grant.items() if value is not None} for grant in reply.body["grants"]]
    return [{name: value for name, value in each.items() if not name.startswith(("given", "in_"))} for each in shown]


async def test_rights_are_given_by_mail_and_changed_with_who_gave_them(client: AccountsClient, ada: Person) -> None:
    given = await put(ada, {**MANAGER, "valid_from": "2026-11-22", "valid_until": "2026-11-22"})
    assert (given.status, given.body["state"], given.headers["ETag"]) == (200, "invited", '"0"')
    (grant,) = given.body["grants"]
    assert (grant["in_force"], grant["given_at"]) == (True, "2026-11-22T12:00:00.000Z")
    assert grant["given_by"]["email"] == ADA
    assert (await put(ada, *said(given))).body == given.body, "the same twice"
    assert len(await client.mails("staff-invited", KIM)) == 1
    kim = await entered(client, KIM)
    assert (await kim.get("/staff")).slug == "right-missing"

    more = await put(ada, *said(given), {"role": "commission", "commissions": ["BIO", "ART", "BIO"]}, tag="0")
    assert said(more)[1] == {"role": "commission", "commissions": ["ART", "BIO"]}
    assert (more.body["state"], more.headers["ETag"]) == ("active", '"1"')
    assert (await kim.refresh()).slug == "session-ended", "no token bears the old rights"
    assert [len(each["grants"]) for each in await client.told(events.StaffChanged)] == [1, 1, 2]
    assert f'"actor":"staff:{(await ada.get(f"/staff/{ADA}")).body["account"]}"' in await client.everything_told(
        Audience.INTERNAL
    )

    late = await put(ada, MANAGER, tag="0")
    assert (late.status, late.slug) == (412, "stale-version")
    assert said(await ada.get(f"/staff/{kim.file_number}")) == said(more)
    assert (await ada.do("DELETE", f"/staff/{KIM}", headers={"If-Match": '"0"'})).status == 412
    assert (await ada.do("DELETE", f"/staff/{KIM}")).status == 204
    for path in (f"/staff/{KIM}", f"/staff/{kim.file_number}"):
        assert (await ada.get(path)).slug == "not-found"
        assert (await ada.do("DELETE", path)).slug == "not-found"
    assert (await kim.log_in()).slug == "bad-credentials"


async def test_what_is_wrong_with_rights_is_said_field_by_field(client: AccountsClient, ada: Person) -> None:
    cases: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
        ({"valid_from": "2026-11-21"}, {"grants.0.valid_from": "day-is-past"}),
        ({"valid_until": "2026-11-21"}, {"grants.0.valid_until": "day-is-past"}),
        (
            {"valid_from": "2026-12-02", "valid_until": "2026-12-01"},
            {"grants.0.valid_until": "before-its-beginning"},
        ),
        ({"valid_until": "31/12/2027"}, {"grants.0.valid_until": "not-a-date"}),
        ({"centres": ["not a code"]}, {"grants.0.centres.0": "malformed"}),
        ({"commissions": []}, {"grants.0.commissions": "too-few"}),
        ({"role": "king"}, {"grants.0.role": "not-a-choice"}),
    )
    for days, faults in cases:
        refused = await put(ada, {**MANAGER, **days})
        assert (refused.status, refused.fields) == (422, faults)
    assert (await put(ada, MANAGER, MANAGER)).fields == {"grants.1.role": "given-twice"}
    assert (await put(ada, email="kim")).fields == {"email": "not-an-email", "grants": "too-few"}
    assert (await put(ada, MANAGER, email="kim")).fields == {"email": "not-an-email"}
    assert (await put(ada, MANAGER, email=ADA)).fields == {"email": "not-this-person"}
    assert (await put(ada, MANAGER, login="0" * 8)).slug == "not-found"
    many = [{"role": "commission", "commissions": [f"C{number}"]} for number in range(201)]
    assert (await put(ada, *many)).fields == {"grants": "too-many"}
    assert (await put(ada, {"role": "commission", "commissions": [f"C{n}" for n in range(201)]})).status == 422
    assert (await invite(ada, valid_until="2026-11-21")).fields == {"valid_until": "day-is-past"}
    assert (await ada.do("POST", "/staff/invitations", {"email": KIM, "commissions": ["BIO"]})).fields == {
        "valid_until": "required"
    }


async def test_days_that_stood_there_may_pass_and_are_kept(
    client: AccountsClient, ada: Person, clock: FixedClock
) -> None:
    over = {**MANAGER, "valid_from": "2026-11-22", "valid_until": "2026-11-23"}
    await put(ada, over)
    clock.advance(days=3)
    assert (await ada.log_in()).status == 200
    kept = await put(ada, over, {"role": "support"})
    assert [(grant["role"], grant["in_force"]) for grant in kept.body["grants"]] == [
        ("manager", False),
        ("support", True),
    ]
    assert [grant["given_at"][:10] for grant in kept.body["grants"]] == ["2026-11-22", "2026-11-25"]
    longer = await put(ada, over | {"valid_until": "2026-11-25"})
    assert said(longer) == [over | {"valid_until": "2026-11-25"}]


async def test_a_right_is_in_force_from_its_first_day(client: AccountsClient, ada: Person, clock: FixedClock) -> None:
    await put(ada, {**MANAGER, "valid_from": "2026-11-23"})
    kim = await entered(client, KIM)
    keysets = client.suite.service("accounts").service.ports.keysets
    for roles in ([], ["manager"]):
        claims = await keysets.verify(kim.tokens["access_token"], service="accounts", typ="at+jwt")
        assert [grant["role"] for grant in claims["grants"]] == roles
        clock.advance(hours=12)
        assert (await kim.refresh()).status == 200


async def test_who_sits_on_a_commission_from_elsewhere_is_invited_until_a_day(
    client: AccountsClient, ada: Person
) -> None:
    key = {"Idempotency-Key": "one"}
    invited = await invite(ada, headers=key, language="en")
    assert invited.status == 201
    assert said(invited) == [{"role": "commission", "commissions": ["BIO"], "valid_until": "2027-06-30"}]
    assert (await invite(ada, headers=key, language="en")).body == invited.body, "sent twice"
    assert (await invite(ada, headers=key, commissions=["ART"])).slug == "idempotency-key-reused"
    (mail,) = await client.mails("staff-invited", "juror@elsewhere.test")
    assert (mail["language"], invited.body["invited_until"]) == ("en", mail["expires_at"])
    more = await invite(ada, headers={"Idempotency-Key": "two"}, commissions=["ART"])
    assert [grant["commissions"] for grant in more.body["grants"]] == [["BIO"], ["ART"]]
    assert len(await client.mails("staff-invited", "juror@elsewhere.test")) == 2, "what they may do has changed"
    again = await invite(ada, headers={"Idempotency-Key": "three"}, commissions=["ART"])
    assert again.body["grants"] == more.body["grants"]
    await invite(ada, headers={"Idempotency-Key": "three"}, commissions=["ART"])
    assert len(await client.mails("staff-invited", "juror@elsewhere.test")) == 3, "invited again, and sent twice"
    juror = await entered(client, "juror@elsewhere.test")
    assert (await ada.get(f"/staff/{juror.file_number}")).body["state"] == "active"


async def test_who_has_missed_the_link_is_given_rights_anew_and_loses_none_by_what_is_refused(
    client: AccountsClient, ada: Person, clock: FixedClock
) -> None:
    missed = await put(ada, MANAGER)
    clock.advance(days=30)
    await ada.log_in()
    there = {"login": missed.body["login"], "tag": "0"}
    assert (await put(ada, MANAGER, email=ADA, **there)).fields == {"email": "not-this-person"}
    assert (await put(ada, MANAGER, **there | {"tag": "7"})).slug == "stale-version"
    assert (await put(ada, MANAGER, MANAGER, **there)).status == 422
    assert said(await ada.get(f"/staff/{KIM}")) == [MANAGER]
    body = {"email": KIM, "grants": [MANAGER, {"role": "support"}]}
    headers = {"If-Match": '"0"', "Idempotency-Key": "anew"}
    anew = await ada.do("PUT", f"/staff/{missed.body['login']}", body, headers)
    assert (anew.status, anew.body["state"], said(anew)) == (200, "invited", body["grants"])
    again = await ada.do("PUT", f"/staff/{missed.body['login']}", body, headers)
    assert again.body == anew.body, "sent twice"
    assert len(await client.mails("staff-invited", KIM)) == 2
    await entered(client, KIM)


async def test_nobody_is_left_without_an_administrator(client: AccountsClient, ada: Person) -> None:
    assert (await put(ada, MANAGER, login=ADA, email=ADA)).slug == "own-administration"
    assert (await put(ada, ADMIN | {"centres": ["SEE"]}, login=ADA, email=ADA)).slug == "own-administration"
    assert (await ada.do("DELETE", f"/staff/{ADA}")).slug == "own-administration"
    soon = ADMIN | {"valid_until": "2026-11-23"}
    assert (await put(ada, soon, login=ADA, email=ADA)).slug == "own-administration", "no day of it is given away"
    assert (await put(ada, ADMIN, MANAGER, login=ADA, email=ADA)).status == 200, "one more of one's own"
    await put(ada, ADMIN)
    assert (await ada.get("/staff")).slug == "session-ended", "at once, not when the token ends"
    await ada.log_in()
    await put(ada, ADMIN)
    kim = await entered(client, KIM)

    turns = TurnRepository(client.suite.service("accounts").service.ports.store)
    async with turns.taken("somebody", client.clock.now()):
        refused = await put(kim, MANAGER, login=ADA, email=ADA)
        assert (refused.status, refused.slug) == (503, "busy")
        assert (await put(kim, MANAGER, login="max@univ.test", email="max@univ.test")).status == 200, "none is taken"
    assert (await put(kim, MANAGER, login=ADA, email=ADA)).status == 200
    assert (await kim.do("DELETE", f"/staff/{ADA}")).status == 204
    assert [each["email"] for each in (await kim.get("/staff")).body["items"]] == [KIM, "max@univ.test"]


async def test_who_administers_a_centre_alone_is_told_nothing_of_staff(client: AccountsClient, ada: Person) -> None:
    some = await entered(client, "sam@univ.test", Grant(Role.ADMIN, centres=("SEE",)))
    for refused in (await some.get("/staff"), await put(some, MANAGER), await invite(some)):
        assert (refused.status, refused.slug) == (403, "right-of-everything"), "it is said what is missing"


async def test_the_list_of_staff_is_read_page_by_page(client: AccountsClient, ada: Person) -> None:
    emails = [f"{name}@univ.test" for name in ("bea", "cyr", "dan")]
    for email in emails:
        await put(ada, MANAGER, login=email, email=email)
    seen: list[str] = []
    after = ""
    for left in (True, False):
        page = (await ada.get(f"/staff?limit=2{after}")).body
        seen += [each["email"] for each in page["items"]]
        assert (page["next"] is not None) is left
        after = f"&after={page['next']}"
    assert seen == [ADA, *emails]
    first = (await ada.get("/staff?limit=1")).body["items"][0]["grants"][0]
    assert first["given_by"] == {"actor": "operator", "email": None}
    await forgets_who_gave(client, ADA)
    first = (await ada.get("/staff?limit=1")).body["items"][0]["grants"][0]
    assert (first["role"], first["given_by"], first["given_at"]) == ("admin", None, None)
    assert (await ada.get("/staff?after=_")).fields == {"after": "malformed"}
    assert (await ada.get("/staff?after=AAAA")).fields == {"after": "malformed"}
    assert (await ada.get("/staff?limit=201")).status == 422
