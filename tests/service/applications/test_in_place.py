"""Staff fill in a candidate's file in their place: by the candidate's rules, and never unseen (acceptance 47, 94)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

import pytest

from services.applications.publications import receipt_claims
from services.applications.usecases import in_place
from services.applications.wiring import use_cases
from services.chassis.context import Actor, CommandContext, acting_service
from tests.service.applications.candidate import LIMIT, Candidate, PeerServices, Reply
from tests.service.applications.test_bulk import foreseen, results
from tests.service.applications.test_review import Staff, handed_over, set_to

WHY = "Formulaire signé au guichet"
NONE = {"reason": WHY}
APRIL_16 = datetime(2027, 4, 16, 11, 0, tzinfo=UTC)
"""The day after the last one of the programme."""


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def deposit(staff: Staff, whose: Candidate, id: str, code: str, document: str = "doc-1", **body: Any) -> Reply:
    headers = {"Idempotency-Key": key} if (key := body.pop("key", None)) else {}
    given = {"receipt": whose.receipt(document), "reason": WHY, **body}
    return await staff.ask("PUT", f"/{id}/on-behalf/pieces/{code}", json=given, headers=headers)


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timer does now, tried twice as two processes might."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    for row in [row async for row in in_place.untold(app, command)]:
        for _ in range(2):
            await in_place.tell(app, row, command)


async def test_a_manager_deposits_what_somebody_has_brought(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 94: the trail says who, on whose behalf and why; the candidate what and why, and not who."""
    id = await zoe.opened()
    first = await deposit(kim, zoe, id, "cv", key="k")
    assert first.status == 200, first.body
    again = await deposit(kim, zoe, id, "cv", key="k")
    assert (again.status, again.body["version"]) == (200, first.body["version"])
    shown = await zoe.get(id)
    assert [piece["state"] for piece in shown["pieces"]] == ["deposited", "awaiting", "awaiting"]
    (act,) = shown["acts"]
    assert (act["action"], act["what"], act["label"], act["reason"]) == ("deposit", "cv", "Pièce cv", WHY)
    assert "kim" not in json.dumps(shown)
    entry = (await kim.ask("GET", f"/{id}/audit")).body["items"][-1]
    assert (entry["action"], entry["actor"], entry["on_behalf_of"]) == ("deposit", "staff:kim", "account:zoe")
    assert entry["after"]["reason"] == WHY
    (event,) = [each for each in await peers.events() if each["type"].endswith("piece_deposited.v1")]
    assert (event["actor"], event["onbehalfof"]) == ("staff:kim", "account:zoe")
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).status == 200, "it is the candidate's own"


