"""Acts for many files are runs: they go on behind a stop, can be looked at afterwards, and undone by who could do them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.applications.domain.bulk_runs import KEPT, MAX_EACH, BulkRun
from services.applications.integrity import broken_chains
from services.applications.repository.bulk_runs import RUN_FILES, RUNS
from services.applications.repository.staff import StaffCopies
from services.applications.routes.bulk_runs import act_of
from services.applications.usecases import bulk_runs
from services.applications.usecases.bulk_runs import Wanted
from services.chassis.clock import FixedClock
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Versioned
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.events.accounts import AccountErased
from services.contracts.instants import instant_text
from services.contracts.work import LEASE
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_bulk import NOBODYS, foreseen
from tests.service.applications.test_decisions import complete, entered
from tests.service.applications.test_exports import app_of, command_of
from tests.service.applications.test_review import Staff, drafted, handed_over, pieces
from tests.service.applications.test_sheets import known

KIM = Actor("kim", ActorKind.STAFF, grants=(Grant(role=Role.MANAGER),))
LAW = [{"role": "manager", "centres": ["DROIT"]}]


@pytest.fixture
async def kim(peers: PeerServices, zoe: Candidate) -> Staff:
    for name in ("kim", "eva"):
        await known(peers, name, name.title(), "manager")
    return Staff(peers)


async def begun(kim: Staff, action: str, ids: list[str], *, key: str = "", **args: Any) -> Reply:
    digest = (await foreseen(kim, action, ids, args=args))["digest"]
    headers = {"Idempotency-Key": key} if key else {}
    body = {"action": action, "ids": ids, "args": args, "digest": digest}
    return await kim.ask("POST", "/bulk/runs", json=body, headers=headers)


async def over(kim: Staff, id: str) -> Any:
    """A run, once it is over."""
    async with asyncio.timeout(120):
        while True:
            reply = await kim.ask("GET", f"/bulk/runs/{id}")
            assert reply.status == 200, reply.body
            if reply.body["state"] in ("ready", "failed"):
                return reply.body
            await asyncio.sleep(0.01)


async def done(kim: Staff, action: str, ids: list[str], **args: Any) -> Any:
    reply = await begun(kim, action, ids, **args)
    assert reply.status == 202, reply.body
    return await over(kim, reply.body["id"])


async def undone(kim: Staff, id: str) -> tuple[Any, Any]:
    """What was foreseen of undoing a run, and the run that has undone it."""
    told = await kim.ask("POST", f"/bulk/runs/{id}/undo", json={"dry_run": True})
    assert told.status == 200, told.body
    preview = told.body["preview"]
    reply = await kim.ask("POST", f"/bulk/runs/{id}/undo", json={"digest": preview["digest"]})
    assert reply.status == 200, reply.body
    return preview, await over(kim, reply.body["run"]["id"])


def came(run: Any) -> list[tuple[str, str | None]]:
    return [(item["result"], item["refusal"] and item["refusal"]["slug"]) for item in run["items"]]


async def test_a_run_is_followed_found_again_and_the_same_when_it_is_confirmed_twice(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 62, 92, 93: by who began it, and by colleagues who reach all of its files."""
    await peers.publish_programme("L1-DROIT", centre={"code": "DROIT", "label": "UFR Droit"})
    ids = [await handed_over(zoe), await drafted(peers, zoe), NOBODYS, await handed_over(zoe, "L1-DROIT")]
    digest = (await foreseen(kim, "mark_complete", ids))["digest"]
    body = {"action": "mark_complete", "ids": ids, "digest": digest}
    once = {"Idempotency-Key": "once"}
    first, second = await asyncio.gather(*(kim.ask("POST", "/bulk/runs", json=body, headers=once) for _ in "12"))
    assert first.status == second.status == 202 and first.body["id"] == second.body["id"]
    run = await over(kim, first.body["id"])
    assert came(run) == [("changed", None), ("refused", "wrong-state"), ("refused", "not-found"), ("changed", None)]
    assert [run[name] for name in ("state", "done", "total", "changed", "refused")] == ["ready", 4, 4, 2, 2]
    assert run["items"][0]["after"]["state"] == "complete" and "En attente" in run["items"][1]["refusal"]["detail"]
    assert run["items"][0]["mails"] == ["application-complete"]
    again = await kim.ask("POST", "/bulk/runs", json=body, headers=once)
    assert again.body["id"] == run["id"] and len(await peers.told("marked_complete")) == 2
    assert (await kim.ask("POST", "/bulk/runs", json=body)).slug == "premises-changed", "without the key it is another"
    (listed,) = (await kim.ask("GET", "/bulk/runs")).body["items"]
    assert (listed["id"], listed["changed"], listed["account"]) == (run["id"], 2, "kim")
    eva, law, board = Staff(peers, name="eva"), Staff(peers, LAW, "law"), Staff(peers, [{"role": "commission"}])
    assert (await eva.ask("GET", f"/bulk/runs/{run['id']}")).body["known_as"] == "Kim"
    assert (await eva.ask("GET", "/bulk/runs")).body["items"] == []
    for path in (run["id"], "0" * 26):
        assert (await law.ask("GET", f"/bulk/runs/{path}")).slug == "not-found"
        assert (await law.ask("POST", f"/bulk/runs/{path}/undo", json={"dry_run": True})).slug == "not-found"
    assert (await board.ask("GET", f"/bulk/runs/{run['id']}")).status == 403
    # Of somebody who is gone the run tells nothing any more.
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert [item["id"] for item in (await over(kim, run["id"]))["items"]] == [NOBODYS]


