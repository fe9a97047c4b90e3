"""The institution writes the words of its mails: text with some variables, tried at once, and never the end of a mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import LinkIssued
from services.contracts.events.applications import AnswerDue, ApplicationOpened, ApplicationSubmitted
from tests.service.mailer.test_mails import APPLICATION, LINK, TOKEN, directory, mails, text_of

ADMIN = [{"role": "admin"}]
ONE = "/answer-due/fr"
TEXTS = {
    "subject": "Place à confirmer : {programme}",
    "body": "Chère candidate, cher candidat,\r\n\r\nRépondez avant le {deadline}.\n\nÉcrire à {contact}\n\n{link}",
}


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[Suite]:
    clock = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    async with run_suite(tmp_path / "var", services=["mailer"], clock=clock) as running:
        yield running


async def ask(
    suite: Suite, method: str, path: str = ONE, grants: Any = ADMIN, **options: Any
) -> tuple[int, Any, dict[str, str]]:
    headers = suite.bearer("kim", kind="staff", grants=grants) | options.pop("headers", {})
    url = f"/api/mailer/templates{path}"
    async with suite.client.request(method, url, headers=headers, **options) as response:
        return response.status, await response.json(), {name.lower(): each for name, each in response.headers.items()}


def due(application: str) -> AnswerDue:
    return AnswerDue.model_validate(APPLICATION | {"application": application, "answer_deadline": "2026-06-12"})


async def test_own_words_are_in_the_next_mail_and_the_shipped_ones_again_after_a_reset(suite: Suite) -> None:
    await directory(suite)
    status, shown, headers = await ask(suite, "PUT", json=TEXTS)
    assert (status, shown["own"], shown["version"], headers["etag"]) == (200, True, 1, '"1"')
    await suite.publish(due("p1"), "applications")
    (mail,) = await mails(suite, 1)
    assert mail["Subject"] == "Place à confirmer\u00a0: Sciences de la mer – Master 1"
    text, html = text_of(mail), text_of(mail, "html")
    assert "Répondez avant le vendredi 12\u00a0juin\u00a02026" in text and "mer@example.org" in text
    assert f"{suite.url}/candidatures/p1" in text.splitlines(), "the application that it is about"
    assert f'href="{suite.url}/candidatures/p1"' in html and "{" not in text
    assert (await ask(suite, "DELETE"))[1]["own"] is False
    await suite.publish(due("p2"), "applications")
    (again,) = [each for each in await mails(suite, 2) if each["Message-ID"] != mail["Message-ID"]]
    assert again["Subject"] != mail["Subject"] and "Chère candidate" not in text_of(again)
    (earlier,) = (await ask(suite, "GET"))[1]["earlier"]
    assert (earlier["subject"], earlier["by"]) == (TEXTS["subject"], "staff:kim")


async def test_a_link_that_is_good_once_is_in_own_words_too_and_cannot_be_left_out(suite: Suite) -> None:
    path, texts = "/account-created/fr", {"subject": "Bienvenue", "body": "Suivez ce lien :\n\n{link}"}
    assert (await ask(suite, "PUT", path, json=texts))[0] == 200
    for body in ("Bienvenue.", "Suivez {link}"):
        status, refused, _ = await ask(suite, "PUT", path, json=texts | {"body": body})
        assert (status, [each["slug"] for each in refused["fields"]]) == (422, ["link-not-alone"])
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    (mail,) = await mails(suite, 1)
    assert mail["Subject"] == "Bienvenue"
    assert f"{suite.url}/validation?token={TOKEN}" in text_of(mail).splitlines()
    assert f'href="{suite.url}/validation?token={TOKEN}"' in text_of(mail, "html")


async def test_what_only_shipped_words_can_say_is_said_by_them(suite: Suite) -> None:
    """Who hands an application over while its mail waits is not told by it that it is a draft."""
    await directory(suite)
    texts = {"subject": "Brouillon", "body": "Pensez à transmettre {programme}.\n\n{link}"}
    assert (await ask(suite, "PUT", "/application-opened/fr", json=texts))[0] == 200
    opened = APPLICATION | {"file_number": "AB12CD34", "submission_deadline": "2026-05-02"}
    for account, submits in (("a1", False), ("a2", True)):
        await directory(suite, account=account, email=f"{account}@example.org")
        about = {"account": account, "application": f"p-{account}"}
        await suite.publish(ApplicationOpened.model_validate(opened | about), "applications")
        if submits:
            submitted = {"submitted_at": "2026-03-01T12:00:00.000Z", "receipt_sha256": "0" * 64, "pieces": []}
            await suite.publish(ApplicationSubmitted.model_validate(APPLICATION | about | submitted), "applications")
    found = await mails(suite, 3, minutes=30)
    subjects = {
        str(mail["Delivered-To"]): str(mail["Subject"])
        for mail in found
        if mail["X-Parvis-Kind"] == "application-opened"
    }
    assert subjects["a1@example.org"] == "Brouillon" != subjects["a2@example.org"]


async def test_own_words_that_fit_no_more_stop_no_mail(suite: Suite) -> None:
    """As after a release in which a variable is called otherwise, or with a row that nobody can read."""
    await directory(suite)
    store = suite.service("mailer").service.ports.store
    assert (await ask(suite, "PUT", json=TEXTS))[0] == 200
    spoilt: tuple[dict[str, Any], ...] = ({"body": "Bonjour {former_name}\n\n{link}"}, {"earlier": 5})
    for number, other in enumerate(spoilt, 1):
        row = await store.get("mail_texts", "answer-due.fr")
        assert row is not None
        assert await store.replace(
            "mail_texts", {**row, **other, "version": row["version"] + 1}, version=row["version"]
        )
        await suite.publish(due(f"p{number}"), "applications")
        found = await mails(suite, number)
        assert all(mail["Subject"] != "Place à confirmer\u00a0: Sciences de la mer – Master 1" for mail in found)
        assert all("{" not in text_of(mail) for mail in found)


async def test_who_saw_an_older_version_is_told_so_and_a_command_sent_twice_is_one(suite: Suite) -> None:
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        assert (await ask(suite, "PUT", json=TEXTS, headers={"If-Match": '"0"'} | key))[1]["version"] == 1
    other = TEXTS | {"subject": "Autre objet"}
    assert (await ask(suite, "PUT", json=other, headers={"If-Match": '"0"'}))[0] == 412
    assert (await ask(suite, "PUT", json=other, headers={"If-Match": '"1"'}))[1]["version"] == 2
    assert (await ask(suite, "DELETE", headers={"If-Match": '"1"'}))[0] == 412
    listed = {(each["kind"], each["language"]): each for each in (await ask(suite, "GET", ""))[1]["items"]}
    assert listed["answer-due", "fr"]["own"] and not listed["answer-due", "en"]["own"]
    assert ("applications-changed", "fr") not in listed
    assert (await ask(suite, "GET", "/applications-changed/fr"))[0] == 404


@pytest.mark.parametrize(
    ("field", "text", "slug"),
    [
        ("body", "Bonjour {nom}\n\n{link}", "unknown-variable"),
        ("subject", "{contact}", "unknown-variable"),
        ("subject", "{link}", "unknown-variable"),
        ("body", "", "too-short"),
        ("body", "é" * 4001, "too-long"),
        ("subject", "é" * 201, "too-long"),
        ("subject", "deux\nlignes", "malformed"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(suite: Suite, field: str, text: str, slug: str) -> None:
    for method, path in (("PUT", ONE), ("POST", f"{ONE}/preview")):
        status, refused, _ = await ask(suite, method, path, json=TEXTS | {field: text})
        assert (status, [(each["field"], each["slug"]) for each in refused["fields"]]) == (422, [(field, slug)])
    assert (await ask(suite, "GET"))[1]["own"] is False


async def test_the_longest_words_are_a_mail_and_nothing_in_them_is_run(suite: Suite) -> None:
    typed = "<b>gras</b> %s <script>alert(1)</script> "
    texts = {"subject": "é" * 200, "body": typed + "é" * (4000 - len(typed))}
    status, made, _ = await ask(suite, "POST", f"{ONE}/preview", json=texts)
    assert (status, made["subject"]) == (200, "é" * 200)
    assert "<b>gras</b>" in made["text"] and "<b>gras</b>" not in made["html"]
    shipped = (await ask(suite, "GET"))[1]
    status, made, _ = await ask(suite, "POST", f"{ONE}/preview", json={name: shipped[name] for name in TEXTS})
    assert status == 200 and "{" not in made["subject"] + made["text"] and "https://" in made["text"]


async def test_only_who_administers_everything_writes_them(suite: Suite) -> None:
    """Acceptance 92."""
    asked = (("GET", ""), ("GET", ONE), ("PUT", ONE), ("DELETE", ONE), ("POST", f"{ONE}/preview"))
    for method, path in asked:
        body = {"json": TEXTS} if method in ("PUT", "POST") else {}
        assert (await ask(suite, method, path, [{"role": "admin", "centres": ["SEE"]}], **body))[0] == 404
        assert (await ask(suite, method, path, [{"role": "support"}], **body))[0] == 403
    assert (await ask(suite, "PUT", "/answer-due/de", json=TEXTS))[0] == 404
    assert (await ask(suite, "PUT", "/nothing/fr", json=TEXTS))[0] == 404
