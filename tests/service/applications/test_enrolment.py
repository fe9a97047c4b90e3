"""Who has accepted a place is told how to enrol, once that is set: by one mail, and on their page (acceptance 86)."""

from __future__ import annotations

import pytest

from services.applications.usecases import enrolment
from services.applications.wiring import use_cases
from services.chassis.context import CommandContext, acting_service
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_review import Staff

LINK = "https://inscription.universite.example/?etape=1"


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def offered(candidate: Candidate, staff: Staff) -> str:
    id = await complete(candidate, staff)
    assert (await validate(staff, id, await entered(staff, id))).status == 200
    return id


async def tell(peers: PeerServices) -> int:
    """What the timer does at this moment."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "timer", acting_service("applications"))
    async with app.parameters.known():
        return sum([await enrolment.tell(app, row, command) async for row in enrolment.uninstructed(app, command)])


async def test_who_has_accepted_is_told_once_also_if_that_was_before(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """An offer that is not answered tells nothing, nor does one that is given up."""
    id = await offered(zoe, kim)
    await hear(peers.suite, {"enrolment.link_fr": LINK, "enrolment.message_fr": "Venez avec votre lettre."})
    assert (await tell(peers), (await zoe.get(id))["enrolment"]) == (0, None)
    await hear(peers.suite, {}, version=2)
    await answer(zoe, id, "accept")
    assert (await tell(peers), (await zoe.get(id))["enrolment"]) == (0, None)
    given = {"enrolment.link_fr": LINK, "enrolment.message_fr": "Venez avec votre lettre."}
    await hear(peers.suite, given, version=3)
    assert (await zoe.get(id))["enrolment"] == {"link": LINK, "message": "Venez avec votre lettre."}
    assert [await tell(peers), await tell(peers)] == [1, 0]
    await hear(peers.suite, {**given, "enrolment.link_en": "https://enrol.universite.example"}, version=4)
    assert await tell(peers) == 0
    (told,) = await peers.told("enrolment_instructed")
    assert told["link"] == {"fr": LINK, "en": LINK}
    assert told["message"]["fr"] == "Venez avec votre lettre."
    trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
    assert [each["mail"] for each in trail if each["action"] == "tell_enrolment"] == [True]
    await answer(zoe, id, "withdraw")
    assert (await tell(peers), (await zoe.get(id))["enrolment"]) == (0, None)


async def test_a_place_that_is_offered_and_accepted_anew_is_told_of_anew(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    await hear(peers.suite, {"enrolment.link_fr": LINK})
    id = await offered(zoe, kim)
    for times in (1, 2):
        await answer(zoe, id, "accept")
        assert await tell(peers) == 1
        assert len(await peers.told("enrolment_instructed")) == times
        assert (await validate(kim, id, await entered(kim, id))).status == 200
        assert await tell(peers) == 0
