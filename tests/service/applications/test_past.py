"""Staff read a file as it was at an instant: as they saw it then, and nothing of what came later."""

from __future__ import annotations

from typing import Any

from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer, enter, entered, validate
from tests.service.applications.test_review import Staff, handed_over

SAME = ("state", "state_label", "submitted_at", "tags", "assignee", "assignee_name", "answer")
OF_PIECE = ("code", "label", "state", "document", "registrar", "comment", "judged_at", "judged_by", "judged_by_name")
OF_DECISION = ("kind", "label", "reason", "rank", "comment")


def told(view: dict[str, Any]) -> dict[str, Any]:
    """What the page of a file and that of its past have in common."""
    found = {name: view[name] for name in (*SAME, "submission_deadline")}
    found["pieces"] = [{name: each[name] for name in OF_PIECE} for each in view["pieces"]]
    found["questions"] = [(each["code"], each["label"], each["answer"]) for each in view["questions"]]
    for name in ("entered_decision", "decision"):
        decision = view[name]
        found[name] = decision and {each: decision[each] for each in OF_DECISION}
    return found


async def test_a_file_is_read_as_it_was_after_each_of_many_acts(peers: PeerServices, zoe: Candidate) -> None:
    """More of them than stand in its document; what its page said then is what is rebuilt."""
    id, kim, ada = await handed_over(zoe), Staff(peers), Staff(peers, name="ada")
    seen: list[tuple[str, dict[str, Any]]] = []

    async def then(*acts: Any) -> None:
        for act in acts:
            reply = await act
            assert isinstance(reply, str) or reply.status in (200, 201), reply.body
            now = peers.clock.now().isoformat()
            seen.append((now, told((await kim.ask("GET", f"/{id}")).body)))
            peers.clock.advance(seconds=60)

    await then(kim.ask("PUT", f"/{id}/tags", json={"tags": ["à revoir", "Sud"]}))
    await then(
        kim.judge(id, "letter", "refused", comment="Illisible"),
        ada.judge(id, "cv", "validated"),
        ada.judge(id, "cv", "none", comment="Une autre fois"),
        kim.mark(id, "incomplete", submission_deadline="2027-04-30"),
        zoe.ask("DELETE", f"/applications/{id}/pieces/letter"),
        zoe.deposit(id, "letter", "other"),
        zoe.submit(id),
        ada.judge(id, "letter", "validated"),
        kim.judge(id, "cv", "validated"),
        kim.mark(id, "complete"),
        enter(kim, id, "waitlist", comment="Sous réserve"),
        kim.ask("DELETE", f"/{id}/decision"),
    )
    await then(validate(kim, id, await entered(kim, id, "favourable", comment="Bravo !")))
    await then(enter(ada, id, "unfavourable", reason="Erreur"), kim.ask("DELETE", f"/{id}/decision"))
    await then(answer(zoe, id, "accept"), kim.ask("PUT", f"/{id}/tags", json={"tags": []}))
    for at, view in seen:
        reply = await kim.ask("GET", f"/{id}/past", params={"at": at})
        assert reply.status == 200, reply.body
        assert told(reply.body) == view, at
    assert (await kim.ask("GET", f"/{id}/past", params={"at": seen[0][0].replace("+00:00", "Z")})).status == 200


async def test_an_instant_is_one_at_which_the_file_was_there(peers: PeerServices, zoe: Candidate) -> None:
    id, kim = await zoe.opened(), Staff(peers)
    opened = peers.clock.now()
    peers.clock.advance(seconds=1)

    async def at(text: str, staff: Staff = kim) -> tuple[int, str | None]:
        reply = await staff.ask("GET", f"/{id}/past", params={"at": text})
        return reply.status, reply.body["fields"][0]["slug"] if reply.status == 422 else None

    first = opened.isoformat(timespec="milliseconds")
    assert await at(first) == (200, None)
    assert await at("2027-02-01T12:00:00.000+01:00") == (200, None), "in any zone"
    assert await at("2027-02-01T10:59:59.999Z") == (422, "before-opening")
    assert await at("2027-02-01T11:00:01Z") == (200, None)
    assert await at("2027-02-01T11:00:01.001Z") == (422, "instant-to-come")
    for wrong in ("", "2027-02-01", "2027-02-01T11:00:00", "1801476000"):
        assert (await at(wrong))[0] == 422, wrong
    elsewhere = Staff(peers, [{"role": "manager", "centres": ["ELSEWHERE"]}])
    board = Staff(peers, [{"role": "commission"}])
    for staff in (elsewhere, board):
        assert await at(first, staff) == (404, None), "as of none"
