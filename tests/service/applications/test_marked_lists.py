"""Staff find files by tag, by who looks after them, by fee regime and exemption, and see nobody else's so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.applications.domain.listing import Row
from services.applications.repository.listing import LISTING, MARKED, OWED, RENEWALS, Listing
from services.applications.repository.sheets import SHEETS
from services.applications.usecases import sheets
from services.applications.usecases.listing import CLAIMED, rebuild
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, Actor, CommandContext
from services.chassis.ports import Document, Store
from services.chassis.store.rows import every
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.events.accounts import AccountErased, GrantPart, StaffChanged
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import NOBODYS, bulk, foreseen, results
from tests.service.applications.test_decisions import entered, validate
from tests.service.applications.test_export import fetched, table
from tests.service.applications.test_fees import say
from tests.service.applications.test_lists import SEA, Files
from tests.service.applications.test_review import Staff, handed_over
from tests.service.applications.test_sheets import known


@pytest.fixture
async def files(peers: PeerServices, clock: FixedClock) -> Files:
    return await Files(peers).made(clock)


async def tagged(staff: Staff, id: str, *tags: str) -> None:
    assert (await staff.ask("PUT", f"/{id}/tags", json={"tags": [*tags]})).status == 200


async def all_rows(store: Store) -> dict[str, Document]:
    return {
        f"{name} {row['_id']}": {key: value for key, value in row.items() if key != "version"}
        for name in (LISTING.name, MARKED.name)
        async for row in every(store, name, {})
    }


async def given_marks(peers: PeerServices, files: Files) -> Staff:
    """Tags, regimes and who looks after what; Lou sees files to the sea alone."""
    kim = Staff(peers)
    await known(peers, "kim", "Kim", "manager")
    await known(peers, "lou", "Lou", "commission")
    await tagged(kim, files.id("ana-sea"), "Urgent", "à appeler")
    await tagged(kim, files.id("ben-law"), "urgent")
    await tagged(kim, files.id("zoe-bio"), "à appeler")
    for name, assignee in (("zoe-sea", "kim"), ("zoe-bio", "lou")):
        assert (await kim.ask("PUT", f"/{files.id(name)}/assignee", json={"assignee": assignee})).status == 200
    for name in ("ana-sea", "zoe-bio"):
        assert (await say(kim, files.id(name), regime="FC")).status == 200
    return kim


async def test_files_are_found_by_tag_assignee_and_regime(peers: PeerServices, files: Files) -> None:
    """Acceptance 92: on pages, in counts and in what is taken away, with every other filter, within one's reach."""
    kim, sea = await given_marks(peers, files), Staff(peers, SEA, "lou")
    queries: tuple[tuple[dict[str, str], str], ...] = (
        ({"tag": "urgent"}, "ana-sea ben-law"),
        ({"tag": "URGENT", "sort": "newest"}, "ben-law ana-sea"),
        ({"tag": "urgent", "sort": "name"}, "ben-law ana-sea"),
        ({"tag": "à appeler", "centre": "SEE"}, "ana-sea zoe-bio"),
        ({"tag": "à appeler", "commission": "BIO"}, "zoe-bio"),
        ({"tag": "à appeler", "regime": "FC", "assignee": "nobody"}, "ana-sea"),
        ({"tag": "urgent", "q": "ma"}, "ana-sea ben-law"),
        ({"tag": "urgent", "q": "mer"}, "ben-law ana-sea"),
        ({"tag": "urgent", "account": "ana"}, "ana-sea"),
        ({"tag": "urg"}, ""),
        ({"tag": "urgent|à appeler"}, ""),
        ({"tag": "urgent", "waiting": "false"}, ""),
        ({"regime": "FC"}, "ana-sea zoe-bio"),
        ({"regime": "FI"}, ""),
        ({"exemption": "FC"}, ""),
        ({"assignee": "kim"}, "zoe-sea"),
        ({"assignee": "nobody"}, "ana-sea ben-law"),
        ({"assignee": "nobody", "decision": "none", "sort": "newest"}, "ben-law ana-sea"),
        ({"assignee": "lou", "decision": "none"}, "zoe-bio"),
        ({"assignee": "lou", "decision": "favourable"}, ""),
        ({"assignee": "lou", "account": "zoe"}, "zoe-bio"),
        ({"assignee": "nobody", "state": "draft"}, "ana-draft"),
    )
    for query, expected in queries:
        assert await files.seen(kim, **query) == expected.split(), query
        assert await files.seen(sea, **query) == [name for name in expected.split() if name != "ben-law"], query
        assert len(table(await fetched(kim, "csv", **query))) == len(expected.split()), query
        if "state" not in query:
            asked = {name: value for name, value in query.items() if name != "sort"}
            counts = (await kim.ask("GET", "/counts", params=asked)).body["items"]
            drafts = sum(each["files"] for each in counts if each["state"] == "draft")
            assert sum(each["files"] for each in counts) - drafts == len(expected.split()), query
    assert await files.seen(kim, assignee="me") == ["zoe-sea"]
    assert await files.seen(sea, assignee="me") == ["zoe-bio"]
    first = await kim.ask("GET", "", params={"tag": "urgent", "limit": "1"})
    second = await kim.ask("GET", "", params={"tag": "urgent", "limit": "1", "after": first.body["next"]})
    assert [files.names[row["id"]] for row in second.body["items"]] == ["ben-law"]
    choices = (await sea.ask("GET", "/choices")).body
    assert [each["code"] for each in choices["assignees"]] == ["kim", "lou"]
    assert [each["code"] for each in choices["regimes"]] == ["FI", "FC", "APP"]
    board = Staff(peers, [{"role": "commission", "commissions": ["NONE"]}], "max")
    assert await files.seen(board, tag="urgent") == [], "nothing of what is beyond one's reach"


