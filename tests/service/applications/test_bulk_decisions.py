"""Staff decide on many files at once, as they do other things to many: seen before, then done, each file for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from services.applications.repository.applications import APPLICATIONS
from services.applications.usecases import decisions
from services.applications.wiring import use_cases
from services.chassis.context import Actor, CommandContext
from services.chassis.ports import Document, Where
from services.chassis.store.sqlite import SqliteStore
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.refusals import RefusedError
from services.contracts.refusals.applications import DECISION_CHANGED
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import NOBODYS, bulk, foreseen, results
from tests.service.applications.test_decisions import complete, entered, validate
from tests.service.applications.test_review import Staff, drafted, handed_over

MEETING = {"place": "Salle 12", "day": "2027-02-03", "time": "14:30"}
FAVOURABLE = {"decision": {"type": "AVIS_FAVORABLE", "comment": "Bravo !"}}


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def test_one_decision_is_entered_on_many_files_and_all_are_validated_with_one_mail_each(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 78, 80, 93: nothing is told before; what is repeated does nothing."""
    ana = await peers.candidate("ana")
    ids = [await complete(zoe, kim), await complete(ana, kim), NOBODYS]
    seen, before = await zoe.get(ids[0]), len(await peers.events())
    preview = await foreseen(kim, "enter_decision", ids, args=FAVOURABLE)
    assert results(preview) == [("changed", None), ("changed", None), ("refused", "not-found")]
    assert preview["items"][0]["mails"] == [] and preview["items"][0]["before"]["decision"] is None
    favourable = {"kind": "favourable", "label": "Avis favorable", "group": None, "rank": None, "conditions": 0}
    assert preview["items"][0]["after"]["decision"] == favourable | {"validated": False}
    assert (await kim.ask("GET", f"/{ids[0]}")).body["entered_decision"] is None, "a preview"
    once = {"args": FAVOURABLE, "digest": preview["digest"], "key": "once"}
    replies = await asyncio.gather(*(bulk(kim, "enter_decision", ids, **once) for _ in range(2)))
    for reply in (*replies, await bulk(kim, "enter_decision", ids, **once)):
        assert (reply.status, reply.body) == (200, preview | {"dry_run": False})
    assert (await foreseen(kim, "enter_decision", ids[:2], args=FAVOURABLE))["unchanged"] == 2
    assert (await zoe.get(ids[0]), len(await peers.events())) == (seen, before)

    preview = await foreseen(kim, "validate_decision", ids, args={"answer_deadline": "2027-02-20"})
    assert results(preview) == [("changed", None), ("changed", None), ("refused", "not-found")]
    assert [item["mails"] for item in preview["items"]] == [["decision-favourable"]] * 2 + [[]]
    assert preview["items"][0]["after"]["decision"] == favourable | {"validated": True}
    validation = {"args": {"answer_deadline": "2027-02-20"}, "digest": preview["digest"], "key": "count"}
    for _ in range(2):
        done = await bulk(kim, "validate_decision", ids, **validation)
        assert (done.status, done.body) == (200, preview | {"dry_run": False})
    assert [each["answer_deadline"] for each in await peers.told("decided")] == ["2027-02-20"] * 2
    assert (await ana.get(ids[1]))["decided"]["comment"] == "Bravo !"
    again = await foreseen(kim, "validate_decision", ids[:2])
    assert results(again) == [("refused", "no-decision")] * 2
    trail = (await kim.ask("GET", f"/{ids[0]}/audit")).body["items"]
    assert [each["action"] for each in trail].count("enter_decision") == 1


