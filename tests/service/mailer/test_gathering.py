"""What one person opens and cancels within ten minutes is one mail, which says what stands (acceptance 42, 45)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ports import Message
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationEvent,
    ApplicationOpened,
    ApplicationSubmitted,
)
from services.contracts.events.envelope import Envelope
from services.contracts.events.offers import ProgrammePublished, TextPart
from services.contracts.events.reminders import ApplicationReminded
from services.mailer.repository import DeliveryRepository
from services.mailer.usecases.templates import FOLDER
from tests.parameters import hear
from tests.service.mailer.test_mails import APPLICATION, PROGRAMME, directory, mails, noon, text_of

__all__ = ["noon"]

TITLES = ("Sciences de la mer", "Énergie solaire", "Droit rural")
TEN = timedelta(minutes=10)
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
async def suite(tmp_path: Path, noon: FixedClock) -> AsyncIterator[Suite]:
    async with begun(tmp_path, noon) as running:
        await directory(running)
        for number, title in enumerate(TITLES):
            programme = PROGRAMME.model_copy(update={"code": f"P{number}", "title": TextPart(fr=title)})
            await running.publish(ProgrammePublished(code=programme.code, programme=programme), "offers")
        yield running


def begun(folder: Path, clock: FixedClock) -> AbstractAsyncContextManager[Suite]:
    return run_suite(folder / "var", services=["mailer"], clock=clock, timers_by_time=False)


def of(event: type[ApplicationEvent], number: int, **more: object) -> ApplicationEvent:
    return event.model_validate(APPLICATION | {"application": f"p{number}", "programme": f"P{number}"} | more)


def opened(number: int) -> ApplicationEvent:
    return of(ApplicationOpened, number, submission_deadline="2026-05-02")


def cancelled(number: int) -> ApplicationEvent:
    return of(ApplicationCancelled, number)


async def happen(suite: Suite, *events: ApplicationEvent) -> list[Envelope]:
    told = [await suite.publish(event, "applications") for event in events]
    await suite.settle()
    return told


async def after(suite: Suite, pause: timedelta, count: int) -> list[EmailMessage]:
    """The mails once that time has passed, which are so many."""
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(milliseconds=pause / MOMENT)
    found = await mails(suite, count)
    assert len(found) == count
    return found


def kinds(found: list[EmailMessage]) -> list[str]:
    return [str(mail["X-Parvis-Kind"]) for mail in found]


async def test_two_programmes_are_one_mail_that_names_both(suite: Suite) -> None:
    await happen(suite, opened(0))
    await after(suite, TEN / 2, 0)
    await happen(suite, opened(1))
    await after(suite, TEN / 2 - MOMENT, 0)
    (mail,) = await after(suite, MOMENT, 1)
    assert kinds([mail]) == ["applications-changed"]
    for part in ("plain", "html"):
        said = text_of(mail, part)
        assert all(title in said for title in TITLES[:2])
        assert (
            said.count("samedi 2\u00a0mai\u00a02026 à 23\u00a0h\u00a059") == said.count("crivez à mer@example.org") == 2
        )
    assert text_of(mail).splitlines().count("- Curriculum vitæ") == 2
    assert "/candidatures" in text_of(mail) and "/candidatures/" not in text_of(mail), "it leads to all of them"
    assert len(await after(suite, timedelta(days=3), 1)) == 1


async def test_opened_and_cancelled_is_one_mail_that_says_what_stands(suite: Suite) -> None:
    await happen(suite, opened(0), cancelled(0))
    (mail,) = await after(suite, TEN, 1)
    assert kinds([mail]) == ["application-cancelled"]
    assert TITLES[0] in str(mail["Subject"])
    assert "brouillon" not in text_of(mail) and "Transmettre" not in text_of(mail)


async def test_cancelled_and_opened_again_stands_open(suite: Suite) -> None:
    await happen(suite, cancelled(0), opened(0), opened(1), cancelled(1), cancelled(2))
    (mail,) = await after(suite, TEN, 1)
    before, _, gone = text_of(mail).partition("Candidature annulée")
    assert TITLES[0] in before and TITLES[1] in gone and TITLES[2] in gone
    assert TITLES[1] not in before


async def test_what_comes_in_the_last_moment_is_told_with_the_rest_and_what_comes_then_by_itself(suite: Suite) -> None:
    """The ten minutes count from the first change, however many follow."""
    await happen(suite, opened(0))
    await after(suite, TEN - MOMENT, 0)
    await happen(suite, opened(1))
    await after(suite, MOMENT, 1)
    await happen(suite, opened(2))
    both, alone = await after(suite, TEN, 2)
    assert kinds([both, alone]) == ["applications-changed", "application-opened"]
    assert TITLES[2] in text_of(alone) and TITLES[2] not in text_of(both)


async def test_the_ten_minutes_outlive_a_stop_of_days_and_the_mail_goes_out_once(
    suite: Suite, tmp_path: Path, noon: FixedClock
) -> None:
    await happen(suite, opened(0), opened(1))
    await suite.host.__aexit__(None, None, None)
    for _ in range(2):
        noon.advance(days=3)
        async with begun(tmp_path, noon) as again:
            assert kinds(await mails(again, 1)) == ["applications-changed"]


async def test_a_mail_that_was_begun_before_mails_were_declared_anew_goes_out_as_it_is(
    suite: Suite, tmp_path: Path, noon: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes then is told by a mail of its own, and holds up nothing."""
    await happen(suite, opened(0))
    await suite.host.__aexit__(None, None, None)
    anew = tmp_path / "templates"
    shutil.copytree(FOLDER, anew)
    for file in anew.glob("application*/*"):
        said = file.read_text(encoding="utf-8").replace("\ncode =", "\nref =")
        file.write_text(said.replace("{{ code }}", "{{ ref }}").replace("each.code", "each.ref"), encoding="utf-8")
    monkeypatch.setenv("PARVIS_MAILER_TEMPLATES", str(anew))
    more = {"submitted_at": "2026-03-01T12:00:00.000Z", "receipt_sha256": "0" * 64, "pieces": []}
    async with begun(tmp_path, noon) as again:
        await happen(again, opened(1), of(ApplicationSubmitted, 1, **more))
        found = await after(again, TEN, 3)
        assert sorted(kinds(found)) == ["application-opened", "application-opened", "application-submitted"]
        assert not await again.service("mailer").service.ports.store.count("inbox", {"state": "retrying"})


