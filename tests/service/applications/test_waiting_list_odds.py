"""Waiting lists where something is odd: an old copy, a broken row, a note of last year, an erasure beside an answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.applications.domain.places import Places, Promotion
from services.applications.repository.places import key_of
from services.applications.usecases import places
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import Actor, CommandContext, acting_service
from services.chassis.events.aggregates import Decision
from services.contracts.actors import Acting, ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.decision_types import SHIPPED
from services.contracts.events.accounts import AccountErased
from services.contracts.events.catalogue import Audience
from services.contracts.events.offers import CampaignClosed, ParametersChanged
from services.contracts.parameters import ApplicationsParameters, Parameters
from services.contracts.refusals import RefusedError
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_closed_accounts import close
from tests.service.applications.test_review import set_to
from tests.service.applications.test_waiting_list import Applicants, kim, offers_next, people, places_of

__all__ = ["kim", "people"]

KEY = key_of("2027", "M1-MER")
SET = "applications.conditions.set.v1"
ITSELF = Acting("service:applications")


async def test_a_copy_of_an_older_release_frees_nothing(peers: PeerServices, people: Applicants) -> None:
    """Its capacity is unknown, which is neither none nor any number: hearing it makes no place free."""
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("programmes", "M1-MER")
    assert row is not None
    older = {name: value for name, value in row.items() if name != "places"} | {"version": 2}
    assert await store.replace("programmes", older, version=row["version"])
    shown = (await places_of(people.kim)).body
    assert (shown["capacity"], shown["capacity_known"], shown["can_promote"]) == (None, False, False)
    await people.answers("a", "withdraw")
    assert await people.promoted() == []
    assert (await offers_next(people, "p")).slug == "list-closed"
    await peers.publish_programme(changed=True, version=3, capacity=10)
    assert await people.promoted() == []
    await peers.publish_programme(changed=True, version=4, capacity=11)
    assert await people.promoted() == ["p"]


async def test_who_has_left_the_list_never_comes_back_to_it(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 91: whatever was decided in between; staff see it on the file."""
    assert (await people.leaves("p")).status == 200
    assert (await people.validated("p", "unfavourable", reason="Erreur")).status == 200
    again = await people.validated("p", "ranked_waitlist", rank=1)
    assert (again.status, again.slug) == (409, "left-waitlist")
    assert (await people.kim.ask("GET", f"/{people.people['p'][1]}")).body["left_waitlist"] is True
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["q"]


async def test_a_row_that_cannot_be_read_holds_nobody_up(peers: PeerServices, people: Applicants) -> None:
    """Nor the events by which places become free."""
    await peers.suite.settle()  # what is told of the row itself is heard before
    id, store = people.people["p"][1], peers.suite.service("applications").service.ports.store
    row = await store.get("applications", id)
    assert row is not None
    broken = row | {"state": "dreamt", "version": row["version"] + 1}
    assert await store.replace("applications", broken, version=row["version"])
    assert await noted(peers, people, "p") == ["q"]
    assert [each for each in await store.find("inbox", {}) if each["state"] == "parked" and id not in each["key"]] == []


async def test_a_note_of_an_earlier_campaign_is_not_carried_out(peers: PeerServices, people: Applicants) -> None:
    await peers.publish_programme(changed=True, version=2, campaign="2028", capacity=2)
    assert await noted(peers, people, "p") == []


async def test_a_withdrawn_programme_promotes_nobody(peers: PeerServices, people: Applicants) -> None:
    await peers.withdraw_programme()
    assert await noted(peers, people, "p") == []
    assert (await offers_next(people, "p")).slug == "list-closed"
    assert (await places_of(people.kim)).body["can_promote"] is False