async def test_filters_that_are_none_are_said_and_kept_in_no_view(peers: PeerServices, files: Files) -> None:
    """At the limit and one past it; what comes by time alone is refused in another order (acceptance 92)."""
    kim = await given_marks(peers, files)
    assert await files.seen(kim, tag="t" * 40) == []
    for query, field in (
        ({"tag": "t" * 41}, "tag"),
        ({"tag": ""}, "tag"),
        ({"assignee": "k:m"}, "assignee"),
        ({"regime": "F C"}, "regime"),
        ({"exemption": "x" * 21}, "exemption"),
    ):
        refused = await kim.ask("GET", "", params=query)
        assert (refused.slug, refused.body["fields"][0]["field"]) == ("invalid-fields", field), query
    for query in ({"assignee": "me", "sort": "name"}, {"assignee": "nobody", "q": "zoe"}):
        assert (await kim.ask("GET", "", params=query)).slug == "unknown-sort"
    filter = {"tag": "urgent", "assignee": "me", "regime": "FC", "exemption": "BOURSE"}
    written = await kim.ask("PUT", "/views/miens", json={"filter": filter})
    assert written.status == 200
    shown = {name: value for name, value in written.body["filter"].items() if value is not None}
    assert shown == filter
    refused = await kim.ask("PUT", "/views/miens", json={"filter": {"assignee": "me"}, "sort": "name"})
    assert refused.slug == "invalid-fields"
    wanted = await kim.ask("POST", "/exports", json={"format": "csv", "tag": "urgent", "assignee": "nobody"})
    assert wanted.status in (200, 201, 202)


