"""A place that becomes free is offered to who is next on the ranked waiting list, within capacity, by one mail."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.contracts.events.accounts import AccountErased
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import ApplicationsParameters, Parameters
from tests.service.applications.candidate import BASE, Candidate, PeerServices, Reply
from tests.service.applications.test_decisions import answer, entered, look_after, validate
from tests.service.applications.test_review import Staff, set_to


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


class Applicants:
    """People who apply to one programme, each with what was decided."""

    def __init__(self, peers: PeerServices, kim: Staff) -> None:
        self.peers, self.kim = peers, kim
        self.people: dict[str, tuple[Candidate, str]] = {}

    async def decided(self, name: str, kind: str = "favourable", until: str | None = None, **body: Any) -> str:
        candidate = await self.peers.candidate(name, file_number=name.upper())
        id = await candidate.opened()
        self.people[name] = (candidate, id)
        reply = await self.validated(name, kind, until, **body)
        assert reply.status == 200, reply.body
        return id

    async def validated(self, name: str, kind: str, until: str | None = None, **body: Any) -> Reply:
        _, id = self.people[name]
        more = {} if until is None else {"answer_deadline": until}
        return await validate(self.kim, id, await entered(self.kim, id, kind, **body), **more)

    async def answers(self, name: str, given: str) -> None:
        candidate, id = self.people[name]
        assert (await answer(candidate, id, given)).status == 200

    async def leaves(self, name: str, **headers: str) -> Reply:
        candidate, id = self.people[name]
        return await candidate.ask("POST", f"/applications/{id}/leave-waitlist", headers=headers)

    async def sees(self, name: str) -> Any:
        candidate, id = self.people[name]
        return await candidate.get(id)

    async def live_ranks(self, *names: str) -> list[int | None]:
        return [(await self.sees(name))["live_rank"] for name in names]

    async def promoted(self) -> list[str]:
        """Who was offered a place by rank, in order: as often as a mail is due."""
        by_id = {id: name for name, (_, id) in self.people.items()}
        return [by_id[each["application"]] for each in await self.peers.told("decided") if each["because"] == "rank"]


@pytest.fixture
async def people(peers: PeerServices, kim: Staff) -> Applicants:
    """The programme has two places; `a` and `b` are offered them, `p` and `q` wait at the ranks 2 and 5."""
    await peers.publish_programme(capacity=2)
    found = Applicants(peers, kim)
    for name in ("a", "b"):
        await found.decided(name, until="2027-02-10")
    for name, rank in (("q", 5), ("p", 2)):
        await found.decided(name, "ranked_waitlist", rank=rank)
    return found


async def test_who_withdraws_makes_room_for_the_lowest_rank(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 89, 91: with seven days at least, though the list's own day is past; and with one mail."""
    await peers.publish_programme(
        changed=True, version=2, capacity=2, waitlist_answer_deadline="2027-01-15", answer_deadline="2027-01-15"
    )
    assert await people.live_ranks("p", "q") == [1, 2]
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["p"]
    shown = await people.sees("p")
    assert (shown["decision"], shown["possible_answers"]) == ("favourable", ["accept", "withdraw"])
    assert (shown["answer_deadline"], shown["live_rank"]) == ("2027-02-08", None)
    file = (await people.kim.ask("GET", f"/{people.people['p'][1]}")).body
    assert file["entered"] is False, "nobody is asked to validate once more that they wait"
    assert await people.live_ranks("q") == [1]
    trail = (await people.kim.ask("GET", f"/{people.people['p'][1]}/audit")).body["items"]
    assert [(each["mail"], each["actor"]) for each in trail if each["action"] == "promote"] == [
        (True, "service:applications")
    ]
    await people.answers("p", "accept")
    assert await people.promoted() == ["p"]


