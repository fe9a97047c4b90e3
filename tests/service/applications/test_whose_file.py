"""Staff read whose file it is, with the profile as it was handed over, and judge several of its pieces in one."""

from __future__ import annotations

from services.contracts.events.accounts import StepsPart
from tests.service.applications.candidate import STEPS, Candidate, PeerServices, Reply
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


async def test_several_verdicts_are_kept_all_or_none(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 124: with who gave each and when, and one step of the file's version."""
    kim = Staff(peers)
    id = await handed_over(zoe)
    before = (await kim.ask("GET", f"/{id}")).body

    async def judge(*verdicts: dict[str, str], **headers: str) -> Reply:
        return await kim.ask("POST", f"/{id}/verdicts", json={"verdicts": verdicts}, headers=headers)

    validated = {"code": "cv", "verdict": "validated"}
    for wrong, status in ((("b2", "refused"), 409), (("nowhere", "validated"), 404), (("letter", "perhaps"), 422)):
        reply = await judge(validated, {"code": wrong[0], "verdict": wrong[1]})
        assert reply.status == status, reply.body
    assert [(await judge(*[validated] * count)).status for count in (0, 2, 101)] == [422, 422, 422]
    assert (await kim.ask("GET", f"/{id}")).body == before

    both = validated, {"code": "letter", "verdict": "refused", "comment": "Illisible"}
    reply = await judge(*both, **{"If-Match": f'"{before["version"]}"', "Idempotency-Key": "both-at-once"})
    again = await judge(*both, **{"If-Match": f'"{before["version"]}"', "Idempotency-Key": "both-at-once"})
    assert (reply.status, again.status, again.body) == (200, 200, reply.body)
    judged = {piece["code"]: (piece["state"], piece["judged_by"]) for piece in reply.body["pieces"]}
    assert judged | {"b2": None} == {"cv": ("validated", "staff:kim"), "letter": ("refused", "staff:kim"), "b2": None}
    assert reply.body["version"] == before["version"] + 1
