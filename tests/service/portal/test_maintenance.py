"""The page of a window of maintenance: until when, nothing typed is lost, staff come in (acceptance 95)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.testing import Suite
from services.offers.wiring import set_parameters
from services.portal.maintenance import ASK_SECONDS
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import PASSWORD, an_account, an_administrator, log_in

SPAN = "2027-02-01T22:45/2027-02-02T06:00"
BEGINS, ENDS = datetime(2027, 2, 1, 21, 45, tzinfo=UTC), datetime(2027, 2, 2, 5, 0, tzinfo=UTC)
TITLE = "Le site est fermé pour maintenance"


async def planned(suite: Suite, span: str = SPAN, **messages: str) -> None:
    """`parvis parameters set maintenance.windows=...`."""
    ports = suite.service("offers").service.ports
    given = {"maintenance.windows": span} | {f"maintenance.{name}": text for name, text in messages.items()}
    command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    await set_parameters(ports, given, command=command, expected=None, dry_run=False)
    await suite.settle()


def said(page: Page) -> str:
    return page.words.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


async def test_pages_are_closed_from_the_first_instant_to_the_last(
    suite: Suite, browser: Browser, clock: FixedClock
) -> None:
    """Acceptance 95."""
    await planned(suite, message_fr="Nous changeons de serveur.", message_en="We are changing servers.")
    clock.moment = datetime(2027, 2, 1, 21, 44, 59, tzinfo=UTC)
    home = await browser.open("/")
    assert home.status == 200
    assert "fermé du 1er février 2027 à 22 h 45 (heure de Paris) au 2 février 2027 à 6 h 00" in said(home)
    for clock.moment, wait in ((BEGINS, "26100"), (ENDS.replace(hour=4, minute=59, second=59), "1")):
        for path in ("/", "/formations", "/inscription", "/candidatures"):
            page = await browser.open(path)
            assert (page.status, page.heading, page.headers["Retry-After"]) == (503, TITLE, wait)
            assert "Il rouvre le 2 février 2027 à 6 h 00 (heure de Paris)." in said(page)
            assert "Nous changeons de serveur." in page.words
    english = await browser.open("/?lang=en")
    assert "It opens again on 2 February 2027 at 06:00 (Paris time)." in said(english)
    assert "We are changing servers." in english.words
    for path in ("/assistance", "/accessibilite", "/connexion", "/static/parvis.css"):
        assert (await browser.open(path)).status == 200
    clock.moment = ENDS
    again = await browser.open("/?lang=fr")
    assert (again.status, "Maintenance prévue" in again.words) == (200, False)


async def test_every_page_says_from_the_day_before_that_it_will_be_closed(
    suite: Suite, browser: Browser, clock: FixedClock
) -> None:
    """At the first instant of that day, and one before it, when the home page alone does."""
    await planned(suite)
    for clock.moment, pages in (
        (BEGINS - timedelta(days=1, seconds=1), ["/"]),
        (BEGINS - timedelta(days=1), ["/", "/formations", "/inscription", "/assistance"]),
    ):
        said_by = [each for each in ("/", "/formations", "/inscription", "/assistance") if await _warns(browser, each)]
        assert said_by == pages


async def _warns(browser: Browser, path: str) -> bool:
    return said(await browser.open(path)).count("fermé du 1er février 2027 à 22 h 45 (heure de Paris)") == 1


async def test_what_was_typed_is_sent_once_the_site_is_open_again(
    suite: Suite, browser: Browser, clock: FixedClock
) -> None:
    """No script, no cookie: the page itself keeps it, but for passwords."""
    await an_account(suite)
    await planned(suite)
    await log_in(browser)
    form = (await browser.open("/profil/adresse")).forms[0]
    clock.moment = BEGINS
    closed = await browser.send(form, line1="12 rue des Abeilles", city="Perpignan l’été")
    assert (closed.status, closed.heading) == (503, TITLE)
    still = await browser.send(closed.forms[0])
    assert (still.status, still.forms[0].fields["city"]) == (503, "Perpignan l’été")
    clock.moment = ENDS
    after = await browser.send(still.forms[0])
    assert after.status != 503
    assert "Perpignan l’été" in after.html


async def test_no_password_is_kept_by_the_page(suite: Suite, browser: Browser, clock: FixedClock) -> None:
    await an_account(suite)
    await planned(suite)
    await log_in(browser)
    form = next(f for f in (await browser.open("/compte/mot-de-passe")).forms if "current_password" in f.fields)
    clock.moment = BEGINS
    closed = await browser.send(form, current_password=PASSWORD, password="autre chose", repeated="autre chose")
    assert closed.status == 503
    assert PASSWORD not in closed.html
    assert "autre chose" not in closed.html


async def test_staff_come_in_while_candidates_find_it_closed(suite: Suite, browser: Browser, clock: FixedClock) -> None:
    """Acceptance 95."""
    login, zoe = await an_administrator(suite), await an_account(suite)
    await planned(suite)
    clock.moment = BEGINS
    assert (await log_in(browser, zoe)).heading == TITLE
    async with Browser(suite.url) as office:
        door = await office.open("/gestion")
        assert (door.status, door.heading) == (200, "Connexion"), (
            "who comes by the address of the work is let in as well"
        )
        assert (await log_in(office, login)).status != 503
        assert (await office.open("/formations")).status == 200
    out = await browser.send(closed.forms[-1]) if (closed := await browser.open("/")).forms else None
    assert out is not None
    assert (out.heading, browser.cookie("session")) == ("Vous avez quitté votre compte", None)


@pytest.mark.parametrize("sooner", [True, False])
async def test_a_window_that_is_set_counts_within_seconds(
    suite: Suite, browser: Browser, clock: FixedClock, *, sooner: bool
) -> None:
    """At the last instant of what is known, and one past it."""
    assert (await browser.open("/formations")).status == 200
    await planned(suite, "11:00-13:00")
    clock.advance(seconds=ASK_SECONDS - 0.001 if sooner else ASK_SECONDS)
    assert (await browser.open("/formations")).status == (200 if sooner else 503)
