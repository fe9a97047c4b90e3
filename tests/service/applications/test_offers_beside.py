"""What staff keep beside the file of an offer is beside the file of its person once that has taken over (ADR 88)."""

from __future__ import annotations

from typing import Any

from tests.parameters import hear
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_behalf import kim, offered
from tests.service.applications.test_enrolment_codes import give, mailed
from tests.service.applications.test_fees import ALL, LISTS, say
from tests.service.applications.test_offers_joined import once_before
from tests.service.applications.test_review import Staff
from tests.service.applications.test_sheets import known

__all__ = ["kim"]

OWN = "OPI0012345"


async def beside(of: Staff, id: str) -> dict[str, Any]:
    view = (await of.ask("GET", f"/{id}")).body
    fees = {name: value and value["code"] for name, value in view["fees"].items() if name != "amount"}
    return {
        "fees": {**fees, "amount": view["fees"]["amount"]},
        "code": (view.get("enrolment_code") or {}).get("code"),
        "tags": view["tags"],
        "assignee": view["assignee"],
        "notes": [note["text"] for note in view["notes"]],
    }


async def test_what_stands_beside_an_offer_goes_over_with_its_decision(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 44, 46, 87: once, and the code is kept from others as before, of whom one is then free to be given it."""
    await hear(peers.suite, LISTS)
    await known(peers, "ada", "ada@universite.example", "manager")
    hidden = await offered(kim)
    assert (await say(kim, hidden, **ALL)).status == 200
    for method, path, body in (
        ("POST", "notes", {"text": "Reçue au forum"}),
        ("PUT", "tags", {"tags": ["forum"]}),
        ("PUT", "assignee", {"assignee": "ada"}),
    ):
        assert (await kim.ask(method, f"/{hidden}/{path}", json=body)).status == 200, path
    assert (await give(kim, hidden, OWN)).status == 200
    there = await beside(kim, hidden)
    assert there == {"fees": ALL, "code": OWN, "tags": ["forum"], "assignee": "ada", "notes": ["Reçue au forum"]}
    opened = await zoe.opened()
    await peers.suite.settle()
    assert await beside(kim, opened) == there
    lea = await peers.candidate("lea", file_number="EF56GH78")
    leas = await lea.opened()
    taken = await give(kim, leas, OWN)
    assert (taken.status, taken.slug) == (409, "code-taken")
    assert (await give(kim, opened, None)).status == 200
    assert (await give(kim, leas, OWN)).status == 200, "the offer's file, which was given up, holds it no more"
    assert await mailed(peers) == []


async def test_a_note_that_is_written_while_the_offer_goes_over_goes_over_too(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 44, 46: whoever wrote it looked at the file before its person applied; what comes later stays there."""
    hidden, opened = await offered(kim), list[str]()

    async def apply() -> None:
        opened.append(await zoe.opened())
        await peers.suite.settle()

    is_written = lambda name, row: name == "sheets" and row["_id"] == hidden  # noqa: E731
    async with once_before(peers, is_written, apply):
        assert (await kim.ask("POST", f"/{hidden}/notes", json={"text": "Reçue au forum"})).status == 200
    assert (await beside(kim, opened[0]))["notes"] == ["Reçue au forum"]
    assert (await kim.ask("POST", f"/{hidden}/notes", json={"text": "Plus tard"})).status == 200
    assert (await beside(kim, opened[0]))["notes"] == ["Reçue au forum"]
