"""The lists of staff over HTTP: narrowed, searched, sorted, counted, page by page, each within one's reach."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.listing import PLANS, Asked, Narrowing, Sorting
from services.applications.repository.campaigns import CampaignCopies
from services.applications.repository.cards import CARDS, CardCopies
from services.applications.repository.deadlines import DEADLINES
from services.applications.repository.listing import LISTING, MARKED, Listing
from services.applications.repository.programmes import PROGRAMMES, ProgrammeCopies
from services.applications.usecases.deadlines import look_for
from services.applications.usecases.listing import rebuild
from services.applications.views.listing import ListViews
from services.applications.views.reaching import CampaignViews, Scope, Within
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.ports import Store, Where
from services.chassis.store.query import Schema, steps
from services.chassis.store.rows import every
from services.chassis.store.sqlite import SqliteStore
from services.chassis.store.sqlite_query import select
from services.contracts.events.accounts import AccountErased
from tests.service.applications.candidate import STEPS, Candidate, PeerServices, Reply
from tests.service.applications.test_review import Grants, Staff, handed_over

BIOLOGY = {"code": "BIO", "label": "Commission de biologie"}
LAW = {"code": "DROIT", "label": "UFR Droit"}
SEA: Grants = ({"role": "manager", "centres": ["SEE"]},)


async def person(peers: PeerServices, account: str, family: str, given: str, number: str) -> Candidate:
    steps = STEPS | {"identity": STEPS["identity"] | {"family_name": family, "given_name": given}}
    return await peers.candidate(account, steps=steps, file_number=number)


class Files:
    """Five files of three people: to the sea, to biology of the same centre, and to law."""

    def __init__(self, peers: PeerServices) -> None:
        self.peers = peers
        self.names: dict[str, str] = {}

    async def made(self, clock: FixedClock) -> Files:
        await self.peers.publish_programme("M1-MER")
        await self.peers.publish_programme("M1-BIO", commission=BIOLOGY, title={"fr": "Biologie évolutive"})
        await self.peers.publish_programme("L1-DROIT", centre=LAW, title={"fr": "Droit de la mer"})
        zoe = await person(self.peers, "zoe", "Müller-L’Hôte", "Zoé", "AB12CD34")
        ana = await person(self.peers, "ana", "Martin", "Ana", "ZZ99ZZ99")
        ben = await person(self.peers, "ben", "Abel", "Martine", "AB99ZZ99")
        for name, candidate, programme in (
            ("ana-sea", ana, "M1-MER"),
            ("zoe-sea", zoe, "M1-MER"),
            ("ben-law", ben, "L1-DROIT"),
            ("zoe-bio", zoe, "M1-BIO"),
        ):
            self.names[await handed_over(candidate, programme)] = name
            clock.advance(seconds=1)
        self.names[await ana.opened("M1-BIO")] = "ana-draft"
        await self.peers.suite.settle()
        return self

    async def seen(self, staff: Staff, **query: str) -> list[str]:
        reply = await staff.ask("GET", "", params=query)
        assert reply.status == 200, reply.body
        return [self.names[row["id"]] for row in reply.body["items"]]

    def id(self, name: str) -> str:
        return next(id for id, known in self.names.items() if known == name)


@pytest.fixture
async def files(peers: PeerServices, clock: FixedClock) -> Files:
    return await Files(peers).made(clock)


async def test_a_list_is_narrowed_searched_sorted_and_counted(peers: PeerServices, files: Files) -> None:
    """Acceptance 62, 92: all of it within the reach of who asks, and no draft but where drafts are asked for."""
    kim, sea = Staff(peers), Staff(peers, SEA, "sea")
    for query, expected in (
        ({}, "ana-sea zoe-sea ben-law zoe-bio"),
        ({"sort": "newest"}, "zoe-bio ben-law zoe-sea ana-sea"),
        ({"sort": "name"}, "ben-law ana-sea zoe-sea zoe-bio"),
        ({"sort": "file_number", "state": "submitted"}, "zoe-sea zoe-bio ben-law ana-sea"),
        ({"state": "draft"}, "ana-draft"),
        ({"state": "complete"}, ""),
        ({"centre": "SEE"}, "ana-sea zoe-sea zoe-bio"),
        ({"commission": "BIO"}, "zoe-bio"),
        ({"programme": "M1-MER", "sort": "newest"}, "zoe-sea ana-sea"),
        ({"account": "ana"}, "ana-sea"),
        ({"account": "zoe", "commission": "BIO"}, "zoe-bio"),
        ({"waiting": "true"}, "ana-sea zoe-sea ben-law zoe-bio"),
        ({"waiting": "false"}, ""),
        ({"q": "MULLER l"}, "zoe-sea zoe-bio"),
        ({"q": "ma"}, "ana-sea ben-law zoe-sea"),  # family names that begin so, given names, words of titles
        ({"q": "ab"}, "ben-law zoe-sea zoe-bio"),  # a name, then the numbers, by number
        ({"q": "ab12"}, "zoe-sea zoe-bio"),
        ({"q": "martin ana", "programme": "M1-MER"}, "ana-sea"),
        ({"q": "mer", "centre": "SEE"}, "ana-sea zoe-sea"),
        ({"q": "évol bio"}, "zoe-bio"),
        ({"q": "rtin"}, ""),
        ({"q": "mullerlhote"}, "zoe-sea zoe-bio"),  # marks within a name are typed, left out, or blanks
        ({"q": "Müller L'Hôte Z"}, "zoe-sea zoe-bio"),
        ({"q": "zoe mullerl"}, "zoe-sea zoe-bio"),
        ({"q": "muller zoe"}, ""),
    ):
        assert await files.seen(kim, **query) == expected.split(), query
        within = [name for name in expected.split() if name != "ben-law"]
        assert await files.seen(sea, **query) == within, query
    reply = await kim.ask("GET", "/counts", params={"q": "ma"})
    assert reply.status == 200, reply.body
    assert {each["state"]: each["files"] for each in reply.body["items"]} == {
        "draft": 1,
        "submitted": 3,
        "incomplete": 0,
        "complete": 0,
        "cancelled": 0,
    }
    store, zoe = peers.suite.service("applications").service.ports.store, files.id("zoe-sea")
    there = await store.get(LISTING.name, zoe)
    assert there is not None
    older = there | {"name": "muller l hote zoe", "given": "zoe muller l hote", "version": there["version"] + 1}
    assert await store.replace(LISTING.name, older, version=there["version"])
    for query in ({"q": "muller-l’hôte z"}, {"q": "zoe muller l h"}):
        assert sorted(await files.seen(kim, **query)) == ["zoe-bio", "zoe-sea"], "one is a row of the release before"
    reply = await sea.ask("GET", "/counts", params={"state": "draft"})
    counted = {each["state"]: (each["files"], each["more"]) for each in reply.body["items"]}
    assert (counted["draft"], counted["submitted"]) == ((1, False), (3, False))


async def test_pages_lead_forward_and_back(peers: PeerServices, files: Files) -> None:
    kim = Staff(peers)
    for query in ({}, {"sort": "newest"}, {"sort": "name"}, {"q": "ab"}, {"centre": "SEE"}):
        whole, pages = await files.seen(kim, **query), list[Reply]()
        cursor: dict[str, str] = {}
        while True:
            reply = await kim.ask("GET", "", params=query | {"limit": "1"} | cursor)
            pages.append(reply)
            if reply.body["next"] is None:
                break
            cursor = {"after": reply.body["next"]}
        shown = [[files.names[row["id"]] for row in each.body["items"]] for each in pages]
        assert shown == [[name] for name in whole], query
        assert pages[0].body["previous"] is None
        for page, before in zip(reversed(pages[1:]), reversed(shown[:-1]), strict=True):
            back = await kim.ask("GET", "", params=query | {"limit": "1", "before": page.body["previous"]})
            assert [files.names[row["id"]] for row in back.body["items"]] == before
            assert (back.body["previous"] is None) == (before == shown[0])
            assert back.body["next"] is not None


async def test_what_a_list_cannot_do_is_said(peers: PeerServices, files: Files) -> None:
    """Acceptance 92: a centre that is not one's own is refused as one that is not there."""
    sea = Staff(peers, SEA)
    for query, slug, status, rule in (
        ({"sort": "colour"}, "unknown-sort", 422, None),
        ({"account": "zoe", "sort": "name"}, "unknown-sort", 422, None),
        ({"q": "zoe", "sort": "newest"}, "unknown-sort", 422, None),
        ({"q": "zoe", "account": "zoe"}, "unknown-sort", 422, None),
        ({"centre": "DROIT"}, "invalid-fields", 422, "beyond-reach"),
        ({"centre": "NOWHERE"}, "invalid-fields", 422, "beyond-reach"),
        ({"programme": "L1-DROIT"}, "invalid-fields", 422, "beyond-reach"),
        ({"commission": "NOBODY"}, "invalid-fields", 422, "beyond-reach"),
        ({"q": "é"}, "invalid-fields", 422, "too-short"),
        ({"q": "- z -"}, "invalid-fields", 422, "too-short"),
        ({"q": "a b c d e f g h i"}, "invalid-fields", 422, "too-many"),
        ({"after": "bm9uc2Vuc2U"}, "invalid-fields", 422, "malformed"),
        ({"after": "WyJuYW1lIiwiYSIsImIiXQ"}, "invalid-fields", 422, "malformed"),  # that of a list by name
        ({"colour": "red"}, "invalid-fields", 422, "unknown-field"),
    ):
        reply = await sea.ask("GET", "", params=query)
        assert (reply.status, reply.slug) == (status, slug), query
        assert rule in (None, *(each["slug"] for each in reply.body.get("fields", ()))), reply.body
    assert await files.seen(sea, q="a b c d e f g h") == []
    foreign, unknown = [await sea.ask("GET", "", params={"centre": code}) for code in ("DROIT", "NOWHERE")]
    assert foreign.body == unknown.body


