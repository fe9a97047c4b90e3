"""An external jury member comes in, over pages: invited by mail, with a device that shows codes, and without it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pyotp
import pytest

from services.accounts.domain.grants import Grant
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.portal.rendering import RESUME
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.portal.applications.staff import appointed
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import PASSWORD, log_in, mail_to, validated

JUROR, ADA = "juror@elsewhere.test", "ada@univ.test"
STEP = 30


@pytest.fixture(autouse=True)
def _required(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production."""
    monkeypatch.setenv("PARVIS_ACCOUNTS_STAFF_SECOND_FACTOR", "required")


@pytest.fixture
async def ada(suite: Suite) -> AsyncIterator[Browser]:
    """An administrator with a device, logged in."""
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, ADA, Grant(Role.ADMIN))
        page = await log_in(browser, ADA)
        await linked(browser, page, suite)
        yield browser


def code(suite: Suite, secret: str, ahead: int = 0) -> str:
    """What a device shows."""
    now = suite.service("accounts").service.ports.clock.now()
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // STEP + ahead)


async def linked(browser: Browser, page: Page, suite: Suite) -> tuple[str, list[str], Page]:
    """Set up a device, from the page that asks for it: its secret, the recovery codes, and the page that shows them."""
    assert page.address == "/compte/second-facteur"
    page = await browser.send(page.forms[0])
    assert page.address == "/compte/second-facteur/confirmation"
    assert "<svg" in page.html
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page.html)
    assert found is not None
    secret = found[1].replace(" ", "")
    wrong = await browser.send(page.forms[0], one_time_code="00000")
    assert (wrong.status, found[1] in wrong.html) == (422, True)
    done = await browser.send(wrong.forms[0], one_time_code=f" {code(suite, secret)[:3]} {code(suite, secret)[3:]} ")
    assert done.status == 200
    codes = re.findall(r">([a-z2-7]{4}(?:-[a-z2-7]{4}){3})<", done.html)
    assert len(codes) == 10
    return secret, codes, done


async def test_an_external_jury_member_comes_in(suite: Suite, ada: Browser, clock: FixedClock) -> None:
    invitation = (await ada.open("/gestion/personnes/invitation")).forms[0]
    day = {"valid_until-day": "30", "valid_until-month": "6", "valid_until-year": "2027"}
    await ada.send(invitation, email=JUROR, commissions="BIO", **day)
    await validated(suite, JUROR)
    async with Browser(suite.url) as browser:
        page = await log_in(browser, JUROR)
        secret, codes, done = await linked(browser, page, suite)
        assert "/gestion" in done.links
        assert (await browser.open("/compte/second-facteur/codes")).address == "/compte/second-facteur"
        assert codes[0] not in (await browser.open("/compte/second-facteur")).html
        await all_mails_are_handed_over(suite)
        assert "Un appareil vient d’être associé" in await mail_to(suite, JUROR)
    clock.advance(seconds=STEP)
    async with Browser(suite.url) as browser:
        page = await log_in(browser, JUROR, path="/connexion?next=/compte/second-facteur")
        assert (page.status, page.heading) == (200, "Code de votre appareil")
        assert browser.cookie("session") is None
        assert (await browser.open("/connexion/code")).heading == page.heading, "it can be opened again"
        wrong = await browser.send(page.forms[0], one_time_code="00000")
        assert (wrong.status, "Ce code n’est pas le bon" in wrong.words) == (422, True)
        entered = await browser.send(wrong.forms[0], one_time_code=code(suite, secret))
        assert (entered.status, entered.address) == (200, "/compte/second-facteur")
        assert "Codes de secours restants : 10." in entered.words
    async with Browser(suite.url) as browser:
        await log_in(browser, JUROR)
        page = await browser.open("/connexion/secours")
        assert (await browser.send(page.forms[0], recovery_code=codes[3])).address == "/gestion"
        assert "Codes de secours restants : 9." in (await browser.open("/compte/second-facteur")).words


