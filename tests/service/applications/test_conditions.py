"""Admissions under conditions over HTTP: entered, seen once they count, followed one by one, told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.contracts.events.conditions import ConditionMarked
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_bulk import bulk, results
from tests.service.applications.test_bulk import foreseen as bulk_foreseen
from tests.service.applications.test_decisions import answer, complete, entered, seen, validate
from tests.service.applications.test_deliberation import foreseen, lines
from tests.service.applications.test_deliberation import table as table_of
from tests.service.applications.test_enrolment import tell
from tests.service.applications.test_export import fetched, table
from tests.service.applications.test_pre_enrolment import hand_over, told_of
from tests.service.applications.test_review import Staff, set_to

DEGREE = {"text": "Obtenir la licence", "until": "2027-09-30"}
OWN = ["B2 | Niveau B2 en français | Level B2 in French", "VIEUX | Ancienne |  | inactive"]


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def mark(staff: Staff, id: str, number: int, state: str, headers: Any = None, **body: Any) -> Reply:
    given = {"state": state, **body}
    return await staff.ask("POST", f"/{id}/conditions/{number}", json=given, headers=headers or {})


async def test_conditions_are_seen_with_the_decision_followed_and_told(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 46: before the decision counts nothing of them is to be seen."""
    await hear(peers.suite, {"applications.conditions": OWN})
    offered = (await kim.ask("GET", "/decision-types")).body["conditions"]
    assert offered == [{"code": "B2", "label": "Niveau B2 en français"}]
    id = await complete(zoe, kim)
    before, told_before = await seen(zoe, id), len(await peers.events())
    refused = await kim.ask("POST", f"/{id}/decision", json={"kind": "favourable", "conditions": [{"code": "VIEUX"}]})
    assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [
        ("conditions.0.code", "unknown-condition")
    ]
    decision = await entered(kim, id, conditions=[DEGREE, {"code": "B2"}])
    assert await entered(kim, id, conditions=[DEGREE, {"code": "B2"}]) == decision, "the same again"
    assert (await seen(zoe, id), len(await peers.events())) == (before, told_before)
    assert (await kim.ask("GET", f"/{id}")).body["entered_decision"]["conditions"][1]["code"] == "B2"
    assert (await validate(kim, id, decision)).body["conditions"] == "open"
    read = (await zoe.get(id))["decided"]
    assert [(each["number"], each["label"], each["until"], each["state"]) for each in read["conditions"]] == [
        (1, "Obtenir la licence", "2027-09-30", "open"),
        (2, "Niveau B2 en français", None, "open"),
    ]
    assert read["final"] is False
    (told,) = await peers.told("decided")
    assert told["conditional"] is True
    assert "licence" not in str(told), "the public feed repeats no text"
    assert (await answer(zoe, id, "accept")).status == 200

    tag = (await kim.ask("GET", f"/{id}")).headers["ETag"]
    met = await mark(kim, id, 1, "met", {"If-Match": tag}, decision=decision, on="2027-01-10")
    assert met.status == 200, met.body
    assert [(each["state"], each["marked_by"]) for each in met.body["decision"]["conditions"]] == [
        ("met", "staff:kim"),
        ("open", None),
    ]
    stale = await mark(kim, id, 2, "met", {"If-Match": tag}, decision=decision)
    assert (stale.status, stale.slug) == (412, "stale-version")
    again = await mark(kim, id, 1, "met", decision=decision, on="2027-01-10")
    assert again.body["version"] == met.body["version"], "the same again"
    assert (await mark(kim, id, 3, "met", decision=decision)).status == 404
    assert (await mark(kim, id, 2, "met", decision="other")).slug == "decision-changed"
    assert (await mark(kim, id, 2, "not_met", decision=decision)).body["fields"][0]["field"] == "reason"
    failed = await mark(kim, id, 2, "not_met", decision=decision, reason="Niveau B1")
    assert failed.body["conditions"] == "not_met"
    shown = await zoe.get(id)
    assert [each["reason"] for each in shown["decided"]["conditions"]] == [None, "Niveau B1"]
    assert (shown["answer"], shown["letter"]) == ("accept", "admission"), "nothing else changes by itself"
    assert (await mark(kim, id, 2, "met", decision=decision)).status == 200
    assert (await zoe.get(id))["decided"]["final"] is True
    marked = [each["data"] for each in await peers.events() if each["type"] == ConditionMarked.TYPE]
    assert [(each["number"], each["state"], each["final"]) for each in marked] == [
        (1, "met", False),
        (2, "not_met", False),
        (2, "met", True),
    ]
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    done = [(each["action"], each["actor"]) for each in trail]
    assert [each for each in done if "condition" in each[0]] == [
        *(("meet_condition", "staff:kim"), ("fail_condition", "staff:kim"), ("meet_condition", "staff:kim"))
    ]


