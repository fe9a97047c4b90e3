"""Two accounts with one student number that nobody has verified go to support, who says what they are (acceptance 30)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.accounts.wiring import erase
from services.contracts.events.accounts import ClosingChanged, NoticeIssued, SessionRevoked
from tests.service.accounts.client import AccountsClient, Person, Reply
from tests.service.accounts.supporting import sam_of

WHY = "Pièces d’identité vues"


@pytest.fixture
async def sam(client: AccountsClient) -> Person:
    return await sam_of(client)


async def id_of(who: Person) -> str:
    return str((await who.get("/me")).body["account"])


async def alike(client: AccountsClient, *names: str) -> list[Person]:
    """People who have all typed the same student number."""
    people = [await client.zoe(email=f"{name}@etu.test").arrive() for name in names]
    for person in people:
        assert (await person.give("identity")).status == 200
    return people


def in_order(one: str, other: str) -> tuple[str, str]:
    return min(one, other), max(one, other)


async def closings(client: AccountsClient, kind: str = "account-closed") -> list[str]:
    """To whom a mail says that their account is closed."""
    return [each["email"] for each in await client.told(NoticeIssued) if each["kind"] == kind]


async def reopenings(client: AccountsClient) -> list[str]:
    """To whom a mail says that their account is open again."""
    return await closings(client, "account-reopened")


async def listed(sam: Person, query: str = "") -> list[tuple[str, str]]:
    reply = await sam.get(f"/doubts{query}")
    assert reply.status == 200, reply.body
    return [(row["first"]["account"], row["second"]["account"]) for row in reply.body["items"]]


async def decide(sam: Person, pair: tuple[str, str], verdict: str, tag: int | None = None, **body: Any) -> Reply:
    headers = {} if tag is None else {"If-Match": f'"{tag}"'}
    body = {"verdict": verdict, "reason": WHY, **body}
    return await sam.do("PUT", f"/doubts/{pair[0]}/{pair[1]}", body, headers)


async def forget(client: AccountsClient, who: Person) -> None:
    """Erase somebody, to the last trace."""
    service = client.suite.service("accounts").service
    assert await erase(service.ports, who.email, client.command())
    await client.suite.settle()
    (timer,) = [timer for timer in service.timers if timer.name == "clean-up"]
    while await timer.run(client.command()):
        await client.suite.settle()


async def test_two_persons_are_never_asked_about_again(client: AccountsClient, sam: Person) -> None:
    """Acceptance 30: side by side with what both say alike, told apart once, and each reads that it was done."""
    zoe, kim = await alike(client, "zoe", "kim")
    pair = in_order(await id_of(zoe), await id_of(kim))
    assert await listed(sam) == [pair]
    shown = (await sam.get(f"/doubts/{pair[1]}/{pair[0]}")).body
    assert (shown["same"], shown["verdict"], shown["version"]) == (["family_name", "given_name", "birth_date"], None, 0)
    assert {shown[side]["email"] for side in ("first", "second")} == {"zoe@etu.test", "kim@etu.test"}
    done = await decide(sam, pair, "two-persons")
    assert (done.status, done.body["verdict"], done.body["reason"], done.body["version"]) == (
        200,
        "two-persons",
        WHY,
        1,
    )
    assert done.body["email"] is not None
    assert (await decide(sam, pair, "two-persons")).body == done.body
    assert await listed(sam) == []
    assert (await zoe.give("identity", birth_place="Elne")).status == 200
    assert await listed(sam) == []
    for person in (zoe, kim):
        (help_,) = (await person.get("/me")).body["helps"]
        assert (help_["what"], help_.get("reason")) == ("told-apart", None), (
            "what is said of the other one is not theirs"
        )
    assert await closings(client) == []


async def test_the_other_account_of_one_person_is_closed_and_may_be_opened_again(
    client: AccountsClient, sam: Person
) -> None:
    """Acceptance 30, 94: logins end and are refused with the reason, one mail says so, and nothing of it is lost."""
    zoe, kim = await alike(client, "zoe", "kim")
    ids = await id_of(zoe), await id_of(kim)
    pair = in_order(*ids)
    for body, field, rule in (
        ({"verdict": "one-person"}, "keep", "required"),
        ({"verdict": "one-person", "keep": "nobody"}, "keep", "not-this-person"),
        ({"verdict": "two-persons", "keep": ids[0]}, "keep", "not-expected"),
        ({"verdict": "two-persons", "reason": " "}, "reason", None),
        ({"verdict": "both"}, "verdict", "not-a-choice"),
    ):
        given: dict[str, Any] = dict(body)
        refused = await decide(sam, pair, **given)
        assert (refused.status, field in refused.fields) == (422, True), refused.body
        assert rule in (None, refused.fields[field])
    done = await decide(sam, pair, "one-person", keep=ids[0])
    assert (done.status, done.body["closed"]) == (200, ids[1])
    assert (await decide(sam, pair, "one-person", keep=ids[0])).body == done.body
    assert await listed(sam) == []
    assert await closings(client) == ["kim@etu.test"]
    assert len(await client.told(SessionRevoked)) >= 1
    assert (await kim.log_in()).slug == "account-closed"
    assert (
        await kim.client.ask("POST", "/sessions", {"login": "kim@etu.test", "password": "wrong, very wrong"})
    ).slug == ("bad-credentials")
    assert (await zoe.log_in()).status == 200
    view = (await sam.get(f"/accounts/{ids[1]}")).body
    assert view["closed_at"] is not None
    assert [(each["what"], each["reason"]) for each in view["helps"]] == [("account-closed", WHY)]
    for act in ("password-resets", "sessions/revocation"):
        assert (await sam.do("POST", f"/accounts/{ids[1]}/{act}")).slug == "person-wrong-state"
    assert (await decide(sam, pair, "two-persons")).slug == "doubt-decided"
    assert (await decide(sam, pair, "two-persons", tag=7)).slug == "stale-version"
    opened = await decide(sam, pair, "two-persons", tag=1)
    assert (opened.status, opened.body["closed"], opened.body["version"]) == (200, None, 2)
    assert (await kim.log_in()).status == 200
    assert [each["what"] for each in (await kim.get("/me")).body["helps"]] == ["account-reopened", "account-closed"]
    assert await closings(client) == await reopenings(client) == ["kim@etu.test"]
    told = await client.told(ClosingChanged)
    assert [(each["account"], each.get("kept")) for each in told] == [(ids[1], ids[0]), (ids[1], None)]
    assert [each.get("closed_at") is None for each in told] == [False, True]
    teller = client.suite.service("accounts").teller
    assert await teller.tell_again("applications", {ClosingChanged.TYPE: 0}) == 1
    assert (await client.told(ClosingChanged))[2:] == told[1:], "who has missed it is told how it is now"


async def test_who_may_ask_and_of_whom(client: AccountsClient, sam: Person) -> None:
    """Acceptance 62, 92: whoever is no pair is not there, pages go on behind one another, and one verdict wins of two."""
    zoe, kim, lea = await alike(client, "zoe", "kim", "lea")
    ids = sorted([await id_of(each) for each in (zoe, kim, lea)])
    pairs = [(ids[0], ids[1]), (ids[0], ids[2]), (ids[1], ids[2])]
    first = (await sam.get("/doubts?limit=2")).body
    assert await listed(sam) == pairs == [*await listed(sam, "?limit=2"), *await listed(sam, f"?after={first['next']}")]
    assert (await sam.get("/doubts?after=nonsense")).fields == {"after": "malformed"}
    assert (await zoe.get("/doubts")).status == (await decide(zoe, pairs[0], "two-persons")).status == 403
    other = await client.zoe(email="max@etu.test").arrive()
    for wrong in ((ids[0], ids[0]), (ids[0], "nobody"), (ids[0], await id_of(other))):
        assert (await sam.get(f"/doubts/{wrong[0]}/{wrong[1]}")).status == 404
        assert (await decide(sam, wrong, "two-persons")).status == 404
    replies = await asyncio.gather(
        *(decide(sam, pairs[0], "one-person", keep=keep) for keep in pairs[0]), decide(sam, pairs[0], "two-persons")
    )
    assert sorted(reply.status for reply in replies) == [200, 409, 409]
    closed = next(reply.body["closed"] for reply in replies if reply.status == 200)
    assert await listed(sam) == [pair for pair in pairs[1:] if closed not in pair]


async def test_accounts_of_one_person_do_not_close_each_other_in_a_circle(client: AccountsClient, sam: Person) -> None:
    """Acceptance 30: nobody goes on with a closed account, whoever says so at once, and the same again changes nothing."""
    people = await alike(client, "zoe", "kim", "lea")
    zoe, kim, lea = [await id_of(each) for each in people]
    first = await decide(sam, in_order(kim, lea), "one-person", keep=kim)
    assert (first.status, (await decide(sam, in_order(zoe, kim), "one-person", keep=zoe)).status) == (200, 200)
    assert (await decide(sam, in_order(zoe, lea), "one-person", keep=lea)).slug == "kept-account-closed"
    assert (await decide(sam, in_order(kim, lea), "one-person", keep=kim)).status == 200
    shown = (await sam.get(f"/doubts/{zoe}/{lea}")).body
    assert {shown[side]["account"]: shown[side]["closed"] for side in ("first", "second")} == {zoe: False, lea: True}
    assert shown["verdict"] is None
    assert [(await each.log_in()).status for each in people] == [200, 403, 403]


async def test_three_who_say_so_at_once_leave_an_account(client: AccountsClient, sam: Person) -> None:
    """Acceptance 30, 92: of three verdicts that would close all accounts of a person one at least is not given."""
    people = await alike(client, "zoe", "kim", "lea")
    zoe, kim, lea = [await id_of(each) for each in people]
    circle = ((zoe, kim), (kim, lea), (lea, zoe))
    replies = await asyncio.gather(
        *(decide(sam, in_order(keep, close), "one-person", keep=keep) for keep, close in circle)
    )
    assert {(reply.status, reply.slug) for reply in replies if reply.status != 200} == {(409, "kept-account-closed")}
    assert 200 in [(await each.log_in()).status for each in people]
    for (keep, close), reply in zip(circle, replies, strict=True):
        given = (await sam.get(f"/doubts/{keep}/{close}")).body["verdict"]
        assert given == ("one-person" if reply.status == 200 else None)


async def test_an_account_that_two_verdicts_close_is_open_when_both_are_lifted(
    client: AccountsClient, sam: Person
) -> None:
    """Acceptance 30: lifting one verdict, or erasing the account of it, opens nothing that another one closes."""
    zoe, kim, lea, max_ = await alike(client, "zoe", "kim", "lea", "max")
    ids = [await id_of(each) for each in (zoe, kim, lea, max_)]
    pairs = [in_order(ids[1], ids[each]) for each in (0, 2, 3)]
    for pair, keep in zip(pairs, (ids[0], ids[2], ids[3]), strict=True):
        assert (await decide(sam, pair, "one-person", keep=keep)).status == 200
    assert await closings(client) == ["kim@etu.test"]
    assert (await decide(sam, pairs[0], "two-persons", tag=1)).status == 200
    assert (await kim.log_in()).slug == "account-closed"
    await forget(client, lea)
    assert (await kim.log_in()).slug == "account-closed"
    assert await reopenings(client) == []
    assert (await decide(sam, pairs[2], "two-persons", tag=1)).status == 200
    assert (await kim.log_in()).status == 200
    assert await closings(client) == ["kim@etu.test"]


async def test_what_was_found_out_goes_with_either_account(client: AccountsClient, sam: Person) -> None:
    """Acceptance 21, 30: and who was closed for one that is gone has an account again."""
    zoe, kim = await alike(client, "zoe", "kim")
    ids = await id_of(zoe), await id_of(kim)
    pair = in_order(*ids)
    assert (await decide(sam, pair, "one-person", keep=ids[0])).status == 200
    await forget(client, zoe)
    assert await client.suite.service("accounts").service.ports.store.find("doubts", {}) == []
    assert (await kim.log_in()).status == 200
    assert await reopenings(client) == ["kim@etu.test"]
    reopened = (await kim.get("/me")).body["helps"][0]
    assert reopened["what"] == "account-reopened"
    (kept,) = (await sam.get(f"/accounts/{ids[1]}")).body["helps"][:1]
    assert (kept["what"], kept["actor"], kept["email"]) == ("account-reopened", "service:accounts", None)
    assert (await sam.get(f"/doubts/{pair[0]}/{pair[1]}")).status == 404


async def test_who_was_closed_for_an_account_that_went_in_the_meantime_has_one_again(
    client: AccountsClient, sam: Person
) -> None:
    """Acceptance 21, 30: also where the process was killed that forgot the other one, and what it left goes by the clock."""
    zoe, kim = await alike(client, "zoe", "kim")
    ids = await id_of(zoe), await id_of(kim)
    assert (await decide(sam, in_order(*ids), "one-person", keep=ids[0])).status == 200
    service = client.suite.service("accounts").service
    assert await service.ports.store.delete("accounts", ids[0])
    (timer,) = [timer for timer in service.timers if timer.name == "strays"]
    assert await timer.run(client.command())
    await client.suite.settle()
    assert await service.ports.store.find("doubts", {}) == []
    assert (await kim.log_in()).status == 200
