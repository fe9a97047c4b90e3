"""Every change of a file leaves an entry that nobody can change unseen, and that outlives the person without naming them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.applications.integrity import broken_chains
from services.applications.publications import MAILED as TOLD_BY_MAIL
from services.applications.repository.audit import PENDING
from services.chassis.ports import Store
from services.contracts.events.accounts import AccountErased
from services.mailer.usecases.templates import FOLDER, answered, declarations
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import complete, entered, validate
from tests.service.applications.test_review import Staff, handed_over
from tests.service.applications.test_sheets import SECRET, known


def store_of(peers: PeerServices) -> Store:
    return peers.suite.service("applications").service.ports.store


async def trail(kim: Staff, id: str, **query: Any) -> list[dict[str, Any]]:
    """All entries, by pages of two."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        reply = await kim.ask("GET", f"/{id}/audit", params={"limit": 2, **query, **after})
        assert reply.status == 200, reply.body
        found += reply.body["items"]
        if reply.body["next"] is None:
            return found
        after = {"after": reply.body["next"]}


async def test_every_change_says_who_when_and_what_was_before_and_after(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 94; more entries than stand in a document, of the file and of what staff keep beside it."""
    id, kim = await handed_over(zoe), Staff(peers)
    await known(peers, "kim", "kim@universite.example", "manager")
    peers.clock.advance(days=1)
    await kim.judge(id, "letter", "refused", comment="Illisible")
    await kim.mark(id, "incomplete")
    await kim.ask("POST", f"/{id}/notes", json={"text": SECRET})
    await kim.mark(id, "complete")
    await kim.ask("POST", f"/{id}/reopening", json={"reason": "Une erreur"})
    entries = await trail(kim, id)
    assert [(entry["action"], entry["actor"], entry["actor_name"], entry["mail"]) for entry in entries] == [
        ("open", "account:zoe", None, True),
        ("deposit", "account:zoe", None, False),
        ("deposit", "account:zoe", None, False),
        ("declare_not_applicable", "account:zoe", None, False),
        ("submit", "account:zoe", None, True),
        ("refuse", "staff:kim", "kim@universite.example", False),
        ("mark_incomplete", "staff:kim", "kim@universite.example", True),
        ("mark_complete", "staff:kim", "kim@universite.example", True),
        ("reopen", "staff:kim", "kim@universite.example", True),
        ("add_note", "staff:kim", "kim@universite.example", False),
    ]
    by_action = {entry["action"]: entry for entry in entries}
    refused = by_action["refuse"]
    assert refused["before"] == {"pieces": {"letter": {"state": "deposited", "comment": None}}}
    assert refused["after"] == {"pieces": {"letter": {"state": "refused", "comment": "Illisible"}}}
    assert by_action["mark_complete"]["before"]["state"] == "incomplete"
    assert (by_action["reopen"]["after"]["state"], by_action["reopen"]["after"]["reason"]) == ("draft", "Une erreur")
    assert [*by_action["add_note"]["after"]["notes"].values()] == [SECRET]
    assert [entry["action"] for entry in await trail(kim, id, at="2027-02-01")][-1] == "submit"
    assert await trail(kim, id, at="2027-01-31") == []
    assert (await kim.ask("GET", f"/{id}/audit", params={"limit": 201})).status == 422
    assert [line async for line in broken_chains(store_of(peers))] == []


async def test_a_decision_is_in_the_trail_from_its_entry_on(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 45, 94: by whom it was entered, taken away, entered anew and validated, and who answered."""
    kim = Staff(peers)
    id = await complete(zoe, kim)
    await entered(kim, id, "unfavourable", reason="Trop tard")
    assert (await kim.ask("DELETE", f"/{id}/decision")).status == 200
    assert (await validate(kim, id, await entered(kim, id))).status == 200
    assert (await zoe.ask("POST", f"/applications/{id}/answer", json={"answer": "accept"})).status == 200
    entries = {entry["action"]: entry for entry in await trail(kim, id)}
    assert entries["delete_decision"]["before"]["entered"]["kind"] == "unfavourable"
    assert entries["enter_decision"]["after"]["entered"]["kind"] == "favourable"
    assert (entries["validate_decision"]["actor"], entries["validate_decision"]["mail"]) == ("staff:kim", True)
    assert (entries["accept"]["actor"], entries["accept"]["mail"]) == ("account:zoe", True)
    assert [line async for line in broken_chains(store_of(peers))] == []


def test_a_mail_is_said_of_what_the_mailer_writes_of() -> None:
    """Acceptance 94."""
    types = answered(declarations(FOLDER).values())
    assert {each for each in types if each.startswith("applications.")} == TOLD_BY_MAIL


@pytest.mark.parametrize("changes", [PENDING - 1, PENDING, PENDING + 1, 2 * PENDING + 1])
async def test_who_is_erased_leaves_whole_chains_without_a_word_of_theirs(
    peers: PeerServices, zoe: Candidate, changes: int
) -> None:
    """Acceptance 21, 94: however many entries stood in the document; whatever anybody has typed is gone."""
    id, kim = await zoe.opened(), Staff(peers)
    for number in range(changes - 1):
        assert (await zoe.deposit(id, "cv", f"doc-{number}", filename=f"Relevé {SECRET}.pdf")).status == 200
        assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).status == 200
    for text in range(changes):
        assert (await kim.ask("POST", f"/{id}/notes", json={"text": f"{SECRET} {text}"})).status == 200
    await peers.suite.settle()
    assert len(await trail(kim, id)) == 1 + 2 * (changes - 1) + changes
    store = store_of(peers)
    assert [line async for line in broken_chains(store)] == []
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    assert await store.find("applications", {}) == await store.find("sheets", {}) == []
    rows = await store.find("audit", {}, limit=1000)
    assert len(rows) == 1 + 2 * (changes - 1) + changes + 2
    assert SECRET not in json.dumps(rows, ensure_ascii=False)
    assert not any({"account", "salt", "personal"} & row.keys() for row in rows)
    assert [line async for line in broken_chains(store)] == []


