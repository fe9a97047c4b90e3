"""The people of a campaign that is over go, and nobody of its waiting lists is offered what they leave (acceptance 99)."""

from __future__ import annotations

from services.contracts.events.offers import CampaignClosed
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_counts import counts, of
from tests.service.applications.test_erasure import a_day_later, erased
from tests.service.applications.test_review import Staff
from tests.service.applications.test_waiting_list import Applicants, kim, people

__all__ = ["kim", "people"]


async def test_who_goes_with_their_campaign_leaves_no_place_to_anybody(
    peers: PeerServices, kim: Staff, people: Applicants
) -> None:
    """Two have a place, two wait; whoever goes first, counts are what they were, and nobody is written to."""
    await people.answers("a", "accept")
    await peers.suite.publish(CampaignClosed(campaign="2027", ended_on="2027-09-30"), "offers")
    await peers.suite.settle()
    before = of((await counts(peers))["items"])
    ((_, counted),) = before.items()
    assert (counted["opened"], counted["favourable"], counted["accepted"], counted["ranked_waitlist"]) == (4, 2, 1, 2)
    for name in ("a", "q", "b", "p"):
        await erased(peers, name)
        await a_day_later(peers)
        assert await people.promoted() == []
        assert of((await counts(peers))["items"]) == before, name
    assert not await peers.suite.service("applications").service.ports.store.count("applications", {})
