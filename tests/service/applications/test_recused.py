"""What stays open beside the page of a file to who has no part in it, and what a meeting must not lose (ADR 102)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import pytest

from services.applications.domain.meetings import Plan
from services.applications.domain.outcomes import Wanted
from services.applications.domain.states import DecisionKind
from services.applications.repository.bulk_runs import RUN_FILES, RUNS
from services.applications.repository.convening import Convening
from services.applications.repository.recusals import RECUSALS
from services.applications.usecases import meetings, outcomes
from services.applications.usecases.app import App
from services.applications.views.audit import AuditViews
from services.applications.views.pre_enrolments import PreEnrolmentViews
from services.applications.views.review import ReviewViews
from services.applications.wiring import use_cases
from services.chassis.context import Actor
from services.chassis.ports import Document, Store, Where
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.api.sheets import AuditPage
from services.contracts.refusals import RefusedError
from services.contracts.refusals.applications import WRONG_STATE
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import NOBODYS
from tests.service.applications.test_bulk_runs import came, undone
from tests.service.applications.test_bulk_runs import done as carried_out
from tests.service.applications.test_decisions import complete, enter, validate
from tests.service.applications.test_exports import app_of, asked, command_of, done, fetched, table, told
from tests.service.applications.test_meetings import JURY, PLAN, Board, held, kim, met, minutes_told
from tests.service.applications.test_review import EVERYWHERE
from tests.service.applications.test_sheets import known

__all__ = ["kim"]

KIM = Actor("kim", ActorKind.STAFF, grants=(Grant(role=Role.MANAGER),))


async def test_neither_the_past_nor_an_export_of_before_tells_what_is_entered(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    id, ada = await complete(zoe, kim), Board(peers, JURY, "ada")
    await told(peers, "ada", {"role": "commission", "commissions": ["JURY"]})
    await enter(kim, id, "ranked_waitlist", rank=3)
    entered = peers.clock.now().isoformat()
    columns = ["file_number", "entered_decision"]
    export = await asked(ada, columns=columns)
    assert (await done(ada, export)).body["state"] == "ready"
    (row,) = table((await fetched(ada, export))[1])
    assert all(row.values())
    peers.clock.advance(seconds=60)
    past = await ada.ask("GET", f"/{id}/past", params={"at": entered})
    assert past.body["entered_decision"]["rank"] == 3
    meeting = await met(kim, id)
    seen = (await ada.at("GET", f"/{meeting}")).headers["ETag"]
    await kim.good("POST", f"/{meeting}/recusals", json={"file": id, "member": "ada"})
    past = await ada.ask("GET", f"/{id}/past", params={"at": entered})
    assert (past.status, past.body["entered_decision"]) == (200, None)
    status, content = await fetched(ada, export)
    assert (status, b"rights-changed" in content) == (409, True)
    fresh = await ada.at("GET", f"/{meeting}", headers={"If-None-Match": seen})
    assert (fresh.status, fresh.body["items"][0]["decision"]) == (200, None)
    changed = await kim.at("POST", f"/{meeting}/state", json={"state": "held"}, headers={"If-Match": seen})
    assert changed.status == 200, "the tag ends in the version"
    peers.clock.advance(seconds=60)
    again = await asked(ada, columns=columns)
    await done(ada, again)
    (fresh_row,) = table((await fetched(ada, again))[1])
    assert [*fresh_row.values()] == [next(iter(row.values())), ""]
    # Off the meeting, the recusal stands, and is taken back where it was said.
    await kim.good("DELETE", f"/{meeting}/files/{id}")
    assert (await ada.ask("GET", f"/{id}")).body["recused"] is True
    plan = {**PLAN, "commission": "JURY"}
    other = (await kim.good("POST", json=plan))["id"]
    assert (await kim.at("DELETE", f"/{other}/recusals/{id}/ada")).slug == "not-found"
    await kim.good("DELETE", f"/{meeting}/recusals/{id}/ada")
    assert (await ada.ask("GET", f"/{id}")).body["recused"] is False


async def test_what_an_outcome_has_no_word_for_stays_as_it_was_decided(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    """The page sends every file, also those at which nobody has touched anything."""
    yan = await peers.candidate("yan", file_number="YZ98XW76")
    ids = [await complete(zoe, kim), await complete(yan, kim)]
    first = (await enter(kim, ids[0], "favourable", comment="Bravo !")).body["entered_decision"]
    second = (await enter(kim, ids[1], "waitlist", comment="Sous réserve")).body["entered_decision"]
    await validate(kim, ids[1], second["id"])
    meeting = await held(kim, *ids)

    async def said(**kinds: str) -> list[str]:
        items = [{"file": ids[int(name[1:])], "kind": kind} for name, kind in kinds.items()]
        body: dict[str, Any] = {"programme": "M1-MER", "items": items}
        return [each["result"] for each in (await kim.good("POST", f"/{meeting}/outcome", json=body))["items"]]

    assert await said(f0="favourable", f1="waitlist") == ["unchanged", "unchanged"]
    views = [(await kim.ask("GET", f"/{id}")).body for id in ids]
    assert (views[0]["entered_decision"]["id"], views[0]["entered_decision"]["comment"]) == (first["id"], "Bravo !")
    assert views[1]["entered_decision"] is None
    assert await said(f0="waitlist") == ["changed"]
    entered = (await kim.ask("GET", f"/{ids[0]}")).body["entered_decision"]
    assert (entered["kind"], entered["comment"]) == ("waitlist", None), (
        "another decision says nothing of the one before"
    )
    await told(peers, "ada")  # a member no more; who was there is written down by name all the same
    await kim.good("POST", f"/{meeting}/state", json={"state": "closed"})
    await peers.suite.settle()
    assert (await minutes_told(peers))[-1]["present"] == ["Kim"]


@dataclass(frozen=True, slots=True)
class Meanwhile(Convening):
    """Somebody does something to the meeting once the so many-th has asked for it, or read it."""

    act: Any
    asks: int = 0
    reads: int = 0
    asked: list[str] = field(default_factory=list)

    async def reached(self, actor: Actor, id: str) -> Any:
        self.asked.append(id)
        if len(self.asked) == self.asks:
            await self.act(id)
        found = await Convening(self.meetings, self.programmes, self.staff).reached(actor, id)
        if len(self.asked) == self.reads:
            await self.act(id)
        return found


def meanwhile(app: App, act: Any, *, asks: int = 0, reads: int = 0) -> App:
    at = app.convening
    return replace(app, convening=Meanwhile(at.meetings, at.programmes, at.staff, act, asks, reads))


async def test_what_is_still_to_be_entered_when_the_meeting_is_closed_is_refused(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    yan = await peers.candidate("yan", file_number="YZ98XW76")
    ids = [await complete(zoe, kim), await complete(yan, kim)]
    meeting, app = await held(kim, *ids), app_of(peers)

    async def close(id: str) -> None:
        await meetings.close(app, KIM, id, command_of(peers))

    between = meanwhile(app, close, asks=3)
    wanted = [Wanted(id, DecisionKind.FAVOURABLE) for id in ids]
    came = await outcomes.enter(between, KIM, meeting, command_of(peers), programme="M1-MER", wanted=wanted, first=1)
    slugs = [None if each.refusal is None else each.refusal.slug for each in came]
    assert slugs == [None, WRONG_STATE]
    assert (await kim.ask("GET", f"/{ids[1]}")).body["entered_decision"] is None


async def test_no_file_stays_on_a_meeting_whose_programme_is_taken_off_at_once(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    """The minutes tell files by the programmes of the meeting: of another one they would say nothing."""
    jury = {"code": "JURY", "label": "Jury"}
    await peers.publish_programme("L1-DROIT", commission=jury)
    id, app = await complete(zoe, kim), app_of(peers)
    both = {**PLAN, "programmes": ["M1-MER", "L1-DROIT"]}
    meeting = (await kim.good("POST", json={**both, "commission": "JURY"}))["id"]
    law = Plan("", date(2027, 2, 3), "14:30", "Salle 12", ("L1-DROIT",))

    async def add(meeting: str) -> None:
        await kim.good("POST", f"/{meeting}/files", json={"files": [id]})

    async def leave_out(meeting: str) -> None:
        await meetings.change(app, KIM, meeting, law, command_of(peers))

    with pytest.raises(RefusedError, match="busy"):
        await meetings.change(meanwhile(app, add, reads=1), KIM, meeting, law, command_of(peers))
    await kim.good("DELETE", f"/{meeting}/files/{id}")
    with pytest.raises(RefusedError, match="busy"):
        await meetings.add(meanwhile(app, leave_out, reads=1), KIM, meeting, [id], command_of(peers))
    assert (await kim.good("GET", f"/{meeting}"))["items"] == []


class Asked:
    """A store that tells which members were read of recusals."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read = Counter[tuple[str, ...] | None]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def find(self, collection: str, where: Where, **page: Any) -> list[Document]:
        if collection == RECUSALS.name and "member" in where:
            self.read[page.get("fields")] += 1
        return await self._store.find(collection, where, **page)


