"""Staff give somebody a code of their own, under which the student records take them (acceptance 44, 87)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from services.chassis.events.journal import JOURNALS
from services.contracts.events.catalogue import Audience
from services.contracts.events.enrolment_codes import EnrolmentCodeChanged
from tests.parameters import hear
from tests.pre_enrolments import rows_in
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer
from tests.service.applications.test_enrolment import offered
from tests.service.applications.test_erasure import erased
from tests.service.applications.test_pre_enrolment import hand_over, told_of
from tests.service.applications.test_review import Staff, handed_over

MADE, OWN = "ECAB12CD34", "OPI0012345"


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def give(of: Staff, id: str, code: str | None, *, seen: str | None = None, tell: bool = False) -> Any:
    if seen is None:
        seen = ((await of.ask("GET", f"/{id}")).body.get("enrolment_code") or {"code": ""})["code"]
    return await of.ask("PUT", f"/{id}/enrolment-code", json={"code": code, "instead_of": seen, "tell": tell})


async def mailed(peers: PeerServices) -> list[str]:
    """The codes that the mailer was told of, as they are kept."""
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    kept = await store.find(JOURNALS[Audience.INTERNAL].name, {}, limit=1000)
    found = [json.loads(row["body"]) for row in kept]
    return [event["data"]["code"] for event in found if event["type"] == EnrolmentCodeChanged.TYPE]


async def test_somebody_is_handed_over_under_the_code_that_staff_gave_them(
    peers: PeerServices, zoe: Candidate, kim: Staff, tmp_path: Path
) -> None:
    """Acceptance 44, 87: the candidate is told where the parameter says so; what was taken keeps its code."""
    id = await offered(zoe, kim)
    before = await zoe.get(id)
    assert (await kim.ask("GET", f"/{id}")).body["enrolment_code"] == {"code": MADE, "own": False}
    tags = set()
    for code, own in ((OWN, True), (None, False), (OWN, True), (OWN, True)):
        given = await give(kim, id, code)
        assert (given.status, given.body["enrolment_code"]) == (200, {"code": OWN if own else MADE, "own": own})
        tags.add(given.headers["ETag"])
    assert len(tags) == 2
    assert await zoe.get(id) == before and await told_of(peers) == []
    accepted = await answer(zoe, id, "accept")
    assert OWN not in json.dumps(accepted.body)
    await hear(peers.suite, {"enrolment.code_shown": "yes"})
    assert (await zoe.get(id))["pre_enrolment"]["code"] == OWN
    await hand_over(peers)
    (row,) = rows_in(tmp_path / "pre-enrolment")
    assert row["code"] == OWN
    refused = await give(kim, id, "AUTRE")
    assert (refused.status, refused.slug) == (409, "code-handed-over")
    await answer(zoe, id, "withdraw")
    await peers.suite.settle()
    assert (await give(kim, id, "AUTRE")).status == 200
    await hand_over(peers)
    (_, row) = rows_in(tmp_path / "pre-enrolment")
    assert (row["action"], row["code"]) == ("cancel", OWN), "they are let go of under the code that they came with"
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    codes = [
        (each["after"]["pre_enrolment"] or {}).get("own_code")
        for each in trail
        if each["action"] == "set_enrolment_code"
    ]
    assert codes == [OWN, None, OWN, "AUTRE"]


async def test_a_candidate_is_told_of_a_change_once_where_staff_ask_for_it_and_erasure_takes_the_code_away(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 99; incumbent: the mail of a changed code goes where staff ask for it."""
    id = await offered(zoe, kim)
    for code, tell in ((OWN, True), (OWN, True), ("AUTRE", False), (None, True)):
        assert (await give(kim, id, code, tell=tell)).status == 200
    assert await mailed(peers) == [OWN, MADE]
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    assert [each["mail"] for each in trail if each["action"] == "set_enrolment_code"] == [True, False, True]
    await erased(peers)
    assert await mailed(peers) == ["", ""]


async def test_a_code_is_of_one_person_of_its_campaign_and_of_ten_signs(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """At the limit and one past it; beyond one's reach and function nothing."""
    ana = await peers.candidate("ana", file_number="AB12CD35")
    id, other = await handed_over(zoe), await ana.opened()
    for code, status in (("X" * 10, 200), ("X" * 11, 422), ("", 422), ("a", 422), ("É", 422), ("A B", 422)):
        assert (await give(kim, id, code)).status == status, code
    for taken in ("X" * 10, MADE):
        refused = await give(kim, other, taken)
        assert (refused.status, refused.slug) == (409, "code-taken"), taken
    assert (await give(kim, id, MADE)).status == 200, "one's own file number"
    assert (await give(kim, other, "X" * 10)).status == 200, "free again"
    assert (await give(Staff(peers, ({"role": "commission"},), "ada"), id, OWN)).status == 403
    assert (await give(Staff(peers, ({"role": "manager", "centres": ["LAC"]},)), id, OWN)).status == 404


async def test_of_two_who_give_a_code_at_once_one_is_refused(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """One code is never two people's; one person's files may share it; of two over one file the second is told so."""
    await peers.publish_programme("M2")
    ana = await peers.candidate("ana", file_number="AB12CD35")
    one, two, other = await handed_over(zoe), await zoe.opened("M2"), await ana.opened()
    for code in ("UN", "DEUX"):  # a record is begun, and one is changed
        replies = await asyncio.gather(*(give(kim, id, code) for id in (one, other)))
        assert sorted(reply.status for reply in replies) == [200, 409], code
        assert [reply.slug for reply in replies if reply.status == 409] == ["code-taken"]
    assert (await give(kim, other, None)).status == 200
    for id in (one, two):
        assert (await give(kim, id, "TROIS")).status == 200, "both are of one person"
    assert (await give(kim, one, None)).status == 200
    assert (await give(kim, other, "TROIS")).slug == "code-taken", "it is still that of another file of theirs"
    seen = (await kim.ask("GET", f"/{one}")).body["enrolment_code"]["code"]
    replies = await asyncio.gather(*(give(kim, one, code, seen=seen) for code in ("AA1", "AA2")))
    assert sorted(reply.status for reply in replies) == [200, 412]
    (stale,) = [reply for reply in replies if reply.status == 412]
    there = (await kim.ask("GET", f"/{one}")).body["enrolment_code"]
    assert stale.body["current"]["enrolment_code"] == there
    assert there["code"] in ("AA1", "AA2")


async def test_a_code_that_somebody_was_handed_over_under_stays_theirs_and_nobody_without_a_place_is_told(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Also where the prefix is another one since; a mail would read as an admission."""
    ana = await peers.candidate("ana", file_number="AB12CD35")
    id, other = await offered(zoe, kim), await handed_over(ana)
    await answer(zoe, id, "accept")
    await hand_over(peers)
    await hear(peers.suite, {"enrolment.code_prefix": "XX"})
    assert (await give(kim, other, MADE)).slug == "code-taken"
    refused = await give(kim, other, OWN, tell=True)
    assert (refused.status, refused.slug) == (409, "not-told-yet")
    assert (await kim.ask("GET", f"/{other}")).body["enrolment_code"] == {"code": "XXAB12CD35", "own": False}
    assert await mailed(peers) == []