async def test_that_a_file_was_never_submitted_is_said_before_something_is_decided_on_it(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Not of one that was given back, nor of one that staff opened as complete, nor where nothing is decided."""
    ana = await peers.candidate("ana")
    draft = (await ana.apply()).body["id"]
    back = await complete(zoe, kim)
    await kim.ask("POST", f"/{back}/reopening", json={"reason": "Une pièce manque"})
    whom = {"account": "ana", "programme": "L1-DROIT", "offer": True}
    await peers.publish_programme("L1-DROIT")
    offered = (await kim.ask("POST", "/applications", json=whom)).body["id"]
    ids = [draft, back, offered, NOBODYS]
    preview = await foreseen(kim, "enter_decision", ids, args=FAVOURABLE)
    assert [each["never_submitted"] for each in preview["items"]] == [True, False, False, False]
    assert preview["items"][0]["result"] == "changed", "it may be decided on all the same"
    later = await foreseen(kim, "extend", [draft], args={"submission_deadline": "2027-05-01"})
    assert later["items"][0]["never_submitted"] is False


async def test_of_many_validations_each_is_refused_for_itself(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 81, 93: four eyes, an answer that would be late, what is not there and what was given up."""
    await peers.publish_programme("M1-LAC", answer_deadline="2027-01-20")
    ids = [
        await complete(zoe, kim),
        await complete(zoe, kim, "M1-LAC"),
        await handed_over(await peers.candidate("ana")),
    ]
    lou = Staff(peers, name="lou")
    await entered(kim, ids[0], "waitlist")
    await entered(lou, ids[1])
    await hear(peers.suite, {"applications.decided_by": "two"})
    preview = await foreseen(kim, "validate_decision", ids)
    assert results(preview) == [
        ("refused", "second-person"),
        ("refused", "answer-day-over"),
        ("refused", "no-decision"),
    ]
    day = {"answer_deadline": "2027-03-01"}
    preview = await foreseen(kim, "validate_decision", ids, args=day)
    assert results(preview)[1] == ("changed", None)
    assert (await bulk(kim, "validate_decision", ids, args=day, digest=preview["digest"])).body["changed"] == 1
    assert [each["decision"] for each in await peers.told("decided")] == ["favourable"]


async def test_of_two_at_one_rank_the_preview_says_who_cannot_have_it(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 83, 93: taken by who waits already, or by a file before it in the same act; what is foreseen is done."""
    ids = [await complete(await peers.candidate(name), kim) for name in ("ana", "bob", "eve", "lou")]
    for id, rank in zip(ids, (9, 9, 7, 7), strict=True):
        decision = await entered(kim, id, "ranked_waitlist", rank=rank)
        if id == ids[0]:
            assert (await validate(kim, id, decision)).status == 200
    preview = await foreseen(kim, "validate_decision", ids[1:])
    foreseen_results = [("refused", "rank-taken"), ("changed", None), ("refused", "rank-taken")]
    assert results(preview) == foreseen_results
    assert [item["mails"] for item in preview["items"]] == [[], ["decision-ranked-waitlist"], []]
    for _ in range(2):
        done = await bulk(kim, "validate_decision", ids[1:], digest=preview["digest"], key="ranks")
        assert (done.status, results(done.body)) == (200, foreseen_results)
    assert len(await peers.told("decided")) == 2


async def test_a_decision_that_was_entered_since_the_preview_is_neither_validated_nor_written_over(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93."""
    id = await complete(zoe, kim)
    await entered(kim, id, "waitlist")
    enter = await foreseen(kim, "enter_decision", [id], args=FAVOURABLE)
    count = await foreseen(kim, "validate_decision", [id])
    assert enter["items"][0]["before"]["decision"]["label"] == "Liste d’attente"
    other = await entered(Staff(peers, name="lou"), id, "unfavourable", reason="Niveau")
    for action, args, digest in (
        ("enter_decision", FAVOURABLE, enter["digest"]),
        ("validate_decision", {}, count["digest"]),
    ):
        late = await bulk(kim, action, [id], args=args, digest=digest)
        assert (late.status, late.slug) == (409, "premises-changed")
    assert (await validate(kim, id, other)).status == 200


class Overtaken(SqliteStore):
    """Beside the suite's own: as soon as a file is read, a colleague is at it, before anything else is."""

    colleague: Callable[[], Awaitable[object]] | None = None

    async def get(
        self, collection: str, id: str | int, where: Where | None = None, *, fields: Sequence[str] | None = None
    ) -> Document | None:
        found = await super().get(collection, id, where, fields=fields)
        if collection == APPLICATIONS.name and self.colleague is not None:
            colleague, self.colleague = self.colleague, None
            await colleague()
        return found


async def test_a_decision_that_is_replaced_while_it_is_being_validated_does_not_count(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 80, 93: what is entered is looked at when the turn of its file comes, in a run as for one alone."""
    id, lou = await complete(zoe, kim), Staff(peers, name="lou")
    seen = await entered(kim, id, "waitlist")
    suite = peers.suite
    service = suite.service("applications").service
    store = Overtaken(suite.host.settings.data / "applications.sqlite")
    await store.prepare(service.kept)
    store.colleague = lambda: entered(lou, id, "unfavourable", reason="Niveau")
    actor = Actor("kim", ActorKind.STAFF, grants=(Grant(role=Role.MANAGER),))
    command = CommandContext(suite.clock.now(), "test", actor)
    app = use_cases(replace(service.ports, store=store))
    with pytest.raises(RefusedError) as refused:
        await decisions.validate(app, actor, id, command, decision=seen, until=None)
    await store.close()
    assert refused.value.slug is DECISION_CHANGED
    assert await peers.told("decided") == []


async def test_ranks_follow_the_order_of_the_files_and_what_a_decision_lacks_is_the_requests_own_fault(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 79, 93."""
    ids = [await complete(zoe, kim), await drafted(peers, zoe)]
    ranked = {"decision": {"kind": "ranked_waitlist", "rank": 7}}
    among = [ids[0], NOBODYS, ids[1]]
    preview = await foreseen(kim, "enter_decision", among, args=ranked)
    assert [item["after"] and item["after"]["decision"]["rank"] for item in preview["items"]] == [7, None, 8]
    for _ in range(2):
        done = await bulk(kim, "enter_decision", among, args=ranked, digest=preview["digest"], key="ranked")
        assert (done.body["changed"], done.body["items"]) == (2, preview["items"])
    assert (await kim.ask("GET", f"/{ids[1]}")).body["entered_decision"]["rank"] == 8
    highest = {"decision": {"kind": "ranked_waitlist", "rank": 100_000}}
    assert (await foreseen(kim, "enter_decision", ids[:1], args=highest))["changed"] == 1
    for args, field, slug in (
        (highest, "args.decision.rank", "too-big"),
        ({}, "args.decision", "required"),
        ({"decision": {}}, "args.decision.kind", "required"),
        ({"decision": {"kind": "unfavourable"}}, "args.decision.reason", "required"),
        ({"decision": {"type": "NONE"}}, "args.decision.type", "unknown-decision-type"),
        (FAVOURABLE | {"reason": "x"}, "args.reason", "unknown-field"),
        (
            {"decision": {"kind": "shortlisted", "appointment": MEETING | {"day": "2027-01-31"}}},
            "args.decision.appointment.day",
            "day-past",
        ),
    ):
        refused = await bulk(kim, "enter_decision", ids, args=args, dry_run=True)
        assert (refused.status, [(each["field"], each["slug"]) for each in refused.body["fields"]]) == (
            422,
            [(field, slug)],
        ), args
    await entered(kim, ids[0])
    for day, slug in (("2027-01-31", "day-past"), ("2028-02-03", "day-too-far")):
        refused = await bulk(kim, "validate_decision", ids, args={"answer_deadline": day}, dry_run=True)
        assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [("args.answer_deadline", slug)]