async def test_the_first_entry_that_is_not_as_it_was_written_is_named(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 105: changed, taken out, cut off at the end, or shown with other words."""
    id, kim = await zoe.opened(), Staff(peers)
    for number in range(PENDING + 2):
        assert (await kim.ask("POST", f"/{id}/notes", json={"text": f"note {number}"})).status == 200
    store, chain = store_of(peers), f"audit sheets:{id}"
    rows = await store.find("audit", {}, limit=1000)
    assert [row["number"] for row in rows] == [*range(1, PENDING + 1)]

    async def found() -> list[str]:
        return [line async for line in broken_chains(store)]

    third = rows[2]
    for changed, why in (
        (third | {"actor": "staff:ada"}, "entry 3 was changed"),
        (third | {"previous": "sha256:0"}, "entry 3 does not follow the one before"),
        (
            third | {"personal": dict.fromkeys(third["personal"], "more")},
            "entry 3 shows other values than were written",
        ),
    ):
        assert await store.replace("audit", changed, version=1)
        assert await found() == [f"{chain}: {why}"]
        assert await store.replace("audit", third, version=1)
    for row, why in ((third, "entry 3 is missing"), (rows[-1], f"entry {PENDING} is missing")):
        assert await store.delete("audit", row["_id"])
        assert await found() == [f"{chain}: {why}"]
        await store.insert("audit", row)
    assert await found() == []
    sheet = await store.get("sheets", id)
    assert sheet is not None
    await store.delete("sheets", id)
    assert await found() == [f"{chain}: its file is gone and was not erased"]
    for row in rows:
        await store.delete("audit", row["_id"])
    await store.insert("sheets", sheet)
    assert await found() == [f"{chain}: entry 1 is missing"]
