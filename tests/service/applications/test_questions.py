"""Questions of a programme over HTTP: answered, taken back, in the way of submitting, frozen once submitted."""

import asyncio
from typing import Any

import pytest

from services.chassis.service.integrity import violations as broken
from services.chassis.testing import Suite
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_review import Staff

WHY = {"code": "why", "label": {"fr": "Pourquoi ici ?", "en": "Why here?"}, "kind": "text", "required": True}
PAID = {"code": "paid", "label": {"fr": "En alternance ?", "en": "Paid work?"}, "kind": "yes-no", "required": False}


def of(application: Any, code: str) -> Any:
    return next(question for question in application["questions"] if question["code"] == code)


async def violations(suite: Suite) -> list[str]:
    """What applications promises of its data and does not hold."""
    await suite.settle()
    service = suite.service("applications").service
    return [line async for line in broken(service, {"applications": service})]


@pytest.fixture
async def zoe(peers: PeerServices) -> Candidate:
    await peers.publish_programme(requirements=[], questions=[WHY, PAID])
    return await peers.candidate("zoe")


async def answer(person: Candidate, id: str, code: str, given: Any, **headers: str) -> Any:
    return await person.ask("PUT", f"/applications/{id}/answers/{code}", json={"answer": given}, headers=headers)


async def test_questions_come_with_the_programme_and_are_answered(peers: PeerServices, zoe: Candidate) -> None:
    """A text is made alike; a later answer takes the place of the one before."""
    id = await zoe.opened()
    assert of(await zoe.get(id), "why") == {
        "code": "why",
        "label": "Pourquoi ici ?",
        "kind": "text",
        "required": True,
        "state": "awaiting",
        "state_label": "En attente",
        "answer": None,
        "max_length": 1000,
    }
    given = await answer(zoe, id, "why", " Pour la mer.\r\nEt l’e\u0301te\u0301. ")
    assert given.status == 200, given.body
    why = of(given.body, "why")
    assert (why["answer"], why["state"]) == ("Pour la mer.\nEt l’été.", "answered")
    assert of((await answer(zoe, id, "paid", "yes")).body, "paid")["answer"] == "yes"
    assert of((await answer(zoe, id, "paid", "no")).body, "paid")["answer"] == "no"
    assert of(await zoe.get(id, **{"Accept-Language": "en"}), "paid")["label"] == "Paid work?"
    told = await peers.told("question_answered")
    assert [(data["question"], data["answered"]) for data in told] == [("why", True), ("paid", True), ("paid", True)]
    assert all("Pour la mer" not in str(event) for event in await peers.events())


async def test_an_answer_of_the_longest_is_taken_and_one_character_more_is_not(zoe: Candidate) -> None:
    id = await zoe.opened()
    reply = await answer(zoe, id, "why", "é" * 1001)
    assert (reply.status, reply.slug, reply.body["fields"][0]["slug"]) == (422, "invalid-fields", "too-long")
    assert (await answer(zoe, id, "why", "é" * 1000)).status == 200


@pytest.mark.parametrize(
    ("code", "given", "slug"),
    [
        ("why", "", "required"),
        ("why", " \u200b ", "required"),
        ("why", "a\x00b", "malformed"),
        ("why", True, "wrong-type"),
        ("paid", "maybe", "not-a-choice"),
        ("paid", "", "required"),
    ],
)
async def test_what_is_no_answer_is_refused_at_its_field(zoe: Candidate, code: str, given: Any, slug: str) -> None:
    id = await zoe.opened()
    reply = await answer(zoe, id, code, given)
    assert (reply.status, reply.slug) == (422, "invalid-fields")
    assert [(error["field"], error["slug"]) for error in reply.body["fields"]] == [("answer", slug)]
    assert of(await zoe.get(id), code)["answer"] is None


async def test_a_question_that_is_not_asked_is_not_there(peers: PeerServices, zoe: Candidate) -> None:
    """Neither in one's own application, nor in somebody else's (acceptance 62)."""
    id = await zoe.opened()
    assert (await answer(zoe, id, "nothing", "yes")).status == 404
    stranger = await peers.candidate("kim")
    assert (await answer(stranger, id, "why", "yes")).status == 404
    assert (await stranger.ask("DELETE", f"/applications/{id}/answers/why")).status == 404


async def test_an_unanswered_required_question_blocks_by_its_name(zoe: Candidate) -> None:
    """Acceptance 67; the other one does not."""
    id = await zoe.opened()
    reply = await zoe.submit(id)
    assert (reply.status, reply.slug) == (409, "not-ready")
    assert reply.body["blocking"] == [
        {"kind": "question", "code": "why", "label": "Pourquoi ici ?", "reason": "awaiting"}
    ]
    application = (await answer(zoe, id, "why", "Pour la mer.")).body
    assert (application["can_submit"], application["blocking"]) == (True, [])
    application = (await zoe.ask("DELETE", f"/applications/{id}/answers/why")).body
    assert (application["can_submit"], of(application, "why")["answer"]) == (False, None)
    assert (await zoe.ask("DELETE", f"/applications/{id}/answers/why")).body == application