async def test_a_commission_sees_what_is_complete_and_never_a_draft(peers: PeerServices, files: Files) -> None:
    """Acceptance 70, 77."""
    lou = Staff(peers, [{"role": "commission", "commissions": ["BIO"]}], "lou")
    kim = Staff(peers)
    assert (await files.seen(lou), await files.seen(lou, q="zoe"), await files.seen(lou, account="zoe")) == ([], [], [])
    assert (await kim.mark(files.id("zoe-bio"), "complete")).status == 200
    await peers.suite.settle()
    assert (await files.seen(lou), await files.seen(lou, state="draft")) == (["zoe-bio"], [])
    assert [each["state"] for each in (await lou.ask("GET", "/counts")).body["items"]] == ["complete"]
    # Who may do both sees each file once.
    both = Staff(peers, [{"role": "commission"}, *SEA], "both")
    assert await files.seen(both) == ["ana-sea", "zoe-sea", "zoe-bio"]


async def test_rows_follow_what_they_are_made_of_and_are_made_anew(
    peers: PeerServices, files: Files, clock: FixedClock
) -> None:
    """Names, centres, verdicts and erasures are heard of; thrown away and rebuilt, the rows are what they were."""
    kim, law = Staff(peers), Staff(peers, [{"role": "manager", "centres": ["DROIT"]}], "law")
    steps = STEPS | {"identity": STEPS["identity"] | {"family_name": "Zola", "given_name": "Zoé"}}
    await peers.candidate("zoe", version=2, steps=steps, file_number="AB12CD34")
    await peers.publish_programme("M1-BIO", changed=True, version=2, commission=BIOLOGY, centre=LAW)
    for code in ("cv", "letter"):
        assert (await kim.judge(files.id("ana-sea"), code, "validated")).status == 200
    clock.advance(seconds=10)
    await peers.suite.settle()
    ports = peers.suite.service("applications").service.ports
    app, command = use_cases(ports), CommandContext(clock.now(), "moved", OPERATOR)
    async for row in app.telling.moved():  # which a timer does every few seconds
        await look_for(app, row, command)
    assert await files.seen(kim, q="zola", centre="DROIT") == ["zoe-bio"] == await files.seen(law, q="zola")
    assert await files.seen(kim, waiting="false") == ["ana-sea"]
    assert await files.seen(law) == ["ben-law", "zoe-bio"]
    there = await rows(ports.store)
    await ports.store.delete(LISTING.name, files.id("zoe-sea"))
    broken = await ports.store.get(LISTING.name, files.id("ben-law"))
    assert broken is not None
    assert await ports.store.replace(LISTING.name, broken | {"name": "x", "version": 9}, version=broken["version"])
    await ports.store.insert(LISTING.name, broken | {"_id": "0" * 26})
    assert await rebuild(app, command) == (5, 0)
    assert await rows(ports.store) == there
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert await rows(ports.store) == {id: row for id, row in there.items() if row["account"] != "zoe"}
    assert await rebuild(app, command) == (3, 0)


