"""More places and files of one last day than a timer takes in a round: they keep nobody behind them from their turn."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

from services.applications.repository.applications import APPLICATIONS
from services.applications.usecases import decisions, review
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.parking import Parking
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import complete, entered, validate
from tests.service.applications.test_incidents import Admin
from tests.service.applications.test_review import Staff, handed_over, kim, set_to

__all__ = ["kim"]


async def takes_one(peers: PeerServices) -> int:
    """How many steps the timer of answers takes that looks at one place in a round."""
    await peers.suite.vouch("offers")
    ports = peers.suite.service("applications").service.ports
    app, command = use_cases(ports), CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    parking = Parking("applications", ports.store, ports.clock)
    async with app.parameters.known():
        work = partial(decisions.look_after, app, command=command)
        return await parking.each("answers", decisions.unanswered(app, command), work, limit=1)


async def beside(peers: PeerServices, id: str, other: str, last_day: date) -> None:
    """The file of somebody else that stands as this one does, with another last day."""
    store, day = peers.suite.service("applications").service.ports.store, last_day.isoformat()
    row = await store.get(APPLICATIONS.name, id)
    assert row is not None
    own = {
        "_id": other,
        "account": other,
        "active_key": f"{other}|M1-MER|2027",
        "slot": other,
        "slot_key": other,
        "submission_deadline": day,
    }
    if "lapses_after" in row:
        own["lapses_after"] = day
    else:
        own |= {"unanswered_until": day, "decision": row["decision"] | {"answer_deadline": day}}
    await store.insert(APPLICATIONS.name, row | own)


async def test_of_many_places_of_one_last_day_everybody_is_reminded_and_an_incident_keeps_none_behind_it(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id), answer_deadline="2027-07-01")).status == 200
    await beside(peers, id, "max", date(2027, 7, 1))
    set_to(clock, datetime(2027, 6, 30, 9, 0, tzinfo=UTC))
    assert [await takes_one(peers) for _ in range(3)] == [1, 1, 0]
    await beside(peers, id, "ida", date(2027, 7, 3))
    set_to(clock, datetime(2027, 7, 4, 9, 0, tzinfo=UTC))
    span = datetime(2027, 7, 1, 18, 0, tzinfo=UTC), datetime(2027, 7, 2, 9, 0, tzinfo=UTC)
    await Admin(peers).declares(*span)
    assert [await takes_one(peers) for _ in range(2)] == [1, 0]
    assert (await zoe.get(id))["answer"] is None


async def test_files_of_a_day_that_nobody_has_judged_keep_no_others_from_lapsing(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    id = await handed_over(zoe)
    await kim.mark(id, "incomplete")
    set_to(clock, datetime(2027, 4, 18, 9, 0, tzinfo=UTC))
    await beside(peers, id, "ida", date(2027, 4, 17))
    span = datetime(2027, 4, 15, 20, 0, tzinfo=UTC), datetime(2027, 4, 16, 2, 0, tzinfo=UTC)
    await Admin(peers).declares(*span)
    await peers.suite.vouch("offers")
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(clock.now(), "timer", acting_service("applications"))
    assert [row["_id"] async for row in review.lapsing(app, command)] == ["ida"]
