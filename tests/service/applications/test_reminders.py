"""Who has a draft is reminded 7 and 2 days before its last one, once each, after a stop too (acceptance 76)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.applications.usecases import reminders
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.ports import Document
from services.chassis.store.rows import PAGE
from services.chassis.testing import run_suite
from services.contracts.events.accounts import AddressChanged
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_deadlines import by_the_clock as told_of_moves
from tests.service.applications.test_forms import MORE, PLANS
from tests.service.applications.test_review import Staff
from tests.service.handed_over import all_mails_are_handed_over

EIGHT = datetime(2027, 4, 8, 6, 0, tzinfo=UTC)
"""Eight o'clock in Paris, seven days before."""


async def by_the_clock(peers: PeerServices) -> None:
    """All that the timers of reminders do now."""
    app = use_cases(peers.suite.service("applications").service.ports)
    command = CommandContext(peers.clock.now(), "test", acting_service("applications"))
    while await reminders.look_for_drafts(app, command):
        pass
    for row in [row async for row in app.reminding.to_remind()]:
        await reminders.remind_one(app, row, command)


async def reminded(peers: PeerServices) -> list[str]:
    return [data["application"] for data in await peers.told("submission_due")]


async def test_drafts_alone_are_reminded_of_and_each_day_once(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    """Acceptance 76: seven days before the last one and two."""
    draft = await zoe.opened()
    adam = await peers.candidate("adam")
    assert (await adam.submit(await adam.ready())).status == 200
    for moment, count in (
        (EIGHT - timedelta(days=1), 0),
        (EIGHT - timedelta(seconds=1), 0),
        (EIGHT, 1),
        (EIGHT + timedelta(hours=9), 1),
        (EIGHT + timedelta(days=4), 1),
        (EIGHT + timedelta(days=5), 2),
        (EIGHT + timedelta(days=7), 2),
    ):
        clock.moment = moment
        for _ in range(2):
            await by_the_clock(peers)
        assert await reminded(peers) == [draft] * count, moment
    assert [data["awaited"] for data in await peers.told("submission_due")] == [["cv", "letter", "b2"]] * 2


async def test_after_a_stop_of_days_one_reminder_comes_and_a_day_that_is_past_is_left(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    draft = await zoe.opened()
    clock.moment = EIGHT + timedelta(days=6)
    await by_the_clock(peers)
    assert await reminded(peers) == [draft]
    clock.moment = EIGHT + timedelta(days=8)
    await by_the_clock(peers)
    assert await reminded(peers) == [draft]
    store = peers.suite.service("applications").service.ports.store
    assert min(row["deadline"] for row in await store.find("reminders", {}, limit=100)) == "2027-04-16"


async def test_a_last_day_that_was_moved_is_reminded_of_anew(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    draft = await zoe.opened()
    clock.moment = EIGHT + timedelta(days=5)
    await by_the_clock(peers)
    await peers.publish_programme(version=2, changed=True, submission_deadline="2027-04-22")
    await told_of_moves(peers)
    clock.moment = EIGHT + timedelta(days=8)
    await by_the_clock(peers)
    assert await reminded(peers) == [draft] * 2


async def test_a_last_day_that_comes_to_be_as_near_as_a_reminder_is_reminded_of_the_next_morning(
    peers: PeerServices, zoe: Candidate, clock: FixedClock
) -> None:
    """Acceptance 76: also where the drafts of that day had been looked through before it was moved; each once."""
    draft, kim = await zoe.opened(), Staff(peers)
    await peers.publish_programme("M1-LAC")
    other = await zoe.opened("M1-LAC")
    clock.moment = EIGHT
    await by_the_clock(peers)
    assert sorted(await reminded(peers)) == sorted([draft, other])
    clock.moment = EIGHT + timedelta(days=2)  # 10 April: seven days before the 17th, which nobody has as their last day
    await by_the_clock(peers)
    clock.moment += timedelta(hours=1)
    await peers.publish_programme(version=2, changed=True, submission_deadline="2027-04-17")
    await told_of_moves(peers)
    assert (await kim.ask("PUT", f"/{other}/deadlines", json={"submission_deadline": "2027-04-17"})).status == 200
    for hours, count in ((0, 2), (22, 2), (23, 4), (24, 4), (47, 4)):
        clock.moment = EIGHT + timedelta(days=2, hours=1 + hours)
        for _ in range(2):
            await by_the_clock(peers)
        assert len(await reminded(peers)) == count, hours
    assert sorted((await reminded(peers))[2:]) == sorted([draft, other])


async def test_more_drafts_than_a_page_are_all_found(peers: PeerServices, zoe: Candidate, clock: FixedClock) -> None:
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("applications", await zoe.opened())
    assert row is not None
    for number in range(PAGE + 1):
        copy: Document = row | {"_id": f"copy-{number:03}", "account": f"a{number}", "slot": f"s{number}"}
        await store.insert("applications", copy | {"slot_key": f"s{number}", "active_key": f"a{number}|M1-MER|2027"})
    clock.moment = EIGHT
    await by_the_clock(peers)
    assert len(await reminded(peers)) == PAGE + 2


@pytest.fixture
async def mailed(tmp_path: Path, clock: FixedClock) -> AsyncIterator[PeerServices]:
    async with run_suite(tmp_path, services=("applications", "mailer"), clock=clock, timers_by_time=False) as suite:
        yield PeerServices(suite, clock)


async def test_the_mail_names_what_is_awaited_and_until_when(mailed: PeerServices, clock: FixedClock) -> None:
    """Acceptance 76."""
    await mailed.publish_programme(forms=[PLANS, MORE])
    zoe = await mailed.candidate("zoe")
    person = {"file_number": "AB12CD34", "email": "zoe@example.org", "family_name": "Müller", "given_name": "Zoé"}
    await mailed.suite.publish(AddressChanged(account="zoe", language="fr", **person), "accounts")
    id = await zoe.opened()
    assert (await zoe.deposit(id, "cv")).status == 200
    clock.moment = EIGHT
    await by_the_clock(mailed)
    await all_mails_are_handed_over(mailed.suite)
    texts = {str(mail["Subject"]): mail.get_body(("plain",)).get_content() for mail in mailed.suite.mails()}  # type: ignore[union-attr]
    found = [text for subject, text in texts.items() if subject.startswith("Rappel")]
    (text,) = found
    assert "- Pièce letter" in text
    assert "Pièce cv" not in text
    assert "Formulaires encore à remplir :" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "- Projet professionnel" in text
    assert text.count("Projet professionnel") == 1, "a form that blocks nothing is not awaited"
    assert "15 avril 2027 à 23 h 59" in text.replace("\N{NO-BREAK SPACE}", " ")
