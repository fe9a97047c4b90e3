"""The end of a session is told beforehand, with a way to go on that leaves what is being typed alone (WCAG 2.2.1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.portal.visits import LAST_SECONDS, WARNING_SECONDS
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import PASSWORD, an_account, log_in

SESSION = timedelta(days=7)


def warned(page: Page) -> str:
    """What the page does about the end: `now` it tells, `later` its script will, or nothing."""
    found = re.search(r"<div[^>]*data-session-left=\"\d+\"[^>]*>", page.html)
    assert (
        (found is not None)
        == ("/static/session.js" in page.html)
        == ("script-src 'self'" in page.headers["Content-Security-Policy"])
    )
    return "nothing" if found is None else "later" if " hidden" in found[0] else "now"


@pytest.mark.parametrize(
    ("left", "said"),
    [(LAST_SECONDS + 1, "nothing"), (LAST_SECONDS, "later"), (WARNING_SECONDS + 1, "later"), (WARNING_SECONDS, "now")],
)
async def test_the_end_is_told_half_an_hour_before_and_looked_after_for_a_day(
    suite: Suite, browser: Browser, clock: FixedClock, left: int, said: str
) -> None:
    await an_account(suite)
    began = clock.now()
    await log_in(browser)
    clock.moment = began + timedelta(days=5)
    assert warned(await browser.open("/compte")) == "nothing"
    clock.moment = began + SESSION - timedelta(seconds=left)
    page = await browser.open("/formations")
    assert warned(page) == said
    assert ("moins de 30 minutes" in page.words.replace("\N{NO-BREAK SPACE}", " ")) is (said != "nothing")


async def test_who_logs_in_anew_in_another_tab_goes_on_with_what_was_typed(
    suite: Suite, browser: Browser, clock: FixedClock
) -> None:
    await an_account(suite)
    began = clock.now()
    await log_in(browser)
    clock.moment = began + SESSION - timedelta(minutes=10)
    form = (await browser.open("/profil/adresse")).forms[0]
    again = await browser.open("/connexion?encore=1")
    assert again.heading == "Connexion"
    login = next(each for each in again.forms if "password" in each.fields)
    await browser.send(login, login="zoe@example.org", password=PASSWORD)
    clock.moment = began + SESSION + timedelta(minutes=1)
    after = await browser.send(form, city="Perpignan l’été")
    assert "Perpignan l’été" in after.html
    assert after.path != "/connexion"
    assert warned(await browser.open("/compte")) == "nothing"
