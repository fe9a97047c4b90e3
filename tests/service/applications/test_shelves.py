"""Staff choose the columns of their lists, and keep what they ask for again and again; neither shows them any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from services.applications.domain.shelves import MAX_VIEWS, Shelf, key_of
from services.applications.repository.shelves import PERSON
from services.applications.wiring import use_cases
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import Decision
from services.contracts.api.columns import COLUMNS
from services.contracts.events.accounts import AccountErased
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_review import Staff, handed_over
from tests.service.applications.test_sheets import known

LAW = {"code": "DROIT", "label": "UFR Droit"}
BIOLOGY = {"code": "BIO", "label": "Commission de biologie"}
SEA = [{"role": "manager", "centres": ["SEE"]}]
BOARD = [{"role": "commission", "commissions": ["BIO"]}]


async def programmes(peers: PeerServices) -> None:
    await peers.publish_programme("M1-BIO", commission=BIOLOGY)
    await peers.publish_programme("L1-DROIT", centre=LAW)
    await peers.suite.settle()


def at(name: str) -> str:
    return f"/views/{quote(name)}"


async def kept(staff: Staff) -> list[str]:
    reply = await staff.ask("GET", "/views")
    assert reply.status == 200, reply.body
    return [view["name"] for view in reply.body["items"]]


async def test_columns_are_chosen_from_a_list_and_kept_for_each_person(peers: PeerServices, zoe: Candidate) -> None:
    """Incumbent 2.2: at least its 39 columns; one's own stay one's own, and two windows do not undo each other."""
    assert len(COLUMNS) >= 39
    id = await handed_over(zoe)
    kim, ana = Staff(peers), Staff(peers, name="ana")
    await known(peers, "kim", "Kim", "manager")
    nothing = await kim.ask("GET", "/columns")
    assert (nothing.body["chosen"], nothing.body["version"], len(nothing.body["items"])) == ([], 0, len(COLUMNS))
    for path, body in (("notes", {"text": "à revoir"}), ("tags", {"tags": ["urgent"]})):
        assert (await kim.ask("POST" if path == "notes" else "PUT", f"/{id}/{path}", json=body)).status == 200
    assert (await kim.ask("PUT", f"/{id}/assignee", json={"assignee": "kim"})).status == 200
    for columns, status in ((["tags", "colour"], 422), ([*COLUMNS, "tags"], 422), ([*COLUMNS], 200)):
        assert (await kim.ask("PUT", "/columns", json={"columns": columns})).status == status
    chosen = await kim.ask("PUT", "/columns", json={"columns": ["tags", "city", "tags"]}, headers={"If-Match": '"1"'})
    assert (chosen.body["chosen"], chosen.headers["ETag"]) == (["tags", "city"], '"2"')
    stale = await kim.ask("PUT", "/columns", json={"columns": []}, headers={"If-Match": '"1"'})
    assert stale.status in (409, 412)
    assert (await ana.ask("GET", "/columns")).body["chosen"] == []
    asked = {"columns": "tags,city,assignee,notes,title"}
    (row,) = (await kim.ask("GET", "", params=asked)).body["items"]
    assert row["cells"] == {
        "tags": "urgent",
        "city": "Perpignan",
        "assignee": "Kim",
        "notes": "à revoir",
        "title": "Sciences de la mer",
    }
    (plain,) = (await kim.ask("GET", "")).body["items"]
    assert plain["cells"] is None
    assert (await kim.ask("GET", "", params={"columns": "colour"})).status == 422
    await peers.suite.publish(AccountErased(account="kim", campaign="staff"), "accounts")
    await peers.suite.settle()
    assert (await kim.ask("GET", "/columns")).body["version"] == 0, "what is somebody's goes with them"


async def test_a_view_is_kept_for_oneself_or_shared_and_widens_nobodys_rights(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 62, 92: who reads a shared view sees what is theirs, and nothing of another centre's."""
    await programmes(peers)
    for programme in ("M1-BIO", "L1-DROIT"):
        await handed_over(zoe, programme)
    await peers.suite.settle()
    everybody, sea, board = Staff(peers), Staff(peers, SEA, "sea"), Staff(peers, BOARD, "bob")
    view: dict[str, Any] = {"filter": {"state": "submitted"}, "sort": "newest", "columns": ["title", "tags"]}
    assert (await sea.ask("PUT", at("À traiter"), json=view)).status == 200
    assert await kept(everybody) == []
    shared = await sea.ask("PUT", at("À la mer"), json=view, params={"centre": "SEE"})
    assert (shared.status, shared.body["centre"], shared.body["sort"]) == (200, "SEE", "newest")
    ours = await everybody.ask("PUT", at("Biologie"), json=view, params={"commission": "BIO"})
    assert ours.status == 200
    assert await kept(everybody) == ["À la mer", "Biologie"]
    assert await kept(board) == ["À la mer", "Biologie"]
    assert await kept(sea) == ["À traiter", "À la mer", "Biologie"]
    assert await kept(Staff(peers, [{"role": "manager", "centres": ["DROIT"]}], "law")) == []
    for shelf in (
        {"centre": "DROIT"},
        {"centre": "NONE"},
        {"commission": "LAW"},
        {"centre": "SEE", "commission": "BIO"},
    ):
        assert (await sea.ask("PUT", at("Ailleurs"), json=view, params=shelf)).status == 422, shelf
    # What a board's member did not write stays as it is; a manager of the centre may tidy up.
    for method, body in (("PUT", view), ("DELETE", None)):
        refused = await board.ask(method, at("biologie"), json=body, params={"commission": "BIO"})
        assert (refused.status, refused.slug) == (403, "not-your-view")
    mine = {each["name"]: each["mine"] for each in (await board.ask("GET", "/views")).body["items"]}
    assert mine == {"À la mer": False, "Biologie": False}
    assert (await sea.ask("DELETE", at("BIOLOGIE"), params={"commission": "BIO"})).status == 204
    assert (await sea.ask("DELETE", at("BIOLOGIE"), params={"commission": "BIO"})).slug == "not-found"
    # The reach of who reads stands in the question, whatever the view names.
    elsewhere = await sea.ask("GET", "", params={"centre": "DROIT", "columns": "title"})
    assert (elsewhere.status, elsewhere.body["fields"][0]["slug"]) == (422, "beyond-reach")
    assert {row["programme"] for row in (await sea.ask("GET", "")).body["items"]} == {"M1-BIO"}


