"""With catalogues of their own: how many applications there may be and until when, what is optional, what is shared."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.http.arrival import ARRIVED
from services.chassis.testing import Suite, run_suite
from services.portal.wiring import pages
from tests.candidate import pdf
from tests.service.accounts.client import AccountsClient
from tests.service.applications.candidate import PeerServices, piece
from tests.service.applications.test_deadlines import by_the_clock, move
from tests.service.portal.applications.applying import form_of, log_in_as, open_form
from tests.service.portal.applications.uploading import Uploader

ZOE = "zoe@example.org"
UNTIL = "28 mars 2027 à 23 h 59 (heure de Paris)"
SUMMER = datetime(2027, 3, 28, 22, 0, tzinfo=UTC)
"""In Paris, the first second behind that day, which has 23 hours."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 3, 27, 11, 0, tzinfo=UTC))


@pytest.fixture
async def suite(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Suite]:
    """Behind a gateway that is believed, with a catalogue of the tests' own, perhaps with a scanner."""
    monkeypatch.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")
    services = ("accounts", "applications", "documents", "mailer")
    more = {"scanner": request.param} if hasattr(request, "param") else {}
    async with run_suite(tmp_path, services=services, clock=clock, pages=pages, behind_gateway=True, **more) as suite:
        await AccountsClient(suite, clock).open_campaign()
        yield suite


async def somebody(suite: Suite, browser: Uploader) -> Uploader:
    await log_in_as(suite, browser, ZOE, profile=True)
    return browser


async def test_of_thirty_that_are_opened_at_once_in_one_centre_twenty_are(suite: Suite, clock: FixedClock) -> None:
    """Acceptance 41: each refusal is a page that leads to one's own applications."""
    peers = PeerServices(suite, clock)
    for number in range(30):
        await peers.publish_programme(f"P{number}")
    async with Uploader(suite.url) as browser:
        zoe = await somebody(suite, browser)
        opened = await asyncio.gather(*(zoe.send(open_form(zoe, f"P{number}")) for number in range(30)))
        assert Counter(page.status for page in opened) == {200: 20, 409: 10}
        own = {page.path for page in opened if page.status == 200}
        for page in opened:
            assert page.status == 200 or ("20" in page.words and "/candidatures" in page.links), page.words
        cards = await zoe.open("/candidatures")
        assert len(own & set(cards.links)) == len(own) == 20


async def test_a_file_whose_first_byte_came_in_time_is_in_time(suite: Suite, clock: FixedClock) -> None:
    """Acceptance 54, over the change to summer time; the day is said with its hour and zone."""
    await PeerServices(suite, clock).publish_programme(submission_deadline="2027-03-28")
    async with Uploader(suite.url) as browser:
        zoe = await somebody(suite, browser)
        page = await zoe.send(open_form(zoe, "M1-MER"))
        here, forms = page.path, [form_of(page, f"/pieces/{code}") for code in ("cv", "letter")]
        assert UNTIL in page.words
        clock.moment = SUMMER
        # What has come from the future has come now: no time has gone by, however slow this machine is.
        now = {ARRIVED: f"{time.time() + 3600:.3f} 0.000"}
        late = await zoe.send_file(forms[0], "cv.pdf", pdf(), headers=now)
        assert (late.status, "28 mars 2027" in late.words) == (409, True), late.words
        clock.advance(seconds=1)
        came = {ARRIVED: f"{time.time():.3f} 600.000"}
        taken = await zoe.send_file(forms[0], "cv.pdf", pdf(), headers=came)
        assert (taken.status, taken.address) == (200, here), taken.words
        assert "cv.pdf" in taken.words
        page = await zoe.open(here)
        assert not [form for form in page.forms if "/pieces/" in form.action]
        clock.moment = SUMMER - timedelta(seconds=1)
        taken = await zoe.send_file(forms[1], "letter.pdf", pdf())
        assert (taken.status, "letter.pdf" in taken.words) == (200, True)


async def test_the_first_and_the_last_day_of_a_programme_are_whole(suite: Suite, clock: FixedClock) -> None:
    """Acceptance 38, 39, over the change to summer time: to the second, and the page says why it is too early or late."""
    peers = PeerServices(suite, clock)
    for code in ("P0", "P1"):
        await peers.publish_programme(code, opens_on="2027-03-27", closes_on="2027-03-28")
    opening = datetime(2027, 3, 26, 23, 0, tzinfo=UTC)
    clock.moment = opening - timedelta(seconds=1)
    async with Uploader(suite.url) as browser:
        zoe = await somebody(suite, browser)
        early = await zoe.send(open_form(zoe, "P0"))
        assert (early.status, "27 mars 2027" in early.words) == (409, True), early.words
        clock.moment = opening
        assert (await zoe.send(open_form(zoe, "P0"))).status == 200
        clock.moment = SUMMER
        late = await zoe.send(open_form(zoe, "P1"))
        assert (late.status, "28 mars 2027" in late.words) == (409, True), late.words
        clock.moment = SUMMER - timedelta(seconds=1)
        assert (await zoe.send(open_form(zoe, "P1"))).status == 200


