"""What the institution calls decisions, and what candidates read of it."""

from __future__ import annotations

import pytest

from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import MEETING, complete, validate
from tests.service.applications.test_review import Staff

OWN = (
    "ADMIS | favourable | Admission prononcée | Admitted",
    "REFUS_PLACES | unfavourable | Refus faute de places |  | appeal",
    "ATTENTE | waitlist | Attente | Waiting | reason",
)


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def test_the_institution_calls_decisions_what_it_wants_and_what_was_decided_keeps_its_name(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 123."""
    await hear(peers.suite, {"applications.decision_types": list(OWN)})
    id = await complete(zoe, kim)
    offered = (await kim.ask("GET", "/decision-types")).body["items"]
    assert [(each["code"], each["kind"], each["label"], each["reasoned"], each["appeal"]) for each in offered] == [
        ("ADMIS", "favourable", "Admission prononcée", False, False),
        ("REFUS_PLACES", "unfavourable", "Refus faute de places", True, True),
        ("ATTENTE", "waitlist", "Attente", True, False),
    ]
    for body, fault in (
        ({"type": "AVIS_FAVORABLE"}, ("type", "unknown-decision-type")),
        ({"kind": "shortlisted", "appointment": MEETING}, ("kind", "unknown-decision-type")),
        ({"type": "ADMIS", "kind": "waitlist"}, ("type", "not-of-kind")),
        ({"type": "ATTENTE"}, ("reason", "required")),
        ({"type": "ADMIS", "reason": "Niveau"}, ("reason", "not-of-kind")),
        ({}, ("kind", "required")),
    ):
        refused = await kim.ask("POST", f"/{id}/decision", json=body)
        assert refused.status == 422, body
        assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [fault]
    reply = await kim.ask("POST", f"/{id}/decision", json={"type": "REFUS_PLACES", "reason": "Plus de place"})
    there = reply.body["entered_decision"]
    assert (there["kind"], there["type"], there["label"]) == ("unfavourable", "REFUS_PLACES", "Refus faute de places")
    renamed = [OWN[0], "REFUS_PLACES | unfavourable | Autre nom |  | inactive"]
    await hear(peers.suite, {"applications.decision_types": renamed, "applications.appeal_fr": "Autrement."}, version=2)
    assert (await validate(kim, id, there["id"])).status == 200
    seen = await zoe.get(id)
    assert (seen["decision"], seen["decision_label"]) == ("unfavourable", "Refus faute de places")
    assert seen["decided"]["type"] == "REFUS_PLACES"
    assert "tribunal administratif" in seen["decided"]["appeal"]
    (told,) = await peers.told("decided")
    assert (told["type"], told["label"]) == ("REFUS_PLACES", {"fr": "Refus faute de places"})
    assert told["appeal"]["en"].startswith("You may contest")
    assert (await kim.ask("POST", f"/{id}/decision", json={"type": "REFUS_PLACES", "reason": "x"})).status == 422
    anew = await kim.ask("POST", f"/{id}/decision", json={"kind": "favourable"})
    assert anew.body["entered_decision"]["label"] == "Admission prononcée", "the first one of the kind"
    assert anew.body["decision"]["label"] == "Refus faute de places"
