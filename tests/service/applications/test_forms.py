"""Forms of a programme: an address elsewhere, and the signed call-back by which their server says that one is filled in."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from tests.service.applications.candidate import BASE, Candidate, PeerServices, Reply
from tests.service.applications.test_receipts import standing as how_files_stand
from tests.service.applications.test_review import Staff

SECRET, OLD = "Rk2v8Qz0hW4m-forms", "mB7x1Yc5-forms-old"
OF_SURVEY, OF_OTHER = "Uq5n3Te9-survey=", "Wd8j6La1-other=="
SECRETS = f"{SECRET} {OLD} https://Survey.example={OF_SURVEY} https://other.example={OF_OTHER}"
PLANS = {
    "code": "plans",
    "label": {"fr": "Projet professionnel", "en": "Career plans"},
    "url": "https://survey.example/1234?lang=fr&dossier={file_number}&candidature={application}",
    "required": True,
}
MORE = {**PLANS, "code": "more", "url": "https://survey.example/1235", "required": False}
ANSWERS = [{"question": "Où vous voyez-vous dans dix ans ?", "answer": "En mer."}]


@pytest.fixture
async def peers(tmp_path: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    async with run_suite(tmp_path, services=("applications",), clock=clock, forms_secret=SECRETS) as suite:
        yield PeerServices(suite, clock)


@pytest.fixture
async def zoe(peers: PeerServices) -> Candidate:
    await peers.publish_programme(requirements=[], forms=[PLANS, MORE])
    return await peers.candidate("zoe")


def of(application: Any, code: str) -> Any:
    return next(form for form in application["forms"] if form["code"] == code)


class FormServer:
    """The server of the forms, which signs as Standard Webhooks says."""

    def __init__(self, peers: PeerServices) -> None:
        self.peers = peers

    def message(
        self, application: str, *, id: str = "msg_1", at: datetime | None = None, secret: str = SECRET, **other: Any
    ) -> tuple[bytes, dict[str, str]]:
        """A body and its headers."""
        moment = (at or self.peers.clock.now()).isoformat()
        said = {"application": application, "form": "plans", "filled_in_at": moment, "answers": ANSWERS, **other}
        body, stamp = json.dumps(said).encode(), int((at or self.peers.clock.now()).timestamp())
        digest = hmac.digest(secret.encode(), f"{id}.{stamp}.".encode() + body, "sha256")
        signature = f"v1,{base64.b64encode(digest).decode()}"
        return body, {"webhook-id": id, "webhook-timestamp": str(stamp), "webhook-signature": signature}

    async def send(self, body: bytes, headers: dict[str, str]) -> Reply:
        headers = {"Content-Type": "application/json", **headers}
        async with self.peers.suite.client.post(f"{BASE}/forms/callback", data=body, headers=headers) as answer:
            return Reply(answer.status, await answer.json(content_type=None), answer.headers)

    async def tell(self, application: str, **message: Any) -> Reply:
        return await self.send(*self.message(application, **message))


@pytest.fixture
def survey(peers: PeerServices) -> FormServer:
    return FormServer(peers)


async def test_a_form_is_reached_by_its_address_and_transmitted_at_once(
    peers: PeerServices, zoe: Candidate, survey: FormServer
) -> None:
    """Acceptance 64: the identifiers are filled in, the status is "Transmise", the answers are shown."""
    id = await zoe.opened()
    assert of(await zoe.get(id), "plans") == {
        "code": "plans",
        "label": "Projet professionnel",
        "url": f"https://survey.example/1234?lang=fr&dossier=AB12CD34&candidature={id}",
        "required": True,
        "state": "awaiting",
        "state_label": "En attente",
        "received_at": None,
        "changed_at": None,
        "gone_at": None,
    }
    unfilled = (await zoe.ask("GET", f"/applications/{id}/forms/plans")).body
    assert (unfilled["received_at"], unfilled["answers"]) == (None, [])
    assert (await zoe.ask("GET", f"/applications/{id}/forms/nothing")).slug == "not-found"
    reply = await survey.tell(id)
    assert (reply.status, reply.body) == (
        200,
        {"application": id, "form": "plans", "state": "answered", "received_at": "2027-02-01T11:00:00.000Z"},
    )
    form = of(await zoe.get(id), "plans")
    assert (form["state"], form["state_label"]) == ("answered", "Transmise")
    shown = await zoe.ask("GET", f"/applications/{id}/forms/plans")
    assert (shown.status, shown.body["answers"]) == (200, ANSWERS)
    assert [data["form"] for data in await peers.told("form_filled_in")] == ["plans"]
    assert all("En mer" not in str(event) for event in await peers.events())


async def test_the_same_call_back_is_taken_once_and_answered_alike(
    peers: PeerServices, zoe: Candidate, survey: FormServer
) -> None:
    """Also at once, after another, and after the submission; what was said later stays (acceptance 71)."""
    id = await zoe.opened()
    first = survey.message(id)
    replies = await asyncio.gather(*(survey.send(*first) for _ in range(10)))
    assert {reply.status for reply in replies} == {200}
    assert all(reply.body == replies[0].body for reply in replies)
    version = (await zoe.get(id))["version"]
    peers.clock.advance(seconds=60)
    later = await survey.tell(id, id="msg_2", answers=[{"question": "?", "answer": "À terre."}])
    assert (later.status, (await zoe.get(id))["version"]) == (200, version + 1)
    assert (await survey.send(*first)).body == later.body
    assert (await survey.tell(id)).body == later.body, "sent again after a time-out: the same id, a new time"
    assert (await survey.tell(id, id="msg_0", at=peers.clock.now() - timedelta(seconds=1))).body == later.body
    answers = (await zoe.ask("GET", f"/applications/{id}/forms/plans")).body["answers"]
    assert answers == [{"question": "?", "answer": "À terre."}]
    assert (await zoe.submit(id)).status == 200
    assert (await survey.send(*first)).body == later.body
    peers.clock.advance(seconds=60)
    after = survey.message(id, id="msg_3")
    for reply in [await survey.send(*after) for _ in range(2)]:
        assert (reply.status, reply.body["received_at"]) == (200, "2027-02-01T11:02:00.000Z")
    assert len(await peers.told("form_filled_in")) == 2
    assert [(data["form"], data["what"]) for data in await peers.told("form_changed")] == [("plans", "answers")]
    beside = (await Staff(peers).ask("GET", f"/{id}")).body["forms"][0]
    assert (beside["changed_at"], beside["changed"]) == ("2027-02-01T11:02:00.000Z", ANSWERS)
    seen = (await Staff(peers).ask("GET", f"/{id}")).body["forms"]
    assert [(form["code"], form["answers"]) for form in seen] == [
        ("plans", [{"question": "?", "answer": "À terre."}]),
        ("more", []),
    ]
    record = (await zoe.ask("GET", f"/applications/{id}/receipt")).body
    assert record["forms"] == {"plans": [{"question": "?", "answer": "À terre."}]}
    standing = next(each for each in reversed(await how_files_stand(peers)) if each.submission is not None)
    assert standing.submission is not None and [form.code for form in standing.submission.forms] == ["plans"]
    told = [(form.code, bool(form.received_at), [each.answer for each in form.answers]) for form in standing.forms]
    assert told == [("plans", True, ["À terre."]), ("more", False, [])]


async def test_what_is_not_signed_with_the_secret_just_now_changes_nothing(
    peers: PeerServices, zoe: Candidate, survey: FormServer
) -> None:
    id = await zoe.opened()
    now = peers.clock.now
    body, headers = survey.message(id)
    v1 = headers["webhook-signature"]
    for wrong in (
        survey.message(id, secret="Rk2v8Qz0hW4m-formz"),
        (body + b" ", headers),
        (body, {**headers, "webhook-id": "msg_2"}),
        (body, {**headers, "webhook-timestamp": str(int(now().timestamp()) + 1)}),
        (body, {**headers, "webhook-timestamp": "soon"}),
        (body, {**headers, "webhook-timestamp": "9" * 30}),
        (body, {**headers, "webhook-id": ""}),
        (body, {**headers, "webhook-id": "m" * 65}),
        (body, {**headers, "webhook-signature": v1.replace("v1", "v2")}),
        (body, {**headers, "webhook-signature": "v1,"}),
        (body, {**headers, "webhook-signature": "v1,\xe9"}),
        (body, {**headers, "webhook-signature": v1[3:]}),
        *((body, {name: headers[name] for name in headers if name != left_out}) for left_out in headers),
    ):
        reply = await survey.send(*wrong)
        assert (reply.status, reply.slug) == (404, "not-found"), wrong
    assert of(await zoe.get(id), "plans")["state"] == "awaiting"
    assert (await survey.send(body, {**headers, "webhook-signature": f"v1,AAAA {v1}"})).status == 200
    assert (await survey.tell(id, form="more", secret=OLD)).status == 200


async def test_a_secret_of_one_host_says_nothing_of_forms_elsewhere(
    peers: PeerServices, zoe: Candidate, survey: FormServer
) -> None:
    """Whoever runs one server of forms does not fill in those of another."""
    id = await zoe.opened()
    assert (await survey.tell(id, secret=OF_OTHER)).slug == "not-found"
    assert of(await zoe.get(id), "plans")["state"] == "awaiting"
    assert (await survey.tell(id, secret=OF_SURVEY)).status == 200
    assert of(await zoe.get(id), "plans")["state"] == "answered"


@pytest.mark.parametrize(("seconds", "status"), [(-301, 404), (-300, 200), (300, 200), (301, 404)])
async def test_a_call_back_is_believed_for_five_minutes(
    peers: PeerServices, zoe: Candidate, survey: FormServer, seconds: int, status: int
) -> None:
    id = await zoe.opened()
    message = survey.message(id)
    peers.clock.advance(seconds=seconds)
    assert (await survey.send(*message)).status == status


async def test_what_was_filled_in_last_counts_whenever_it_is_told(
    peers: PeerServices, zoe: Candidate, survey: FormServer
) -> None:
    """Acceptance 64: a call-back that never came, and is tried again after a newer one, tells of what was before."""
    id = await zoe.opened()
    first, second = ([{"question": "?", "answer": each}] for each in ("À terre.", "En mer."))
    at = peers.clock.now() - timedelta(minutes=3)
    assert (await survey.tell(id, id="msg_2", answers=second, filled_in_at=at.isoformat())).status == 200
    peers.clock.advance(seconds=60)
    for tried in ("msg_1", "msg_1_again"):
        for before in (timedelta(milliseconds=1), timedelta()):
            late = await survey.tell(id, id=tried, answers=first, filled_in_at=(at - before).isoformat())
            assert late.status == 200
    assert (await zoe.ask("GET", f"/applications/{id}/forms/plans")).body["answers"] == second
    newer = (at + timedelta(milliseconds=1)).isoformat()
    await survey.tell(id, id="msg_3", answers=first, filled_in_at=newer)
    assert (await zoe.ask("GET", f"/applications/{id}/forms/plans")).body["answers"] == first


async def test_no_form_was_filled_in_after_it_was_told(peers: PeerServices, zoe: Candidate, survey: FormServer) -> None:
    """Else nothing would count that is told afterwards."""
    id, now = await zoe.opened(), peers.clock.now()
    for wrong in ((now + timedelta(seconds=1)).isoformat(), "0001-01-01T00:00:00+14:00", "2027-02-01T11:00:00", "soon"):
        reply = await survey.tell(id, filled_in_at=wrong)
        assert (reply.slug, reply.body["fields"][0]["field"]) == ("invalid-fields", "filled_in_at"), wrong
    at = (now + timedelta(milliseconds=999)).isoformat()
    assert (await survey.tell(id, filled_in_at=at)).status == 200


async def test_what_is_of_no_form_is_of_none(zoe: Candidate, survey: FormServer) -> None:
    id = await zoe.opened()
    for other in ({"form": "nothing"}, {"application": "0" * 26}):
        reply = await survey.tell(**{"application": id, **other})
        assert (reply.status, reply.slug) == (404, "not-found")


async def test_answers_are_bounded_and_made_readable(zoe: Candidate, survey: FormServer) -> None:
    id = await zoe.opened()
    most = [{"question": "é" * 500, "answer": "a"}] * 99 + [{"question": "", "answer": "é" * 4000}]
    assert len(survey.message(id, answers=most)[0]) > 65536
    assert (await survey.tell(id, answers=most)).slug == "body-too-large"
    for answers in (
        [{"question": "q", "answer": "a"}] * 101,
        [{"question": "q" * 501, "answer": "a"}],
        [{"question": "q", "answer": "a" * 4001}],
    ):
        assert (await survey.tell(id, answers=answers)).slug == "invalid-fields"
    longest = [{"question": "q" * 500, "answer": "a" * 4000}]
    assert (await survey.tell(id, answers=longest)).status == 200
    odd = [{"question": "a\tb", "answer": "1\r\n2\x00\u202e\ufffd3"}]
    assert (await survey.tell(id, form="more", answers=[*odd, *[{"question": "q", "answer": ""}] * 99])).status == 200
    shown = (await zoe.ask("GET", f"/applications/{id}/forms/more")).body["answers"]
    assert (shown[0], len(shown)) == ({"question": "a b", "answer": "1\n2   3"}, 100)


async def test_an_unfilled_required_form_blocks_by_its_name(zoe: Candidate, survey: FormServer) -> None:
    """Acceptance 67."""
    id = await zoe.opened()
    reply = await zoe.submit(id)
    assert reply.body["blocking"] == [
        {"kind": "form", "code": "plans", "label": "Projet professionnel", "reason": "awaiting"}
    ]
    await survey.tell(id)
    assert (await zoe.get(id))["can_submit"] is True
    assert (await zoe.submit(id)).status == 200


async def test_after_the_last_day_no_form_counts(peers: PeerServices, zoe: Candidate, survey: FormServer) -> None:
    """Unless the programme's last day has been moved meanwhile."""
    id = await zoe.opened()
    peers.clock.advance(days=75)
    assert (await survey.tell(id)).slug == "deadline-passed"
    await peers.publish_programme(changed=True, version=2, submission_deadline="2027-05-15")
    assert (await survey.tell(id)).status == 200


async def test_answers_are_their_candidates_alone(peers: PeerServices, zoe: Candidate, survey: FormServer) -> None:
    """Acceptance 62."""
    id = await zoe.opened()
    await survey.tell(id)
    kim = await peers.candidate("kim")
    assert (await kim.ask("GET", f"/applications/{id}/forms/plans")).slug == "not-found"


async def test_without_a_secret_no_call_back_is_believed(tmp_path: Path, clock: FixedClock) -> None:
    async with run_suite(tmp_path, services=("applications",), clock=clock) as suite:
        peers = PeerServices(suite, clock)
        await peers.publish_programme(requirements=[], forms=[PLANS])
        id = await (await peers.candidate("zoe")).opened()
        for secret in ("", SECRET):
            assert (await FormServer(peers).tell(id, secret=secret)).slug == "not-found"
