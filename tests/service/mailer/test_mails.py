"""One fact is one mail, in the person's language, handed over once, kept for the person to read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ports import Message
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased, AccountExpired, AddressChanged, LinkIssued
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationDecided,
    ApplicationOpened,
    ApplicationSubmitted,
    EnrolmentInstructed,
)
from services.contracts.events.mailer import MailFailed, MailReaddressed
from services.contracts.events.offers import (
    ContactPart,
    ProgrammePart,
    ProgrammePublished,
    RequirementPart,
    TextPart,
    UnitPart,
)
from services.mailer.settings import MailerSettings

TOKEN = "t" * 43

ADDRESS = {
    "account": "a1",
    "file_number": "AB12CD34",
    "email": "zoe@example.org",
    "family_name": 'L’Hôte "Zo" <x>',
    "given_name": "Zoé",
    "language": "fr",
}
LINK = ADDRESS | {
    "kind": "account-created",
    "path": "/validation",
    "token": TOKEN,
    "expires_at": "2026-03-06T12:00:00.000Z",
}
APPLICATION = {"application": "p1", "account": "a1", "programme": "M1-MER", "campaign": "2026"}
PROGRAMME = ProgrammePart(
    code="M1-MER",
    version=1,
    campaign="2026",
    title=TextPart(fr="Sciences de la mer", en="Marine sciences"),
    centre=UnitPart(code="SEE", label="UFR Sciences"),
    diploma=UnitPart(code="M1", label="Master 1"),
    route="controlled",
    opens_on="2026-02-01",
    closes_on="2026-04-30",
    submission_deadline="2026-05-02",
    contact=ContactPart(email="mer@example.org"),
    requirements=[
        RequirementPart(
            code="cv",
            label=TextPart(fr="Curriculum vitæ", en="CV"),
            conditional=False,
            common=True,
            max_bytes=2_097_152,
            media_types=["application/pdf"],
        )
    ],
)


@pytest.fixture
async def suite(tmp_path: Path, noon: FixedClock) -> AsyncIterator[Suite]:
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon, timers_by_time=False) as running:
        yield running


@pytest.fixture
def noon() -> FixedClock:
    return FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


async def mails(suite: Suite, count: int, *, minutes: float = 0) -> list[EmailMessage]:
    """The mails, once there are so many, that time has passed and the suite is at rest."""
    await suite.settle()
    assert isinstance(suite.clock, FixedClock)
    if minutes:
        suite.clock.advance(minutes=minutes)
        await suite.settle()
    async with asyncio.timeout(120):
        while len(found := suite.mails()) < count:
            await asyncio.sleep(0.02)
    await suite.settle()
    return found


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The text or the HTML of a mail."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


async def directory(suite: Suite, **changes: Any) -> None:
    """The person's address and the programme are known."""
    await suite.publish(AddressChanged.model_validate(ADDRESS | changes), "accounts")
    await suite.publish(ProgrammePublished(code="M1-MER", programme=PROGRAMME), "offers")


async def test_the_validation_mail_has_login_and_plain_absolute_link(suite: Suite) -> None:
    """Acceptance 1, 10, 12, and 116 as far as the exact end of the link is concerned."""
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    (mail,) = await mails(suite, 1)
    link = f"{suite.url}/validation?token={TOKEN}"
    assert link in text_of(mail).splitlines()
    assert link in text_of(mail, "html")
    assert "AB12CD34" in text_of(mail)
    assert "vendredi 6\u00a0mars\u00a02026 à 13\u00a0h\u00a000, heure de Paris" in text_of(mail)
    assert mail["To"].addresses[0].addr_spec == "zoe@example.org"
    assert mail["To"].addresses[0].display_name == ""
    assert "assword" not in text_of(mail)


async def test_a_mail_is_written_once_however_often_its_fact_is_told(suite: Suite) -> None:
    envelope = await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    await mails(suite, 1)
    again = Message("parvis.internal", envelope.type, envelope.encode(), envelope.id)
    broker = suite.service("mailer").service.ports.broker
    for _ in range(3):
        assert await broker.publish([again]) == 1
    assert len(await mails(suite, 1)) == 1