async def test_rows_of_marks_follow_what_staff_say_and_are_made_anew(
    peers: PeerServices, files: Files, clock: FixedClock
) -> None:
    """Older rows, lost ones and left ones are made as they are made now; who is erased leaves none (acceptance 92)."""
    kim = await given_marks(peers, files)
    service = peers.suite.service("applications").service
    store, command = service.ports.store, CommandContext(clock.now(), "anew", OPERATOR)
    (timer,) = [each for each in service.timers if each.name == "lists"]

    async def renewed() -> None:
        async with asyncio.timeout(120):
            while not ((row := await store.get(RENEWALS.name, "rows")) and row["done"]):
                await timer.run(command)

    await renewed()
    await validate(kim, files.id("zoe-bio"), await entered(kim, files.id("zoe-bio")))
    await peers.suite.settle()
    assert await files.seen(kim, tag="à appeler", decision="favourable") == ["zoe-bio"]
    there = await all_rows(store)
    async for row in every(store, LISTING.name, {}):
        older = {name: value for name, value in row.items() if name not in ("assignee", "marks")}
        assert await store.replace(LISTING.name, older | {"version": row["version"] + 1}, version=row["version"])
    async for row in every(store, MARKED.name, {}):
        assert await store.delete(MARKED.name, row["_id"], version=row["version"])
        left: Document = row | {"_id": f"{row['file']}|tag.gone", "mark": "tag.gone", "version": 1}
        if await store.get(MARKED.name, left["_id"]) is None:
            await store.insert(MARKED.name, left)
    await store.delete(RENEWALS.name, "rows")
    await renewed()
    assert await all_rows(store) == there
    await rebuild(use_cases(service.ports), command)
    assert await all_rows(store) == there
    await tagged(kim, files.id("ana-sea"), "à appeler")
    assert await files.seen(kim, tag="urgent") == ["ben-law"]
    await peers.suite.publish(AccountErased(account="ana", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert await files.seen(kim, tag="à appeler") == ["zoe-bio"]
    assert not [row async for row in every(store, MARKED.name, {}) if row["account"] == "ana"]


class StoppedError(Exception):
    """The process is gone."""


class Stopping(Listing):
    """Where it stops as soon as rows are to be written."""

    async def keep(self, id: str, look: Callable[[], Awaitable[Row | None]]) -> None:
        raise StoppedError


async def test_what_is_said_beside_a_file_comes_into_lists_also_behind_a_stop(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 92: nobody is told of it by an event, so it is owed until lists show it."""
    kim = Staff(peers)
    id = await handed_over(zoe)
    await peers.suite.settle()
    service = peers.suite.service("applications").service
    actor = Actor("kim", ActorKind.STAFF, grants=(Grant(role=Role.MANAGER),))
    command = CommandContext(peers.clock.now(), "stopped", actor)
    app = use_cases(service.ports)
    with pytest.raises(StoppedError):
        await sheets.set_tags(replace(app, listing=Stopping(service.ports.store)), actor, id, command, tags=["urgent"])
    assert (await kim.ask("GET", "", params={"tag": "urgent"})).body["items"] == []
    (timer,) = [each for each in service.timers if each.name == "rows-owed"]
    assert await timer.run(command) == 0, "whoever does it has some time"
    assert await timer.run(replace(command, now=command.now + CLAIMED)) == 1
    found = (await kim.ask("GET", "", params={"tag": "urgent"})).body["items"]
    assert [each["id"] for each in found] == [id]
    await tagged(kim, id, "other")
    assert [row async for row in every(service.ports.store, OWED.name, {})] == [], "what is shown is owed no more"


async def test_files_of_who_has_no_function_any_more_are_found(peers: PeerServices, files: Files) -> None:
    """Who was taken all rights, whose last one has ended, and who is gone; nobody whose right has yet to begin."""
    kim = await given_marks(peers, files)
    assert await files.seen(kim, assignee="gone") == []
    await known(peers, "lou", "Lou")
    assert await files.seen(kim, assignee="gone") == ["zoe-bio"]
    assert await files.seen(kim, assignee="gone", account="zoe") == ["zoe-bio"]
    assert await files.seen(kim, assignee="gone", decision="favourable") == []
    day = peers.clock.now().date()
    for until, found in ((day, ["zoe-bio"]), (day - timedelta(days=1), ["zoe-sea", "zoe-bio"])):
        grant = GrantPart(role="manager", until=until.isoformat())
        await peers.suite.publish(StaffChanged(account="kim", known_as="Kim", grants=[grant]), "accounts")
        await peers.suite.settle()
        assert await files.seen(kim, assignee="gone") == found
    await peers.suite.publish(AccountErased(account="lou", campaign="2027-2028"), "accounts")
    await peers.suite.settle()
    assert await files.seen(kim, assignee="gone") == ["zoe-sea", "zoe-bio"]
    counts = (await kim.ask("GET", "/counts", params={"assignee": "gone"})).body["items"]
    assert sum(each["files"] for each in counts) == 2
    assert len(table(await fetched(kim, "csv", assignee="gone"))) == 2


async def test_many_marks_cost_no_look_each_and_an_unreadable_sheet_hides_no_file(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 92: the file is looked at once for all its rows, and once more to see that it is so."""
    kim = Staff(peers)
    id = await handed_over(zoe)
    await tagged(kim, id, "urgent")
    await peers.suite.settle()
    service = peers.suite.service("applications").service
    store = service.ports.store
    listing, row = Listing(store), await store.get(LISTING.name, id)
    assert row is not None
    ((_, shown, _),) = await listing.find({"pile": row["pile"], "campaign": row["campaign"]}, (("since", 1),), 2, None)
    shown, looks = replace(shown, marks=tuple(f"tag.{number:02}" for number in range(20))), 0

    async def look() -> Row | None:
        nonlocal looks
        looks += 1
        return shown

    await listing.keep("another", look)
    assert looks == 2
    assert len(await store.find(MARKED.name, {"file": "another"}, limit=100)) == 20
    await listing.keep("another", look)
    assert looks == 3, "nothing was to be written"
    sheet = await store.get(SHEETS.name, id)
    assert sheet is not None
    broken = sheet | {"tags": None, "version": sheet["version"] + 1}
    assert await store.replace(SHEETS.name, broken, version=sheet["version"])
    command = CommandContext(peers.clock.now(), "anew", OPERATOR)
    assert await rebuild(use_cases(service.ports), command) == (1, 0)
    assert await store.find(MARKED.name, {"file": id}, limit=100) == []


async def test_files_of_who_is_gone_are_given_on_at_once(peers: PeerServices, files: Files) -> None:
    """Acceptance 93: seen first, given to somebody who may act, done once however often it is sent."""
    kim = await given_marks(peers, files)
    await known(peers, "lou", "Lou")
    ids = [files.id("zoe-bio"), files.id("zoe-sea"), NOBODYS]
    refused = await bulk(kim, "assign", ids, dry_run=True, args={"assignee": "lou"})
    assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [("args.assignee", "not-staff")]
    lacking = await bulk(kim, "assign", ids, dry_run=True, args={})
    assert [(each["field"], each["slug"]) for each in lacking.body["fields"]] == [("args.assignee", "required")]
    given: dict[str, Any] = {"args": {"assignee": "kim"}}
    preview = await foreseen(kim, "assign", ids, **given)
    assert results(preview) == [("changed", None), ("unchanged", None), ("refused", "not-found")]
    first = preview["items"][0]
    assert [first[name]["assignee_name"] for name in ("before", "after")] == ["Lou", "Kim"] and first["mails"] == []
    told = len(await peers.events())
    assert await files.seen(kim, assignee="gone") == ["zoe-bio"], "nothing is done yet"
    for _ in range(2):
        done = await bulk(kim, "assign", ids, key="once", digest=preview["digest"], **given)
        assert results(done.body) == results(preview), done.body
    await peers.suite.settle()
    assert await files.seen(kim, assignee="gone") == []
    assert await files.seen(kim, assignee="kim") == ["zoe-sea", "zoe-bio"]
    trail = (await kim.ask("GET", f"/{ids[0]}/audit")).body["items"]
    assert [each["after"]["assignee"] for each in trail if each["action"] == "assign"].count("kim") == 1
    assert len(await peers.events()) == told, "nobody is told"
    nobody = await foreseen(kim, "assign", ids[:1], args={"assignee": "nobody"})
    assert nobody["items"][0]["after"]["assignee"] == "nobody"
    stale = await foreseen(kim, "assign", ids[:1], **given)
    assert (await kim.ask("PUT", f"/{ids[0]}/assignee", json={"assignee": None})).status == 200
    assert (await bulk(kim, "assign", ids[:1], digest=stale["digest"], **given)).slug == "premises-changed"
