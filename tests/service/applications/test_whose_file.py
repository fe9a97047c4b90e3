"""Staff read whose file it is, and the profile as it was handed over."""

from __future__ import annotations

from services.contracts.events.accounts import StepsPart
from tests.service.applications.candidate import STEPS, Candidate, PeerServices
from tests.service.applications.test_review import Staff, drafted, handed_over


async def test_names_are_those_of_today_and_the_profile_that_of_the_submission(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 92; of a draft the profile is as it stands."""
    kim = Staff(peers)
    id, draft = await handed_over(zoe), await drafted(peers, zoe)
    renamed = STEPS | {"identity": STEPS["identity"] | {"family_name": "Martin"}}
    await peers.candidate("zoe", version=2, steps=StepsPart.model_validate(renamed))
    (row,) = (await kim.ask("GET", "")).body["items"]
    assert (row["id"], row["family_name"], row["given_name"]) == (id, "Martin", "Zoé")
    file, other = (await kim.ask("GET", f"/{id}")).body, (await kim.ask("GET", f"/{draft}")).body
    assert (file["family_name"], file["profile"]["identity"]["family_name"]) == ("Martin", "Müller-L’Hôte")
    assert file["profile"]["address"]["city"] == "Perpignan"
    assert other["profile"]["identity"]["family_name"] == "Martin"