async def test_a_campaign_that_is_closed_promotes_nobody(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 19, 89: they could not even log in to answer. Whatever frees a place, and whatever was noted before."""
    await peers.suite.publish(CampaignClosed(campaign="2027"), "offers")
    await peers.suite.settle()
    assert await noted(peers, people, "p") == []
    await people.answers("a", "withdraw")
    await peers.suite.publish(AccountErased(account="b", campaign="2027"), "accounts")
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("places", KEY)
    assert row is not None
    assert (row["freed"], "unsettled" in row) == (0, False), "both were heard, and it is done with"
    assert await people.promoted() == []
    assert (await places_of(people.kim)).body["can_promote"] is False
    assert (await offers_next(people, "p")).slug == "list-closed"


async def test_an_erasure_beside_an_answer_makes_room_once(peers: PeerServices, people: Applicants) -> None:
    """It was noted while there was a place, which was given back before anything was gone."""
    await peers.publish_programme(changed=True, version=2, capacity=None)
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("applications", people.people["a"][1])
    assert row is not None
    await places.keep_leaving(use_cases(peers.suite.service("applications").service.ports), row, by_itself(peers))
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["p"]
    await peers.suite.publish(AccountErased(account="a", campaign="2027"), "accounts")
    await peers.suite.settle()
    app = use_cases(peers.suite.service("applications").service.ports)
    async with app.parameters.known():
        await places.settle(app, KEY, by_itself(peers))
    assert await people.promoted() == ["p"]


async def test_what_was_noted_is_not_done_when_it_would_be_wrong_by_now(
    peers: PeerServices, people: Applicants, clock: FixedClock
) -> None:
    """Acceptance 90: a process stopped behind the note; until another goes on the last place, or day, is gone."""
    await people.decided("c")
    assert await noted(peers, people, "p") == [], "a withdraws, which leaves two of two"
    await people.answers("b", "withdraw")
    assert await people.promoted() == ["p"]
    assert (await places_of(people.kim, "PUT", json={"promotes_until": "2027-02-01"})).status == 200
    set_to(clock, datetime(2027, 2, 2, 9, tzinfo=UTC))
    await people.answers("c", "withdraw")
    await peers.suite.settle()
    assert await note(peers, people, "q", until=date(2027, 2, 1)) == ["p"]


async def test_nobody_reckons_for_nothing_where_many_make_room_at_once(peers: PeerServices, people: Applicants) -> None:
    """An evening on which hundreds withdraw: each step of a programme is done once, and not by each whose event waits."""
    await peers.publish_programme(changed=True, version=2, capacity=None)
    app, command = use_cases(peers.suite.service("applications").service.ports), by_itself(peers)
    async with app.parameters.known():
        begun = Places("2027", "M1-MER")
        await app.places.change_or_add(KEY, begun, lambda state: Decision(replace(state, freed=2)), command)
        took = await asyncio.gather(*(places.settle(app, KEY, command) for _ in range(8)))
    assert sum(took) == 4, "two are noted, and two are carried out"
    assert await people.promoted() == ["p", "q"]


async def test_who_noted_a_promotion_is_who_promotes(peers: PeerServices, people: Applicants) -> None:
    """Also where their process stopped, and the clock goes on with it; the place is offered by the institution's type."""
    own = ("COND | favourable | Sous condition | | reason", "OUI | favourable | Admission | Admitted", *SHIPPED)
    rules = Parameters(applications=ApplicationsParameters(promotes="by-hand", decision_types=own))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    await people.answers("a", "withdraw")
    await peers.suite.settle()
    assert await note(peers, people, "p", by=Acting("staff:kim")) == ["p"]
    trail = (await people.kim.ask("GET", f"/{people.people['p'][1]}/audit")).body["items"]
    assert [(each["actor"], each["mail"]) for each in trail if each["action"] == "promote"] == [("staff:kim", True)]
    shown = await people.sees("p")
    assert (shown["decided"]["type"], shown["decided"]["label"]) == ("OUI", "Admission")


async def test_who_stops_waiting_while_it_is_offered_is_not_offered_it(peers: PeerServices, people: Applicants) -> None:
    """Acceptance 91: staff are told that somebody else is next, by the same request again too; the place is left."""
    await peers.publish_programme(changed=True, version=2, capacity=None)
    app, kim = use_cases(peers.suite.service("applications").service.ports), kim_herself()
    pressed = replace(by_itself(peers), actor=kim, key="staff:kim once", digest="d")
    await notes(peers, people, "p", command=pressed, by=pressed.acting)
    assert (await people.leaves("p")).status == 200
    async with app.parameters.known():
        for _ in range(2):
            with pytest.raises(RefusedError, match="next-changed"):
                await places.promote(app, kim, "M1-MER", pressed, application=people.people["p"][1])
    saved = await app.places.get(KEY)
    assert saved is not None and saved.state.is_settled
    assert await people.promoted() == []


async def test_who_has_a_closed_account_is_passed_over_until_it_is_open(
    peers: PeerServices, people: Applicants
) -> None:
    """Whoever offers the place; the trail says it once, and the list shows it (acceptance 89)."""

    async def passed_over() -> list[tuple[str, bool]]:
        trail = (await people.kim.ask("GET", f"/{people.people['p'][1]}/audit")).body["items"]
        return [(each["actor"], each["mail"]) for each in trail if each["action"] == "pass_over"]

    await close(peers, "p")
    assert await passed_over() == [], "no place has gone by yet"
    listed = (await places_of(people.kim)).body["waiting"]
    assert [(each["file_number"], each["account_closed"]) for each in listed] == [("P", True), ("Q", False)]
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["q"]
    assert await passed_over() == [("service:applications", False)]
    await people.answers("b", "withdraw")
    await peers.suite.settle()
    shown = (await places_of(people.kim)).body
    assert (shown["free"], shown["waiting_count"], shown["can_promote"]) == (1, 1, False)
    assert (await offers_next(people, "p")).slug == "nobody-waits"
    assert await passed_over() == [("service:applications", False)]
    await close(peers, "p", kept=None)
    assert (await offers_next(people, "p")).status == 200
    assert await people.promoted() == ["q", "p"]


async def test_who_is_closed_behind_the_note_is_passed_over_too(peers: PeerServices, people: Applicants) -> None:
    await close(peers, "p")
    assert await noted_free(peers, people, "p") == ["q"]


async def test_a_promotion_bears_the_conditions_of_the_rank(peers: PeerServices, people: Applicants) -> None:
    """Nothing is told of them as a place is not offered; then they are told, and followed."""
    degree = {"text": "Obtenir la licence", "until": "2027-02-02"}
    assert (await people.validated("p", "ranked_waitlist", rank=2, conditions=[degree])).status == 200
    waits = await people.sees("p")
    assert [each["label"] for each in waits["decided"]["conditions"]] == [degree["text"]]
    assert (await peers.told("decided"))[-1]["conditional"] is False
    id = people.people["p"][1]
    assert await conditions_set(peers, id) == []
    refused = await people.kim.ask("POST", f"/{id}/conditions/1", json={"decision": "x", "state": "met"})
    assert (refused.status, refused.slug) == (409, "no-place")
    await people.answers("a", "withdraw")
    assert await people.promoted() == ["p"]
    shown = await people.sees("p")
    assert [(each["label"], each["until"], each["state"]) for each in shown["decided"]["conditions"]] == [
        (degree["text"], shown["answer_deadline"], "open")
    ]
    assert (await peers.told("decided"))[-1]["conditional"] is True
    (told,) = await conditions_set(peers, id)
    assert (told["promoted"], told["answer_deadline"]) == (True, shown["answer_deadline"])
    decision = (await people.kim.ask("GET", f"/{id}")).body["decision"]["id"]
    met = await people.kim.ask("POST", f"/{id}/conditions/1", json={"decision": decision, "state": "met"})
    assert met.status == 200, met.body


async def conditions_set(peers: PeerServices, id: str) -> list[Any]:
    """What the mail of an admission under conditions is made of."""
    entries = await peers.suite.service("applications").journals[Audience.INTERNAL].read(0, 1000)
    told = [
        each
        for each in (json.loads(entry.body) for entry in entries)
        if each["type"] == "applications.conditions.set.v1"
    ]
    return [each["data"] for each in told if each["data"]["application"] == id]


async def noted_free(peers: PeerServices, people: Applicants, name: str) -> list[str]:
    """Who is promoted where nobody was by itself, a place is free, and it was noted that one of them was to have it."""
    rules = Parameters(applications=ApplicationsParameters(promotes="by-hand"))
    await peers.suite.publish(ParametersChanged(scope="institution", version=1, parameters=rules), "offers")
    await people.answers("a", "withdraw")
    await peers.suite.settle()
    at_once = Parameters(applications=ApplicationsParameters(promotes="at-once"))
    await peers.suite.publish(ParametersChanged(scope="institution", version=2, parameters=at_once), "offers")
    return await note(peers, people, name)


async def noted(peers: PeerServices, people: Applicants, name: str) -> list[str]:
    """Who is promoted where a place is free, and it was noted that one of them was to have it."""
    await people.answers("a", "withdraw")
    await peers.suite.settle()
    if await people.promoted():
        return await people.promoted()
    return await note(peers, people, name)


async def note(peers: PeerServices, people: Applicants, name: str, **said: Any) -> list[str]:
    """Who has been promoted when the clock has gone on with what was noted for one of them."""
    app = use_cases(peers.suite.service("applications").service.ports)
    await notes(peers, people, name, **said)
    async with app.parameters.known():
        await places.settle(app, KEY, by_itself(peers))
    saved = await app.places.get(KEY)
    assert saved is not None
    assert saved.state.is_settled
    return await people.promoted()


async def notes(
    peers: PeerServices,
    people: Applicants,
    name: str,
    *,
    by: Acting = ITSELF,
    until: date | None = None,
    command: CommandContext | None = None,
) -> str:
    """It is noted that somebody is to have a place, and the process stops."""
    app, id = use_cases(peers.suite.service("applications").service.ports), people.people[name][1]
    saved = await app.applications.get(id)
    assert saved is not None and saved.state.decision is not None
    by_hand = by.actor.startswith("staff")
    promotion = Promotion("01PROMOTION", id, saved.state.decision.entered.id, by, by_hand=by_hand)
    begun = Places("2027", "M1-MER", freed=not by_hand, promotion=promotion, until=until)
    await app.places.change_or_add(
        KEY, begun, lambda _: Decision(begun, answer=promotion.id), command or by_itself(peers)
    )
    return promotion.id


def kim_herself() -> Actor:
    return Actor("kim", ActorKind.STAFF, grants=(Grant(role=Role.MANAGER),))


def by_itself(peers: PeerServices) -> CommandContext:
    return CommandContext(peers.clock.now(), "test", acting_service("applications"))