async def test_the_rules_are_the_candidates(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 50-53, 67: limits, states and the last day; each refusal changes nothing."""
    id = await zoe.opened()
    other = Candidate(peers.suite, "ann")
    for reply, slug in (
        (await deposit(kim, other, id, "cv"), "invalid-receipt"),
        (await deposit(kim, zoe, id, "cv", receipt=zoe.receipt("doc-1", size=LIMIT + 1)), "too-large-for-piece"),
        (await deposit(kim, zoe, id, "cv", receipt=zoe.receipt("doc-1", media_type="image/png")), "type-not-allowed"),
        (await deposit(kim, zoe, id, "xx"), "not-found"),
        (await deposit(kim, zoe, id, "cv", reason=" "), "invalid-fields"),
        (await deposit(kim, zoe, id, "cv", reason="é" * 201), "invalid-fields"),
        (
            await kim.ask("PUT", f"/{id}/on-behalf/pieces/cv/not-applicable", json=NONE | {"not_applicable": True}),
            "piece-not-conditional",
        ),
        (await kim.ask("POST", f"/{id}/on-behalf/submission", json=NONE), "not-ready"),
    ):
        assert reply.slug == slug
    assert (await zoe.get(id))["acts"] == [] and (await zoe.get(id))["version"] == 1
    assert (await deposit(kim, zoe, id, "cv", reason="é" * 200, receipt=zoe.receipt("doc-1", size=LIMIT))).status == 200
    assert (await deposit(kim, zoe, id, "cv", "doc-2")).slug == "piece-already-deposited"
    set_to(peers.clock, APRIL_16)
    assert (await deposit(kim, zoe, id, "letter")).slug == "deadline-passed"
    assert (await kim.ask("PUT", f"/{id}/deadlines", json={"submission_deadline": "2027-04-16"})).status == 200
    assert (await deposit(kim, zoe, id, "letter")).status == 200, "a last day of its own was given first"


async def test_a_file_is_filled_in_and_handed_over_and_its_receipt_says_by_whom(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 53, 67, 69, 94: the receipt proves what it did, and that nobody else than the university submitted."""
    asked = [{"code": "why", "label": {"fr": "Pourquoi ?"}, "kind": "text", "required": True}]
    await peers.publish_programme("M1-LAC", questions=asked)
    id = await zoe.opened("M1-LAC")
    await deposit(kim, zoe, id, "cv", "doc-cv")
    await deposit(kim, zoe, id, "letter", "doc-letter")
    removal = f"/{id}/on-behalf/pieces/letter/removal"
    assert (await kim.ask("POST", removal, json=NONE)).status == 200
    assert (await kim.ask("POST", removal, json=NONE)).status == 200, "empty already"
    await deposit(kim, zoe, id, "letter", "doc-2")
    for declared in (True, False, True):
        path = f"/{id}/on-behalf/pieces/b2/not-applicable"
        assert (await kim.ask("PUT", path, json=NONE | {"not_applicable": declared})).status == 200
    for answer in ("Pour la mer", None, "Pour l’eau"):
        path = f"/{id}/on-behalf/answers/why"
        assert (await kim.ask("PUT", path, json=NONE | {"answer": answer})).status == 200
    seen = await kim.ask("GET", f"/{id}/on-behalf")
    assert (seen.body["file_number"], seen.body["application"]["can_submit"]) == ("AB12CD34", True)
    key = {"Idempotency-Key": "s"}
    done = await kim.ask("POST", f"/{id}/on-behalf/submission", json=NONE, headers=key)
    again = await kim.ask("POST", f"/{id}/on-behalf/submission", json=NONE, headers=key)
    assert done.status == 200 and done.body == again.body, done.body
    claims = json.loads(urlsafe_b64decode(done.body["receipt"].split(".")[1] + "=="))
    assert (claims["account"], claims["submitted_by"], claims["reason"]) == ("zoe", "university", WHY)
    assert (await zoe.ask("GET", f"/applications/{id}/receipt")).body["receipt"] == done.body["receipt"]
    shown = await zoe.get(id)
    assert shown["state"] == "submitted" and "kim" not in json.dumps(shown)
    assert [(act["action"], act["what"]) for act in shown["acts"]] == [
        *(("deposit", "cv"), ("deposit", "letter"), ("remove", "letter"), ("deposit", "letter")),
        *(("declare_not_applicable", "b2"), ("declare_applicable", "b2"), ("declare_not_applicable", "b2")),
        *(("answer", "why"), ("take_back", "why"), ("answer", "why"), ("submit", "")),
    ]
    last = (await kim.ask("GET", f"/{id}")).body["history"][-1]
    assert (last["actor"], last["on_behalf_of"], last["reason"]) == ("staff:kim", "account:zoe", WHY)
    assert (await kim.ask("POST", removal, json=NONE)).slug == "file-frozen"
    app = use_cases(peers.suite.service("applications").service.ports)
    saved = await app.applications.get(id)
    assert saved is not None
    kept = await app.submissions.of(Actor("zoe"), saved.state.submissions[-1])
    assert claims == {"iss": "parvis/applications", **receipt_claims(id, saved.state, kept)}, "as it is verified"


async def test_the_candidate_is_told_of_all_of_it_in_one(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """A quarter of an hour after the first; what was done last to a piece is told."""
    id = await zoe.opened()
    await deposit(kim, zoe, id, "cv")
    peers.clock.advance(minutes=14)
    await deposit(kim, zoe, id, "letter", "doc-2")
    assert (await kim.ask("POST", f"/{id}/on-behalf/pieces/letter/removal", json=NONE)).status == 200
    await by_the_clock(peers)
    assert await peers.told("acts_told") == []
    peers.clock.advance(minutes=1)
    await by_the_clock(peers)
    await by_the_clock(peers)
    (told,) = await peers.told("acts_told")
    assert (told["deposited"], told["removed"], told["answered"], told["submitted"]) == (
        ["cv"],
        ["letter"],
        False,
        False,
    )
    assert WHY not in str(told), "the public feed repeats no text"
    entry = (await kim.ask("GET", f"/{id}/audit")).body["items"][-1]
    assert (entry["action"], entry["mail"]) == ("tell_acts", True)
    assert (await zoe.deposit(id, "letter", "doc-3")).status == 200
    peers.clock.advance(minutes=60)
    await by_the_clock(peers)
    assert len(await peers.told("acts_told")) == 1, "what the candidate does is no news to them"


async def test_who_may_act_in_whose_place(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 62, 92: managers and support within their scope, beyond which nothing is there; nobody else."""
    id = await zoe.opened()
    for role in ("commission", "registrar", "readonly", "admin"):
        none = Staff(peers, ({"role": role},), "max")
        assert (await deposit(none, zoe, id, "cv")).status == 403
        assert (await none.ask("GET", f"/{id}/on-behalf")).status == 403
    path = f"/review/{id}/on-behalf/pieces/cv"
    assert (await zoe.ask("PUT", path, json={"receipt": zoe.receipt("doc-1"), "reason": WHY})).status == 403
    for role in ("manager", "support"):
        elsewhere = Staff(peers, ({"role": role, "centres": ["AUTRE"]}, {"role": "commission"}), "max")
        assert (await deposit(elsewhere, zoe, id, "cv")).status == 404
        assert (await elsewhere.ask("GET", f"/{id}/on-behalf")).status == 404
        here = Staff(peers, ({"role": role, "centres": ["SEE"]},), "lou")
        assert (await here.ask("GET", f"/{id}/on-behalf")).status == 200
        assert (await deposit(here, zoe, id, "cv")).status == 200
        assert (await here.ask("POST", f"/{id}/on-behalf/pieces/cv/removal", json=NONE)).status == 200


async def test_a_piece_and_a_question_of_one_code_are_told_each(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 94: the kinds of parts have each their own codes."""
    asked = [{"code": "letter", "label": {"fr": "Quelle lettre ?"}, "kind": "text", "required": False}]
    await peers.publish_programme("M1-LAC", questions=asked)
    id = await zoe.opened("M1-LAC")
    assert (await deposit(kim, zoe, id, "letter")).status == 200
    body = NONE | {"answer": "Celle-ci"}
    assert (await kim.ask("PUT", f"/{id}/on-behalf/answers/letter", json=body)).status == 200
    peers.clock.advance(minutes=15)
    await by_the_clock(peers)
    (told,) = await peers.told("acts_told")
    assert (told["deposited"], told["answered"]) == (["letter"], True)


async def test_that_a_mail_told_it_is_no_change_of_the_file(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 94: who has read the file since the act, and before the mail, writes nothing over unseen."""
    id = await zoe.opened()
    assert (await deposit(kim, zoe, id, "cv")).status == 200
    read = (await zoe.ask("GET", f"/applications/{id}")).headers["ETag"]
    peers.clock.advance(minutes=15)
    await by_the_clock(peers)
    assert (await zoe.ask("GET", f"/applications/{id}")).headers["ETag"] != read, "the mail was told"
    path, body = f"/applications/{id}/pieces/letter", {"receipt": zoe.receipt("doc-2")}
    assert (await zoe.ask("PUT", path, json=body, headers={"If-Match": read})).status == 200
    assert (await zoe.ask("DELETE", path, headers={"If-Match": read})).slug == "stale-version"


async def test_support_finds_and_sees_what_can_be_filled_in_alone(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 62, 94: who examines nothing sees a file no longer than it can be filled in, and none beyond reach."""
    id = await zoe.opened()
    for role in ("support", "manager"):
        here = Staff(peers, ({"role": role, "centres": ["SEE"]},), role)
        found = await here.ask("GET", "/on-behalf?account=zoe")
        assert [each["id"] for each in found.body["items"]] == [id]
        assert (await here.ask("GET", "/on-behalf?account=ann")).body["items"] == []
        number = (await here.ask("GET", f"/{id}/on-behalf")).body["file_number"]
        found = await here.ask("GET", f"/on-behalf?file_number=%09{number.lower()}%20")
        assert [each["id"] for each in found.body["items"]] == [id], "however it is typed"
        for nobodys in ("ZZZZZZZZ", "x"):
            assert (await here.ask("GET", f"/on-behalf?file_number={nobodys}")).body["items"] == []
        for query in ("", f"?account=zoe&file_number={number}", "?file_number=" + "x" * 31):
            assert (await here.ask("GET", f"/on-behalf{query}")).status == 422
        elsewhere = Staff(peers, ({"role": role, "centres": ["AUTRE"]},), "max")
        for query in ("account=zoe", f"file_number={number}"):
            assert (await elsewhere.ask("GET", f"/on-behalf?{query}")).body["items"] == []
    assert (await zoe.ask("POST", f"/applications/{id}/cancellation")).status == 200
    for role, status in (("support", 404), ("manager", 200)):
        here = Staff(peers, ({"role": role},), role)
        assert (await here.ask("GET", f"/{id}/on-behalf")).status == status
        assert (await here.ask("GET", "/on-behalf?account=zoe")).body["items"] == []


async def test_what_staff_have_put_in_is_not_lost_by_marking_the_file(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 72, 94: it is handed over first, or taken out again; both the file alone and many at once say so."""
    id = await handed_over(zoe)
    assert (await kim.judge(id, "cv", "refused", comment="Illisible")).status == 200
    assert (await kim.mark(id, "incomplete")).status == 200
    removal = f"/{id}/on-behalf/pieces/cv/removal"
    assert (await kim.ask("POST", removal, json=NONE)).status == 200
    assert (await deposit(kim, zoe, id, "cv", "doc-new")).status == 200
    before = await zoe.get(id)
    for state in ("complete", "submitted"):
        refused = await kim.mark(id, state)
        assert (refused.status, refused.slug) == (409, "filled-in-not-submitted")
    assert results(await foreseen(kim, "mark_complete", [id])) == [("refused", "filled-in-not-submitted")]
    assert (await zoe.get(id)) == before
    assert (await kim.ask("POST", f"/{id}/on-behalf/submission", json=NONE)).status == 200
    assert (await kim.mark(id, "complete")).status == 200
    (cv, *_) = (await zoe.get(id))["pieces"]
    assert (cv["state"], cv["document"]["id"]) == ("deposited", "doc-new")


async def test_what_is_not_so_any_more_is_not_told(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 94: the candidate has taken it out again, or put another one in; of a file given up nothing is told."""
    await peers.publish_programme("M1-LAC")
    id, given_up = await zoe.opened(), await zoe.opened("M1-LAC")
    for code in ("cv", "letter"):
        assert (await deposit(kim, zoe, id, code, f"doc-{code}")).status == 200
    assert (await deposit(kim, zoe, given_up, "cv", "doc-lac")).status == 200
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).status == 200
    assert (await zoe.deposit(id, "cv", "doc-own")).status == 200
    assert (await zoe.ask("POST", f"/applications/{given_up}/cancellation")).status == 200
    peers.clock.advance(minutes=15)
    await by_the_clock(peers)
    (told,) = await peers.told("acts_told")
    assert (told["application"], told["deposited"]) == (id, ["letter"])
    assert [(act["what"], act["undone"]) for act in (await zoe.get(id))["acts"]] == [("cv", True), ("letter", False)]
