"""Votes of a board's meeting over HTTP: whose they are, who is told what and when, and what stays of them (ADR 113)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from services.applications.domain.meetings import Meeting
from services.applications.domain.voting import Choice
from services.applications.repository.ballots import BALLOTS, id_of
from services.applications.repository.convening import Convening
from services.applications.usecases import meetings
from services.applications.usecases import votes as usecase
from services.applications.usecases.app import App
from services.chassis.context import Actor
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.events.accounts import AccountErased
from services.contracts.refusals import RefusedError
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import complete
from tests.service.applications.test_exports import app_of, command_of
from tests.service.applications.test_meetings import JURY, PLAN, Board, kim, minutes_told
from tests.service.applications.test_review import EVERYWHERE
from tests.service.applications.test_sheets import known

__all__ = ["kim"]


async def voting(
    kim: Board, voting: str, *files: str, quorum: int = 1, present: tuple[str, ...] = ("ada", "bob")
) -> str:
    """A meeting on these files that takes place by vote."""
    new = {**PLAN, "commission": "JURY", "voting": voting, "quorum": quorum}
    meeting = str((await kim.good("POST", json=new))["id"])
    await kim.good("POST", f"/{meeting}/files", json={"files": list(files)})
    await kim.good("POST", f"/{meeting}/state", json={"state": "held", "present": list(present)})
    return meeting


async def cast(who: Board, meeting: str, file: str, vote: str) -> Any:
    """What came of it: the votes of the meeting, or the slug of a refusal."""
    reply = await who.at("PUT", f"/{meeting}/files/{file}/vote", json={"vote": vote})
    return reply.body if reply.status == 200 else (reply.status, reply.slug)


async def votes(who: Board, meeting: str, at: int = 0) -> dict[str, Any]:
    """What somebody sees of the votes on a file, without what says nothing."""
    shown = (await who.good("GET", f"/{meeting}/votes"))["items"][at]
    return {name: value for name, value in shown.items() if value is not None and name != "file"}


@pytest.mark.parametrize("way", ["secret", "open"])
async def test_counts_are_told_once_votes_are_closed_and_names_of_an_open_vote_alone(
    peers: PeerServices, zoe: Candidate, kim: Board, way: str
) -> None:
    """Acceptance 46, 78: nothing of it reaches a candidate."""
    id = await complete(zoe, kim)
    ada, bob = (Board(peers, JURY, name) for name in ("ada", "bob"))
    meeting = await voting(kim, way, id, quorum=2)
    await peers.suite.settle()
    before, told = (await zoe.ask("GET", f"/applications/{id}")), await peers.events()
    for vote in ("unfavourable", "favourable", "favourable"):
        await cast(ada, meeting, id, vote)
    await cast(bob, meeting, id, "favourable")
    assert await votes(ada, meeting) == {"closed": False, "mine": "favourable"}
    assert await votes(kim, meeting) == {"closed": False, "voted": 2, "set_aside": 0}
    closing = f"/{meeting}/files/{id}/vote/closing"
    assert (await ada.at("POST", closing)).status == 403
    assert (await kim.at("POST", f"/{meeting}/state", json={"state": "closed"})).slug == "votes-open"
    first, again = [await kim.good("POST", closing) for _ in range(2)]
    assert first == again
    counts = {"favourable": 2, "waitlist": 0, "unfavourable": 0, "abstention": 0}
    closed: dict[str, Any] = {"closed": True, "voted": 2, "set_aside": 0, "counts": counts, "proposed": "favourable"}
    if way == "open":
        names = [("ada@universite.example", "favourable"), ("bob@universite.example", "favourable")]
        assert [(each["name"], each["vote"]) for each in (await votes(bob, meeting))["names"]] == names
    else:
        assert await votes(ada, meeting) == await votes(kim, meeting) == closed
        row = await peers.suite.service("applications").service.ports.store.get(BALLOTS.name, id_of(meeting, id))
        assert row is not None and "ada" not in json.dumps(row)
        assert "written" not in row["meta"], "nor a digest of who has asked"
    assert await cast(ada, meeting, id, "unfavourable") == (409, "vote-closed")
    assert (await kim.good("GET", f"/{meeting}"))["items"][0].get("decision") is None, "a vote enters nothing"
    await peers.suite.settle()
    after = await zoe.ask("GET", f"/applications/{id}")
    assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])
    assert await peers.events() == told


async def test_only_who_is_convened_there_and_not_recused_votes_while_the_meeting_takes_place(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    id = await complete(zoe, kim)
    ada, bob, eve = (Board(peers, JURY, name) for name in ("ada", "bob", "eve"))
    new = {**PLAN, "commission": "JURY"}
    meeting = (await kim.good("POST", json=new))["id"]
    assert (await ada.at("GET", f"/{meeting}/votes")).slug == "no-vote"
    bad = await kim.at("PUT", f"/{meeting}", json=PLAN | {"quorum": 2})
    assert [(each["field"], each["slug"]) for each in bad.body["fields"]] == [("quorum", "without-vote")]
    for quorum, status in ((0, 422), (201, 422), (200, 200), (1, 200)):
        assert (await kim.at("PUT", f"/{meeting}", json=PLAN | {"voting": "secret", "quorum": quorum})).status == status
    await kim.good("POST", f"/{meeting}/files", json={"files": [id]})
    assert await cast(ada, meeting, id, "favourable") == (409, "wrong-state")
    await kim.good("POST", f"/{meeting}/state", json={"state": "held", "present": ["ada"]})
    late = await kim.at("PUT", f"/{meeting}", json=PLAN | {"voting": "open"})
    assert [each["slug"] for each in late.body["fields"]] == ["vote-begun"]
    assert (await kim.good("PUT", f"/{meeting}", json=PLAN | {"place": "Salle 3"}))["voting"] == "secret"
    assert await cast(bob, meeting, id, "favourable") == (403, "not-present")
    assert await cast(eve, meeting, id, "favourable") == (403, "no-voter")
    assert await cast(kim, meeting, id, "favourable") == (403, "no-voter")
    assert await cast(ada, meeting, "nothing", "favourable") == (404, "not-found")
    assert (await cast(ada, meeting, id, "maybe"))[0] == 422
    await kim.good("POST", f"/{meeting}/state", json={"state": "held", "present": ["ada", "bob"]})
    for who in (ada, bob):
        await cast(who, meeting, id, "waitlist")
    await ada.good("POST", f"/{meeting}/recusals", json={"file": id})
    assert await cast(ada, meeting, id, "favourable") == (403, "recused")
    assert (await ada.good("GET", f"/{meeting}/votes"))["items"] == []
    assert await votes(kim, meeting) == {"closed": False, "voted": 1, "set_aside": 1}
    both = Board(peers, (*EVERYWHERE, *JURY), "ada")
    assert (await both.at("POST", f"/{meeting}/files/{id}/vote/closing")).slug == "recused"
    await kim.good("POST", f"/{meeting}/files/{id}/vote/closing")
    await kim.good("DELETE", f"/{meeting}/recusals/{id}/ada")
    shown = await votes(bob, meeting)
    assert (shown["set_aside"], shown["counts"]["waitlist"], shown["proposed"]) == (1, 1, "waitlist")


async def test_all_who_vote_at_once_are_counted_and_nobody_behind_the_closing(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    id = await complete(zoe, kim)
    names = [f"m{each}" for each in range(12)]
    for name in names:
        await known(peers, name, f"{name}@universite.example", "commission")
    people = [Board(peers, JURY, name) for name in names]
    meeting = await voting(kim, "secret", id, present=tuple(names))
    early, late = people[:10], people[10:]
    came = await asyncio.gather(*(cast(each, meeting, id, "favourable") for each in (*early, *early)))
    assert all(isinstance(each, dict) for each in came), "each twice at once, and each is one vote"
    assert (await votes(kim, meeting))["voted"] == len(early)
    closing = kim.good("POST", f"/{meeting}/files/{id}/vote/closing")
    *came, _ = await asyncio.gather(*(cast(each, meeting, id, "unfavourable") for each in late), closing)
    counts = (await votes(kim, meeting))["counts"]
    assert (counts["favourable"], counts["unfavourable"]) == (10, sum(isinstance(each, dict) for each in came))
    assert {each for each in came if not isinstance(each, dict)} <= {(409, "vote-closed")}


async def test_the_minutes_tell_counts_and_lose_them_with_the_person(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    yan = await peers.candidate("yan", file_number="YZ98XW76")
    ids = [await complete(zoe, kim), await complete(yan, kim)]
    off = await complete(await peers.candidate("xia", file_number="XX98XW77"), kim)
    await known(peers, "cid", "cid@universite.example", "commission")
    people = [Board(peers, JURY, name) for name in ("ada", "bob", "cid")]
    meeting = await voting(kim, "open", *ids, quorum=2, present=("ada", "bob", "cid"))
    for who, vote in zip(people, ("favourable", "unfavourable", "abstention"), strict=True):
        await cast(who, meeting, ids[0], vote)
    for id in ids:
        await kim.good("POST", f"/{meeting}/files/{id}/vote/closing")
    assert [(await votes(kim, meeting, at))["unclear"] for at in (0, 1)] == ["tie", "quorum"]
    await kim.good("POST", f"/{meeting}/files", json={"files": [off]})
    await cast(people[0], meeting, off, "favourable")
    await kim.good("DELETE", f"/{meeting}/files/{off}")
    await kim.good("POST", f"/{meeting}/state", json={"state": "closed"})
    store = peers.suite.service("applications").service.ports.store
    assert await store.get(BALLOTS.name, id_of(meeting, off)) is None, "nobody can close it any more"
    await peers.suite.settle()
    (told,) = await minutes_told(peers)
    assert told["voting"] == {"secret": False, "quorum": 2}
    counts = [line["votes"] for line in told["programmes"][0]["lines"]]
    assert counts[0] == {"favourable": 1, "waitlist": 0, "unfavourable": 1, "abstention": 1}
    assert counts[1] == dict.fromkeys(counts[0], 0)
    assert not any(who in json.dumps(told["programmes"]) for who in ("ada", "bob", "cid"))
    await known(peers, "cid", "cid@universite.example")
    named = [each["name"] for each in (await votes(kim, meeting))["names"]]
    assert named == [f"{who}@universite.example" for who in ("ada", "bob", "cid")], "also who is on the board no more"
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert ["votes" in line for line in (await minutes_told(peers))[-1]["programmes"][0]["lines"]] == [False, True]
    assert [row["file"] for row in await store.find(BALLOTS.name, {}, limit=10)] == [ids[1]]


@dataclass(frozen=True, slots=True)
class Meanwhile(Convening):
    """Somebody does something once it is asked who is convened."""

    act: Any
    asked: list[str] = field(default_factory=list)

    async def convened(self, meeting: Meeting) -> dict[str, str]:
        if not self.asked:
            self.asked.append(meeting.commission)
            await self.act()
        return await Convening(self.meetings, self.programmes, self.staff).convened(meeting)


def meanwhile(app: App, act: Any) -> App:
    at = app.convening
    return replace(app, convening=Meanwhile(at.meetings, at.programmes, at.staff, act))


async def test_no_vote_that_was_taken_is_lost_by_a_meeting_that_is_closed_meanwhile(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    """It keeps the meeting from closing, or it is refused itself, and nothing is left of it."""
    id, app, ada = await complete(zoe, kim), app_of(peers), Board(peers, JURY, "ada")
    meeting = await voting(kim, "secret", id)
    leads = Actor("kim", ActorKind.STAFF, grants=(Grant(role=Role.MANAGER),))
    member = Actor("ada", ActorKind.STAFF, grants=(Grant(role=Role.COMMISSION, commissions=frozenset({"JURY"})),))

    async def voted() -> None:
        assert isinstance(await cast(ada, meeting, id, "favourable"), dict)

    with pytest.raises(RefusedError, match="votes-open"):
        await meetings.close(meanwhile(app, voted), leads, meeting, command_of(peers))
    await kim.good("POST", f"/{meeting}/files/{id}/vote/closing")
    assert (await votes(kim, meeting))["voted"] == 1
    second = await voting(kim, "secret", id)

    async def closed() -> None:
        await kim.good("POST", f"/{second}/state", json={"state": "closed"})

    late = meanwhile(app, closed)
    with pytest.raises(RefusedError, match="wrong-state"):
        await usecase.vote(late, member, second, command_of(peers), file=id, choice=Choice.FAVOURABLE)
    store = peers.suite.service("applications").service.ports.store
    assert await store.get(BALLOTS.name, id_of(second, id)) is None