async def test_who_is_put_on_the_list_by_staff_does_not_get_the_place_they_had(
    peers: PeerServices, people: Applicants, clock: FixedClock
) -> None:
    """It is the next one's; where only those wait whom staff have put there too, it is left to staff (ADR 75)."""
    await people.validated("a", "ranked_waitlist", rank=1)
    await peers.suite.settle()
    assert await people.promoted() == ["p"]
    await people.validated("b", "ranked_waitlist", rank=3)
    await people.validated("p", "ranked_waitlist", rank=2)
    await peers.suite.settle()
    assert sorted(await people.promoted()) == ["p", "q"], "nobody is told one thing and then another"
    await people.answers("q", "withdraw")
    await peers.suite.settle()
    assert sorted(await people.promoted()) == ["a", "p", "q"], "what becomes free otherwise is for everybody, by rank"
    set_to(clock, clock.now() + timedelta(days=1))
    await people.validated("a", "ranked_waitlist", rank=9)
    await peers.suite.settle()
    assert sorted(await people.promoted()) == ["a", "p", "p", "q"], "some day later they wait as all others"


async def test_a_place_is_offered_on_the_lists_own_terms(peers: PeerServices, people: Applicants) -> None:
    await peers.publish_programme(changed=True, version=2, capacity=2, waitlist_answer_delay_days=20)
    await people.answers("a", "withdraw")
    await peers.suite.settle()
    assert (await people.sees("p"))["answer_deadline"] == "2027-02-21"


async def test_who_does_not_answer_makes_room_too(peers: PeerServices, people: Applicants, clock: FixedClock) -> None:
    """Acceptance 89."""
    await people.answers("b", "accept")
    set_to(clock, datetime(2027, 2, 11, 0, 30, tzinfo=UTC))
    await look_after(peers)
    assert await people.promoted() == ["p"]
    assert (await people.sees("p"))["answer_deadline"] == "2027-07-01"


async def test_a_programme_at_capacity_promotes_nobody(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 90: where more were offered a place than there are, the surplus goes first."""
    await people.decided("c")
    await people.answers("a", "withdraw")
    assert await people.promoted() == []
    await people.answers("b", "withdraw")
    assert await people.promoted() == ["p"]


async def test_a_programme_without_capacity_gives_each_place_on(peers: PeerServices, people: Applicants) -> None:
    await peers.publish_programme(changed=True, version=2, capacity=None)
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["p"]


async def test_places_that_are_added_are_offered_and_only_those(peers: PeerServices, people: Applicants) -> None:
    """One more is for the first; told again, or fewer, it is for nobody."""
    for version, capacity in ((2, 3), (2, 3), (3, 1), (4, 3)):
        await peers.publish_programme(changed=True, version=version, capacity=capacity)
        assert await people.promoted() == ["p"]
    await peers.publish_programme(changed=True, version=5, capacity=10)
    assert await people.promoted() == ["p", "q"]


async def test_a_decision_in_the_place_of_a_favourable_one_makes_room(peers: PeerServices, people: Applicants) -> None:
    await people.answers("a", "accept")
    assert (await people.validated("a", "favourable")).status == 200
    assert await people.promoted() == []
    assert (await people.validated("a", "unfavourable", reason="Erreur")).status == 200
    assert await people.promoted() == ["p"]


async def test_who_is_forgotten_makes_room(peers: PeerServices, people: Applicants) -> None:
    await peers.suite.publish(AccountErased(account="a", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert await people.promoted() == ["p"]


async def test_two_who_withdraw_at_once_promote_two(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 90."""
    await asyncio.gather(people.answers("a", "withdraw"), people.answers("b", "withdraw"))
    assert sorted(await people.promoted()) == ["p", "q"]
    assert len(await peers.told("withdrawn")) == 2


async def test_who_leaves_the_list_is_never_promoted(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 91: once, for ever, and told once."""
    assert (await people.sees("p"))["can_leave_waitlist"] is True
    for _ in range(2):
        left = await people.leaves("p")
        assert (left.status, left.body["left_waitlist"], left.body["can_leave_waitlist"]) == (200, True, False)
    assert len(await peers.told("left_waitlist")) == 1
    assert await people.live_ranks("p", "q") == [None, 1]
    assert (await people.leaves("a")).slug == "not-waiting"
    again = await people.validated("p", "ranked_waitlist", rank=1)
    assert (again.status, again.slug) == (409, "left-waitlist")
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["q"]


async def test_two_at_one_rank_are_refused(peers: PeerServices, people: Applicants) -> None:
    await people.decided("c", "waitlist")
    refused = await people.validated("c", "ranked_waitlist", rank=2)
    assert (refused.status, refused.slug) == (409, "rank-taken")
    assert "2" in refused.body["detail"]
    assert (await people.validated("c", "ranked_waitlist", rank=3)).status == 200
    assert await people.live_ranks("p", "c", "q") == [1, 2, 3]
    assert (await people.validated("p", "unfavourable", reason="Erreur")).status == 200
    assert await people.live_ranks("c", "q") == [1, 2], "another decision lets all behind move up"


async def test_the_rank_that_is_shown_is_the_one_of_now(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 91: also to a browser that asks whether anything has changed."""
    candidate, id = people.people["q"]
    seen = await candidate.ask("GET", f"/applications/{id}")
    tag = {"If-None-Match": seen.headers["ETag"]}
    assert (await candidate.ask("GET", f"/applications/{id}", headers=tag)).status == 304
    assert (await people.leaves("p")).status == 200
    assert (await candidate.ask("GET", f"/applications/{id}", headers=tag)).body["live_rank"] == 1
    listed = (await candidate.ask("GET", "/applications")).body["items"]
    assert [each["live_rank"] for each in listed] == [1]


async def test_who_waits_is_told_what_the_rank_comes_from(
    peers: PeerServices, people: Applicants, clock: FixedClock
) -> None:
    """Acceptance 46, 91: who waits before, how many may still answer and until when; of what is only entered not a byte."""

    async def explained(name: str) -> Any:
        return (await people.sees(name))["rank_explained"]

    def said(before: int, unanswered: int, until: str | None) -> dict[str, Any]:
        return {"before": before, "unanswered": unanswered, "unanswered_until": until}

    assert await explained("a") is None
    await people.decided("c", until="2027-02-12")
    assert [await explained(name) for name in ("p", "q")] == [said(0, 3, "2027-02-12"), said(1, 3, "2027-02-12")]
    candidate, id = people.people["q"]
    before = await candidate.ask("GET", f"/applications/{id}")
    for name, kind, more in (("a", "unfavourable", {"reason": "Non"}), ("p", "favourable", {}), ("q", "waitlist", {})):
        await entered(people.kim, people.people[name][1], kind, **more)
        after = await candidate.ask("GET", f"/applications/{id}")
        assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])
    set_to(clock, datetime(2027, 2, 10, 22, 59, tzinfo=UTC))
    assert await explained("q") == said(1, 3, "2027-02-12")
    set_to(clock, datetime(2027, 2, 11, 0, 30, tzinfo=UTC))
    assert await explained("q") == said(1, 3, None), "no day is told that is past"
    await people.answers("c", "accept")
    await look_after(peers)
    assert await people.promoted() == ["p"]
    assert await explained("q") == said(0, 1, "2027-07-01")
    await people.answers("p", "accept")
    assert await explained("q") == said(0, 0, None)