async def rows(store: Store) -> Mapping[str, Any]:
    found = {row["_id"]: row async for row in every(store, LISTING.name, {})}
    return {id: {name: value for name, value in row.items() if name != "version"} for id, row in found.items()}


async def nobody() -> frozenset[str]:
    return frozenset()


async def test_every_list_and_search_is_served_by_its_index(tmp_path: Path) -> None:
    """No pair of a filter and an order reads files that it does not show, or sorts any."""
    store = SqliteStore(tmp_path / "applications.sqlite")
    try:
        await store.prepare([LISTING, MARKED, PROGRAMMES, DEADLINES, CARDS])
        for code, title in (("M1", "Zoologie"), ("M2", "Zones humides")):
            await store.insert(PROGRAMMES.name, {"_id": code, "version": 1, "programme": {"title": {"fr": title}}})
        listing = Listing(store)
        campaigns = CampaignViews(CampaignCopies(store), listing)
        lists = ListViews(listing, ProgrammeCopies(store), CardCopies(store), campaigns, nobody)
        asked: list[tuple[Where, Sequence[Any]]] = []
        for narrowing in Narrowing:
            served = [Sorting.OLDEST, Sorting.NEWEST] if narrowing is Narrowing.ACCOUNT else [*Sorting]
            searches = [] if narrowing is Narrowing.ACCOUNT else [("zo",), ("zoo",)]
            for words in ((), *searches):
                within = Within(Asked(words=words), [Scope(narrowing, "M1", None)], [], None, ["2027", "2028"])
                phases = [
                    each for sorting in ([None] if words else served) for each in await lists.phases(within, sorting)
                ]
                if not words:
                    some = (
                        *(Asked(decision="favourable"), Asked(decision="entered"), Asked(answer="accept")),
                        *(Asked(assignee="kim"), Asked(assignee="nobody"), Asked(tag="urgent", assignee="kim")),
                        Asked(assignee="gone", gone=frozenset({"kim", "lou"})),
                    )
                    for each in some if narrowing is not Narrowing.ACCOUNT else ():
                        phases += await lists.phases(replace(within, asked=each), Sorting.OLDEST)
                for phase in phases:
                    marked = [{**where, "pile": f"{where['pile']}|tag.urgent"} for where in phase.runs]
                    for where in (*phase.runs, *marked):
                        asked += [(where, sort) for sort in (phase.sort, [(name, -way) for name, way in phase.sort])]
    finally:
        await store.close()
    schema = Schema()
    schema.declare([LISTING, MARKED])
    used = set()
    with closing(sqlite3.connect(tmp_path / "applications.sqlite")) as connection:
        for where, sort in asked:
            name = MARKED.name if "|" in str(where["pile"]) else LISTING.name
            for after in (None, ["m"] * (len(sort) + 1)):
                query = schema.query(name, where, sort, 10, after)
                for step in steps(query):
                    sql, values = select(name, query, step)
                    plan, *more = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, 10))
                    assert not more, (more, where, sort, after, sql)
                    assert plan[3].startswith(f"SEARCH {name} USING INDEX {name}."), (plan, where, sort)
                    used.add((name, plan[3].split()[4].removeprefix(f"{name}.")))
    assert used == {(name, plan.name) for plan in PLANS for name in (LISTING.name, MARKED.name)}
