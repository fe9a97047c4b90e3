"""Why it is decided so, by the institution's list: what staff choose, and what candidates read (acceptance 79, 123)."""

from __future__ import annotations

import pytest

from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import complete, validate
from tests.service.applications.test_export import fetched, table
from tests.service.applications.test_review import Staff

OWN = (
    "PLEIN | Effectif atteint | No places left | unfavourable",
    "TARD | Dossier tardif |  | waitlist unfavourable",
    "VIEUX | Ancien motif |  | inactive",
)
LISTED = {"applications.reasons_from": "list"}


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def test_a_reason_is_one_of_the_list_and_an_old_decision_keeps_what_its_reason_was_called(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 79, 123."""
    assert (await kim.ask("GET", "/decision-types")).body["reasons"] is None, "one writes why"
    await hear(peers.suite, {**LISTED, "applications.decision_reasons": list(OWN)})
    id = await complete(zoe, kim)
    offered = (await kim.ask("GET", "/decision-types")).body["reasons"]
    assert [(each["code"], each["label"], each["kinds"]) for each in offered] == [
        ("PLEIN", "Effectif atteint", ["unfavourable"]),
        ("TARD", "Dossier tardif", ["unfavourable", "waitlist"]),
    ]
    for body, slug in (
        ({"kind": "unfavourable"}, "required"),
        ({"kind": "unfavourable", "reason": "Trop de candidatures"}, "unknown-decision-reason"),
        ({"kind": "unfavourable", "reason": "VIEUX"}, "unknown-decision-reason"),
        ({"kind": "waitlist", "reason": "PLEIN"}, "unknown-decision-reason"),
        ({"kind": "waitlist", "reason": "TARD"}, "not-of-kind"),
    ):
        refused = await kim.ask("POST", f"/{id}/decision", json=body)
        assert refused.status == 422, body
        assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [("reason", slug)]
    reply = await kim.ask("POST", f"/{id}/decision", json={"kind": "unfavourable", "reason": "PLEIN"})
    there = reply.body["entered_decision"]
    assert (there["reason"], there["reason_code"]) == ("Effectif atteint", "PLEIN")
    again = await kim.ask("POST", f"/{id}/decision", json={"kind": "unfavourable", "reason": "PLEIN"})
    assert again.body["entered_decision"]["id"] == there["id"]
    renamed = ["PLEIN | Autre nom |  | inactive", "AUTRE | Un autre motif"]
    await hear(peers.suite, {**LISTED, "applications.decision_reasons": renamed}, version=2)
    assert (await validate(kim, id, there["id"])).status == 200
    seen = (await zoe.get(id))["decided"]
    assert (seen["reason"], seen["reason_code"]) == ("Effectif atteint", "PLEIN")
    (told,) = await peers.told("decided")
    assert told["reason"] == {"fr": "Effectif atteint", "en": "No places left"}
    await peers.suite.settle()
    (row,) = table(await fetched(kim, "csv", columns="reason,reason_code"))
    assert row == {"Motif de la décision": "Effectif atteint", "Code du motif": "PLEIN"}


async def test_what_somebody_writes_is_not_told_to_other_services(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    id = await complete(zoe, kim)
    reply = await kim.ask("POST", f"/{id}/decision", json={"kind": "unfavourable", "reason": "PLEIN"})
    there = reply.body["entered_decision"]
    assert (there["reason"], there["reason_code"]) == ("PLEIN", None)
    assert (await validate(kim, id, there["id"])).status == 200
    (told,) = await peers.told("decided")
    assert "reason" not in told
