"""Who has no part in a file changes nothing of it, by whatever route; what they did before is answered so (ADR 102)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.applications.domain.pre_enrolment import PreEnrolment
from services.applications.domain.reach import Reach
from services.applications.domain.recusals import Recusal
from services.applications.domain.sheets import Sheet
from services.applications.domain.votes import Ballot
from services.applications.repository.ballots import BallotRepository
from services.applications.repository.decisions import Entry
from services.applications.repository.recusals import id_of
from services.applications.repository.taking_part import OfFiles, taking_part
from services.chassis.events.aggregates import Decision
from services.contracts.actors import Acting, Role
from services.contracts.api.endpoints.all import APIS
from services.contracts.refusals import RefusedError
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_decisions import complete
from tests.service.applications.test_deliberation import foreseen, lines, sent
from tests.service.applications.test_deliberation import table as rows_of
from tests.service.applications.test_exports import app_of, command_of
from tests.service.applications.test_meetings import JURY, Board, held, kim
from tests.service.applications.test_recused import KIM
from tests.service.applications.test_review import EVERYWHERE, drafted
from tests.service.applications.test_waiting_list import places_of

__all__ = ["kim"]

WHY = {"reason": "Au guichet"}
ON_A_FILE: dict[str, dict[str, Any] | None] = {
    "PUT /review/{id}/fees": {"fees_version": 0},
    "PUT /review/{id}/enrolment-code": {"code": "EC12345", "instead_of": "", "tell": False},
    "PUT /review/{id}/on-behalf/pieces/{code}": {**WHY, "receipt": "x.y.z"},
    "POST /review/{id}/on-behalf/pieces/{code}/removal": WHY,
    "PUT /review/{id}/on-behalf/pieces/{code}/not-applicable": {**WHY, "not_applicable": True},
    "PUT /review/{id}/on-behalf/answers/{question}": {**WHY, "answer": None},
    "POST /review/{id}/on-behalf/submission": WHY,
    "POST /review/{id}/pieces/{code}/verdict": {"verdict": "refused", "comment": "Illisible"},
    "POST /review/{id}/verdicts": {"verdicts": [{"code": "cv", "verdict": "validated"}]},
    "POST /review/{id}/state": {"state": "submitted"},
    "POST /review/{id}/reopening": {"reason": "Erreur de saisie"},
    "PUT /review/{id}/deadlines": {"submission_deadline": "2027-05-01"},
    "POST /review/{id}/decision": {"kind": "favourable"},
    "DELETE /review/{id}/decision": None,
    "POST /review/{id}/decision/validation": {"decision": "x"},
    "POST /review/{id}/pre-enrolment/retry": None,
    "POST /review/{id}/notes": {"text": "Je la connais bien"},
    "PUT /review/{id}/tags": {"tags": ["urgent"]},
    "PUT /review/{id}/assignee": {"assignee": "nobody-known"},
    "POST /review/{id}/conditions/{number}": {"decision": "x", "state": "met"},
}
ON_SEVERAL = {
    *("POST /places/{programme}/promotion", "POST /review/bulk", "POST /review/bulk/runs"),
    *("POST /review/bulk/runs/{run}/undo", "POST /review/deliberation", "POST /review/pre-enrolments/retries"),
    *("POST /meetings/{meeting}/outcome", "PUT /meetings/{meeting}/files/{file}/vote"),
    "POST /meetings/{meeting}/files/{file}/vote/closing",
}
"""Refused file by file, as other tests and those below show."""
ON_NONE = {
    *("POST /review/applications", "PUT /places/{programme}", "PUT /review/columns", "PUT /review/views/{name}"),
    *("DELETE /review/views/{name}", "POST /review/exports", "DELETE /review/exports/{id}", "POST /meetings"),
    *("PUT /meetings/{meeting}", "POST /meetings/{meeting}/files", "DELETE /meetings/{meeting}/files/{file}"),
    *("POST /meetings/{meeting}/state", "POST /meetings/{meeting}/recusals", "POST /connectors/{connector}/test"),
    "DELETE /meetings/{meeting}/recusals/{file}/{member}",
    *(f"POST /incidents{path}" for path in ("", "/{incident}/extension", "/{incident}/dismissal")),
}
"""They change no file that is there."""


def test_every_route_by_which_staff_change_something_says_what_it_is_to_who_has_no_part() -> None:
    changing = {
        f"{each.method} {each.path}" for each in APIS["applications"] if each.method != "GET" and each.access.roles
    }
    assert changing == {*ON_A_FILE, *ON_SEVERAL, *ON_NONE}


def ada_in(peers: PeerServices) -> Board:
    """Who may do anything, but for the files in which she has no part."""
    return Board(peers, ({"role": "support"}, *EVERYWHERE, *JURY), "ada")


async def by(staff: Board, call: str, id: str, body: Any, **headers: str) -> Reply:
    method, path = call.split()
    names = {"id": id, "code": "cv", "question": "why", "number": "1"}
    given = {} if body is None else {"json": body}
    return await staff.ask(method, path.removeprefix("/review").format(**names), headers=headers, **given)


async def test_who_has_no_part_in_a_file_changes_nothing_of_it_in_whatever_role(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    id, ada = await complete(zoe, kim), ada_in(peers)
    meeting = await held(kim, id)
    await kim.good("POST", f"/{meeting}/recusals", json={"file": id, "member": "ada"})
    before = [(await kim.ask("GET", f"/{id}{path}")).body for path in ("", "/audit")]
    for call, body in ON_A_FILE.items():
        reply = await by(ada, call, id, body)
        assert (call, reply.status, reply.slug) == (call, 403, "recused")
    assert (await places_of(ada, "POST", "/promotion", json={"application": id})).slug == "recused"
    assert (await ada.at("POST", f"/{meeting}/files/{id}/vote/closing")).slug == "recused"
    assert [(await kim.ask("GET", f"/{id}{path}")).body for path in ("", "/audit")] == before


def came(body: Any) -> list[str]:
    return [each["result"] for each in body["items"]]


async def test_what_was_done_before_somebody_had_no_part_is_answered_as_it_was(
    peers: PeerServices, zoe: Candidate, kim: Board
) -> None:
    """A client whose first answer was lost sends the same again: the file has changed, and it hears so."""
    id, ada = await complete(zoe, kim), ada_in(peers)
    draft = await drafted(peers, zoe)
    meeting = await held(kim, id)
    table = lines([row | {"Décision": "Liste d’attente"} for row in await rows_of(ada)])
    digest = (await foreseen(ada, table))["digest"]
    acts: list[dict[str, Any]] = [
        {"action": "assign", "ids": [id], "args": {"assignee": "ada"}},
        {"action": "enter_decision", "ids": [id], "args": {"decision": {"kind": "waitlist"}}},
    ]
    calls = [
        ("POST", f"/{id}/notes", {"text": "Vue au téléphone"}),
        ("POST", f"/{id}/pieces/cv/verdict", {"verdict": "validated"}),
        ("PUT", f"/{draft}/on-behalf/pieces/cv", {**WHY, "receipt": zoe.receipt("doc-9")}),
        ("POST", f"/{id}/decision", {"kind": "favourable"}),
    ]
    outcome = {"programme": "M1-MER", "items": [{"file": id, "kind": "favourable"}]}

    async def all_of_it() -> list[tuple[int, Any]]:
        status, body = await sent(ada, table, digest=digest, key="table")
        told: list[tuple[int, Any]] = [(status, came(body))]
        for method, path, body in calls:
            reply = await ada.ask(method, path, json=body, headers={"Idempotency-Key": path})
            told.append((reply.status, reply.slug if reply.status >= 400 else None))
        for act in acts:
            if "digest" not in act:
                act["digest"] = (await ada.ask("POST", "/bulk", json=act | {"dry_run": True})).body["digest"]
            reply = await ada.ask("POST", "/bulk", json=act, headers={"Idempotency-Key": act["action"]})
            told.append((reply.status, came(reply.body)))
        reply = await ada.at("POST", f"/{meeting}/outcome", json=outcome, headers={"Idempotency-Key": "outcome"})
        return [*told, (reply.status, came(reply.body))]

    first = await all_of_it()
    assert first == [(200, told) for told in (["changed"], *[None] * 4, *[["changed"]] * 3)]
    for file in (id, draft):  # a draft is on no meeting; it may have been on one before it was given back
        none = Recusal("zoe", file, "ada", meeting, peers.clock.now(), Acting("staff:kim"))
        await app_of(peers).recusals.add(id_of(file, "ada"), Decision(none), command_of(peers))
    assert await all_of_it() == first
    for method, path, body in calls:
        reply = await ada.ask(method, path, json=body, headers={"Idempotency-Key": f"{path}/anew"})
        assert (path, reply.slug) == (path, "recused")


async def test_a_command_of_staff_that_did_not_ask_is_not_written(peers: PeerServices, kim: Board) -> None:
    app, command = app_of(peers), replace(command_of(peers), actor=KIM)
    kept: list[tuple[Any, str, Any]] = [
        (app.sheets, "file", Sheet("zoe")),
        (app.decisions, "file", Entry("zoe")),
        (app.pre_enrolments, "file", PreEnrolment("zoe", "M1-MER", "2027")),
        (app.ballots, "meeting.file", Ballot("zoe", "meeting", "file")),
    ]
    assert {type(each) for each, _, _ in kept} | {type(app.applications)} == {
        BallotRepository,
        *OfFiles.__subclasses__(),
    }
    without = Reach(Role.MANAGER, None, recused=frozenset({"file"}))
    for aggregates, id, begun in kept:
        for unasked in (command, taking_part(command, "another")):
            with pytest.raises(TypeError, match="has not asked"):
                await aggregates.add(id, Decision(begun), unasked)
        for change in (aggregates.change_or_add(id, begun, Decision, taking_part(command, "file", without)),):
            with pytest.raises(RefusedError, match="recused"):
                await change
        assert (await aggregates.add(id, Decision(begun), taking_part(command, "file"))).saved.version == 1
        with pytest.raises(RefusedError, match="recused"):
            await aggregates.change(id, Decision, taking_part(command, "file", without))
        with pytest.raises(TypeError, match="has not asked"):
            await aggregates.change(id, Decision, command)