async def test_lists_and_exports_say_how_conditions_stand(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    id = await complete(zoe, kim)
    decision = await entered(kim, id, conditions=[DEGREE])
    assert (await validate(kim, id, decision)).status == 200
    assert (await answer(zoe, id, "accept")).status == 200
    for state, reason in (("open", None), ("not_met", "Échec"), ("met", None)):
        if state != "open":
            assert (await mark(kim, id, 1, state, decision=decision, reason=reason)).status == 200
        await peers.suite.settle()
        for asked in ("open", "met", "not_met"):
            found = (await kim.ask("GET", f"?conditions={asked}&decision=favourable&answer=accept")).body["items"]
            assert [row["conditions"] for row in found] == ([state] if state == asked else []), asked
    (row,) = table(await fetched(kim, "csv", columns="conditions,conditions_state"))
    assert row["État des conditions"] == "Remplie"
    assert row["Conditions de l’admission"].startswith("Obtenir la licence ; 2027-09-30 ; Remplie")


async def test_who_is_admitted_under_conditions_is_handed_over_once_they_are_met(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 87."""
    id = await complete(zoe, kim)
    decision = await entered(kim, id, conditions=[DEGREE])
    assert (await validate(kim, id, decision)).status == 200
    assert (await answer(zoe, id, "accept")).status == 200
    await hand_over(peers)
    assert (await told_of(peers), (await zoe.get(id))["pre_enrolment"]) == ([], None)
    told: list[str] = []
    for state, more in (
        ("met", ["requested", "completed"]),
        ("open", ["cancelled"]),
        ("met", ["requested", "completed"]),
        ("not_met", ["cancelled"]),
    ):
        assert (await mark(kim, id, 1, state, decision=decision, reason="Vu")).status == 200
        await hand_over(peers)
        told += more
        assert await told_of(peers) == told, state


async def test_who_accepted_before_the_institution_hands_over_at_acceptance_waits_for_the_conditions(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    id = await complete(zoe, kim)
    decision = await entered(kim, id, conditions=[DEGREE])
    assert (await validate(kim, id, decision)).status == 200
    assert (await answer(zoe, id, "accept")).status == 200
    given = {"enrolment.conditional": "at-acceptance", "enrolment.link_fr": "https://inscription.example/"}
    await hear(peers.suite, given)
    await hand_over(peers)
    read = await zoe.get(id)
    assert (read["pre_enrolment"], read["enrolment"], await told_of(peers)) == (None, None, [])
    assert await tell(peers) == 0
    assert (await mark(kim, id, 1, "met", decision=decision)).status == 200
    await hand_over(peers)
    assert await told_of(peers) == ["requested", "completed"]
    assert await tell(peers) == 1


async def test_the_institution_may_hand_over_at_acceptance_whatever_the_conditions(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    await hear(peers.suite, {"enrolment.conditional": "at-acceptance"})
    id = await complete(zoe, kim)
    decision = await entered(kim, id, conditions=[DEGREE])
    assert (await validate(kim, id, decision)).status == 200
    assert (await answer(zoe, id, "accept")).status == 200
    await hand_over(peers)
    assert await told_of(peers) == ["requested", "completed"]
    await hear(peers.suite, {"enrolment.conditional": "when-met"}, version=2)
    for state, reason in (("met", {}), ("not_met", {"reason": "Faux diplôme"})):
        assert (await mark(kim, id, 1, state, decision=decision, **reason)).status == 200
        await hand_over(peers)
        assert await told_of(peers) == ["requested", "completed"], "it stands"


async def test_a_table_of_a_deliberation_leaves_the_conditions_that_are_there(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93: it has no column for them; another kind of decision has none of them."""
    id = await complete(zoe, kim)
    await entered(kim, id, conditions=[DEGREE])
    await peers.suite.settle()
    (row,) = await table_of(kim)
    for wanted, conditions in (({"Commentaire": "Bravo"}, 1), ({"Décision": "AVIS_LISTE_ATT"}, 0)):
        preview = await foreseen(kim, lines([row | wanted]))
        assert [(item["result"], item["after"]["conditions"]) for item in preview["items"]] == [("changed", conditions)]
    set_to(peers.clock, datetime(2027, 10, 1, 10, tzinfo=UTC))
    (row,) = await table_of(kim)
    (item,) = (await foreseen(kim, lines([row | {"Commentaire": "Bravo"}])))["items"]
    assert item["result"] == "refused"
    assert [(each["column"], each["slug"]) for each in item["faults"]] == [(None, "condition-past")]


async def test_one_decision_for_many_leaves_the_conditions_that_are_there(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93: as a table does; those that are said take their place, one that is past is its file's own fault."""
    ana = await peers.candidate("ana")
    ids = [await complete(zoe, kim), await complete(ana, kim)]
    await entered(kim, ids[0], conditions=[DEGREE])

    async def after(**decision: Any) -> list[int]:
        preview = await bulk_foreseen(kim, "enter_decision", ids, args={"decision": decision})
        return [item["after"]["decision"]["conditions"] for item in preview["items"]]

    assert await after(kind="unfavourable", reason="Complet") == [0, 0]
    assert await after(kind="favourable", conditions=[DEGREE, {"text": "Niveau B2"}]) == [2, 2]
    assert await after(kind="favourable", comment="Bravo") == [1, 0]
    args = {"decision": {"kind": "favourable", "comment": "Bravo"}}
    preview = await bulk_foreseen(kim, "enter_decision", ids, args=args)
    done = await bulk(kim, "enter_decision", ids, args=args, digest=preview["digest"], key="once")
    assert (done.status, done.body["changed"]) == (200, 2)
    there = (await kim.ask("GET", f"/{ids[0]}")).body["entered_decision"]
    assert (there["comment"], [each["label"] for each in there["conditions"]]) == ("Bravo", [DEGREE["text"]])
    set_to(peers.clock, datetime(2027, 10, 1, 10, tzinfo=UTC))
    preview = await bulk_foreseen(kim, "enter_decision", ids, args={"decision": {"kind": "favourable"}})
    assert results(preview) == [("refused", "condition-past"), ("changed", None)]