@pytest.mark.parametrize(
    ("language", "subject", "title"),
    [("fr", "Candidature réceptionnée", "Sciences de la mer"), ("en", "Application received", "Marine sciences")],
)
async def test_submission_is_confirmed_in_the_persons_language(
    suite: Suite, language: str, subject: str, title: str
) -> None:
    """Acceptance 69."""
    await directory(suite, language=language)
    submitted = ApplicationSubmitted.model_validate(
        APPLICATION
        | {
            "submitted_at": "2026-03-01T22:50:00.000Z",
            "receipt_sha256": "0" * 64,
            "pieces": [{"piece": "cv", "document": "d", "sha256": "0" * 64}],
        }
    )
    await suite.publish(submitted, "applications")
    (mail,) = await mails(suite, 1)
    colon = "\u00a0: " if language == "fr" else ": "
    assert mail["Subject"] == f"{subject}{colon}{title} – Master 1"
    assert ("23\u00a0h\u00a050, heure de Paris" if language == "fr" else "23:50, Paris time") in text_of(mail)
    assert ("- Curriculum vitæ" if language == "fr" else "- CV") in text_of(mail).splitlines()


@pytest.mark.parametrize(("language", "where"), [("fr", "https://fr.univ.example"), ("en", "https://en.univ.example")])
async def test_how_to_enrol_is_told_in_the_persons_language(suite: Suite, language: str, where: str) -> None:
    """Acceptance 86."""
    await directory(suite, language=language)
    link = {"fr": "https://fr.univ.example", "en": "https://en.univ.example"}
    told = EnrolmentInstructed.model_validate(APPLICATION | {"link": link, "message": {"fr": "Votre lettre suffit."}})
    await suite.publish(told, "applications")
    (mail,) = await mails(suite, 1)
    lines = text_of(mail).splitlines()
    assert where in lines and "Votre lettre suffit." in lines
    assert where in text_of(mail, "html")


async def test_a_fact_that_comes_before_the_address_waits_for_it(suite: Suite) -> None:
    opened = ApplicationOpened.model_validate(APPLICATION | {"submission_deadline": "2026-05-02"})
    await suite.publish(opened, "applications")
    await asyncio.sleep(0.2)
    assert suite.mails() == []
    await directory(suite)
    (mail,) = await mails(suite, 1, minutes=10)
    assert "samedi 2\u00a0mai\u00a02026" in text_of(mail)


async def test_the_newest_address_is_written_to(suite: Suite) -> None:
    await directory(suite)
    await directory(suite, email="new@example.org")
    await suite.publish(ApplicationCancelled.model_validate(APPLICATION), "applications")
    (mail,) = await mails(suite, 1, minutes=10)
    assert mail["To"].addresses[0].addr_spec == "new@example.org"
    # Not that they are: they go some days later (documents keeps them so long).
    assert "seront supprimés dans les jours qui viennent" in text_of(mail)


async def test_mails_wait_for_their_transport_and_then_go_out_once(suite: Suite) -> None:
    """Acceptance 82."""
    clock = suite.clock
    assert isinstance(clock, FixedClock)
    folder = suite.host.settings.data / "mail"
    new = folder / "new"
    new.parent.mkdir(exist_ok=True)
    if new.exists():
        new.rmdir()
    new.write_text("in the way")
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    async with asyncio.timeout(120):
        while await state_of_mails(suite) != [("queued", 1)]:
            await asyncio.sleep(0.02)
    new.unlink()
    new.mkdir()
    clock.advance(seconds=31)
    assert len(await mails(suite, 1)) == 1
    clock.advance(hours=2)
    assert len(await mails(suite, 1)) == 1


async def test_a_mail_that_never_left_for_an_address_of_before_is_told_anew(suite: Suite) -> None:
    new = suite.host.settings.data / "mail" / "new"
    new.parent.mkdir(exist_ok=True)
    if new.exists():
        new.rmdir()
    new.write_text("in the way")
    await directory(suite)
    await suite.publish(ApplicationDecided.model_validate(APPLICATION | {"decision": "unfavourable"}), "applications")
    while await state_of_mails(suite) != [("queued", 1)]:
        await asyncio.sleep(0.02)
    await directory(suite, email="new@example.org")
    suite.clock.advance(hours=MailerSettings().give_up_hours)  # type: ignore[attr-defined]
    while await state_of_mails(suite) != [("failed", 2)]:
        await asyncio.sleep(0.02)
    await suite.settle()
    rows = await suite.service("mailer").service.ports.store.find("journal", {}, sort=(("_id", 1),))
    facts = [json.loads(row["body"])["type"] for row in rows]
    assert facts == [MailFailed.TYPE, MailReaddressed.TYPE]


async def state_of_mails(suite: Suite) -> list[tuple[str, int]]:
    """State and number of attempts of every delivery."""
    found = await suite.service("mailer").service.ports.store.find("deliveries", {})
    return [(row["state"], row["attempts"]) for row in found]


