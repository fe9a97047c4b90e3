"""Last days that end in a window of maintenance, and what is taken from candidates in one (acceptance 95)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_lapsing import lapse
from tests.service.applications.test_review import Staff, handed_over, kim, set_to

__all__ = ["kim"]

NIGHT = "22:45-06:00"
"""In summer time, which it is on 15 April, the last day of the programme: from 20:45 to 04:00 UTC."""


async def maintained(suite: Suite, *spans: str, grace_days: int = 1) -> None:
    await hear(suite, {"maintenance.windows": list(spans), "maintenance.grace_days": grace_days})


def april(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2027, 4, day, hour, minute, second, tzinfo=UTC)


async def test_nothing_is_taken_from_candidates_in_the_window_while_they_read_and_staff_go_on(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 95."""
    id = await handed_over(zoe)
    await peers.publish_programme("M1-DROIT")
    draft = await zoe.ready("M1-DROIT")
    await maintained(peers.suite, NIGHT)
    clock.moment = april(10, 20, 44, 59)
    assert (await zoe.ask("DELETE", f"/applications/{draft}/pieces/cv")).status == 200
    for moment, wait in ((april(10, 20, 45), "26100"), (april(11, 3, 59, 59), "1")):
        clock.moment = moment
        refused = await zoe.deposit(draft, "cv", "doc-cv")
        assert (refused.status, refused.slug) == (503, "closed-for-maintenance")
        assert (refused.headers["Retry-After"], refused.body["until"]) == (wait, "2027-04-11T04:00:00.000Z")
        assert "11 avril 2027 à 6 h 00 (heure de Paris)" in refused.body["detail"].replace("\N{NO-BREAK SPACE}", " ")
        assert (await zoe.get(draft))["state"] == "draft"
    assert (await kim.mark(id, "complete")).status == 200
    clock.moment = april(11, 4, 0)
    assert (await zoe.deposit(draft, "cv", "doc-cv")).status == 200


@pytest.mark.parametrize(
    ("grace_days", "moment", "shown", "status"),
    [
        (1, april(15, 20, 44, 59), "2027-04-15", 200),
        (1, april(16, 4, 0), "2027-04-16", 200),
        (1, april(16, 20, 44, 59), "2027-04-16", 200),
        (1, april(17, 4, 0), "2027-04-15", 409),
        (2, april(17, 20, 44, 59), "2027-04-17", 200),
        (2, april(18, 4, 0), "2027-04-15", 409),
        (0, april(16, 4, 0), "2027-04-15", 409),
    ],
)
async def test_a_last_day_that_ended_in_the_window_is_honoured_after_it(
    peers: PeerServices, zoe: Candidate, clock: FixedClock, grace_days: int, moment: datetime, shown: str, status: int
) -> None:
    """Acceptance 95: where the parameter says so, to the second."""
    id = await zoe.ready()
    await maintained(peers.suite, NIGHT, grace_days=grace_days)
    clock.moment = moment
    seen = await zoe.get(id)
    assert (seen["submission_deadline"], seen["can_submit"]) == (shown, status == 200)
    for method in ("DELETE", "PUT"):
        answer = await zoe.ask(method, f"/applications/{id}/pieces/b2/not-applicable")
        assert answer.status == (200 if method == "PUT" else status)  # what is so already is late for nobody
    submitted = await zoe.submit(id)
    assert submitted.status == status
    assert await peers.told("deadline_extended") == []


async def test_a_file_that_was_given_back_does_not_lapse_while_its_last_day_is_honoured(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    id = await handed_over(zoe)
    await kim.mark(id, "incomplete")
    await maintained(peers.suite, NIGHT)
    set_to(clock, april(16, 22, 59, 59))
    assert await lapse(peers) == 0
    assert (await zoe.get(id))["state"] == "incomplete"
    set_to(clock, april(16, 23, 0))
    assert await lapse(peers) == 1
    assert (await zoe.get(id))["state"] == "submitted"