async def test_two_who_write_one_view_do_not_undo_each_other(peers: PeerServices) -> None:
    """A view has a version of its own: other views on the same shelf do not stand in the way."""
    await programmes(peers)
    kim, ana = Staff(peers), Staff(peers, name="ana")
    shelf = {"centre": "SEE"}
    first = await kim.ask("PUT", at("Commune"), json={}, params=shelf)
    assert first.headers["ETag"] == '"1"'
    assert (await kim.ask("PUT", at("Autre"), json={}, params=shelf)).status == 200
    tag = {"If-Match": '"1"'}
    second = await ana.ask("PUT", at("commune"), json={"sort": "name"}, params=shelf, headers=tag)
    assert (second.status, second.body["version"], second.body["by"]) == (200, 2, "ana")
    for method, body in (("PUT", {}), ("DELETE", None)):
        late = await kim.ask(method, at("Commune"), json=body, params=shelf, headers=tag)
        assert (late.status, late.slug) == (412, "stale-version"), late.body
    assert (await kim.ask("PUT", at("Absente"), json={}, headers=tag)).slug == "not-found"


async def test_a_person_keeps_30_views_of_60_characters(peers: PeerServices) -> None:
    """At the limits and one past each."""
    kim = Staff(peers)
    for name, status in (("é" * 61, 404), ("é" * 60, 200), ("%20", 422), ("★", 200)):
        assert (await kim.ask("PUT", at(name) if name != "%20" else "/views/%20", json={})).status == status, name
    for body in (
        {"filter": {"q": "martin"}},
        {"filter": {"account": "zoe"}},
        {"filter": {"decision": "none"}, "sort": "name"},
        {"sort": "colour"},
        {"columns": ["colour"]},
    ):
        assert (await kim.ask("PUT", at("Fausse"), json=body)).status == 422, body
    for number in range(2, MAX_VIEWS):
        assert (await kim.ask("PUT", at(f"Vue {number}"), json={})).status == 200
    assert (await kim.ask("PUT", at("Vue 2+"), json={})).status == 409 and len(await kept(kim)) == 30
    full = await kim.ask("PUT", at("Une de trop"), json={})
    assert (MAX_VIEWS, full.status, full.slug) == (30, 409, "too-many-views")
    assert (await kim.ask("PUT", at("vue 2"), json={"sort": "newest"})).status == 200
    assert len(await kept(kim)) == 30


def test_two_names_are_one_but_for_case_and_accents() -> None:
    """What is a mark to people is one to the suite."""
    for names in (("Élu", "ELU", "e\u0301lu"), ("ﬁn", "FIN")):
        assert len({key_of(name) for name in names}) == 1, names
    assert len({key_of(name) for name in ("Liste A", "Liste A+", "Liste A-", "★", "☆", "..", "Liste  A")}) == 7


async def test_a_view_that_cannot_be_read_hides_no_other(peers: PeerServices) -> None:
    """What was kept under other rules is left out."""
    kim = Staff(peers)
    for name in ("Bonne", "Autre"):
        assert (await kim.ask("PUT", at(name), json={})).status == 200

    def spoil(shelf: Shelf) -> Decision[Shelf]:
        views = tuple(replace(view, filter={"colour": 1}) if view.name == "Autre" else view for view in shelf.views)
        return Decision(replace(shelf, views=views))

    command = CommandContext(peers.clock.now(), "worker", acting_service("applications"))
    app = use_cases(peers.suite.service("applications").service.ports)
    await app.shelves.change(PERSON + "kim", spoil, command)
    assert await kept(kim) == ["Bonne"]
