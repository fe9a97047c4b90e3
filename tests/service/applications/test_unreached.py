"""A decision's mail came back or never left: staff are told, its last day waits, and at another address it is told anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.contracts.events.mailer import MailBounced, MailFailed, MailReaddressed, MailSentAgain
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import ApplicationsParameters, Parameters
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer, complete, entered, look_after, validate
from tests.service.applications.test_review import Staff, kim, set_to

__all__ = ["kim"]


def about(id: str, kind: str = "decision-favourable", **more: Any) -> dict[str, Any]:
    files = [{"application": id, "kind": kind}]
    return {"delivery": "d1", "account": "zoe", "kind": kind, "files": files} | more


async def offered(peers: PeerServices, zoe: Candidate, kim: Staff, holds: str) -> str:
    rules = Parameters(applications=ApplicationsParameters(unreached_holds=holds))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id), answer_deadline="2027-02-10")).status == 200
    return id


async def seen(kim: Staff, id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await kim.ask("GET", f"/{id}")).body["decision"]
    return found


async def listed(kim: Staff, **query: str) -> list[str] | str:
    """The ids of such files, which their counts agree to, or why they are none."""
    await kim.peers.suite.settle()
    found = await kim.ask("GET", "", params=query)
    if found.status != 200:
        return found.slug
    counts = await kim.ask("GET", "/counts", params={name: said for name, said in query.items() if name != "sort"})
    ids = [row["id"] for row in found.body["items"]]
    assert sum(each["files"] for each in counts.body["items"] if each["state"] != "draft") == len(ids)
    return ids


async def test_the_last_day_waits_until_the_address_is_another_one(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    id = await offered(peers, zoe, kim, "yes")
    bounced = MailBounced.model_validate(about(id, hard=True))
    for _ in range(2):
        await peers.suite.publish(bounced, "mailer")
    lost = (await seen(kim, id))["unreached"]
    assert (lost["why"], lost["holds"]) == ("hard", True)
    assert await listed(kim, mail="lost", sort="name", decision="favourable") == "unknown-sort"
    assert await listed(kim, mail="lost", sort="name") == await listed(kim, mail="lost", state="complete") == [id]
    assert await listed(kim, mail="lost", decision="none") == []
    assert await listed(kim, mail="found") == "invalid-fields"
    assert "unreached" not in str(await zoe.get(id))
    set_to(clock, datetime(2027, 3, 1, 9, 0, tzinfo=UTC))
    assert await look_after(peers) == 0
    shown = await zoe.get(id)
    assert (shown["can_answer"], shown["answer_deadline"]) == (True, None), "no day that is over beside the buttons"
    before = len(await peers.told("decided"))
    for _ in range(2):
        await peers.suite.publish(MailReaddressed.model_validate(about(id)), "mailer")
    assert await listed(kim, mail="lost") == []
    now = await seen(kim, id)
    assert now.get("unreached") is None
    assert now["answer_deadline"] > "2027-03-01"
    told = (await peers.told("decided"))[before:]
    assert [each["answer_deadline"] for each in told] == [now["answer_deadline"]]
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    assert [(each["action"], each["mail"]) for each in trail if each["action"] in ("lose_mail", "tell_anew")] == [
        ("lose_mail", False),
        ("tell_anew", True),
    ]
    assert (await answer(zoe, id, "accept")).status == 200


async def test_a_mail_that_staff_send_once_more_ends_the_waiting(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    id = await offered(peers, zoe, kim, "yes")
    await peers.suite.publish(MailBounced.model_validate(about(id, hard=False)), "mailer")
    set_to(clock, datetime(2027, 3, 1, 9, 0, tzinfo=UTC))
    for _ in range(2):
        await peers.suite.publish(MailSentAgain.model_validate(about(id)), "mailer")
    assert await listed(kim, mail="lost") == []
    now = await seen(kim, id)
    assert now.get("unreached") is None
    assert (await zoe.get(id))["answer_deadline"] == now["answer_deadline"] > "2027-03-01"
    assert [each["answer_deadline"] for each in await peers.told("answer_due")] == [now["answer_deadline"]]
    (last, *_) = (await kim.ask("GET", f"/{id}/audit")).body["items"][-1:]
    assert (last["action"], last["mail"]) == ("send_mail_again", True)


@pytest.mark.parametrize("holds", ["no", "yes"])
async def test_staff_are_told_also_where_nothing_waits(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock, holds: str
) -> None:
    """And of what may have arrived, or says something else, nobody is."""
    id = await offered(peers, zoe, kim, holds)
    for event in (
        MailFailed.model_validate(about(id, reason="unknown")),
        MailFailed.model_validate(about(id, reason="account-closed")),
        MailBounced.model_validate(about(id, "application-complete", hard=True)),
        MailBounced.model_validate(about("nowhere", hard=True)),
        MailReaddressed.model_validate(about(id)),
    ):
        await peers.suite.publish(event, "mailer")
    assert (await seen(kim, id)).get("unreached") is None
    await peers.suite.publish(MailFailed.model_validate(about(id, reason="gave-up")), "mailer")
    lost = (await seen(kim, id))["unreached"]
    assert (lost["why"], lost["holds"]) == ("gave-up", holds == "yes")
    if holds == "yes":  # staff do not wait: another decision has a last day of its own
        assert (await validate(kim, id, await entered(kim, id), answer_deadline="2027-02-20")).status == 200
        assert (await seen(kim, id)).get("unreached") is None
    set_to(clock, datetime(2027, 3, 1, 9, 0, tzinfo=UTC))
    assert await look_after(peers) == 1
    assert (await zoe.get(id))["answer"] == "withdraw"
