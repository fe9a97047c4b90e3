"""Verdicts on pieces of a file are told in one mail, an hour after the first, or with its next state (acceptance 114)."""

from __future__ import annotations

from datetime import timedelta

from services.applications.usecases import review
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_review import Staff, handed_over


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timer does now, tried twice as two processes might."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    async with app.parameters.known():
        for row in [row async for row in review.untold(app, command)]:
            for _ in range(2):
                await review.gather(app, row, command)


async def test_an_hour_after_the_first_verdict_all_are_told_in_one(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    kim, id = Staff(peers), await handed_over(zoe)
    assert (await kim.judge(id, "cv", "validated")).status == 200
    clock.advance(minutes=59)
    assert (await kim.judge(id, "letter", "refused", comment="Illisible")).status == 200
    await by_the_clock(peers)
    assert await peers.told("pieces_judged") == []
    clock.advance(minutes=1)
    await by_the_clock(peers)
    await by_the_clock(peers)
    (told,) = await peers.told("pieces_judged")
    assert (told["application"], told["validated"], told["refused"], told["remarked"]) == (id, ["cv"], ["letter"], [])
    assert "Illisible" not in str(told), "the public feed repeats no text"


async def test_a_state_tells_them_too_and_the_institution_may_want_no_other_mail(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    kim, id = Staff(peers), await handed_over(zoe)
    assert (await kim.judge(id, "cv", "refused")).status == 200
    await hear(peers.suite, {"applications.verdicts_minutes": 0})
    clock.advance(days=2)
    await by_the_clock(peers)
    assert (await kim.mark(id, "incomplete")).status == 200, "whose mail names what is refused"
    await hear(peers.suite, {"applications.verdicts_minutes": 60}, version=2)
    clock.advance(seconds=timedelta(hours=2).total_seconds())
    await by_the_clock(peers)
    assert await peers.told("pieces_judged") == []
    assert (await kim.judge(id, "letter", "none", comment="Bien")).status == 200
    clock.advance(minutes=60)
    await by_the_clock(peers)
    assert [told["remarked"] for told in await peers.told("pieces_judged")] == [["letter"]]
    assert (await kim.judge(id, "letter", "validated")).status == 200
    assert (await kim.mark(id, "complete")).status == 200
    assert [told["validated"] for told in await peers.told("pieces_judged")] == [[], ["letter"]]