async def test_it_goes_on_where_it_was_stopped_and_nobody_is_told_twice(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 102, 103: stopped between two files, and between what was done and what is written down of it."""
    ana, max_ = await peers.candidate("ana"), await peers.candidate("max")
    ids = [await handed_over(each) for each in (zoe, ana, max_)]
    app, store = app_of(peers), peers.suite.service("applications").service.ports.store
    digest = (await foreseen(kim, "mark_complete", ids))["digest"]
    command = CommandContext(clock.now(), "c", KIM, key="once", digest="d")
    act = act_of(
        BulkRun(account="kim", language="fr", asked_at=clock.now(), action="mark_complete", args="{}", batch="")
    )
    wanted = Wanted("mark_complete", "{}", "fr")
    saved = await bulk_runs.start(app, KIM, command, wanted, ids=ids, act=act, digest=digest)
    steps = 0

    class Stopping(StaffCopies):
        async def grants(self, account: str, on: date) -> tuple[Grant, ...] | None:
            nonlocal steps
            steps += 1
            if steps == 2:
                raise asyncio.CancelledError
            return await super().grants(account, on)

    with suppress(asyncio.CancelledError):
        await bulk_runs.make_next(replace(app, staff=Stopping(store)), act_of, command_of(peers))
    half = (await kim.ask("GET", f"/bulk/runs/{saved.id}")).body
    assert (half["state"], half["done"]) == ("running", 1)
    assert [result for result, _ in came(half)] == ["changed", "waiting", "waiting"]
    assert await bulk_runs.make_next(app, act_of, command_of(peers)) == 0, "who was at it may still be"
    # What was done to the first was not written down any more.
    (first,) = await store.find(
        RUN_FILES.name, {"batch": saved.state.batch}, sort=(("batch", 1), ("number", 1)), limit=1
    )
    forgotten = {name: value for name, value in first.items() if name != "came"} | {"version": first["version"] + 1}
    assert await store.replace(RUN_FILES.name, forgotten, version=first["version"])
    # Meanwhile somebody has done something to the last.
    assert (await kim.judge(ids[2], "cv", "refused")).status == 200
    clock.advance(seconds=LEASE.total_seconds())
    assert await bulk_runs.make_next(app, act_of, command_of(peers)) == 1
    run = await over(kim, saved.id)
    assert came(run) == [("changed", None), ("changed", None), ("refused", "premises-changed")]
    assert len(await peers.told("marked_complete")) == 2
    for id in ids[:2]:
        trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
        assert [each["actor"] for each in trail if each["action"] == "mark_complete"] == ["staff:kim"]


@pytest.mark.parametrize(
    ("action", "args", "mails"),
    [
        ("mark_complete", {}, ["application-marked-submitted"]),
        ("judge", {"verdict": {"piece": "cv", "verdict": "refused", "comment": "Flou"}}, ["pieces-judged"]),
        ("assign", {"assignee": "eva"}, []),
        ("set_fees", {"fees": {"amount": "12.00"}}, []),
        ("enter_decision", {"decision": {"type": "AVIS_LISTE_COMP", "rank": 4}}, []),
    ],
)
async def test_what_is_undone_is_as_it_was_but_for_what_somebody_has_changed_since(
    peers: PeerServices, zoe: Candidate, kim: Staff, action: str, args: dict[str, Any], mails: list[str]
) -> None:
    """By a colleague, once, of two who do so at once; what the table says for each act (ADR 112)."""
    ana = await peers.candidate("ana")
    ids = [await handed_over(zoe), await handed_over(ana)]
    assert (await kim.judge(ids[0], "cv", "validated", comment="Bien")).status == 200
    assert (await kim.ask("PUT", f"/{ids[0]}/assignee", json={"assignee": "kim"})).status == 200
    earlier = {"kind": "unfavourable", "reason": "Dossier insuffisant"}
    assert (await kim.ask("POST", f"/{ids[0]}/decision", json=earlier)).status == 200
    before = (await kim.ask("GET", f"/{ids[0]}")).body
    run = await done(kim, action, ids, **args)
    assert came(run) == [("changed", None)] * 2
    assert run["undone"]["possible"] and run["undone"]["by"]
    # Another one goes on with the second file.
    eva = Staff(peers, name="eva")
    later: dict[str, Any] = {
        "mark_complete": ("POST", "/state", {"state": "incomplete"}),
        "judge": ("POST", "/pieces/cv/verdict", {"verdict": "refused", "comment": "Illisible"}),
        "assign": ("PUT", "/assignee", {"assignee": None}),
        "set_fees": ("PUT", "/fees", {"amount": "9.00", "fees_version": 1}),
        "enter_decision": ("POST", "/decision", earlier),
    }
    method, path, body = later[action]
    changed = await eva.ask(method, f"/{ids[1]}{path}", json=body)
    assert changed.status == 200, changed.body
    theirs = (await kim.ask("GET", f"/{ids[1]}")).body
    told = (await eva.ask("POST", f"/bulk/runs/{run['id']}/undo", json={"dry_run": True})).body["preview"]
    assert came(told) == [("changed", None), ("refused", "changed-since")], told
    assert told["items"][0]["mails"] == mails
    confirmed = {"digest": told["digest"]}
    twice = await asyncio.gather(
        *(staff.ask("POST", f"/bulk/runs/{run['id']}/undo", json=confirmed) for staff in (eva, kim))
    )
    assert sorted((each.status, each.body.get("slug") or "") for each in twice if each.status != 200) in (
        [(409, "bulk-undone")],
        [(409, "premises-changed")],
    )
    back = await over(kim, f"{run['id']}u")
    assert back["undoes"] == run["id"] and came(back) == [("changed", None), ("refused", "changed-since")]
    after = (await kim.ask("GET", f"/{ids[0]}")).body
    for name in ("state", "assignee", "entered_decision", "fees"):
        assert after[name] == before[name], name
    assert pieces(after) == pieces(before)
    left = (await kim.ask("GET", f"/{ids[1]}")).body
    assert {**left, "version": 0} == {**theirs, "version": 0}
    assert (await over(kim, run["id"]))["undone"]["run"] == back["id"]
    for id, slug in ((run["id"], "bulk-undone"), (back["id"], "bulk-lasts")):
        assert (await kim.ask("POST", f"/bulk/runs/{id}/undo", json={"dry_run": True})).slug == slug


async def test_what_people_were_told_is_not_undone_and_a_run_that_has_changed_nothing_neither(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 81: decisions that count stay; what cannot be put back says so of each file."""
    id = await complete(zoe, kim)
    await entered(kim, id, kind="favourable")
    run = await done(kim, "validate_decision", [id])
    assert run["undone"] == {"by": None, "why_not": "decision-told", "possible": False, "run": None}
    assert (await kim.ask("POST", f"/bulk/runs/{run['id']}/undo", json={"dry_run": True})).slug == "bulk-lasts"
    other = await handed_over(await peers.candidate("ana"))
    assert (await kim.mark(other, "incomplete")).status == 200
    run = await done(kim, "mark_complete", [other])
    told = (await kim.ask("POST", f"/bulk/runs/{run['id']}/undo", json={"dry_run": True})).body["preview"]
    assert came(told) == [("refused", "not-put-back")], "it was in its candidate's hands"
    refused = await kim.ask("POST", f"/bulk/runs/{run['id']}/undo", json={"digest": told["digest"]})
    assert refused.slug == "nothing-to-undo"
    assert (await kim.ask("POST", f"/bulk/runs/{run['id']}/undo", json={})).body["fields"][0]["field"] == "digest"


async def test_so_many_runs_are_kept_for_so_long_and_who_may_no_more_is_told_what_was_done(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 92, 108: the oldest of one's 50 makes room; after 30 days all are gone, with what they tell of files."""
    id, store = await handed_over(zoe), peers.suite.service("applications").service.ports.store
    run = await done(kim, "assign", [id], assignee="eva")
    app = app_of(peers)
    saved = await app.bulk_runs.get(run["id"])
    assert saved is not None
    rows = [
        {**saved.document, "_id": f"{number:026d}", "slot": number, "batch": f"b{number}", "audit": {}}
        for number in range(1, MAX_EACH)
    ]
    assert await store.append(RUNS.name, rows) == MAX_EACH - 1
    clock.advance(seconds=1)
    newest = await done(kim, "assign", [id], assignee="nobody")
    kept = {each["id"] for each in (await kim.ask("GET", "/bulk/runs")).body["items"]}
    assert len(kept) == MAX_EACH and newest["id"] in kept
    # Who may do it no more between confirming and doing: nothing is done, and that is said.
    wanted, command = Wanted("assign", '{"assignee":"kim"}', "fr"), CommandContext(clock.now(), "c", KIM)
    act = act_of(BulkRun(account="", language="fr", asked_at=clock.now(), action="assign", args=wanted.args, batch=""))
    digest = (await foreseen(kim, "assign", [id], args={"assignee": "kim"}))["digest"]
    begun: Versioned[BulkRun] = await bulk_runs.start(app, KIM, command, wanted, ids=[id], act=act, digest=digest)
    await known(peers, "kim", "Kim", "readonly")
    assert await bulk_runs.make_next(app, act_of, command_of(peers)) == 1
    failed = await over(kim, begun.id)
    assert (failed["state"], failed["reason"], came(failed)) == ("failed", "rights", [("waiting", None)])
    assert (await kim.ask("GET", f"/{id}")).body["assignee"] is None
    clock.advance(seconds=KEPT.total_seconds())
    assert (await kim.ask("GET", "/bulk/runs")).body["items"] == []
    # What is being undone is kept for that, with its files.
    undoing = {**saved.document, "_id": f"{run['id']}u", "state": "running", "slot": 70, "place": 7, "audit": {}}
    assert await store.append(RUNS.name, [undoing]) == 1
    assert run["id"] not in {row["_id"] async for row in app.bulk_runs.expired(clock.now())}
    assert (await bulk_runs.sweep_files(app, command_of(peers)), len(await app.run_files.of(saved.state.batch))) == (
        0,
        1,
    )
    await store.delete(RUNS.name, undoing["_id"])
    for row in [row async for row in app.bulk_runs.expired(clock.now())]:
        await bulk_runs.background(app).sweep(row, command_of(peers))
    assert await store.find(RUNS.name, {}) == [] == await store.find(RUN_FILES.name, {})


async def test_the_oldest_run_makes_no_room_for_what_undoes_it(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Nor for another one while that is under way: what is put back is read in it."""
    id, store, app = await handed_over(zoe), peers.suite.service("applications").service.ports.store, app_of(peers)
    run = await done(kim, "assign", [id], assignee="eva")
    saved = await app.bulk_runs.get(run["id"])
    assert saved is not None
    clock.advance(seconds=1)
    later = {**saved.document, "asked_at": instant_text(clock.now()), "audit": {}}
    rows = [
        {**later, "_id": f"{number:026d}", "slot": number, "batch": f"b{number}"}
        for number in range(MAX_EACH)
        if number != saved.state.slot
    ]
    assert await store.append(RUNS.name, rows) == MAX_EACH - 1
    _, back = await undone(kim, run["id"])
    assert (back["state"], came(back)) == ("ready", [("changed", None)])
    assert (await kim.ask("GET", f"/{id}")).body["assignee"] is None
    assert await app.bulk_runs.get(run["id"]) is not None


async def test_what_undoes_and_has_stopped_is_begun_anew(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """By a colleague, where who had begun it may do it no more."""
    id, eva = await handed_over(zoe), Staff(peers, name="eva")
    run = await done(kim, "assign", [id], assignee="eva")
    await known(peers, "kim", "Kim", "readonly")  # what the token says is older
    _, stopped = await undone(kim, run["id"])
    assert (stopped["state"], stopped["reason"]) == ("failed", "rights")
    assert (await eva.ask("GET", f"/bulk/runs/{run['id']}")).body["undone"]["possible"]
    _, back = await undone(eva, run["id"])
    assert (back["state"], back["account"], came(back)) == ("ready", "eva", [("changed", None)])
    assert (await kim.ask("GET", f"/{id}")).body["assignee"] is None
    assert (await eva.ask("POST", f"/bulk/runs/{run['id']}/undo", json={"dry_run": True})).slug == "bulk-undone"
    assert (stopped["id"], back["id"]) == (f"{run['id']}u", f"{run['id']}v"), "the trail of each is its own"
    assert (await eva.ask("GET", f"/bulk/runs/{run['id']}")).body["undone"]["run"] == back["id"]
    assert [line async for line in broken_chains(peers.suite.service("applications").service.ports.store)] == []