async def test_where_staff_decide_nobody_is_promoted_by_itself(peers: PeerServices, people: Applicants) -> None:
    rules = Parameters(applications=ApplicationsParameters(promotes="by-hand"))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    await people.answers("a", "withdraw")
    assert await people.promoted() == []


async def places_of(staff: Staff, method: str = "GET", path: str = "", **request: Any) -> Reply:
    headers = staff.peers.suite.bearer(staff.name, kind="staff", grants=list(staff.grants))
    headers |= request.pop("headers", {})
    where = f"{BASE}/places/{request.pop('programme', 'M1-MER')}{path}"
    async with staff.peers.suite.client.request(method, where, headers=headers, **request) as response:
        return Reply(response.status, await response.json(content_type=None), response.headers)


async def offers_next(people: Applicants, name: str, **headers: str) -> Reply:
    _, id = people.people[name]
    return await places_of(people.kim, "POST", "/promotion", json={"application": id}, headers=headers)


async def test_staff_offer_a_place_to_who_is_next(peers: PeerServices, people: Applicants) -> None:
    """They see who that is, and nobody else is meant; at capacity nobody is; the same request again is the same one."""
    rules = Parameters(applications=ApplicationsParameters(promotes="by-hand"))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    full = await places_of(people.kim)
    assert {name: full.body[name] for name in ("capacity", "offered", "accepted", "free", "waiting_count")} == {
        "capacity": 2,
        "offered": 2,
        "accepted": 0,
        "free": 0,
        "waiting_count": 2,
    }
    assert [(each["rank"], each["live_rank"], each["file_number"]) for each in full.body["waiting"]] == [
        (2, 1, "P"),
        (5, 2, "Q"),
    ]
    assert (full.body["can_promote"], full.body["automatic"]) == (False, False)
    assert (await offers_next(people, "p")).slug == "no-free-place"
    await people.answers("a", "accept")
    await people.answers("b", "withdraw")
    assert await people.promoted() == []
    assert (await places_of(people.kim)).body["can_promote"] is True
    assert (await offers_next(people, "q")).slug == "next-changed"
    for _ in range(2):
        done = await offers_next(people, "p", **{"Idempotency-Key": "once"})
        assert (done.status, done.body["offered"], done.body["accepted"]) == (200, 1, 1)
        assert done.body["promoted"] == people.people["p"][1]
    assert (await offers_next(people, "p")).slug == "no-free-place"
    assert await people.promoted() == ["p"]
    trail = (await people.kim.ask("GET", f"/{people.people['p'][1]}/audit")).body["items"]
    assert [each["actor"] for each in trail if each["action"] == "promote"] == ["staff:kim"]


