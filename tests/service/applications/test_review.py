"""Staff examine files over HTTP, each within their reach, and the candidate is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events.accounts import AddressChanged
from tests.service.applications.candidate import BASE, Candidate, PeerServices, Reply
from tests.service.handed_over import all_mails_are_handed_over

Grants = Sequence[dict[str, Any]]
EVERYWHERE: Grants = ({"role": "manager"},)


class Staff:
    """One member of staff's client."""

    def __init__(self, peers: PeerServices, grants: Grants = EVERYWHERE, name: str = "kim") -> None:
        self.peers, self.grants, self.name = peers, grants, name

    async def ask(self, method: str, path: str, **request: Any) -> Reply:
        headers = self.peers.suite.bearer(self.name, kind="staff", grants=list(self.grants))
        headers |= request.pop("headers", {})
        client = self.peers.suite.client
        async with client.request(method, f"{BASE}/review{path}", headers=headers, **request) as answer:
            return Reply(answer.status, await answer.json(content_type=None), answer.headers)

    async def judge(self, id: str, code: str, verdict: str, **body: Any) -> Reply:
        return await self.ask("POST", f"/{id}/pieces/{code}/verdict", json={"verdict": verdict, **body})

    async def mark(self, id: str, state: str, **body: Any) -> Reply:
        return await self.ask("POST", f"/{id}/state", json={"state": state, **body})

    async def sees(self, state: str = "submitted") -> list[str]:
        await self.peers.suite.settle()  # lists hear of what has happened
        reply = await self.ask("GET", "", params={"state": state})
        assert reply.status == 200, reply.body
        return [row["id"] for row in reply.body["items"]]


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


def set_to(clock: FixedClock, moment: datetime) -> None:
    clock.advance(seconds=(moment - clock.now()).total_seconds())


async def handed_over(candidate: Candidate, programme: str = "M1-MER") -> str:
    id = await candidate.ready(programme)
    assert (await candidate.submit(id)).status == 200
    return id


async def drafted(peers: PeerServices, candidate: Candidate) -> str:
    await peers.publish_programme("M1-LAC")
    return await candidate.opened("M1-LAC")


