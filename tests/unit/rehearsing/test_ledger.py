"""The ledger of a rehearsal: it reckons by itself what is owed, and names whatever is not so."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.cli.rehearsing import comparing, report
from services.cli.rehearsing.ledger import Course, File, Ledger
from services.cli.rehearsing.mails import MailFolder
from services.cli.rehearsing.whole import changes_of_the_clock

ZONE = ZoneInfo("Europe/Paris")
NOON = datetime(2027, 4, 13, 12, tzinfo=ZONE)


def course(capacity: int | None = 1) -> Course:
    day = date(2027, 3, 28)
    return Course("M1", "Master", capacity, date(2027, 3, 1), date(2027, 3, 21), day, day, None, 15, None, 5)


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(ZONE)
    ledger.courses["M1"] = course()
    return ledger


def decided(ledger: Ledger, name: str, kind: str, rank: int | None = None) -> File:
    file = ledger.opened(name, ledger.courses["M1"], name, NOON - timedelta(days=40))
    file.state = "complete"
    ledger.decided(file, kind, NOON, rank=rank)
    return file


def test_a_freed_place_is_owed_to_the_best_rank_alone(ledger: Ledger) -> None:
    """Acceptance 89, 90."""
    zoe = decided(ledger, "zoe", "favourable")
    third, second = decided(ledger, "c", "ranked_waitlist", 3), decided(ledger, "b", "ranked_waitlist", 2)
    ledger.withdrawn(zoe, NOON)
    assert (zoe.place, second.place, third.place) == ("withdrawn", "offered", "waiting")
    assert second.until == date(2027, 4, 20), "seven days at least, though the list gives five"
    assert ledger.mails["b"] == {"decision-ranked-waitlist": 1, "promotion": 1}
    ledger.passes(datetime(2027, 4, 21, 0, 59, tzinfo=ZONE))
    assert second.place == "offered", "an answer may still be under way"
    ledger.passes(datetime(2027, 4, 21, 1, 0, tzinfo=ZONE))
    assert (second.place, third.place) == ("withdrawn", "offered")
    assert report.text(ledger, people=3, seed=1, moments=1).splitlines()[-1] == "The ledger is exact."


def test_who_is_reminded_is_reminded_once_for_each_day(ledger: Ledger) -> None:
    """Acceptance 76."""
    ledger.opened("zoe", ledger.courses["M1"], "zoe", datetime(2027, 3, 2, 12, tzinfo=ZONE))
    for day, hour, owed in ((20, 9, 0), (21, 7, 0), (21, 9, 1), (22, 9, 1), (26, 9, 2), (28, 9, 2)):
        ledger.passes(datetime(2027, 3, day, hour, tzinfo=ZONE))
        assert ledger.mails.get("zoe", Counter())["application-due"] == owed, (day, hour)


def mail(folder: Path, name: str, address: str, kind: str) -> None:
    message = EmailMessage()
    message["To"], message["Message-ID"], message["X-Parvis-Kind"] = address, f"<{name}@parvis.example>", kind
    message.set_content("Bonjour")
    (folder / "new").mkdir(exist_ok=True)
    (folder / "new" / name).write_bytes(message.as_bytes())


async def test_a_mail_that_is_wanting_and_one_too_many_are_named(ledger: Ledger, tmp_path: Path) -> None:
    ledger.owes("zoe@example.org", "promotion")
    ledger.owes("max@example.org", "promotion")
    mail(tmp_path, "1", "max@example.org", "promotion")
    await comparing.mails(ledger, MailFolder(tmp_path), NOON)
    assert ledger.broken == ["2027-04-13 12:00 zoe@example.org: 0 mails promotion, not 1"]
    mail(tmp_path, "2", "max@example.org", "promotion")
    await comparing.mails(ledger, MailFolder(tmp_path), NOON)
    assert ledger.broken[1:] == ["2027-04-13 12:00 max@example.org: 2 mails promotion, not 1"]
    assert report.text(ledger, people=2, seed=1, moments=1).splitlines()[-3:] == ["2 broken promises", *ledger.broken]


def test_the_clock_is_changed_late_in_march_and_in_october() -> None:
    assert changes_of_the_clock(date(2027, 3, 1), date(2028, 3, 1)) == [date(2027, 3, 28), date(2027, 10, 31)]
