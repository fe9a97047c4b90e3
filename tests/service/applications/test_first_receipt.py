"""A file that nobody handed over is received for the first time (acceptance 47, 72, 114)."""

from __future__ import annotations

from services.contracts.events.accounts import AddressChanged
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_decisions import validate
from tests.service.applications.test_review import Staff, mailed
from tests.service.handed_over import all_mails_are_handed_over

__all__ = ["mailed"]


async def test_a_file_that_was_never_submitted_is_received_and_not_received_again(mailed: PeerServices) -> None:
    """Staff had opened it to offer a place, and have it examined once that is told: one mail of a first receipt."""
    await mailed.publish_programme()
    await mailed.candidate("zoe")
    kim = Staff(mailed)
    person = {"file_number": "AB12CD34", "email": "zoe@example.org", "family_name": "Müller", "given_name": "Zoé"}
    await mailed.suite.publish(AddressChanged(account="zoe", language="fr", **person), "accounts")
    whom = {"account": "zoe", "programme": "M1-MER", "offer": True}
    id = (await kim.ask("POST", "/applications", json=whom)).body["id"]
    decision = (await kim.ask("GET", f"/{id}")).body["entered_decision"]["id"]
    assert (await validate(kim, id, decision)).status == 200
    asked = {"action": "mark_submitted", "ids": [id], "dry_run": True}
    foreseen = await kim.ask("POST", "/bulk", json=asked)
    assert foreseen.body["items"][0]["mails"] == ["application-received"]
    assert (await kim.mark(id, "submitted")).status == 200
    await kim.mark(id, "complete")
    again = await kim.ask("POST", "/bulk", json=asked)
    assert again.body["items"][0]["mails"] == ["application-marked-submitted"], "it was received once"
    await all_mails_are_handed_over(mailed.suite)
    (mail,) = [mail for mail in mailed.suite.mails() if "réceptionnée" in mail["Subject"]]
    assert mail["Subject"].startswith("Candidature réceptionnée")
    assert "de nouveau" not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
