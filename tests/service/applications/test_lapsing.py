"""A file that was given back and not handed over anew: what was submitted last counts, on proof that its day is over."""

from __future__ import annotations

from datetime import UTC, datetime

from services.applications.usecases import review
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_review import Staff, handed_over, kim, set_to

__all__ = ["kim"]


async def lapse(peers: PeerServices, *, heard: bool = True) -> int:
    """What the timer does at this moment; `heard`: offers say that they have told everything."""
    if heard:
        await peers.suite.vouch("offers")
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    async with app.parameters.known():
        return sum([await review.lapse(app, row, command) async for row in review.lapsing(app, command)])


async def test_what_was_submitted_last_counts_an_hour_after_the_last_day(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 72, 75: until then a submission that arrived in time may still be under way."""
    id = await handed_over(zoe)
    await kim.mark(id, "incomplete")
    await zoe.ask("DELETE", f"/applications/{id}/pieces/letter")
    await zoe.deposit(id, "letter", "doc-new")
    set_to(clock, datetime(2027, 4, 15, 22, 59, 59, tzinfo=UTC))  # 00:59:59 of the day after, in Paris
    assert await lapse(peers) == 0
    assert (await zoe.get(id))["state"] == "incomplete"
    set_to(clock, datetime(2027, 4, 15, 23, 0, tzinfo=UTC))
    assert await lapse(peers) == 1
    assert await lapse(peers) == 0
    seen = await zoe.get(id)
    documents = {piece["code"]: piece["document"] and piece["document"]["id"] for piece in seen["pieces"]}
    assert (seen["state"], documents) == ("submitted", {"cv": "doc-cv", "letter": "doc-letter", "b2": None})
    assert [each["because"] for each in await peers.told("marked_submitted")] == ["day"]
    assert (await kim.ask("GET", f"/{id}")).body["history"][-1]["actor"] == "service:applications"


async def test_nothing_lapses_while_a_later_day_may_not_have_been_heard(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """A deadline that staff move on the evening of an incident is heard late exactly then."""
    id = await handed_over(zoe)
    await kim.mark(id, "incomplete")
    await zoe.ask("DELETE", f"/applications/{id}/pieces/letter")
    await zoe.deposit(id, "letter", "doc-new")
    await peers.suite.vouch("offers")
    set_to(clock, datetime(2027, 4, 20, 8, 0, tzinfo=UTC))
    assert await lapse(peers, heard=False) == 0
    await peers.publish_programme(version=2, changed=True, submission_deadline="2027-04-30")
    await lapse(peers)
    seen = await zoe.get(id)
    documents = [piece["document"]["id"] for piece in seen["pieces"] if piece["document"]]
    assert (seen["state"], seen["submission_deadline"], documents) == (
        "incomplete",
        "2027-04-30",
        ["doc-cv", "doc-new"],
    )