async def test_what_is_optional_is_in_the_way_of_no_submission(suite: Suite, clock: FixedClock) -> None:
    """Acceptance 121, 125: all is ready without it, which is called in 500 characters, and it may be given all the same."""
    label = ("Photo d’identité récente, " * 20)[:499] + "."
    asked = [piece("cv"), piece("photo") | {"optional": True, "label": {"fr": label, "en": label}}]
    await PeerServices(suite, clock).publish_programme(requirements=asked)
    async with Uploader(suite.url) as browser:
        zoe = await somebody(suite, browser)
        page = await zoe.send(open_form(zoe, "M1-MER"))
        assert label in page.words
        here = page.path
        check = await zoe.open(f"{here}/transmission")
        assert f"{here}#piece-cv-row" in check.links and f"{here}#piece-photo-row" not in check.links
        page = await zoe.send_file(form_of(page, "/pieces/cv"), "cv.pdf", pdf())
        assert "Tout est prêt" in page.words and "file" in form_of(page, "/pieces/photo").fields
        done = await zoe.send(form_of(await zoe.open(f"{here}/transmission"), "/transmission"))
        assert done.path == f"{here}/accuse"


async def test_a_submitted_file_stays_as_it_was_whatever_becomes_of_what_it_shares(
    suite: Suite, clock: FixedClock
) -> None:
    """Acceptance 63, 71: the common piece is taken out of the other application, and another one put there."""
    peers = PeerServices(suite, clock)
    for code in ("P0", "P1"):
        await peers.publish_programme(code, requirements=[piece("cv", common=True)])
    async with Uploader(suite.url) as browser:
        zoe = await somebody(suite, browser)
        there = await zoe.send(open_form(zoe, "P0"))
        there = await zoe.send_file(form_of(there, "/pieces/cv"), "cv.pdf", content := pdf())
        here = (await zoe.send(open_form(zoe, "P1"))).path
        await zoe.send(form_of(await zoe.open(here), "/pieces/cv/reprise"))
        await zoe.send(form_of(await zoe.open(f"{here}/transmission"), "/transmission"))
        there = await zoe.send(form_of(there, "/pieces/cv/retrait"))
        there = await zoe.send_file(form_of(there, "/pieces/cv"), "other.pdf", pdf())
        assert "other.pdf" in there.words and "cv.pdf" not in there.words
        for path in (here, f"{here}/accuse"):
            page = await zoe.open(path)
            assert "cv.pdf" in page.words and "other.pdf" not in page.words
        assert (await zoe.take(f"{here}/pieces/cv/fichier")).content == content


@pytest.mark.parametrize("suite", ["clamd://127.0.0.1:1"], indirect=True)
async def test_a_file_that_cannot_be_scanned_is_not_kept_and_the_page_says_when_to_come_again(
    suite: Suite, clock: FixedClock
) -> None:
    """Acceptance 58: nobody listens at that address; what was given before stays, and the form is still there."""
    await PeerServices(suite, clock).publish_programme()
    async with Uploader(suite.url) as browser:
        zoe = await somebody(suite, browser)
        page = await zoe.send(open_form(zoe, "M1-MER"))
        put_off = await zoe.send_file(form_of(page, "/pieces/cv"), "cv.pdf", pdf())
        assert put_off.status == 503 and int(put_off.headers["Retry-After"]) > 0
        assert 'id="piece-cv-error"' in put_off.html and "antivirus" in put_off.words
        page = await zoe.open(page.path)
        assert "cv.pdf" not in page.words and "file" in form_of(page, "/pieces/cv").fields


async def test_a_moved_deadline_stands_on_the_page_at_once_and_is_mailed_once(suite: Suite, clock: FixedClock) -> None:
    """Acceptance 122."""
    peers = PeerServices(suite, clock)
    await peers.publish_programme(submission_deadline="2027-03-28")
    async with Uploader(suite.url) as browser:
        zoe = await somebody(suite, browser)
        page = await zoe.send(open_form(zoe, "M1-MER"))
        assert UNTIL in page.words
        await move(peers, ("all", None, "2027-04-02"))
        page = await zoe.open(page.path)
        assert "2 avril 2027 à 23 h 59 (heure de Paris)" in page.words and UNTIL not in page.words
    for _ in range(2):
        await by_the_clock(peers)
        await suite.settle()
    async with asyncio.timeout(120):
        while len(suite.mails()) < 2:
            await asyncio.sleep(0.05)
    kinds = Counter(str(mail["X-Parvis-Kind"]) for mail in suite.mails())
    assert kinds == {"account-created": 1, "deadline-moved": 1}, "that it was opened is told ten minutes later"