async def test_in_which_files_one_has_no_part_is_read_once_for_a_question_and_no_more_than_that(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    yan = await peers.candidate("yan", file_number="YZ98XW76")
    ids = [await complete(zoe, kim), await complete(yan, kim)]
    meeting = await met(kim, *ids)
    for id in ids:
        await kim.good("POST", f"/{meeting}/recusals", json={"file": id, "member": "ada"})
    await kim.good("DELETE", f"/{meeting}/recusals/{ids[1]}/ada")
    ports = peers.suite.service("applications").service.ports
    asked: Any = Asked(ports.store)
    app = use_cases(replace(ports, store=asked))
    assert await app.recusals.of_member("ada") == {ids[0]}
    beside = PreEnrolmentViews(app.pre_enrolments, app.parameters, connected=False)
    trail = AuditViews(**{each.name: getattr(app, each.name) for each in fields(AuditViews)})
    file = ReviewViews(
        **{each.name: getattr(app, each.name) for each in fields(ReviewViews)} | {"pre_enrolments": beside}
    )
    await trail.page(KIM, ids[0], AuditPage())
    assert not (await file.one(KIM, ids[0], "fr")).recused
    assert asked.read == {("file",): 3}


async def test_a_page_of_meetings_looks_at_so_many_of_other_boards_and_goes_on_behind_them(
    peers: PeerServices, kim: Board
) -> None:
    own, ada = (await kim.good("POST", json={**PLAN, "commission": "JURY"}))["id"], Board(peers, JURY, "ada")
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    (row,) = await store.find("meetings", {})
    assert set(row) >= {"_id", "day", "programmes"}
    others = [row | {"_id": f"other{n:03}", "day": "2027-02-04", "programmes": ["L1-DROIT"]} for n in range(500)]
    for other in others[:-1]:
        await store.insert("meetings", other)
    page = await ada.good("GET")
    assert ([each["id"] for each in page["items"]], page["next"]) == ([own], None)
    await store.insert("meetings", others[-1])
    first = await ada.good("GET")
    assert (first["items"], first["next"]) == ([], "2027-02-04~other000")
    second = await ada.good("GET", params={"after": first["next"]})
    assert ([each["id"] for each in second["items"]], second["next"]) == ([own], None)
    whole = await kim.good("GET", params={"limit": 1})
    assert (len(whole["items"]), whole["next"]) == (1, "2027-02-04~other499")


async def test_who_has_no_part_in_a_file_does_not_read_in_a_run_what_was_decided(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    """What was entered before stands in no row of what undoes it: it goes with its person wherever it is."""
    await known(peers, "kim", "Kim", "manager")
    ada = Board(peers, (*EVERYWHERE, *JURY), "ada")
    id = await complete(zoe, kim)
    assert (await kim.ask("POST", f"/{id}/decision", json={"kind": "favourable"})).status == 200
    run = await carried_out(kim, "enter_decision", [id, NOBODYS], decision={"kind": "ranked_waitlist", "rank": 7})
    path = f"/bulk/runs/{run['id']}"
    assert (await ada.ask("GET", path)).body["items"][0]["after"]["decision"]["rank"] == 7
    meeting = await met(kim, id)
    await ada.good("POST", f"/{meeting}/recusals", json={"file": id})
    (item, _) = (await ada.ask("GET", path)).body["items"]
    assert (item["result"], item["before"], item["after"], item["refusal"]) == ("changed", None, None, None)
    assert item["family_name"]
    told = (await ada.ask("POST", f"{path}/undo", json={"dry_run": True})).body["preview"]
    assert came(told) == [("refused", "recused")]
    _, back = await undone(kim, run["id"])
    assert came(back) == [("changed", None)]
    store = peers.suite.service("applications").service.ports.store
    assert [row["batch"] for row in await store.find(RUN_FILES.name, {}) if "entered" in row] == [
        (await store.get(RUNS.name, run["id"]) or {})["batch"]
    ]