async def test_an_administrator_resets_a_device_that_was_lost(suite: Suite, ada: Browser) -> None:
    invitation = (await ada.open("/gestion/personnes/invitation")).forms[0]
    day = {"valid_until-day": "30", "valid_until-month": "6", "valid_until-year": "2027"}
    await ada.send(invitation, email=JUROR, commissions="BIO", **day)
    login = await validated(suite, JUROR)
    async with Browser(suite.url) as browser:
        await linked(browser, await log_in(browser, JUROR), suite)
        person = await ada.open(f"/gestion/personnes/{login}")
        assert f"/gestion/personnes/{login}/second-facteur" in person.links
        asked = await ada.open(f"/gestion/personnes/{login}/second-facteur")
        done = await ada.send(asked.forms[0])
        assert (done.address, "Aucun appareil n’est associé." in done.words) == (f"/gestion/personnes/{login}", True)
        assert (await ada.send(asked.forms[0])).address == f"/gestion/personnes/{login}", "pressed twice"
    async with Browser(suite.url) as browser:
        await linked(browser, await log_in(browser, JUROR), suite)


async def test_too_late_with_the_code_the_password_is_asked_for_again(
    suite: Suite, ada: Browser, clock: FixedClock
) -> None:
    async with Browser(suite.url) as browser:
        page = await log_in(browser, ADA, path="/connexion?next=/gestion/personnes")
        assert page.heading == "Code de votre appareil"
        clock.advance(seconds=300)
        late = await browser.send(page.forms[0], one_time_code="123456")
        assert (late.status, late.heading) == (422, "Connexion")
        assert (await browser.open("/connexion/code")).address == "/connexion"
    assert PASSWORD not in late.html


async def test_who_has_typed_too_many_codes_hears_of_codes_and_nothing_of_passwords(suite: Suite) -> None:
    guessed = "guessed@univ.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, guessed, Grant(Role.ADMIN))
        await linked(browser, await log_in(browser, guessed), suite)
    async with Browser(suite.url) as browser:
        for _ in range(2):
            page = await log_in(browser, guessed)
            for _ in range(5):
                page = await browser.send(page.forms[0], one_time_code="00000")
                assert "Ce code n’est pas le bon" in page.words
            over = await browser.send(page.forms[0], one_time_code="00000")
            assert (over.heading, "La saisie du code a pris trop de temps" in over.words) == ("Connexion", True)
        page = await log_in(browser, guessed)
        page = await browser.send(page.forms[0], one_time_code="00000")
        assert page.heading == "Code de votre appareil"
        assert "Trop de codes ont été essayés" in page.words and "asse oublié" not in page.words


async def test_who_has_lost_the_device_sets_up_another_and_loses_nothing_that_was_typed(suite: Suite) -> None:
    home, lost = "/compte/second-facteur", "lost@univ.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, lost, Grant(Role.ADMIN))
        _, codes, _ = await linked(browser, await log_in(browser, lost), suite)
        form = (await browser.open(home)).forms[1]
        browser.keep_cookies(session="")
        login = await browser.send(form, one_time_code="123456")
        asked = await browser.send(login.forms[0], login=lost, password=PASSWORD)
        assert asked.heading == "Code de votre appareil"
        recovery = await browser.send(asked.forms[1])
        assert (recovery.status, recovery.heading) == (200, "Code de secours")
        assert recovery.forms[0].fields["kept"] == login.forms[0].fields["kept"]
        assert (await browser.send(recovery.forms[0], recovery_code=codes[0])).path == RESUME
        wrong = await browser.send((await browser.open(home)).forms[1], one_time_code=codes[0])
        assert (wrong.status, "Ce code n’est pas le bon" in wrong.words) == (422, True)
        begun = await browser.send(wrong.forms[1], one_time_code=codes[1])
        assert begun.address == f"{home}/confirmation"
        renewed = await browser.send((await browser.open(home)).forms[0], one_time_code=codes[2])
        assert (renewed.status, codes[3] in renewed.html) == (200, False)