async def test_a_receipt_waits_for_nothing_and_what_waits_says_that_it_was_submitted(suite: Suite) -> None:
    """Acceptance 69: the confirmation goes out at once."""
    await happen(suite, opened(0))
    more = {"submitted_at": "2026-03-01T12:00:00.000Z", "receipt_sha256": "0" * 64, "pieces": []}
    await happen(suite, of(ApplicationSubmitted, 0, **more))
    (receipt,) = await after(suite, timedelta(), 1)
    assert kinds([receipt]) == ["application-submitted"]
    _, mail = await after(suite, TEN, 2)
    assert kinds([mail]) == ["application-opened"]
    assert "Vous l’avez transmise depuis" in text_of(mail)
    assert "avant" not in text_of(mail) and "appuyez" not in text_of(mail)


async def test_many_at_once_and_told_again_are_one_mail(suite: Suite) -> None:
    """No change is told twice, however often its event comes, and none is left out."""
    events = [opened(number) for number in range(3)]
    told = await asyncio.gather(*(suite.publish(event, "applications") for event in events))
    await suite.settle()
    ports = suite.service("mailer").service.ports
    deliveries = DeliveryRepository(ports.store, ports.outbox)
    (row,) = await ports.store.find("deliveries", {})
    assert sorted(row["covers"]) == sorted(envelope.id for envelope in told)
    for envelope in told:
        assert await deliveries.is_told(envelope.id, f"{envelope.id}-application-opened")
        await ports.store.delete("inbox", envelope.id)
        again = Message("parvis.events", envelope.type, envelope.encode(), envelope.id)
        assert await ports.broker.publish([again]) == 1
    (mail,) = await after(suite, TEN, 1)
    assert all(title in text_of(mail) for title in TITLES)
    for envelope in told:
        await ports.store.delete("inbox", envelope.id)
        assert (
            await ports.broker.publish([Message("parvis.events", envelope.type, envelope.encode(), envelope.id)]) == 1
        )
    await after(suite, TEN, 1)


async def test_how_long_changes_are_gathered_is_the_institutions_to_say(suite: Suite) -> None:
    """A mail that gathers already keeps its end; with 0 there is a mail for each."""
    await happen(suite, opened(0))
    await hear(suite, {"mailer.gather_minutes": 0})
    await happen(suite, cancelled(0), opened(1))
    assert sorted(kinds(await after(suite, timedelta(), 2))) == ["application-cancelled", "application-opened"]
    await after(suite, TEN - MOMENT, 2)
    await after(suite, MOMENT, 3)
    await hear(suite, {"mailer.gather_minutes": 1}, version=2)
    await happen(suite, opened(2))
    await after(suite, timedelta(minutes=1) - MOMENT, 3)
    await after(suite, MOMENT, 4)


async def test_who_is_erased_meanwhile_is_written_nothing(suite: Suite) -> None:
    await happen(suite, opened(0), opened(1))
    await suite.publish(AccountErased(account="a1", campaign="2026"), "accounts")
    await after(suite, TEN, 0)
    (row,) = await suite.service("mailer").service.ports.store.find("deliveries", {})
    assert not any(title in str(row) for title in TITLES)


async def test_another_person_has_a_mail_of_their_own(suite: Suite) -> None:
    await directory(suite, account="a2", email="kim@example.org")
    await happen(suite, opened(0), of(ApplicationOpened, 1, account="a2", submission_deadline="2026-05-02"))
    assert kinds(await after(suite, TEN, 2)) == ["application-opened"] * 2


async def test_reminders_of_several_files_are_one_mail_and_what_was_submitted_since_says_so(suite: Suite) -> None:
    """Acceptance 76; a manager reminds many at once."""
    reminded = [
        of(
            ApplicationReminded,
            number,
            about="forms",
            submission_deadline="2026-05-02",
            awaited=["cv"],
            awaited_forms=[],
        )
        for number in (0, 1, 0)
    ]
    await happen(suite, *reminded)
    await happen(
        suite, of(ApplicationSubmitted, 1, submitted_at="2026-03-01T12:00:00.000Z", receipt_sha256="0", pieces=[])
    )
    mail, receipt = sorted(await after(suite, TEN, 2), key=lambda mail: kinds([mail]), reverse=True)
    assert kinds([mail, receipt]) == ["applications-reminded", "application-submitted"]
    said = text_of(mail)
    assert said.count("Sciences de la mer") == 1 and "mai" in said, said
    assert "/candidatures" in said and "/candidatures/" not in said, "it leads to all of them"
    assert "Vous avez transmis cette candidature depuis" in said.split("Énergie solaire")[1]
    await happen(suite, reminded[0])
    (*_, alone) = await after(suite, TEN, 3)
    assert "application-reminded" in kinds(await mails(suite, 3)), alone