async def test_where_the_institution_wants_it_nothing_unanswered_blocks(peers: PeerServices) -> None:
    """Acceptance 67 with the parameter off, and on again: a required question and a required form."""
    form = {"code": "plans", "label": {"fr": "Projet"}, "url": "https://survey.example/1", "required": True}
    await peers.publish_programme(requirements=[], questions=[WHY], forms=[form])
    zoe = await peers.candidate("zoe")
    id = await zoe.opened()
    assert [block["code"] for block in (await zoe.submit(id)).body["blocking"]] == ["plans", "why"]
    await hear(peers.suite, {"applications.unanswered_block": "no"})
    application = await zoe.get(id)
    assert (application["can_submit"], application["blocking"]) == (True, [])
    await hear(peers.suite, {"applications.unanswered_block": "yes"}, version=2)
    assert (await zoe.get(id))["can_submit"] is False
    await hear(peers.suite, {"applications.unanswered_block": "no"}, version=3)
    assert (await zoe.submit(id)).status == 200


async def test_answers_are_frozen_by_the_submission_which_keeps_and_proves_them(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 71."""
    id = await zoe.opened()
    await answer(zoe, id, "why", "Pour la mer.")
    assert (await zoe.submit(id)).status == 200
    for reply in (
        await answer(zoe, id, "why", "Pour le soleil."),
        await answer(zoe, id, "paid", "yes"),
        await zoe.ask("DELETE", f"/applications/{id}/answers/why"),
    ):
        assert (reply.status, reply.slug) == (409, "file-frozen")
    seen = (await Staff(peers).ask("GET", f"/{id}")).body["questions"]
    assert [(question["code"], question["answer"]) for question in seen] == [("why", "Pour la mer."), ("paid", None)]
    record = (await zoe.ask("GET", f"/applications/{id}/receipt")).body
    assert record["answers"] == {"why": "Pour la mer."}
    assert of(await zoe.get(id), "why")["answer"] == "Pour la mer."
    assert [line for line in await violations(peers.suite) if "of accounts is not there" not in line] == []


async def test_after_the_last_day_nothing_is_answered(peers: PeerServices, zoe: Candidate) -> None:
    """Unless the programme's last day has been moved meanwhile."""
    id = await zoe.opened()
    peers.clock.advance(days=75)
    reply = await answer(zoe, id, "why", "Pour la mer.")
    assert (reply.status, reply.slug) == (409, "deadline-passed")
    await peers.publish_programme(
        changed=True, version=2, requirements=[], questions=[], submission_deadline="2027-05-15"
    )
    assert (await answer(zoe, id, "why", "Pour la mer.")).status == 200


async def test_two_tabs_and_a_stale_version(zoe: Candidate) -> None:
    """Acceptance 35: who has not seen the newest version and says so changes nothing."""
    id = await zoe.opened()
    replies = await asyncio.gather(*(answer(zoe, id, "why", f"Réponse {number}") for number in range(5)))
    assert {reply.status for reply in replies} == {200}
    kept = of(await zoe.get(id), "why")["answer"]
    stale = await answer(zoe, id, "why", "Autre", **{"If-Match": '"1"'})
    assert (stale.status, stale.slug) == (412, "stale-version")
    assert of(stale.body["current"], "why")["answer"] == kept


async def test_the_questions_of_an_application_are_those_of_its_opening(peers: PeerServices, zoe: Candidate) -> None:
    id = await zoe.opened()
    await peers.publish_programme(changed=True, version=2, requirements=[])
    assert [question["code"] for question in (await zoe.get(id))["questions"]] == ["why", "paid"]
    kim = await peers.candidate("kim")
    assert (await kim.get(await kim.opened()))["questions"] == []


async def test_what_a_programme_tells_its_candidates_is_told_as_it_stands(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 43, 119."""
    id = await zoe.opened()
    assert (await zoe.get(id))["information"] is None
    told = {"fr": "Rentrée le 1er septembre.\nVenez en bottes.", "en": "Term starts on 1 September."}
    await peers.publish_programme(changed=True, version=2, information=told)
    assert (await zoe.get(id))["information"] == told["fr"]
    assert (await zoe.get(id, **{"Accept-Language": "en"}))["information"] == told["en"]
    await peers.publish_programme(changed=True, version=3)
    assert (await zoe.get(id))["information"] is None
