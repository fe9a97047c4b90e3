"""Managers find whom the student records refuse, and have many tried anew at once (acceptance 87, 93)."""

from __future__ import annotations

from typing import Any

import pytest

from services.applications.repository.pre_enrolments import PRE_ENROLMENTS
from services.applications.views.retries import MOST_LOOKED_AT
from services.chassis.clock import FixedClock
from services.contracts.api.bulk import MAX_BULK
from tests.pre_enrolments import SampleSis
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_decisions import answer
from tests.service.applications.test_enrolment import offered
from tests.service.applications.test_pre_enrolment import hand_over
from tests.service.applications.test_review import Staff

LIST, RETRIES = "/pre-enrolments", "/pre-enrolments/retries"


@pytest.fixture
def peers(connected: PeerServices) -> PeerServices:
    return connected


async def listed(staff: Staff, pile: str = "refused", **query: Any) -> list[tuple[str, str | None]]:
    """Who is on a pile, by all its pages of two, and why."""
    found: list[tuple[str, str | None]] = []
    after: dict[str, str] = {}
    while True:
        reply = await staff.ask("GET", LIST, params={"pile": pile, "limit": "2", **after, **query})
        assert reply.status == 200, reply.body
        found += [(each["id"], each["pre_enrolment"].get("reason")) for each in reply.body["items"]]
        if not (following := reply.body.get("next")):
            return found
        after = {"after": following}


async def test_many_who_were_refused_are_tried_anew_once_after_a_look_at_who_they_are(
    peers: PeerServices, sis: SampleSis, clock: FixedClock
) -> None:
    await peers.publish_programme()
    kim = Staff(peers)
    sis.refuses = {f"ECAB12CD3{number}": ("INE inconnu", "Nom trop long")[number % 2] for number in range(3)}
    ids, person = list[str](), await peers.candidate("nobody-yet")
    for number in range(4):
        person = await peers.candidate(f"person-{number}", file_number=f"AB12CD3{number}")
        ids.append(await offered(person, kim))
        await answer(person, ids[-1], "accept")
    await hand_over(peers)
    first, second, third, done = ids
    found = await listed(kim)
    assert sorted(found[:2]) == sorted([(first, "INE inconnu"), (third, "INE inconnu")]), "alike ones stand together"
    assert found[2:] == [(second, "Nom trop long")]
    assert (await kim.ask("GET", LIST, params={"after": "bm9uZQ"})).slug == "invalid-fields"
    elsewhere = Staff(peers, grants=[{"role": "manager", "centres": ["ELSEWHERE"]}], name="lou")
    assert await listed(elsewhere) == []
    assert (await Staff(peers, grants=[{"role": "commission"}], name="max").ask("GET", LIST)).status == 403

    sis.refuses = {"ECAB12CD30": "INE inconnu"}
    body = {"ids": [*ids, "nobody"]}
    assert (await kim.ask("POST", RETRIES, json=body)).slug == "invalid-fields", "without a digest nothing is done"
    preview = (await kim.ask("POST", RETRIES, json=body | {"dry_run": True})).body
    assert [each["result"] for each in preview["items"]] == ["changed"] * 3 + ["refused"] * 2
    assert [each["refusal"]["slug"] for each in preview["items"][3:]] == ["nothing-refused", "not-found"]
    assert await listed(kim) == found, "nothing has changed"
    beyond = (await elsewhere.ask("POST", RETRIES, json={"ids": [first], "dry_run": True})).body["items"]
    assert (beyond[0]["refusal"]["slug"], beyond[0]["file_number"]) == ("not-found", None)

    assert (await kim.ask("POST", f"/{third}/pre-enrolment/retry")).status == 200
    confirmed = body | {"digest": preview["digest"]}
    late = await kim.ask("POST", RETRIES, json=confirmed, headers={"Idempotency-Key": "early"})
    assert late.slug == "premises-changed" and len(await listed(kim)) == 2, "nothing is done on other premises"
    await hand_over(peers)
    assert sis.codes == ["ECAB12CD32", "ECAB12CD33"]

    preview = (await kim.ask("POST", RETRIES, json=body | {"dry_run": True})).body
    for _ in range(2):
        told = await kim.ask(
            "POST", RETRIES, json=body | {"digest": preview["digest"]}, headers={"Idempotency-Key": "all"}
        )
        assert [each["result"] for each in told.body["items"]] == ["changed", "changed"] + ["refused"] * 3, told.body
        await hand_over(peers)
    assert sis.codes == ["ECAB12CD31", "ECAB12CD32", "ECAB12CD33"]
    assert await listed(kim) == [(first, "INE inconnu")] and await listed(kim, "waiting") == []
    assert sis.asked.count(next(each for each in reversed(sis.asked) if each.startswith(first))) == 1

    sis.down = True
    await answer(person, done, "withdraw")
    await hand_over(peers)
    assert await listed(kim, "waiting") == [(done, None)]
    clock.advance(days=8)
    await hand_over(peers)
    assert (await listed(kim, "waiting"), await listed(kim, "not_called_off")) == ([], [(done, "no-answer")])


@pytest.mark.parametrize(("number", "status"), [(MAX_BULK, 200), (MAX_BULK + 1, 422)])
async def test_so_many_are_tried_anew_at_once_and_no_more(peers: PeerServices, number: int, status: int) -> None:
    body = {"ids": [f"nobody{each}" for each in range(number)], "dry_run": True}
    assert (await Staff(peers).ask("POST", RETRIES, json=body)).status == status
    body["ids"] = ["nobody", "nobody"]
    assert (await Staff(peers).ask("POST", RETRIES, json=body)).slug == "invalid-fields"


async def test_a_page_looks_at_so_many_beyond_reach_and_says_where_to_go_on(peers: PeerServices) -> None:
    """Of those whose file is gone nothing is told."""
    store = peers.suite.service("applications").service.ports.store
    kept = {"version": 1, "account": "gone", "programme": "M1", "campaign": "2027", "state": "refused", "reason": "no"}
    gone = [{"_id": f"gone{number:04}", **kept} for number in range(MOST_LOOKED_AT + 1)]
    await store.append(PRE_ENROLMENTS.name, gone[1:])
    assert (await Staff(peers).ask("GET", LIST)).body == {"items": [], "next": None, "connected": True}
    await store.append(PRE_ENROLMENTS.name, gone[:1])
    first = (await Staff(peers).ask("GET", LIST)).body
    assert first["items"] == [] and first["next"]
    assert (await Staff(peers).ask("GET", LIST, params={"after": first["next"]})).body["next"] is None
