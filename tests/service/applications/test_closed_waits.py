"""What is said once to a candidate waits while their account is closed, until it is open again (acceptance 86)."""

from __future__ import annotations

from datetime import timedelta

from services.applications.usecases import conditions
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_closed_accounts import close
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_enrolment import tell
from tests.service.applications.test_reminders import EIGHT
from tests.service.applications.test_review import Staff, set_to


async def test_conditions_and_how_to_enrol_wait_until_it_is_open(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    """Acceptance 86: what would be said once is not said to nobody."""
    kim, degree = Staff(peers), {"text": "Obtenir la licence", "until": "2027-04-12"}
    given = {"enrolment.conditional": "at-acceptance", "enrolment.link_fr": "https://inscription.example/"}
    await hear(peers.suite, given)
    id = await complete(zoe, kim)
    assert (await validate(kim, id, await entered(kim, id, conditions=[degree]))).status == 200
    assert (await answer(zoe, id, "accept")).status == 200
    set_to(clock, EIGHT + timedelta(days=1))
    for kept, times in (("lea", 0), (None, 1), (None, 0)):
        await close(peers, kept=kept)
        assert (await remind_of_conditions(peers), await tell(peers)) == (times, times)
    assert len(await peers.told("enrolment_instructed")) == 1


async def remind_of_conditions(peers: PeerServices) -> int:
    """How many are reminded now."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    return sum([await conditions.remind(app, row, command) async for row in conditions.due(app, command)])
