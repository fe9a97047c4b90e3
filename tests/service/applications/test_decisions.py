"""Staff decide over HTTP, in two steps; candidates see, and answer, what was validated."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any

import pytest
import structlog

from services.applications.usecases import decisions
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.ports import Document, Store
from services.contracts.events.accounts import AccountErased
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import ApplicationsParameters, Parameters
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_review import Staff, handed_over, set_to

COMMISSION = ({"role": "commission"},)
MEETING = {"place": "Bâtiment F, salle 12", "day": "2027-02-01", "time": "14:30"}
OPERATIONS = [name for name, member in vars(Store).items() if iscoroutinefunction(member)]
CHANGING = ("X-Request-ID", "Date", "traceparent")
"""Headers that differ from one answer to the next in any case."""


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def enter(staff: Staff, id: str, kind: str = "favourable", **body: Any) -> Reply:
    return await staff.ask("POST", f"/{id}/decision", json={"kind": kind, **body})


async def entered(staff: Staff, id: str, kind: str = "favourable", **body: Any) -> str:
    reply = await enter(staff, id, kind, **body)
    assert reply.status == 200, reply.body
    return str(reply.body["entered_decision"]["id"])


async def validate(staff: Staff, id: str, decision: str, **body: Any) -> Reply:
    return await staff.ask("POST", f"/{id}/decision/validation", json={"decision": decision, **body})


async def answer(candidate: Candidate, id: str, given: str, **headers: str) -> Reply:
    return await candidate.ask("POST", f"/applications/{id}/answer", json={"answer": given}, headers=headers)


async def complete(candidate: Candidate, staff: Staff, programme: str = "M1-MER") -> str:
    id = await handed_over(candidate, programme)
    assert (await staff.mark(id, "complete")).status == 200
    return id


async def test_a_validated_decision_is_seen_told_once_and_answered(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 78, 80, 83, 85."""
    id = await complete(zoe, kim)
    decision = await entered(kim, id, comment="Bravo !")
    before = await zoe.get(id)
    assert (before["decision"], before["decision_label"]) == (None, "Pas encore de décision")
    assert (before["can_answer"], before["possible_answers"]) == (False, [])
    done = await validate(kim, id, decision)
    assert done.status == 200, done.body
    assert done.body["entered_decision"] is None
    assert (done.body["decision"]["entered_by"], done.body["decision"]["validated_by"]) == ("staff:kim", "staff:kim")
    shown = await zoe.get(id)
    assert (shown["decision"], shown["decision_label"]) == ("favourable", "Avis favorable")
    assert shown["decided"]["comment"] == "Bravo !"
    assert (shown["answer"], shown["can_answer"], shown["possible_answers"]) == (None, True, ["accept", "withdraw"])
    assert shown["answer_deadline"] == "2027-07-01"
    again = await validate(kim, id, decision)
    assert (again.status, again.slug) == (409, "no-decision")
    assert (await zoe.get(id))["answer_deadline"] == "2027-07-01"
    (told,) = await peers.told("decided")
    assert (told["decision"], told["answer_deadline"]) == ("favourable", "2027-07-01")
    assert "comment" not in told
    assert shown["letter"] is None
    accepted = await answer(zoe, id, "accept")
    assert (accepted.status, accepted.body["answer"], accepted.body["letter"]) == (200, "accept", "admission")
    assert (await answer(zoe, id, "accept")).status == 200
    withdrawn = await answer(zoe, id, "withdraw")
    assert (withdrawn.body["answer"], withdrawn.body["letter"]) == ("withdraw", None)
    assert (await answer(zoe, id, "accept")).slug == "no-place"
    assert len(await peers.told("accepted")) == len(await peers.told("withdrawn")) == 1