async def test_messages_are_kept_for_their_person_without_the_secret_of_their_link(suite: Suite) -> None:
    """Acceptance 96; a foreign message is not there."""
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    await directory(suite)
    await mails(suite, 1)
    suite.clock.advance(seconds=1)  # type: ignore[attr-defined]
    await suite.publish(ApplicationCancelled.model_validate(APPLICATION), "applications")
    await mails(suite, 2, minutes=10)
    async with suite.client.get("/api/mailer/me/messages?limit=1", headers=suite.bearer("a1")) as answer:
        first = await answer.json()
    assert [item["kind"] for item in first["items"]] == ["application-cancelled"]
    async with suite.client.get(
        "/api/mailer/me/messages", params={"limit": 1, "after": first["next"]}, headers=suite.bearer("a1")
    ) as answer:
        second = await answer.json()
    assert [item["kind"] for item in second["items"]] == ["account-created"]
    assert second["items"][0]["state"] == "sent"
    assert TOKEN not in str(second)
    assert second["next"] is None
    stored = await suite.service("mailer").service.ports.store.find("deliveries", {})
    assert not any(re.search(TOKEN, str(row["letter"])) for row in stored)
    async with suite.client.get("/api/mailer/me/messages", headers=suite.bearer("a2")) as answer:
        assert (await answer.json())["items"] == []


async def test_a_mail_that_cannot_reach_anybody_is_among_the_messages_of_its_person(suite: Suite) -> None:
    """Acceptance 96: its state says that it did not leave."""
    nowhere = "zoe@\ud7ff\u0660a\u05d0.example"
    await suite.publish(LinkIssued.model_validate(LINK | {"email": nowhere}), "accounts")
    async with asyncio.timeout(120):
        while await state_of_mails(suite) != [("failed", 1)]:
            await asyncio.sleep(0.02)
    async with suite.client.get("/api/mailer/me/messages", headers=suite.bearer("a1")) as answer:
        (message,) = (await answer.json())["items"]
    assert (message["kind"], message["state"]) == ("account-created", "failed")


async def test_messages_need_a_token(suite: Suite) -> None:
    async with suite.client.get("/api/mailer/me/messages") as answer:
        assert answer.status == 401
        assert (await answer.json())["slug"] == "token-missing"


@pytest.mark.parametrize("gone", [AccountErased, AccountExpired])
async def test_who_is_gone_stays_gone_whatever_comes_late(
    suite: Suite, gone: type[AccountErased | AccountExpired]
) -> None:
    """Acceptance 21: news of a person travel by two exchanges, so the last of them may come before the first."""
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    await mails(suite, 1)
    await suite.publish(gone(account="a1", campaign="2026"), "accounts")
    await suite.settle()
    await directory(suite)
    await suite.publish(LinkIssued.model_validate(LINK | {"kind": "link-resent"}), "accounts")
    await suite.publish(ApplicationCancelled.model_validate(APPLICATION), "applications")
    await suite.settle()
    store = suite.service("mailer").service.ports.store
    assert await store.get("directory", "a1") == {"_id": "a1", "version": 1, "erased": True}
    (row,) = await store.find("deliveries", {})
    assert (row["kind"], row["state"], row["account"]) == ("account-created", "sent", "a1")
    assert (row["address"], row["name"], row["letter"]) == ("", "", ["", "", "", ""])
    assert len(suite.mails()) == 1


async def test_a_mail_that_a_crash_has_left_behind_an_erasure_goes_when_its_event_is_applied_again(
    suite: Suite,
) -> None:
    """Acceptance 21: it was queued, and the process died before it could look whether the person was gone."""
    await suite.publish(LinkIssued.model_validate(LINK), "accounts")
    await mails(suite, 1)
    store = suite.service("mailer").service.ports.store
    (written,) = await store.find("deliveries", {})
    await suite.publish(AccountErased(account="a1", campaign="2026"), "accounts")
    await suite.settle()
    later = {"state": "queued", "due_at": "2999-01-01T00:00:00.000Z"}
    await store.insert("deliveries", written | later | {"_id": "left-by-a-crash"})
    await suite.publish(ApplicationCancelled.model_validate(APPLICATION), "applications")
    await suite.settle()
    left = await store.get("deliveries", "left-by-a-crash")
    assert left is not None and (left["address"], left["name"]) == ("", "")
    assert len(suite.mails()) == 1
