"""The words of a mail are looked at with the values of a real file, and sent to who looks at them and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased, GrantPart, StaffChanged
from services.contracts.events.applications import AnswerDue
from services.mailer.domain.mail_tests import MOST
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.mailer.test_mail_texts import ADMIN, ask
from tests.service.mailer.test_mails import APPLICATION, directory, mails, text_of

SEA = [*ADMIN, {"role": "manager", "centres": ["SEE"]}]
LAW = [*ADMIN, {"role": "manager", "centres": ["DROIT"]}]
ONE = "/answer-due/fr"
TEXTS = {"subject": "Place à confirmer : {programme}", "body": "Répondez avant le {deadline}.\n\n{link}"}
OF_FILE = TEXTS | {"file_number": "ab12cd34"}


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[Suite]:
    clock = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    async with run_suite(tmp_path / "var", services=["mailer"], clock=clock) as running:
        await directory(running)
        await running.publish(AnswerDue.model_validate(APPLICATION | {"answer_deadline": "2026-06-12"}), "applications")
        await mails(running, 1)
        yield running


async def colleague(suite: Suite, email: str | None = "kim@univ.example") -> None:
    told = StaffChanged(account="kim", known_as="Kim", email=email, grants=[GrantPart(role="admin")])
    await suite.publish(told, "accounts")
    await suite.settle()


async def sent_to_oneself(suite: Suite, body: dict[str, Any], key: str, grants: Any = SEA) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key}
    return (await ask(suite, "POST", f"{ONE}/test", grants, json=body, headers=headers))[:2]


def faults(body: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["slug"]) for each in body["fields"]]


async def test_words_are_looked_at_with_what_is_known_of_a_file_that_one_manages(suite: Suite) -> None:
    """Acceptance 62; product, section 6: what is not known of it stands as an example, and is named."""
    _, shown, _ = await ask(suite, "POST", f"{ONE}/preview", SEA, json=OF_FILE)
    assert shown["subject"] == "Place à confirmer\u00a0: Sciences de la mer – Master 1"
    assert "12\u00a0juin\u00a02026" in shown["text"], "as the mail of this kind has told it"
    assert shown["file"] == {"application": "p1", "programme": "M1-MER"} and shown["programmes"] == ["M1-MER"]
    assert shown["examples"] == []
    _, example, _ = await ask(suite, "POST", f"{ONE}/preview", SEA, json=TEXTS)
    assert example["file"] is None and "Sciences de la mer" not in example["subject"] and example["examples"]
    other = {"subject": "{programme}", "body": "Jusqu’au {deadline}.\n\n{link}", "file_number": "AB12CD34"}
    _, untold, _ = await ask(suite, "POST", "/application-reopened/en/preview", SEA, json=other)
    assert untold["subject"] == "Marine sciences – Master 1" and "deadline" in untold["examples"]
    for grants, body, expected in (
        (LAW, OF_FILE, ("file_number", "no-such-file")),
        (ADMIN, OF_FILE, ("file_number", "no-such-file")),
        (SEA, OF_FILE | {"file_number": "ZZ99ZZ99"}, ("file_number", "no-such-file")),
        (SEA, OF_FILE | {"programme": "M1-LAC"}, ("programme", "no-such-file")),
    ):
        for act in ("preview", "test"):
            status, refused, _ = await ask(suite, "POST", f"{ONE}/{act}", grants, json=body)
            assert (status, faults(refused)) == (422, [expected])
    assert (await ask(suite, "POST", f"{ONE}/preview", [{"role": "manager"}], json=OF_FILE))[0] == 404


async def test_a_test_goes_to_ones_own_address_once_and_leaves_no_trace_at_the_file(suite: Suite) -> None:
    """Product, section 6: exactly that rendering, marked as a test, and nothing of it stays once it has left."""
    status, refused = await sent_to_oneself(suite, OF_FILE, "none")
    assert (status, refused["slug"]) == (409, "no-address")
    await colleague(suite)
    await colleague(suite, None)  # as an earlier release tells, which may still be there
    _, shown, _ = await ask(suite, "POST", f"{ONE}/preview", SEA, json=OF_FILE)
    for _ in range(2):
        status, sent = await sent_to_oneself(suite, OF_FILE, "one")
        assert (status, sent["address"], sent["left"]) == (200, "kim@univ.example", MOST - 1)
    assert (await sent_to_oneself(suite, TEXTS, "one"))[1]["slug"] == "idempotency-key-reused"
    (mail,) = [each for each in await mails(suite, 2) if each["X-Parvis-Kind"] == "test-mail"]
    assert mail["To"].addresses[0].addr_spec == "kim@univ.example"
    assert mail["Subject"] == f"[Test] {shown['subject']}"
    assert text_of(mail) == shown["text"]
    await all_mails_are_handed_over(suite)  # a mail lies there before it is noted that it does
    store = suite.service("mailer").service.ports.store
    rows = await store.find("deliveries", {}, sort=(("_id", 1),))
    (row,) = [each for each in rows if each["kind"] == "test-mail"]
    assert (row["address"], row["letter"][:3]) == ("", ["", "", ""]), "of a candidate nothing stays with staff"
    async with suite.client.get("/api/mailer/me/messages", headers=suite.bearer("a1")) as answer:
        assert [each["kind"] for each in (await answer.json())["items"]] == ["answer-due"]
    kept = await store.get("mail_tests", "kim")
    assert kept is not None and [each[1:] for each in kept["sent"]] == [["answer-due", "fr", "p1"]]
    await suite.publish(AccountErased(account="kim", campaign="2026"), "accounts")
    await suite.settle()
    assert await store.get("mail_tests", "kim") is None
    assert (await sent_to_oneself(suite, TEXTS, "two"))[1]["slug"] == "no-address"


async def test_ten_tests_an_hour_and_no_eleventh(suite: Suite) -> None:
    await colleague(suite)
    assert isinstance(suite.clock, FixedClock)
    for number in range(MOST):
        status, sent = await sent_to_oneself(suite, TEXTS, str(number))
        assert (status, sent["left"]) == (200, MOST - 1 - number)
        suite.clock.advance(seconds=1)
    status, refused = await sent_to_oneself(suite, TEXTS, "more")
    assert (status, refused["slug"]) == (429, "too-many-tests")
    assert (await sent_to_oneself(suite, TEXTS, "0"))[0] == 200, "one that was sent is answered again, and not counted"
    suite.clock.advance(seconds=3600 - MOST)
    assert (await sent_to_oneself(suite, TEXTS, "later"))[0] == 200
    assert (await sent_to_oneself(suite, TEXTS, "too"))[0] == 429
    await all_mails_are_handed_over(suite)
    assert len(await mails(suite, MOST + 2)) == MOST + 2
