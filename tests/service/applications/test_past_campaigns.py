"""In campaigns that are over nobody applies, and nobody of them is handed to student records that are connected later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.applications.repository.campaigns import CLOSED
from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events.offers import CampaignClosed
from tests.pre_enrolments import SECRET, SampleSis
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer
from tests.service.applications.test_enrolment import offered
from tests.service.applications.test_pre_enrolment import CODE, hand_over
from tests.service.applications.test_review import Staff


@pytest.mark.parametrize("instant_is_known", [True, False])
async def test_the_first_connection_hands_over_nobody_of_a_campaign_that_was_over_by_then(
    tmp_path: Path, clock: FixedClock, sis: SampleSis, instant_is_known: bool
) -> None:
    """Staff read why, and may have them handed over all the same; a release of before kept no instant of the closing."""
    apart: dict[str, Any] = {"services": ("applications",), "clock": clock}
    async with run_suite(tmp_path, **apart, pre_enrolment="none:") as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme()
        kim, zoe = Staff(peers), await peers.candidate("zoe")
        id = await offered(zoe, kim)
        await answer(zoe, id, "accept")
        await suite.settle()
        clock.advance(seconds=1)
        await suite.publish(CampaignClosed(campaign="2027"), "offers")
        await suite.settle()
        if not instant_is_known:
            store = suite.service("applications").service.ports.store
            assert await store.replace(CLOSED.name, {"_id": "2027", "version": 1}, version=1)
    clock.advance(days=3)
    async with run_suite(tmp_path, **apart, pre_enrolment=sis.url, pre_enrolment_secret=SECRET) as suite:
        peers = PeerServices(suite, clock)
        kim = Staff(peers)
        await hand_over(peers)
        assert sis.codes == []
        file = (await kim.ask("GET", f"/{id}")).body["pre_enrolment"]
        assert (file["state"], file["reason"]) == ("refused", "campaign-over")
        clock.advance(seconds=1)
        assert (await kim.ask("POST", f"/{id}/pre-enrolment/retry")).status == 200
        clock.advance(seconds=1)
        await hand_over(peers)
        assert sis.codes == [CODE]


async def test_nobody_applies_in_a_campaign_that_is_over_though_no_other_has_begun(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Neither by themselves nor through staff; what was there stays, and the command that opened it has its answer."""
    kim, key = Staff(peers), {"Idempotency-Key": "before-it-was-over"}
    id = (await zoe.apply(**key)).body["id"]
    await peers.publish_programme("M2-MER")
    await peers.suite.publish(CampaignClosed(campaign="2027"), "offers")
    await peers.suite.settle()
    by_staff = await kim.ask("POST", "/applications", json={"programme": "M2-MER", "account": "zoe"})
    for refused in (await zoe.apply("M2-MER"), by_staff):
        assert (refused.status, refused.slug, refused.body["reason"]) == (409, "programme-closed", "campaign-over")
        assert "campagne est terminée" in refused.body["detail"]
    assert (await zoe.apply(**key)).body["id"] == id
