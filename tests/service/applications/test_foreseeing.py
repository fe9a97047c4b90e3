"""What would come of withdrawals is what comes of them, and to look at it changes nothing (acceptance 89-91; ADR 103)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.applications.domain.foreseeing import MOST_WITHDRAWALS
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.audit import AUDIT
from services.applications.repository.places import PLACES
from services.chassis.clock import FixedClock
from services.contracts.events.catalogue import Audience
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import ApplicationsParameters, Parameters
from tests.service.applications.candidate import PeerServices, Reply
from tests.service.applications.test_closed_accounts import close
from tests.service.applications.test_review import Staff, set_to
from tests.service.applications.test_waiting_list import Applicants, kim, people, places_of

__all__ = ["kim", "people"]


async def foreseen(staff: Staff, query: str = "", **request: Any) -> Reply:
    return await places_of(staff, path=f"/simulation{query}", **request)


def ids(people: Applicants, *names: str) -> str:
    return "?ids=" + ",".join(people.people[name][1] for name in names)


async def kept(peers: PeerServices) -> Any:
    """Each row that a promotion would write, and all events."""
    await peers.suite.settle()
    service = peers.suite.service("applications")
    store = service.service.ports.store
    rows = {each.name: await store.find(each.name, {}, limit=1000) for each in (APPLICATIONS, PLACES, AUDIT)}
    told = [[entry.body for entry in await service.journals[each].read(0, 1000)] for each in Audience]
    return rows, told


async def test_what_is_foreseen_comes_and_nothing_comes_of_foreseeing_it(
    peers: PeerServices, people: Applicants
) -> None:
    degree = {"text": "Obtenir la licence", "until": "2027-02-03"}
    assert (await people.validated("p", "ranked_waitlist", rank=2, conditions=[degree])).status == 200
    await people.decided("r", "ranked_waitlist", rank=1)
    await close(peers, "r")
    await peers.publish_programme(changed=True, version=2, capacity=2, answer_deadline="2027-01-15")
    before = await kept(peers)
    replies = [await foreseen(people.kim, query) for query in ("", ids(people, "a", "b"), "?count=2")]
    nobody, by_name, by_number = (reply.body for reply in replies)
    assert await kept(peers) == before
    assert (nobody["withdrawals"], nobody["promoted"], nobody["because"]) == (0, [], None)
    assert [(each["file_number"], each["accepted"]) for each in nobody["holders"]] == [("A", False), ("B", False)]
    assert by_name == by_number
    assert [(each["file_number"], each["rank"]) for each in by_name["passed_over"]] == [("R", 1)]
    promoted = {each["file_number"].lower(): each for each in by_name["promoted"]}
    assert list(promoted) == ["p", "q"]
    assert promoted["p"]["conditions"] == [{"label": degree["text"], "until": "2027-02-08"}]
    assert (by_name["taken"], by_name["taken_then"], by_name["left"]) == (2, 2, 0)
    await people.answers("a", "withdraw")
    await people.answers("b", "withdraw")
    assert await people.promoted() == list(promoted)
    for name, said in promoted.items():
        shown = await people.sees(name)
        assert shown["answer_deadline"] == said["answer_deadline"] == "2027-02-08"
        assert [{"label": each["label"], "until": each["until"]} for each in shown["decided"]["conditions"]] == said[
            "conditions"
        ]


async def test_which_places_stay_free_is_said_with_the_reason(
    peers: PeerServices, people: Applicants, clock: FixedClock
) -> None:
    """No room, nobody left, the last day of the list; where nothing moves by itself the order is the same."""

    async def said(query: str) -> tuple[list[str], int, str | None, bool]:
        body = (await foreseen(people.kim, query)).body
        return [each["file_number"] for each in body["promoted"]], body["left"], body["because"], body["automatic"]

    await people.decided("c")
    assert await said(ids(people, "a", "c")) == (["P"], 1, "full", True)
    await people.answers("c", "withdraw")
    assert (await people.leaves("q")).status == 200
    assert await said("?count=2") == (["P"], 1, "nobody", True)
    rules = Parameters(applications=ApplicationsParameters(promotes="by-hand"))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    await peers.suite.settle()
    assert await said("?count=2") == (["P"], 1, "nobody", False)
    assert (await places_of(people.kim, "PUT", json={"promotes_until": "2027-02-01"})).status == 200
    assert await said("?count=1") == (["P"], 0, None, False)
    set_to(clock, datetime(2027, 2, 2, 9, tzinfo=UTC))
    assert await said("?count=1") == ([], 1, "over", False)
    await peers.withdraw_programme()
    assert await said("?count=1") == ([], 1, "closed", False)


async def test_what_cannot_be_foreseen_is_refused(peers: PeerServices, people: Applicants) -> None:
    async def slugs(query: str) -> tuple[int, list[tuple[str, str]]]:
        reply = await foreseen(people.kim, query)
        return reply.status, [(each["field"], each["slug"]) for each in reply.body.get("fields", ())]

    a = people.people["a"][1]
    far = MOST_WITHDRAWALS + 1
    for query, field, slug in (
        (f"?count={far}", "count", "too-many-withdrawals"),
        (f"?count={MOST_WITHDRAWALS}", "count", "too-big"),
        ("?ids=" + ",".join(f"x{number}" for number in range(far)), "ids", "too-many-withdrawals"),
        ("?ids=" + ",".join(f"x{number}" for number in range(MOST_WITHDRAWALS)), "ids", "holds-no-place"),
        ("?count=3", "count", "too-big"),
        (f"?ids={a},{a}", "ids", "repeated"),
        (ids(people, "p"), "ids", "holds-no-place"),
        (f"?ids={a}&count=1", "count", "either-count-or-files"),
    ):
        assert await slugs(query) == (422, [(field, slug)]), query
    assert (await foreseen(people.kim, "?count=2")).status == 200
    elsewhere = Staff(peers, ({"role": "manager", "centres": ["AUTRE"]},), "max")
    assert (await foreseen(elsewhere)).status == 404
    assert (await foreseen(Staff(peers, ({"role": "commission"},), "lou"))).status == 403
