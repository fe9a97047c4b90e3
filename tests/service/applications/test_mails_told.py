"""A mail that a timer sets off moves no version that a person holds: what they do next over what they read is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.context import CommandContext, acting_service
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_conditions import mark
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_enrolment import LINK, offered
from tests.service.applications.test_in_place import NONE
from tests.service.applications.test_review import Staff, handed_over, set_to

DEGREE = {"text": "Obtenir la licence", "until": "2027-03-20"}
JUDGED = "POST", "pieces/letter/verdict", [{"verdict": "none", "comment": each} for each in ("Bien", "Très bien")]
EXTENDED = "PUT", "deadlines", [{"submission_deadline": each} for each in ("2027-05-01", "2027-05-02")]
Given = Callable[[PeerServices, Candidate, Staff], Awaitable[str]]


async def draft(peers: PeerServices, zoe: Candidate, kim: Staff) -> str:
    return await zoe.opened()


async def judged(peers: PeerServices, zoe: Candidate, kim: Staff) -> str:
    id = await handed_over(zoe)
    assert (await kim.judge(id, "cv", "validated")).status == 200
    return id


async def filled_in(peers: PeerServices, zoe: Candidate, kim: Staff) -> str:
    id = await zoe.opened()
    given = NONE | {"not_applicable": True}
    assert (await kim.ask("PUT", f"/{id}/on-behalf/pieces/b2/not-applicable", json=given)).status == 200
    return id


async def place(peers: PeerServices, zoe: Candidate, kim: Staff) -> str:
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id), answer_deadline="2027-03-20")).status == 200
    return id


async def under_conditions(peers: PeerServices, zoe: Candidate, kim: Staff) -> str:
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id, conditions=[DEGREE]))).status == 200
    return id


async def met(peers: PeerServices, zoe: Candidate, kim: Staff) -> str:
    id = await complete(zoe, kim)
    decision = await entered(kim, id, conditions=[DEGREE])
    assert (await validate(kim, id, decision)).status == 200
    assert (await mark(kim, id, 1, "met", decision=decision)).status == 200
    return id


async def enrols(peers: PeerServices, zoe: Candidate, kim: Staff) -> str:
    id = await offered(zoe, kim)
    assert (await answer(zoe, id, "accept")).status == 200
    return id


@pytest.mark.parametrize(
    ("timers", "given", "at", "then"),
    [
        (("reminders", "remind"), draft, datetime(2027, 4, 8, 9, 0, tzinfo=UTC), EXTENDED),
        (("verdicts",), judged, datetime(2027, 3, 19, 9, 0, tzinfo=UTC), JUDGED),
        (("in-place",), filled_in, datetime(2027, 3, 19, 9, 0, tzinfo=UTC), EXTENDED),
        (("answers",), place, datetime(2027, 3, 19, 9, 0, tzinfo=UTC), JUDGED),
        (("conditions",), met, datetime(2027, 3, 19, 9, 0, tzinfo=UTC), JUDGED),
        (("conditions-due",), under_conditions, datetime(2027, 3, 19, 9, 0, tzinfo=UTC), JUDGED),
        (("enrolment",), enrols, datetime(2027, 3, 19, 9, 0, tzinfo=UTC), JUDGED),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) and isinstance(value[0], str) else None,
)
async def test_what_was_read_before_a_mail_was_set_off_is_not_stale(
    peers: PeerServices,
    zoe: Candidate,
    timers: tuple[str, ...],
    given: Given,
    at: datetime,
    then: tuple[str, str, list[dict[str, Any]]],
) -> None:
    """Acceptance 76, 86, 88, 114: for every timer that tells a candidate something by mail, and changes nothing else."""
    kim = Staff(peers)
    id = await given(peers, zoe, kim)
    held = await kim.ask("GET", f"/{id}")
    if given is enrols:  # behind that, as the service's own timer may come as soon as there is something to tell
        await hear(peers.suite, {"enrolment.link_fr": LINK})
    set_to(peers.clock, at)
    service = peers.suite.service("applications").service
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    assert service.parameters is not None
    for name in timers:
        (timer,) = [each for each in service.timers if each.name == name]
        async with service.parameters.known():
            await timer.run(command)
    read = await kim.ask("GET", f"/{id}")
    assert read.body["version"] == held.body["version"] + 1, "the mail was set off, once"
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    assert trail[-1]["mail"] and trail[-1]["actor"] == "service:applications"
    method, path, bodies = then
    for body, status in zip(bodies, (200, 412), strict=True):  # what a person has changed since is stale
        done = await kim.ask(method, f"/{id}/{path}", json=body, headers={"If-Match": held.headers["ETag"]})
        assert done.status == status, done.body
