"""Notes, tags and assignee stand beside a file: for staff alone, and the file stays as it was."""

from __future__ import annotations

import json

from services.applications.repository.sheets import SHEETS
from services.chassis.events.journal import JOURNALS
from services.contracts.events.accounts import AccountErased, GrantPart, StaffChanged
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_review import Staff, handed_over

SECRET = "à revoir avec la responsable"


async def known(peers: PeerServices, account: str, name: str, *roles: str) -> None:
    """Applications has heard of a member of staff."""
    grants = [GrantPart(role=role) for role in roles]
    await peers.suite.publish(StaffChanged(account=account, known_as=name, grants=grants), "accounts")
    await peers.suite.settle()


async def test_what_staff_keep_beside_a_file_leaves_the_candidates_answers_as_they_were(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 44: the same bytes, version and tag; nothing is told to anybody."""
    id = await handed_over(zoe)
    kim = Staff(peers)
    await known(peers, "kim", "kim@universite.example", "manager")
    await peers.suite.settle()

    async def seen() -> list[tuple[str, str]]:
        replies = [
            await zoe.ask("GET", path)
            for path in ("/applications", f"/applications/{id}", f"/applications/{id}/receipt")
        ]
        return [(json.dumps(reply.body), reply.headers.get("ETag", "")) for reply in replies]

    before, told = await seen(), await peers.events()
    version = (await kim.ask("GET", f"/{id}")).body["version"]
    for method, path, body in (
        ("POST", "notes", {"text": SECRET}),
        ("PUT", "tags", {"tags": ["Urgent", "urgent", "à appeler"]}),
        ("PUT", "assignee", {"assignee": "kim"}),
    ):
        assert (await kim.ask(method, f"/{id}/{path}", json=body)).status == 200
    assert await seen() == before
    assert await peers.events() == told
    store = peers.suite.service("applications").service.ports.store
    for journal in JOURNALS.values():
        assert SECRET not in json.dumps(await store.find(journal.name, {}, limit=1000), ensure_ascii=False)
    file = (await kim.ask("GET", f"/{id}")).body
    assert file["version"] == version
    assert [(note["text"], note["by"], note["by_name"]) for note in file["notes"]] == [
        (SECRET, "staff:kim", "kim@universite.example")
    ]
    assert (file["tags"], file["assignee_name"]) == (["Urgent", "à appeler"], "kim@universite.example")


async def test_a_note_has_2000_characters_and_a_file_200_notes(peers: PeerServices, zoe: Candidate) -> None:
    """At the limits and one past each; the same key writes one note."""
    id = await zoe.opened()
    kim = Staff(peers)

    async def note(text: str, **headers: str) -> int:
        return (await kim.ask("POST", f"/{id}/notes", json={"text": text}, headers=headers)).status

    assert await note("é" * 2001) == 422
    assert [await note("é" * 2000, **{"Idempotency-Key": "once"}) for _ in range(2)] == [200, 200]
    for number in range(199):
        assert await note(f"note {number}") == 200
    full = await kim.ask("POST", f"/{id}/notes", json={"text": "one more"})
    assert (full.status, full.slug) == (409, "too-many-notes")
    assert len((await kim.ask("GET", f"/{id}")).body["notes"]) == 200


async def test_a_file_has_20_tags_of_40_characters(peers: PeerServices, zoe: Candidate) -> None:
    id, kim = await zoe.opened(), Staff(peers)
    twenty = [f"{number:040}" for number in range(20)]
    for tags, status in (([*twenty, "x"], 422), (["x" * 41], 422), (["a\nb"], 422), ([""], 422), (twenty, 200)):
        assert (await kim.ask("PUT", f"/{id}/tags", json={"tags": tags})).status == status, tags
    assert (await kim.ask("GET", f"/{id}")).body["tags"] == twenty


async def test_a_file_is_given_to_known_staff_by_a_manager(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 62, 92: who has no rights any more is refused; beyond one's reach there is no file."""
    id, kim = await handed_over(zoe), Staff(peers)
    await known(peers, "ada", "ada@universite.example", "commission")
    await known(peers, "out", "out@universite.example")
    for assignee, status in (("nobody", 422), ("zoe", 422), ("out", 422), ("ada", 200), (None, 200)):
        assert (await kim.ask("PUT", f"/{id}/assignee", json={"assignee": assignee})).status == status, assignee
    ada = Staff(peers, ({"role": "commission"},), "ada")
    assert (await ada.ask("PUT", f"/{id}/assignee", json={"assignee": "ada"})).status == 403
    assert (await ada.ask("POST", f"/{id}/notes", json={"text": SECRET})).status == 404  # not complete yet
    elsewhere = Staff(peers, ({"role": "manager", "centres": ["LAC"]},))
    for method, path, body in (
        ("POST", "notes", {"text": SECRET}),
        ("PUT", "tags", {"tags": []}),
        ("PUT", "assignee", {"assignee": "ada"}),
        ("GET", "audit", None),
    ):
        assert (await elsewhere.ask(method, f"/{id}/{path}", json=body)).status == 404
    assert (await zoe.ask("GET", f"/review/{id}/audit")).status == 403


async def test_staff_who_are_gone_have_no_name_any_more(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 21, 124."""
    id, kim = await handed_over(zoe), Staff(peers)
    await known(peers, "kim", "kim@universite.example", "manager")
    assert (await kim.judge(id, "cv", "validated")).status == 200
    for name in ("kim@universite.example", None):
        view = (await kim.ask("GET", f"/{id}")).body
        assert [piece["judged_by_name"] for piece in view["pieces"] if piece["code"] == "cv"] == [name]
        await peers.suite.publish(AccountErased(account="kim", campaign="staff"), "accounts")
        await peers.suite.settle()


async def test_a_sheet_that_cannot_be_read_hides_no_verdict_and_is_not_written_over(
    peers: PeerServices, zoe: Candidate
) -> None:
    """The verdict is kept and answered; what staff keep beside the file is said to be out of reach."""
    id, kim = await handed_over(zoe), Staff(peers)
    assert (await kim.ask("PUT", f"/{id}/tags", json={"tags": ["urgent"]})).status == 200
    store = peers.suite.service("applications").service.ports.store
    sheet = await store.get(SHEETS.name, id)
    assert sheet is not None
    broken = sheet | {"tags": None, "version": sheet["version"] + 1}
    assert await store.replace(SHEETS.name, broken, version=sheet["version"])
    judged = await kim.judge(id, "cv", "refused", comment="Illisible")
    assert (judged.status, judged.body["sheet_unreadable"], judged.body["tags"]) == (200, True, [])
    for method, path, body in (
        ("PUT", "tags", {"tags": ["autre"]}),
        ("POST", "notes", {"text": "Une note"}),
        ("PUT", "assignee", {"assignee": None}),
        ("PUT", "fees", {"amount": "12.00", "fees_version": 0}),
    ):
        refused = await kim.ask(method, f"/{id}/{path}", json=body)
        assert (refused.status, refused.slug) == (500, "file-unreadable"), refused.body
    assert await store.get(SHEETS.name, id) == broken