async def test_after_the_last_day_of_the_list_nobody_is_promoted(
    peers: PeerServices, people: Applicants, clock: FixedClock
) -> None:
    """The day itself counts; neither by itself nor by hand; nobody but a manager of the programme says so."""
    stop = {"promotes_until": "2027-02-02"}
    assert (await places_of(people.kim, "PUT", json=stop)).body["promotes_until"] == "2027-02-02"
    elsewhere = Staff(peers, ({"role": "manager", "centres": ["AUTRE"]},), "max")
    member = Staff(peers, ({"role": "commission"},), "lou")
    for staff, status in ((elsewhere, 404), (member, 403)):
        assert (await places_of(staff)).status == status
        assert (await places_of(staff, "PUT", json=stop)).status == status
        assert (await places_of(staff, "POST", "/promotion", json={"application": "x"})).status == status
    assert (await places_of(people.kim, programme="M1-NONE")).slug == "not-found"
    for day, why in (("2027-01-31", "day-past"), ("2028-02-03", "day-too-far")):
        refused = await places_of(people.kim, "PUT", json={"promotes_until": day})
        assert (refused.status, [each["slug"] for each in refused.body["fields"]]) == (422, [why])
    for day in ("2028-02-02", "2027-02-01", "2027-02-02"):
        assert (await places_of(people.kim, "PUT", json={"promotes_until": day})).status == 200
    set_to(clock, datetime(2027, 2, 2, 22, 59, tzinfo=UTC))
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["p"]
    set_to(clock, datetime(2027, 2, 2, 23, 0, tzinfo=UTC))
    await people.answers("b", "withdraw")
    assert await people.promoted() == ["p"]
    assert (await places_of(people.kim)).body["can_promote"] is False
    over = await offers_next(people, "q")
    assert (over.slug, over.body["until"]) == ("promotions-over", "2027-02-02")
    assert (await places_of(people.kim, "PUT", json={"promotes_until": None})).status == 200
    assert (await offers_next(people, "q")).status == 200
    await people.answers("p", "withdraw")
    assert (await offers_next(people, "q")).slug == "nobody-waits"


async def test_who_says_when_the_list_ends_overwrites_nobody_who_said_so_meanwhile(people: Applicants) -> None:
    """The tag is of all that is shown, and says nothing of what is not."""
    seen = await places_of(people.kim)
    tag = seen.headers["ETag"]
    first = await places_of(people.kim, "PUT", json={"promotes_until": "2027-03-01"}, headers={"If-Match": tag})
    assert (first.status, first.body["version"]) == (200, seen.body["version"] + 1)
    late = await places_of(people.kim, "PUT", json={"promotes_until": "2027-04-01"}, headers={"If-Match": tag})
    assert (late.status, late.slug) == (412, "stale-version")
    there = await places_of(people.kim, headers={"If-None-Match": first.headers["ETag"]})
    assert there.status == 304
    await people.answers("a", "accept")
    there = await places_of(people.kim, headers={"If-None-Match": first.headers["ETag"]})
    assert (there.status, there.body["promotes_until"], there.body["accepted"]) == (200, "2027-03-01", 1)
