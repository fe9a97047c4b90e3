"""Meetings of boards over HTTP: on which files, who has no part in which, what they come to, what stays of it (ADR 102)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.chassis.events.journal import JOURNALS
from services.contracts.events.accounts import AccountErased
from services.contracts.events.catalogue import Audience
from services.contracts.events.meetings import MeetingClosed
from tests.service.applications.candidate import BASE, Candidate, PeerServices, Reply
from tests.service.applications.test_decisions import complete, enter, validate
from tests.service.applications.test_review import EVERYWHERE, Grants, Staff
from tests.service.applications.test_sheets import known

JURY: Grants = ({"role": "commission", "commissions": ["JURY"]},)
PLAN = {"day": "2027-02-03", "time": "14:30", "place": "Bâtiment F, salle 12", "programmes": ["M1-MER"]}


class Board(Staff):
    """Somebody of staff who asks about meetings."""

    async def at(self, method: str, path: str = "", **request: Any) -> Reply:
        headers = self.peers.suite.bearer(self.name, kind="staff", grants=list(self.grants))
        headers |= request.pop("headers", {})
        url = f"{BASE}/meetings{path}"
        async with self.peers.suite.client.request(method, url, headers=headers, **request) as answer:
            return Reply(answer.status, await answer.json(content_type=None), answer.headers)

    async def good(self, method: str, path: str = "", **request: Any) -> Any:
        reply = await self.at(method, path, **request)
        assert reply.status in (200, 201), reply.body
        return reply.body


@pytest.fixture
async def kim(peers: PeerServices) -> Board:
    await peers.publish_programme("M1-MER", changed=True, version=2, commission={"code": "JURY", "label": "Jury"})
    for account in ("ada", "bob"):
        await known(peers, account, f"{account}@universite.example", "commission")
    return Board(peers)


async def met(kim: Board, *files: str) -> str:
    """A meeting with these files."""
    meeting = (await kim.good("POST", json={**PLAN, "commission": "JURY"}))["id"]
    await kim.good("POST", f"/{meeting}/files", json={"files": list(files)})
    return str(meeting)


async def held(kim: Board, *files: str) -> str:
    meeting = await met(kim, *files)
    await kim.good("POST", f"/{meeting}/state", json={"state": "held", "present": ["ada"]})
    return meeting


async def minutes_told(peers: PeerServices) -> list[dict[str, Any]]:
    """What was told of minutes, to services alone."""
    entries = await peers.suite.service("applications").journals[Audience.INTERNAL].read(0, 1000)
    told = [json.loads(entry.body) for entry in entries]
    return [event["data"] for event in told if event["type"] == MeetingClosed.TYPE]


async def test_a_meeting_is_planned_held_and_closed_with_files_that_are_ready(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    id = await complete(zoe, kim)
    yan = await peers.candidate("yan")
    early = await yan.opened()
    headers = peers.suite.bearer("kim", kind="staff", grants=list(kim.grants))
    async with peers.suite.client.get(f"{BASE}/meeting-boards", headers=headers) as answer:
        (board,) = (await answer.json())["items"]
        assert (board["code"], board["label"]) == ("JURY", "Jury")
    new = {**PLAN, "commission": "JURY"}
    planned = [await kim.good("POST", json=new, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert planned[0] == planned[1]
    meeting, path = planned[0], f"/{planned[0]['id']}"
    assert [member["name"] for member in meeting["members"]] == ["ada@universite.example", "bob@universite.example"]
    assert (meeting["state"], meeting["items"], meeting["manages"]) == ("open", [], True)
    refused = await kim.at("POST", f"{path}/files", json={"files": [id, early]})
    assert (refused.status, refused.slug) == (409, "file-not-ready")
    for _ in range(2):
        shown = await kim.good("POST", f"{path}/files", json={"files": [id]})
        assert [(file["id"], file["file_number"], file["decision"]) for file in shown["items"]] == [
            (id, shown["items"][0]["file_number"], None)
        ]
    moved = await kim.good("PUT", path, json=PLAN | {"title": "Jury de juin", "time": "15:00"})
    assert (moved["title"], moved["time"]) == ("Jury de juin", "15:00")
    stale = await kim.at("PUT", path, json=PLAN, headers={"If-Match": f'"{meeting["version"]}"'})
    assert stale.slug == "stale-version"
    assert (await kim.at("POST", f"{path}/state", json={"state": "closed"})).slug == "wrong-state"
    stranger = await kim.at("POST", f"{path}/state", json={"state": "held", "present": ["eve"]})
    assert stranger.body["fields"][0]["slug"] == "not-convened"
    await kim.good("POST", f"{path}/state", json={"state": "held", "present": ["ada"]})
    assert (await kim.good("DELETE", f"{path}/files/{id}"))["items"] == []
    assert (await kim.good("POST", f"{path}/state", json={"state": "closed"}))["state"] == "closed"
    assert (await kim.at("POST", f"{path}/files", json={"files": [id]})).slug == "wrong-state"
    assert [(row["id"], row["state"]) for row in (await kim.good("GET"))["items"]] == [(meeting["id"], "closed")]


@pytest.mark.parametrize(
    ("grants", "sees", "plans"),
    [
        (EVERYWHERE, 200, 201),
        (({"role": "manager", "commissions": ["JURY"]},), 200, 201),
        (({"role": "manager", "commissions": ["OTHER"]},), 404, 422),
        (JURY, 200, 403),
        (({"role": "commission", "commissions": ["OTHER"]},), 404, 403),
        (({"role": "support"},), 403, 403),
        (({"role": "readonly"},), 403, 403),
        (({"role": "admin"},), 403, 403),
    ],
)
async def test_a_meeting_is_for_who_reaches_all_its_programmes(
    peers: PeerServices, kim: Board, grants: Grants, sees: int, plans: int
) -> None:
    """Acceptance 62, 92: role by scope."""
    meeting = (await kim.good("POST", json={**PLAN, "commission": "JURY"}))["id"]
    lea = Board(peers, grants, "lea")
    assert (await lea.at("GET", f"/{meeting}")).status == sees
    assert (await lea.at("POST", json={**PLAN, "commission": "JURY"})).status == plans
    listed = await lea.at("GET")
    assert listed.status == 403 or bool(listed.body["items"]) == (sees == 200)
    changes = 200 if plans == 201 else 404 if plans == 422 else 403
    for method, path, body in (
        ("PUT", "", PLAN),
        ("POST", "/state", {"state": "held", "present": []}),
        ("DELETE", "/files/nothing", None),
    ):
        reply = await lea.at(method, f"/{meeting}{path}", **({} if body is None else {"json": body}))
        assert reply.status == changes, (method, path, reply.body)


async def test_who_has_no_part_in_a_file_neither_sees_nor_says_what_is_decided_on_it(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    id = await complete(zoe, kim)
    ada, bob = (Board(peers, JURY, name) for name in ("ada", "bob"))
    assert (await enter(kim, id, "ranked_waitlist", rank=3)).status == 200
    meeting = await met(kim, id)
    before = (await zoe.ask("GET", f"/applications/{id}")).headers["ETag"]
    assert (await ada.ask("GET", f"/{id}")).body["entered_decision"]["rank"] == 3
    other = await ada.at("POST", f"/{meeting}/recusals", json={"file": id, "member": "bob"})
    assert (other.status, other.slug) == (403, "action-forbidden")
    mine = [await ada.good("POST", f"/{meeting}/recusals", json={"file": id}) for _ in range(2)][-1]
    assert [(each["name"], each["me"]) for each in mine["items"][0]["recusals"]] == [("ada@universite.example", True)]
    assert (mine["items"][0]["recused"], mine["items"][0]["decision"]) == (True, None)
    file = (await ada.ask("GET", f"/{id}")).body
    assert (file["recused"], file["entered_decision"], file["entered"]) == (True, None, False)
    await peers.suite.settle()
    assert [row["entered"] for row in (await ada.ask("GET", "", params={"state": "complete"})).body["items"]] == [False]
    by_it = {"decision": "entered", "state": "complete"}
    assert (await ada.ask("GET", "", params=by_it)).body["items"] == []
    assert len((await bob.ask("GET", "", params=by_it)).body["items"]) == 1
    assert all(count["files"] == 0 for count in (await ada.ask("GET", "/counts", params=by_it)).body["items"])
    cells = await ada.ask("GET", "", params={"columns": "entered_decision"})
    assert not any(row["cells"]["entered_decision"] for row in cells.body["items"])
    trail = [entry["action"] for entry in (await ada.ask("GET", f"/{id}/audit")).body["items"]]
    assert "recuse" in trail
    assert "enter_decision" not in trail
    now = {"at": peers.clock.now().isoformat(timespec="milliseconds")}
    past = [(await each.ask("GET", f"/{id}/past", params=now)).body["entered_decision"] for each in (ada, bob)]
    assert (past[0], past[1]["rank"]) == (None, 3), "nor how it was"
    for said in (await enter(ada, id), await ada.ask("DELETE", f"/{id}/decision")):
        assert (said.status, said.slug) == (403, "recused")
    table = await peers.suite.client.get(
        f"{BASE}/review/deliberation.csv",
        params={"programme": "M1-MER"},
        headers=peers.suite.bearer("ada", kind="staff", grants=list(JURY)),
    )
    assert "ranked_waitlist" not in await table.text()
    everything = Board(peers, (*EVERYWHERE, *JURY), "ada")
    for action, args in (("mark_submitted", {}), ("assign", {"assignee": "nobody"})):
        act = {"action": action, "ids": [id], "dry_run": True, "args": args}
        (item,) = (await everything.ask("POST", "/bulk", json=act)).body["items"]
        assert (action, item["result"], item["refusal"]["slug"]) == (action, "refused", "recused")
    # Others go on, and a manager may take it back, never the member.
    assert (await enter(bob, id, "favourable")).status == 200
    assert (await kim.good("GET", f"/{meeting}"))["items"][0]["decision"]["kind"] == "favourable"
    lifted = f"/{meeting}/recusals/{id}/ada"
    assert (await ada.at("DELETE", lifted)).slug == "right-missing"
    both = Board(peers, (*EVERYWHERE, *JURY), "ada")
    assert (await both.at("DELETE", lifted)).slug == "own-recusal"
    deciding = {"action": "enter_decision", "ids": [id], "dry_run": True, "args": {"decision": {"kind": "favourable"}}}
    bulk = (await both.ask("POST", "/bulk", json=deciding)).body["items"][0]
    assert (bulk["result"], bulk["refusal"]["slug"]) == ("refused", "recused")
    assert (await kim.good("DELETE", lifted))["items"][0]["recusals"] == []
    assert (await ada.ask("GET", f"/{id}")).body["entered_decision"]["kind"] == "favourable"
    trail = [entry["action"] for entry in (await kim.ask("GET", f"/{id}/audit")).body["items"]]
    assert {"recuse", "take_back_recusal"} <= {*trail}
    assert (await zoe.ask("GET", f"/applications/{id}")).headers["ETag"] == before


async def test_who_is_there_is_overwritten_by_nobody_who_has_not_seen_it(kim: Board) -> None:
    meeting = await kim.good("POST", json={**PLAN, "commission": "JURY"})
    path, seen = f"/{meeting['id']}/state", {"If-Match": f'"{meeting["version"]}"'}
    first = await kim.good("POST", path, json={"state": "held", "present": ["ada"]}, headers=seen)
    assert await kim.good("POST", path, json={"state": "held", "present": ["ada"]}, headers=seen) == first
    late = await Board(kim.peers, name="lou").at("POST", path, json={"state": "held", "present": ["bob"]}, headers=seen)
    assert late.slug == "stale-version"
    members = (await kim.good("GET", f"/{meeting['id']}"))["members"]
    assert [each["present"] for each in members] == [True, False]


async def test_an_outcome_is_entered_as_decisions_with_ranks_in_order_and_told_to_no_candidate(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    """Acceptance 46, 78: nothing of it reaches a candidate."""
    people = [zoe, *[await peers.candidate(name) for name in ("yan", "xia", "wim")]]
    ids = [await complete(each, kim) for each in people]
    ada = Board(peers, JURY, "ada")
    meeting = await met(kim, *ids[:3])
    items: list[dict[str, Any]] = [
        {"file": ids[2], "kind": "ranked_waitlist"},
        {"file": ids[0], "kind": "ranked_waitlist"},
        {"file": ids[1], "kind": "unfavourable"},
        {"file": ids[3], "kind": "favourable"},
    ]
    said = {"programme": "M1-MER", "items": items, "first_rank": 4}
    assert (await ada.at("POST", f"/{meeting}/outcome", json=said)).slug == "wrong-state"
    await kim.good("POST", f"/{meeting}/state", json={"state": "held", "present": ["ada"]})
    await kim.good("POST", f"/{meeting}/recusals", json={"file": ids[0], "member": "ada"})
    await peers.suite.settle()
    before, told = [await each.get(id) for each, id in zip(people, ids, strict=True)], await peers.events()
    first = await ada.good("POST", f"/{meeting}/outcome", json=said)
    assert [(each["result"], (each.get("refusal") or {}).get("slug")) for each in first["items"]] == [
        ("changed", None),
        ("refused", "recused"),
        ("refused", "invalid-fields"),
        ("refused", "not-found"),
    ]
    items[2]["reason"] = "Prérequis insuffisants"
    keyed = {"Idempotency-Key": "once"}
    second, again = [await kim.good("POST", f"/{meeting}/outcome", json=said, headers=keyed) for _ in range(2)]
    assert [each["result"] for each in second["items"]] == ["unchanged", "changed", "changed", "refused"]
    assert [each["result"] for each in again["items"]][:1] == ["unchanged"]
    shown = await kim.good("GET", f"/{meeting}")
    assert [(each["decision"]["kind"], each["decision"]["rank"]) for each in shown["items"]] == [
        ("ranked_waitlist", 5),
        ("unfavourable", None),
        ("ranked_waitlist", 4),
    ]
    ranks = [items[0] | {"rank": 9}, items[1] | {"rank": 5}, items[2] | {"rank": 1}]
    came = (await kim.good("POST", f"/{meeting}/outcome", json=said | {"items": ranks}))["items"]
    assert [(each["result"], each["rank"]) for each in came[:2]] == [("changed", 9), ("unchanged", 5)]
    assert (came[2]["result"], came[2]["field"]) == ("refused", "rank")
    items[0]["instead_of"] = ""
    items[0]["kind"] = "waitlist"
    assert (await kim.good("POST", f"/{meeting}/outcome", json=said))["items"][0]["refusal"][
        "slug"
    ] == "decision-changed"
    await peers.suite.settle()
    assert [await each.get(id) for each, id in zip(people, ids, strict=True)] == before
    assert await peers.events() == told


async def test_minutes_are_what_was_decided_at_closing_once_and_forget_who_is_gone(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    yan = await peers.candidate("yan", file_number="YZ98XW76")
    ids, numbers = [await complete(zoe, kim), await complete(yan, kim)], ["AB12CD34", "YZ98XW76"]
    meeting = await held(kim, *ids)
    await kim.good("POST", f"/{meeting}/recusals", json={"file": ids[0], "member": "bob"})
    await enter(kim, ids[0], "unfavourable", reason="Prérequis insuffisants")
    decision = (await enter(kim, ids[1], "favourable")).body["entered_decision"]["id"]
    for _ in range(2):
        await kim.good("POST", f"/{meeting}/state", json={"state": "closed"})
    await validate(kim, ids[1], decision)
    assert (await enter(kim, ids[0], "favourable")).status == 200  # later, and no matter of the minutes
    await peers.suite.settle()
    (told,) = await minutes_told(peers)
    (programme,) = told["programmes"]
    assert [(line["number"], line["kind"], (line.get("reason") or {}).get("fr")) for line in programme["lines"]] == [
        (numbers[0], "unfavourable", "Prérequis insuffisants"),
        (numbers[1], "favourable", None),
    ]
    assert (told["present"], told["absent"]) == (["ada@universite.example"], ["bob@universite.example"])
    assert [(each["member"], each["numbers"]) for each in told["recusals"]] == [("bob", [numbers[0]])]
    assert "account" not in json.dumps(told)
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    for collection in ("meetings", "agenda", "recusals", *(each.name for each in JOURNALS.values())):
        rows = json.dumps(await store.find(collection, {}, limit=1000), ensure_ascii=False)
        assert "Prérequis insuffisants" not in rows, collection
        assert numbers[0] not in rows, collection
    stripped = (await minutes_told(peers))[-1]
    assert [(line.get("number"), line["kind"]) for line in stripped["programmes"][0]["lines"]] == [
        (None, "unfavourable"),
        (numbers[1], "favourable"),
    ]
    assert (stripped["version"], stripped["recusals"]) == (2, [])