async def test_the_last_day_for_an_answer_is_inclusive(zoe: Candidate, kim: Staff, clock: FixedClock) -> None:
    """Acceptance 83, 84: a day of its own goes before the programme's."""
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id), answer_deadline="2027-02-03")).status == 200
    set_to(clock, datetime(2027, 2, 3, 22, 59, 59, tzinfo=UTC))
    assert (await answer(zoe, id, "accept")).status == 200
    set_to(clock, datetime(2027, 2, 3, 23, 0, tzinfo=UTC))
    late = await answer(zoe, id, "withdraw")
    assert (late.status, late.slug) == (409, "answer-late")
    assert (await zoe.get(id))["can_answer"] is False


async def test_with_a_delay_the_last_day_counts_from_the_validation(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 84: a day of its own goes before the delay too."""
    for code in ("M1-A", "M1-B"):
        await peers.publish_programme(code, answer_deadline=None, answer_delay_days=15)
    first, second = [await handed_over(zoe, code) for code in ("M1-A", "M1-B")]
    for id, own, expected in ((first, {}, "2027-02-18"), (second, {"answer_deadline": "2027-02-10"}, "2027-02-10")):
        decision = await entered(kim, id)
        set_to(clock, datetime(2027, 2, 3, 9, 0, tzinfo=UTC))
        assert (await validate(kim, id, decision, **own)).status == 200
        assert (await zoe.get(id))["answer_deadline"] == expected


async def test_an_entered_decision_leaks_nothing(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 46: the candidate's answers, events and store operations are those without one, cancelling included."""
    await peers.publish_programme("M1-LAC")
    plain, decided = await zoe.opened("M1-MER"), await zoe.opened("M1-LAC")
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    kept, answered = await store.get("applications", decided), await seen(zoe, decided)
    await entered(kim, decided, "unfavourable", reason="Niveau")
    await entered(kim, decided, "waitlist")
    assert await store.get("applications", decided) == kept, "version and ETag included"
    assert await seen(zoe, decided) == answered
    assert await touches(peers, zoe, decided, "GET", "") == await touches(peers, zoe, plain, "GET", "")
    for programme in ("M1-BIO", "M1-CHI"):
        await peers.publish_programme(programme)
    examined = [await complete(zoe, kim, programme) for programme in ("M1-BIO", "M1-CHI")]
    await entered(kim, examined[0], "unfavourable", reason="Niveau")
    looks = [[await touches(peers, zoe, each, "GET", "") for _ in range(2)] for each in examined]
    assert looks[0] == looks[1] and looks[0][1], "what is complete is looked up another way"
    touched = [await touches(peers, zoe, each, "POST", "/cancellation") for each in (decided, plain)]
    assert touched[0] == touched[1]
    after = [
        str(await zoe.get(id)).replace(id, "").replace(code, "") for id, code in ((decided, "LAC"), (plain, "MER"))
    ]
    assert after[0] == after[1]
    void = (await kim.ask("GET", f"/{decided}")).body
    assert (void["state"], void["entered_decision"], void["decision"]) == ("cancelled", None, None)
    assert await peers.told("decided") == []


async def seen(zoe: Candidate, id: str) -> tuple[Any, dict[str, str]]:
    """What the candidate is answered, but for what differs from one answer to the next in any case."""
    reply = await zoe.ask("GET", f"/applications/{id}")
    return reply.body, {name: value for name, value in reply.headers.items() if name not in CHANGING}


async def touches(peers: PeerServices, zoe: Candidate, id: str, method: str, path: str) -> list[tuple[str, ...]]:
    """What a request of the candidate does in the store."""
    store = peers.suite.service("applications").service.ports.store
    done: list[tuple[str, ...]] = []
    kept = {name: getattr(store, name) for name in OPERATIONS}

    def noted(name: str) -> Any:
        async def operation(*arguments: Any, **named: Any) -> Any:
            # What is done because of an event is done whatever was entered, and meets the request or not.
            if "event_id" not in structlog.contextvars.get_contextvars():
                several = [(each.collection, each.id) for each in arguments] if name == "several" else None
                for collection, what in several or [arguments[:2]]:
                    if collection in ("applications", "decisions", "submissions", "programmes", "cards"):
                        done.append((name, collection, "own" if id in str(what) else ""))
            return await kept[name](*arguments, **named)

        return operation

    for name in kept:
        setattr(store, name, noted(name))
    try:
        reply = await zoe.ask(method, f"/applications/{id}{path}")
    finally:
        for name in kept:
            delattr(store, name)
    assert reply.status == 200, reply.body
    assert not [each for each in done if each[1] == "decisions"]
    return [each for each in done if each[2]]


async def test_who_decides_what(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 92: a commission's member enters, on what is complete alone; a manager validates; others do neither."""
    lou = Staff(peers, COMMISSION, "lou")
    early = await handed_over(zoe)
    assert (await enter(lou, early)).slug == "not-found"
    assert (await kim.mark(early, "complete")).status == 200
    decision = await entered(lou, early)
    assert (await validate(lou, early, decision)).status == 403
    for role in ("registrar", "support", "readonly"):
        none = Staff(peers, ({"role": role},), "max")
        assert (await enter(none, early)).status == 403
    elsewhere = Staff(peers, ({"role": "manager", "centres": ["AUTRE"]},), "max")
    for reply in (await enter(elsewhere, early), await validate(elsewhere, early, decision)):
        assert (reply.status, reply.slug) == (404, "not-found")
    assert (await lou.ask("DELETE", f"/{early}/decision", params={"decision": "other"})).slug == "decision-changed"
    there = (await kim.ask("GET", f"/{early}")).headers["ETag"]
    assert (await enter(lou, early)).status == 200, "the same again is no other one"
    trail = (await kim.ask("GET", f"/{early}/audit")).body["items"]
    assert [each["action"] for each in trail].count("enter_decision") == 1
    gone = await lou.ask("DELETE", f"/{early}/decision", params={"decision": decision})
    assert (await kim.ask("GET", f"/{early}")).headers["ETag"] != there, "who looks again sees it"
    assert (gone.status, gone.body["entered_decision"]) == (200, None)
    assert (await lou.ask("DELETE", f"/{early}/decision")).slug == "no-decision"
    assert (await validate(kim, early, decision)).slug == "no-decision"


async def test_with_two_people_the_second_one_validates(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 81."""
    rules = Parameters(applications=ApplicationsParameters(decided_by="two"))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    id = await complete(zoe, kim)
    decision = await entered(kim, id)
    assert (await kim.ask("GET", f"/{id}")).body["second_person"] is True
    refused = await validate(kim, id, decision)
    assert (refused.status, refused.slug) == (403, "second-person")
    assert (await validate(Staff(peers, name="lou"), id, decision)).status == 200


@pytest.mark.parametrize(
    ("body", "field", "slug"),
    [
        ({"kind": "unfavourable"}, "reason", "required"),
        ({"kind": "ranked_waitlist"}, "rank", "required"),
        ({"kind": "ranked_waitlist", "rank": 0}, "rank", "too-small"),
        ({"kind": "shortlisted"}, "appointment", "required"),
        ({"kind": "shortlisted", "appointment": MEETING | {"day": "2027-01-31"}}, "appointment.day", "day-past"),
        ({"kind": "favourable", "comment": "é" * 1001}, "comment", "too-long"),
        ({"kind": "favourable", "reason": "é"}, "reason", "not-of-kind"),
    ],
)
async def test_a_decision_that_lacks_something_is_refused(
    zoe: Candidate, kim: Staff, body: dict[str, Any], field: str, slug: str
) -> None:
    """Acceptance 79."""
    id = await complete(zoe, kim)
    refused = await kim.ask("POST", f"/{id}/decision", json=body)
    assert (refused.status, [(each["field"], each["slug"]) for each in refused.body["fields"]]) == (
        422,
        [(field, slug)],
    )
    for good in ({"kind": "favourable", "comment": "é" * 1000}, {"kind": "shortlisted", "appointment": MEETING}):
        assert (await kim.ask("POST", f"/{id}/decision", json=good)).status == 200


async def test_two_managers_validate_at_once_and_one_mail_is_due(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 80: one outcome; who comes second is told; the same request again is answered as before."""
    id = await complete(zoe, kim)
    decision, lou = await entered(kim, id), Staff(peers, name="lou")
    replies = await asyncio.gather(*(validate(staff, id, decision) for staff in (kim, lou) * 5))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 9
    assert len(await peers.told("decided")) == 1
    other = await entered(kim, id, "waitlist")
    for _ in range(2):
        body = {"json": {"decision": other}, "headers": {"Idempotency-Key": "once"}}
        assert (await kim.ask("POST", f"/{id}/decision/validation", **body)).status == 200
    assert [each["decision"] for each in await peers.told("decided")] == ["favourable", "waitlist"]


async def test_two_who_enter_at_once_do_not_write_over_each_other_unseen(zoe: Candidate, kim: Staff) -> None:
    id = await complete(zoe, kim)
    kinds = ("favourable", "waitlist", "unfavourable")
    bodies = [{"kind": kind, "instead_of": ""} | ({"reason": "x"} if "un" in kind else {}) for kind in kinds]
    replies = await asyncio.gather(*(kim.ask("POST", f"/{id}/decision", json=body) for body in bodies))
    assert sorted(reply.status for reply in replies) == [200, 409, 409]
    there = (await kim.ask("GET", f"/{id}")).body["entered_decision"]
    (won,) = [reply.body["entered_decision"] for reply in replies if reply.status == 200]
    assert there == won


async def test_a_draft_that_is_decided_on_is_not_given_up(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 45."""
    await peers.publish_programme("M1-LAC")
    id = await zoe.opened("M1-LAC")
    assert (await zoe.get(id))["can_cancel"] is True
    assert (await validate(kim, id, await entered(kim, id))).status == 200
    assert (await zoe.get(id))["can_cancel"] is False
    refused = await zoe.ask("POST", f"/applications/{id}/cancellation")
    assert (refused.status, refused.slug) == (409, "decision-stands")


async def test_what_was_entered_is_forgotten_with_the_person(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 21."""
    id = await complete(zoe, kim)
    await entered(kim, id, "unfavourable", reason="Niveau")
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    there: Document | None = await store.get("decisions", id)
    assert there is not None
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert await store.get("decisions", id) is None


async def look_after(peers: PeerServices, *, heard: bool = True) -> int:
    """What the timer does at this moment; `heard`: offers say that they have told everything."""
    if heard:
        await peers.suite.vouch("offers")
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    async with app.parameters.known():
        rows = decisions.unanswered(app, command)
        return sum([await decisions.look_after(app, row, command) async for row in rows])


async def test_who_does_not_answer_is_reminded_once_and_then_the_place_is_free(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 88, 89: an hour after the last day, and not while it may have been moved."""
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id), answer_deadline="2027-02-10")).status == 200
    for day, hour, minute, steps in ((7, 9, 0, 0), (8, 6, 59, 0), (8, 7, 0, 1), (9, 9, 0, 0), (10, 9, 0, 0)):
        set_to(clock, datetime(2027, 2, day, hour, minute, tzinfo=UTC))  # nobody is woken before eight in Paris
        assert await look_after(peers) == steps, day
    set_to(clock, datetime(2027, 2, 11, 0, 0, tzinfo=UTC))
    assert await look_after(peers, heard=False) == 0
    assert await look_after(peers) == 1
    assert await look_after(peers) == 0
    assert [each["answer_deadline"] for each in await peers.told("answer_due")] == ["2027-02-10"]
    assert [each["because"] for each in await peers.told("withdrawn")] == ["day"]
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    assert [each["mail"] for each in trail if each["action"] in ("remind_of_answer", "lapse_place")] == [True, True]
    assert (await zoe.get(id))["answer"] == "withdraw"
    assert (await answer(zoe, id, "accept")).slug == "no-place"
