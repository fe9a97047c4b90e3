"""Programmes whose waiting list has groups: each has ranks and places of its own (ADR 114)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import enter, entered, validate
from tests.service.applications.test_deliberation import deliberated, foreseen, lines, sent, table, told
from tests.service.applications.test_review import Staff
from tests.service.applications.test_waiting_list import Applicants, offers_next, places_of

FIRST = {"code": "FIRST", "label": {"fr": "Primo-entrants", "en": "First entrants"}, "places": 1}
OTHER = {"code": "OTHER", "label": {"fr": "Autres"}, "places": 1}
BOTH: dict[str, Any] = {"groups": [FIRST, OTHER]}


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


@pytest.fixture
async def people(peers: PeerServices, kim: Staff) -> Applicants:
    """Two groups of one place each, which `a` and `b` have; `p` and `q` wait first in them, `r` behind `p`."""
    await peers.publish_programme(version=2, capacity=2, **BOTH)  # candidates come with the first version of it
    found = Applicants(peers, kim)
    await found.decided("a", group="FIRST")
    await found.decided("b", group="OTHER")
    for name, group, rank in (("r", "FIRST", 5), ("p", "FIRST", 1), ("q", "OTHER", 1)):
        await found.decided(name, "ranked_waitlist", group=group, rank=rank)
    return found


async def shown(people: Applicants) -> list[tuple[Any, ...]]:
    """What managers see of each list: places that are free, who waits, who is next."""
    by_id = {id: name for name, (_, id) in people.people.items()}
    view = (await places_of(people.kim)).body
    waiting = [(each["group"], by_id[each["application"]]) for each in view["waiting"]]
    return [
        (each["code"], each["free"], [who for group, who in waiting if group == each["code"]], by_id.get(each["next"]))
        for each in view["groups"]
    ]


async def test_two_withdraw_at_once_and_each_place_goes_to_its_own_group(people: Applicants) -> None:
    """Ranks are of a group: two wait at rank 1, and both are told how many wait before them in theirs."""
    assert await people.live_ranks("p", "q", "r") == [1, 1, 2]
    seen = await people.sees("r")
    assert (seen["decided"]["group"], seen["rank_explained"]) == (
        {"code": "FIRST", "label": "Primo-entrants"},
        {"before": 1, "unanswered": 1, "unanswered_until": "2027-07-01"},
    )
    assert await shown(people) == [("FIRST", 0, ["p", "r"], None), ("OTHER", 0, ["q"], None)]
    await asyncio.gather(people.answers("a", "withdraw"), people.answers("b", "withdraw"))
    await people.peers.suite.settle()
    assert sorted(await people.promoted()) == ["p", "q"]
    assert (await people.sees("q"))["decided"]["group"]["code"] == "OTHER"
    await people.answers("q", "withdraw")
    await people.peers.suite.settle()
    assert sorted(await people.promoted()) == ["p", "q"], "nobody waits in that group; the place is of no other"
    assert await shown(people) == [("FIRST", 0, ["r"], None), ("OTHER", 1, [], None)]
    assert (await offers_next(people, "r")).status == 409, "the places of the own group are taken"
    await people.answers("p", "withdraw")
    await people.peers.suite.settle()
    assert sorted(await people.promoted()) == ["p", "q", "r"]


async def test_where_places_are_passed_on_the_next_group_has_them(peers: PeerServices, people: Applicants) -> None:
    await peers.publish_programme(changed=True, version=3, capacity=2, passes_on=True, **BOTH)
    await people.leaves("q")
    await people.answers("b", "withdraw")
    await peers.suite.settle()
    assert await people.promoted() == ["p"], "the best rank of the other group"
    assert (await people.sees("p"))["decided"]["group"]["code"] == "FIRST"
    await people.answers("p", "withdraw")
    await peers.suite.settle()
    assert await people.promoted() == ["p", "r"], "it was a place of the group in which nobody waits, and stays one"
    assert await shown(people) == [("FIRST", 0, [], None), ("OTHER", 0, [], None)]


async def test_places_of_no_group_are_shared_out_one_by_one(peers: PeerServices, kim: Staff) -> None:
    """Two more places, and one waits in each group, which have no number of their own."""
    free: dict[str, Any] = {"groups": [{**each, "places": None} for each in (FIRST, OTHER)]}
    await peers.publish_programme(capacity=1, **free)
    people = Applicants(peers, kim)
    await people.decided("a", group="FIRST")
    for name, group in (("p", "FIRST"), ("q", "OTHER")):
        await people.decided(name, "ranked_waitlist", group=group, rank=1)
    await peers.publish_programme(changed=True, version=2, capacity=3, **free)
    await peers.suite.settle()
    assert sorted(await people.promoted()) == ["p", "q"]


async def test_a_decision_names_its_group_where_there_are_some(
    peers: PeerServices, zoe: Candidate, kim: Staff, people: Applicants
) -> None:
    """Required of an offer and of a rank, refused otherwise, each with a text in the field; ranks are of one group."""
    await peers.publish_programme("M2", capacity=2)
    there, without = people.people["r"][1], await zoe.opened("M2")

    async def fault(id: str, kind: str, **body: Any) -> Any:
        reply = await enter(kim, id, kind, **body)
        assert reply.status == 422, reply.body
        return [(each["field"], each["slug"]) for each in reply.body["fields"]]

    assert await fault(there, "favourable") == [("group", "required")]
    assert await fault(there, "ranked_waitlist", rank=1) == [("group", "required")]
    assert await fault(there, "waitlist", group="FIRST") == [("group", "not-of-kind")]
    assert await fault(there, "favourable", group="LAST") == [("group", "unknown-group")]
    assert await fault(without, "favourable", group="FIRST") == [("group", "no-groups")]
    decision = await entered(kim, there, "ranked_waitlist", rank=1, group="OTHER")
    assert (await validate(kim, there, decision)).slug == "rank-taken"
    decision = await entered(kim, there, "ranked_waitlist", rank=2, group="OTHER")
    assert (await validate(kim, there, decision)).status == 200


async def test_groups_come_and_go_and_nothing_is_lost(peers: PeerServices, kim: Staff) -> None:
    """Who waited before there were groups keeps the rank; what was entered before is entered anew."""
    await peers.publish_programme(capacity=2)
    people = Applicants(peers, kim)
    for name in ("a", "b"):
        await people.decided(name)
    for name, rank in (("p", 1), ("q", 2)):
        await people.decided(name, "ranked_waitlist", rank=rank)
    id = people.people["q"][1]
    before = await entered(kim, id, "ranked_waitlist", rank=3)
    await peers.publish_programme(changed=True, version=2, capacity=2, **BOTH)
    assert (await validate(kim, id, before)).slug == "group-unfit"
    assert await people.live_ranks("p", "q") == [1, 2]
    assert (await people.validated("q", "ranked_waitlist", rank=1, group="OTHER")).status == 200
    assert await shown(people) == [("FIRST", 1, [], None), ("OTHER", 1, ["q"], None), (None, None, ["p"], None)]
    await people.answers("a", "withdraw")
    await peers.suite.settle()
    assert await people.promoted() == ["p"], "a place of no group is for who waits in none"
    await people.answers("b", "withdraw")
    await peers.suite.settle()
    assert await people.promoted() == ["p", "q"], "and then for the first group with room in which somebody waits"
    assert (await people.validated("q", "ranked_waitlist", rank=1, group="OTHER")).status == 200
    await peers.suite.settle()
    await peers.publish_programme(changed=True, version=3, capacity=2, groups=[FIRST])
    view = (await places_of(kim)).body
    assert (view["elsewhere"], view["waiting_count"]) == (1, 1), "nobody is offered a place of a group that is no more"
    assert await people.live_ranks("q") == [1]
    await peers.publish_programme(changed=True, version=4, capacity=2, **BOTH)
    assert await shown(people) == [("FIRST", 1, [], None), ("OTHER", 1, ["q"], "q")]
    assert (await offers_next(people, "q")).status == 200
    await peers.publish_programme(changed=True, version=5, capacity=2, passes_on=True, **BOTH)
    await peers.publish_programme(changed=True, version=6, capacity=2)
    assert (await places_of(kim)).body["groups"] == []
    assert (await people.validated("q", "ranked_waitlist", rank=1)).status == 200, "of none, as there is none any more"


async def test_a_table_has_a_column_for_groups_and_one_without_it_changes_none(peers: PeerServices, kim: Staff) -> None:
    """Acceptance 93: by the code of a group or what it is called; tables of before there were groups still come back."""
    await peers.publish_programme(capacity=2, **BOTH)
    ids = await deliberated(peers, kim, "ana", "ben")
    await entered(kim, ids["ana"], "ranked_waitlist", rank=1, group="FIRST")
    ana, ben = await table(kim)
    assert (ana["Groupe"], ben["Groupe"]) == ("FIRST", "")
    old = [{name: text for name, text in row.items() if name != "Groupe"} for row in (ana, ben)]
    assert {result for result, _ in told(await foreseen(kim, lines(old)))} == {"unchanged"}
    wrong = ben | {"Décision": "Liste complémentaire", "Rang": "1", "Groupe": "nobody's"}
    assert told(await foreseen(kim, lines([wrong]))) == [("refused", [("group", "unknown-group")])]
    assert told(await foreseen(kim, lines([wrong | {"Groupe": ""}]))) == [("refused", [("group", "required")])]
    both = lines([ana, wrong | {"Groupe": "primo-entrants"}])
    assert told(await foreseen(kim, both))[1] == ("refused", [("rank", "rank-repeated")])
    given = lines([ana, wrong | {"Groupe": "autres"}])
    preview = await foreseen(kim, given)
    assert [(item["result"], item["after"]["group"]) for item in preview["items"]] == [
        ("unchanged", "Primo-entrants"),
        ("changed", "Autres"),
    ]
    status, body = await sent(kim, given, digest=preview["digest"])
    assert (status, body["changed"]) == (200, 1), body


async def test_of_many_files_those_refuse_a_group_whose_programme_has_it_not(
    peers: PeerServices, zoe: Candidate, kim: Staff, people: Applicants
) -> None:
    await peers.publish_programme("M2", capacity=2)
    ids = [people.people["r"][1], await zoe.opened("M2")]
    args = {"decision": {"kind": "ranked_waitlist", "rank": 3, "group": "OTHER"}}
    reply = await kim.ask("POST", "/bulk", json={"ids": ids, "action": "enter_decision", "args": args, "dry_run": True})
    assert reply.status == 200, reply.body
    found = [(each["result"], (each.get("refusal") or {}).get("slug")) for each in reply.body["items"]]
    assert found == [("changed", None), ("refused", "group-unfit")]
    assert reply.body["items"][0]["after"]["decision"]["group"] == "Autres"


async def test_managers_see_what_withdrawals_would_bring_by_group(people: Applicants, kim: Staff) -> None:
    """ADR 103: of whose places so many are is said; what is foreseen comes."""
    assert (await places_of(kim, path="/simulation?count=1")).body["fields"][0]["slug"] == "required"
    assert (await places_of(kim, path="/simulation?count=1&group=LAST")).body["fields"][0]["slug"] == "unknown-group"
    assert (await places_of(kim, path="/simulation?count=2&group=OTHER")).body["fields"][0]["slug"] == "too-big"
    both = ",".join(people.people[name][1] for name in ("a", "b"))
    found = (await places_of(kim, path=f"/simulation?ids={both}")).body
    named = [(each["application"], each["group"]["code"]) for each in found["promoted"]]
    assert named == [(people.people["p"][1], "FIRST"), (people.people["q"][1], "OTHER")]
    assert (found["left"], found["taken"], found["taken_then"]) == (0, 2, 2)
    await people.leaves("q")
    found = (await places_of(kim, path="/simulation?count=1&group=OTHER")).body
    assert (found["promoted"], found["left"], found["because"]) == ([], 1, "nobody")


async def test_lists_are_narrowed_to_a_group_and_have_a_column_for_it(people: Applicants, kim: Staff) -> None:
    by_id = {id: name for name, (_, id) in people.people.items()}

    async def listed(group: str) -> list[tuple[str, str]]:
        await people.peers.suite.settle()
        reply = await kim.ask("GET", f"?state=draft&programme=M1-MER&group={group}&columns=group")
        assert reply.status == 200, reply.body
        return sorted((by_id[each["id"]], each["cells"]["group"]) for each in reply.body["items"])

    assert await listed("FIRST") == [(name, "Primo-entrants") for name in ("a", "p", "r")]
    assert await listed("OTHER") == [(name, "Autres") for name in ("b", "q")]
    assert (await people.validated("r", "ranked_waitlist", rank=7, group="OTHER")).status == 200
    assert await listed("OTHER") == [(name, "Autres") for name in ("b", "q", "r")]
    choices = (await kim.ask("GET", "/choices")).body["groups"]
    assert choices == [{"code": "OTHER", "label": "Autres"}, {"code": "FIRST", "label": "Primo-entrants"}]