def pieces(view: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {piece["code"]: (piece["state"], piece["comment"]) for piece in view["pieces"]}


async def test_the_candidate_sees_verdicts_and_comments_and_not_whose_they_are(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 44, 55, 66, 115, 124."""
    id = await handed_over(zoe)
    assert (await kim.judge(id, "cv", "validated")).status == 200
    assert (await kim.judge(id, "letter", "refused", comment="é" * 500)).status == 200
    seen = await zoe.get(id)
    assert pieces(seen) == {
        "cv": ("validated", None),
        "letter": ("refused", "é" * 500),
        "b2": ("not_applicable", None),
    }
    assert "kim" not in json.dumps(seen)
    (letter,) = [piece for piece in (await kim.ask("GET", f"/{id}")).body["pieces"] if piece["code"] == "letter"]
    assert (letter["judged_by"], letter["judged_at"]) == ("staff:kim", "2027-02-01T11:00:00.000Z")
    assert [(each["piece"], each["verdict"]) for each in await peers.told("piece_judged")] == [
        ("cv", "validated"),
        ("letter", "refused"),
    ]
    assert (await kim.judge(id, "letter", "none", comment="Illisible")).status == 200
    assert pieces(await zoe.get(id))["letter"] == ("deposited", "Illisible")


async def test_a_comment_has_500_characters_and_no_verdict_is_given_on_what_is_not_there(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 55."""
    id = await handed_over(zoe)
    too_long = await kim.judge(id, "letter", "refused", comment="é" * 501)
    assert (too_long.status, too_long.body["fields"][0]["slug"]) == (422, "too-long")
    assert (await kim.judge(id, "b2", "validated")).slug == "piece-not-applicable"
    assert (await kim.judge(id, "photo", "validated")).slug == "not-found"
    draft = await drafted(peers, zoe)
    assert (await kim.judge(draft, "cv", "validated")).slug == "file-frozen"


async def test_a_verdict_names_the_document_that_was_read(zoe: Candidate, kim: Staff) -> None:
    """Acceptance 55."""
    id = await handed_over(zoe)
    await kim.mark(id, "incomplete")
    await zoe.ask("DELETE", f"/applications/{id}/pieces/letter")
    await zoe.deposit(id, "letter", "doc-new")
    late = await kim.judge(id, "letter", "refused", comment="Illisible", document="doc-letter")
    assert (late.status, late.slug) == (409, "document-changed")
    assert pieces(await zoe.get(id))["letter"] == ("deposited", None)
    assert (await kim.judge(id, "letter", "validated", document="doc-new")).status == 200


async def test_what_staff_write_is_made_as_what_candidates_write(zoe: Candidate, kim: Staff) -> None:
    """Acceptance 55, 75: candidates read it."""
    id = await handed_over(zoe)
    for text in ("\x07", "a\tb", "a\u2028b", "\ufffd"):
        for refused in (
            await kim.judge(id, "letter", "refused", comment=text),
            await kim.ask("POST", f"/{id}/reopening", json={"reason": text}),
        ):
            assert (refused.status, refused.body["fields"][0]["slug"]) == (422, "malformed"), text
    for blank in ("", " \n ", " \u200b "):
        assert (await kim.judge(id, "letter", "refused", comment=blank)).status == 422
    typed = await kim.judge(id, "letter", "refused", comment=" Page\u200b\u202e 2\r\nmanque\u2066 e\u0301 ")
    assert typed.status == 200, typed.body
    assert pieces(await zoe.get(id))["letter"] == ("refused", "Page 2\nmanque é")
    assert (await kim.judge(id, "letter", "refused", comment="e\u0301" * 500)).status == 200
    assert (await kim.judge(id, "letter", "refused", comment="e\u0301" * 501)).status == 422


async def test_an_incomplete_file_is_completed_and_submitted_anew(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 56, 57, 66, 72."""
    id = await handed_over(zoe)
    await kim.judge(id, "cv", "validated")
    await kim.judge(id, "letter", "refused", comment="Il manque la page 2")
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/letter")).slug == "file-frozen"
    assert (await kim.mark(id, "incomplete")).status == 200
    seen = await zoe.get(id)
    assert (seen["state_label"], seen["submission_deadline"], seen["can_submit"]) == ("Incomplet", "2027-04-15", False)
    assert [(block["code"], block["reason"]) for block in seen["blocking"]] == [("letter", "refused")]
    assert (await zoe.submit(id)).slug == "not-ready"
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).slug == "piece-validated"
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/letter")).status == 200
    assert pieces(await zoe.get(id))["letter"] == ("awaiting", "Il manque la page 2")
    assert (await zoe.deposit(id, "letter", "doc-new")).status == 200
    assert (await zoe.submit(id)).status == 200
    (marked,) = await peers.told("marked_incomplete")
    assert (marked["refused"], marked["submission_deadline"]) == (["letter"], "2027-04-15")
    assert not {"comment", "reason"} & marked.keys()
    held = [{piece["piece"]: piece["document"] for piece in each["pieces"]} for each in await peers.told("submitted")]
    assert held == [{"cv": "doc-cv", "letter": "doc-letter"}, {"cv": "doc-cv", "letter": "doc-new"}]


async def test_whatever_is_sent_twice_is_one(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 74."""
    id = await handed_over(zoe)
    for _ in range(2):
        assert (await kim.judge(id, "cv", "refused", comment="Illisible")).status == 200
        assert (await kim.mark(id, "incomplete")).status == 200
    assert (len(await peers.told("piece_judged")), len(await peers.told("marked_incomplete"))) == (1, 1)
    assert (await kim.mark(id, "complete")).status == 200
    body, key = {"reason": "transmis par erreur"}, {"Idempotency-Key": "once"}
    first = await kim.ask("POST", f"/{id}/reopening", json=body, headers=key)
    again = await kim.ask("POST", f"/{id}/reopening", json=body, headers=key)
    assert (first.status, again.status, len(await peers.told("reopened"))) == (200, 200, 1)
    assert first.body["history"] == again.body["history"]
    stale = await kim.ask("POST", f"/{id}/state", json={"state": "complete"}, headers={"If-Match": '"1"'})
    assert (stale.status, stale.body["current"]["id"]) == (412, id)


async def test_days_are_checked_where_they_are_typed(zoe: Candidate, kim: Staff) -> None:
    """Acceptance 72, 74, 75: today is 1 February, the programme's last day 15 April."""
    id = await handed_over(zoe)
    for body, field, slug in (
        ({"on": "2027-02-02"}, "on", "day-in-future"),
        ({"submission_deadline": "2027-01-31"}, "submission_deadline", "day-past"),
        ({"submission_deadline": "2028-02-03"}, "submission_deadline", "day-too-far"),
        ({"submission_deadline": "2027-02-30"}, "submission_deadline", "not-a-date"),
    ):
        refused = await kim.mark(id, "incomplete", **body)
        assert refused.status == 422
        assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [(field, slug)]
        assert not any(value in json.dumps(refused.body) for value in body.values())
    marked = await kim.mark(id, "incomplete", on="2027-02-01", submission_deadline="2027-02-01")
    assert (marked.status, marked.body["submission_deadline"]) == (200, "2027-04-15"), "no earlier than the programme's"
    assert marked.body["history"][-1]["on"] == "2027-02-01"


async def test_a_file_submitted_by_mistake_is_reopened_and_the_trace_says_who_and_why(
    zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 57, 75."""
    id = await handed_over(zoe)
    await kim.judge(id, "cv", "validated")
    reopened = await kim.ask(
        "POST", f"/{id}/reopening", json={"reason": "transmis par erreur", "submission_deadline": "2027-05-01"}
    )
    assert reopened.status == 200, reopened.body
    last = reopened.body["history"][-1]
    assert (last["actor"], last["reason"], last["state"]) == ("staff:kim", "transmis par erreur", "draft")
    seen = await zoe.get(id)
    assert (seen["state"], seen["submission_deadline"]) == ("draft", "2027-05-01")
    assert "erreur" not in json.dumps(seen)
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/letter")).status == 200
    assert (await zoe.ask("DELETE", f"/applications/{id}/pieces/cv")).slug == "piece-validated"


async def test_a_later_last_day_for_one_application(
    peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 54, 73."""
    id = await zoe.opened()
    for day, deadline in (("2027-04-01", "2027-04-15"), ("2027-04-20", "2027-04-20"), ("2027-04-20", "2027-04-20")):
        given = await kim.ask("PUT", f"/{id}/deadlines", json={"submission_deadline": day})
        assert (given.status, given.body["submission_deadline"]) == (200, deadline)
    told = await peers.told("deadline_extended")
    assert [(each["submission_deadline"], each["because"]) for each in told] == [("2027-04-20", "staff")]
    set_to(clock, datetime(2027, 4, 20, 21, 59, 59, tzinfo=UTC))
    assert (await zoe.deposit(id, "cv")).status == 200
    clock.advance(seconds=1)
    assert (await zoe.deposit(id, "letter")).slug == "deadline-passed"


async def test_what_lies_beyond_ones_reach_is_not_there(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 62, 92."""
    board = {"code": "BIO", "label": "Commission de biologie"}
    await peers.publish_programme("M1-BIO", commission=board)
    await peers.publish_programme("L1-DROIT", centre={"code": "DROIT", "label": "UFR Droit"})
    sea, life, law = [await handed_over(zoe, code) for code in ("M1-MER", "M1-BIO", "L1-DROIT")]
    for grants, reached in (
        ([{"role": "manager"}], {sea, life, law}),
        ([{"role": "manager", "centres": ["SEE"]}], {sea, life}),
        ([{"role": "manager", "commissions": ["BIO"]}], {life}),
        ([{"role": "manager", "centres": ["DROIT"], "commissions": ["BIO"]}], set()),
        ([{"role": "manager", "centres": ["DROIT"]}, {"role": "manager", "commissions": ["BIO"]}], {life, law}),
        ([{"role": "manager", "centres": []}], set()),
    ):
        kim = Staff(peers, grants)
        assert set(await kim.sees()) == reached, grants
        for id in (sea, life, law):
            expected = 200 if id in reached else 404
            assert (await kim.ask("GET", f"/{id}")).status == expected
            assert (await kim.judge(id, "cv", "none", comment="Vu")).status == expected
            assert (await kim.mark(id, "submitted")).status == expected
    nobody = Staff(peers, [{"role": "manager", "centres": []}])
    unknown, foreign = [await nobody.ask("GET", f"/{id}") for id in ("0" * 26, sea)]
    assert unknown.body | {"instance": ""} == foreign.body | {"instance": ""}


async def test_a_member_of_the_commission_sees_a_file_once_it_is_complete_and_judges_it(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 55, 70, 77."""
    lou = Staff(peers, [{"role": "commission", "centres": ["SEE"]}], "lou")
    id = await handed_over(zoe)
    draft = await drafted(peers, zoe)
    assert (await lou.sees(), await lou.sees("complete"), await lou.sees("draft")) == ([], [], [])
    assert (await lou.ask("GET", f"/{id}")).slug == (await lou.judge(id, "cv", "validated")).slug == "not-found"
    assert (await kim.mark(id, "complete")).status == 200
    assert await lou.sees("complete") == [id]
    assert (await lou.judge(id, "cv", "refused", comment="Illisible")).status == 200
    assert (await lou.mark(id, "incomplete")).slug == "right-missing"
    assert (await kim.sees("draft"), (await kim.ask("GET", f"/{draft}")).body["submitted_at"]) == ([draft], None)


async def test_the_list_of_files_has_pages(peers: PeerServices, zoe: Candidate, kim: Staff, clock: FixedClock) -> None:
    codes = ["M1-MER", "M1-A", "M1-B"]  # in order of their opening
    for code in codes[1:]:
        await peers.publish_programme(code)
    ids = []
    for code in codes:
        ids.append(await handed_over(zoe, code))
        clock.advance(seconds=1)
    await peers.suite.settle()
    first = await kim.ask("GET", "", params={"limit": "2"})
    second = await kim.ask("GET", "", params={"limit": "2", "after": first.body["next"]})
    found = [row["id"] for page in (first, second) for row in page.body["items"]]
    assert (found, second.body["next"]) == (ids, None)
    assert (await kim.ask("GET", "", params={"limit": "201"})).status == 422


async def test_staffs_commands_are_not_counted_as_the_candidates(zoe: Candidate, kim: Staff) -> None:
    id = await handed_over(zoe)
    for number in range(61):
        key = {"Idempotency-Key": f"verdict-{number}"}
        verdict = {"verdict": "none", "comment": f"Vu {number}"}
        reply = await kim.ask("POST", f"/{id}/pieces/cv/verdict", json=verdict, headers=key)
        assert reply.status == 200, reply.body
    assert (await zoe.submit(id, **{"Idempotency-Key": "again"})).status == 200


@pytest.fixture
async def mailed(tmp_path: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    async with run_suite(tmp_path, services=("applications", "mailer"), clock=clock) as suite:
        yield PeerServices(suite, clock)


async def test_the_candidate_is_told_of_every_state_once(mailed: PeerServices) -> None:
    """Acceptance 72, 74, 75, 114: the mail of an incomplete file names the refused pieces."""
    await mailed.publish_programme()
    zoe, kim = await mailed.candidate("zoe"), Staff(mailed)
    person = {"file_number": "AB12CD34", "email": "zoe@example.org", "family_name": "Müller", "given_name": "Zoé"}
    await mailed.suite.publish(AddressChanged(account="zoe", language="fr", **person), "accounts")
    id = await handed_over(zoe)
    await kim.judge(id, "cv", "validated")
    await kim.judge(id, "letter", "refused", comment="Il manque la page 2")
    for _ in range(2):
        await kim.mark(id, "incomplete")
    await kim.ask("PUT", f"/{id}/deadlines", json={"submission_deadline": "2027-04-20"})
    await kim.mark(id, "submitted")
    await kim.mark(id, "complete")
    await kim.ask("POST", f"/{id}/reopening", json={"reason": "transmis par erreur"})
    await all_mails_are_handed_over(mailed.suite)
    texts = {mail["Subject"]: mail.get_body(("plain",)).get_content() for mail in mailed.suite.mails()}  # type: ignore[union-attr]
    assert [subject.split(" : ")[0].split("\xa0:")[0] for subject in texts] == [
        "Candidature réceptionnée",
        "Candidature - dossier incomplet",
        "Candidature",
        "Candidature de nouveau réceptionnée",
        "Candidature complète",
        "Candidature rouverte",
    ]
    told = next(text for subject, text in texts.items() if "incomplet" in subject)
    assert "- Pièce letter" in told
    assert "Pièce cv" not in told
    assert "15\u00a0avril\u00a02027" in told
    assert not any("erreur" in text or "kim" in text for text in texts.values())
