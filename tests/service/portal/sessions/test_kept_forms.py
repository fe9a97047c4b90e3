"""What is typed is of who typed it: kept while one logs in again, and never sent for anybody else (ADR 51)."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.portal.forms import MAX_LONG_FORM_BYTES
from services.portal.paths import LARGEST_LOGIN
from services.portal.rendering import RESUME
from services.portal.visits import MAX_KEPT_CHARACTERS, Visit
from tests.service.portal.browser import Browser, Form, Page
from tests.service.portal.people import PASSWORD, an_account, log_in, mail_to
from tests.service.portal.sessions.own_page import Taken, log_out, mine


@pytest.mark.parametrize("path", ["/mine", "/mine/alone"])
async def test_what_was_typed_when_the_session_ended_comes_back_after_logging_in(
    suite: Suite, browser: Browser, number: str, clock: FixedClock, taken: Taken, path: str
) -> None:
    """In mid-form: the first line stays, the lines' ends stay, and a wrong password in between costs nothing."""
    form = await mine(browser, path)
    words = {"motivation": "\r\nJ’aime les <étoiles> & « le vent ».\r\n\r\nVoilà.", "other": ""}
    if path == "/mine":
        clock.advance(days=8)
    else:
        browser.keep_cookies(session="")
    login = await browser.send(form, **words)
    assert login.heading == "Connexion"
    assert "pas perdu" in login.words
    assert "étoiles" not in login.html
    wrong = await browser.send(login.forms[0], login=number, password="wrong")
    assert wrong.status == 422
    again = await browser.send(wrong.forms[0], login=number, password=PASSWORD)
    assert (again.path, again.heading) == (RESUME, "Vous voilà de nouveau dans votre compte"), (
        "no password stays behind"
    )
    assert taken == []
    done = await browser.send(again.forms[0])
    assert done.path == "/mine"
    assert [{name: each[name].replace("\n", "\r\n").replace("\r\r", "\r") for name in words} for each in taken] == [
        words
    ]


async def test_what_somebody_else_typed_is_not_sent_for_who_logs_in_next(
    suite: Suite, browser: Browser, number: str, clock: FixedClock, taken: Taken
) -> None:
    await an_account(suite, "max@example.org")
    form = await mine(browser)
    clock.advance(days=8)
    login = await browser.send(form, motivation="of Zoé")
    other = await browser.send(login.forms[0], login="max@example.org", password=PASSWORD)
    assert other.path == "/mine"
    assert "of Zoé" not in other.html
    async with Browser(suite.url) as elsewhere:
        stolen = (await elsewhere.open("/connexion")).forms[0]
        page = await elsewhere.send(stolen, kept=login.forms[0].fields["kept"], login=number, password=PASSWORD)
        assert page.path == "/"
    assert taken == []


@pytest.mark.parametrize("path", ["/mine", "/mine/alone"])
async def test_what_was_typed_before_logging_out_is_of_who_typed_it(
    suite: Suite, browser: Browser, number: str, taken: Taken, path: str
) -> None:
    """On a shared computer: the form of one who has left is sent, and the next one logs in on the page that answers."""
    await an_account(suite, "max@example.org")
    form = await mine(browser, path)
    await log_out(browser)
    login = await browser.send(form, motivation="of Zoé")
    other = await browser.send(login.forms[0], login="max@example.org", password=PASSWORD)
    assert other.heading != "Vous voilà de nouveau dans votre compte"
    assert "of Zoé" not in other.html
    await log_out(browser)
    again = await browser.send(
        (await browser.send(form, motivation="of Zoé")).forms[0], login=number, password=PASSWORD
    )
    await browser.send(again.forms[0])
    assert [each["motivation"] for each in taken] == ["of Zoé"], "who comes back has lost nothing"
    await log_out(browser)
    assert browser.cookie("kept") is None


async def test_a_form_made_for_one_is_not_taken_from_another(
    suite: Suite, browser: Browser, number: str, taken: Taken
) -> None:
    await an_account(suite, "max@example.org")
    form = await mine(browser)
    await log_out(browser)
    await log_in(browser, "max@example.org")
    for path in ("/mine", "/mine/alone"):
        page = await browser.send(Form(path, form.fields), motivation="of Zoé")
        assert (page.status, page.heading) == (403, "Cette page n’est plus valable")
    forged = form.fields["form_token"].partition(".")[2]
    for token in (forged, f".{forged}", f"{'0' * 26}.{forged}", "."):
        assert (await browser.send(form, form_token=token)).status == 403
    assert taken == []


async def test_one_leaves_by_the_button_of_whatever_page_is_still_open(
    suite: Suite, browser: Browser, number: str
) -> None:
    await an_account(suite, "max@example.org")
    left = (await browser.open("/compte")).forms[-1]
    await log_out(browser)
    await log_in(browser, "max@example.org")
    assert (await browser.send(left)).heading == "Vous avez quitté votre compte"
    assert browser.cookie("session") is None


async def test_a_form_for_nobody_is_taken_from_whoever_has_logged_in_since(
    suite: Suite, browser: Browser, taken: Taken
) -> None:
    await an_account(suite)
    form = Form("/mine", (await browser.open("/connexion")).forms[0].fields)
    await log_in(browser)
    assert (await browser.send(form, motivation="mine")).path == "/mine"
    assert [each["motivation"] for each in taken] == ["mine"]


async def test_a_form_as_long_as_may_be_is_kept_as_well(
    suite: Suite, browser: Browser, number: str, clock: FixedClock, taken: Taken
) -> None:
    form = await mine(browser)
    clock.advance(days=8)
    longest = "é" * ((16384 - 400) // 6)
    login = await browser.send(form, motivation=longest)
    again = await browser.send(login.forms[0], login=number, password=PASSWORD)
    await browser.send(again.forms[0])
    assert [each["motivation"] for each in taken] == [longest]


@pytest.mark.parametrize("letter", ["a", "é", "\N{LINE TABULATION}"], ids=["plain", "accent", "control"])
async def test_the_longest_form_of_all_is_kept_and_one_longer_is_refused_as_ever(
    suite: Suite, browser: Browser, number: str, clock: FixedClock, taken: Taken, letter: str
) -> None:
    """Also of letters that take most room where it is kept."""
    form = await mine(browser, "/mine/long")
    room = MAX_LONG_FORM_BYTES - len(urlencode(form.fields | {"motivation": ""}))
    longest = letter * (room // len(quote(letter)))
    longest += "x" * (room - len(quote(longest)))
    assert len(urlencode(form.fields | {"motivation": longest})) == MAX_LONG_FORM_BYTES
    clock.advance(days=8)
    refused = await browser.send(form, motivation=longest + "x")
    assert (refused.status, refused.forms) == (413, [])
    login = await browser.send(form, motivation=longest)
    assert "pas perdu" in login.words
    wrong = await browser.send(login.forms[0], login=number, password="wrong")
    again = await browser.send(wrong.forms[0], login=number, password=PASSWORD)
    await browser.send(again.forms[0])
    assert [each["motivation"] for each in taken] == [longest]


async def test_a_login_is_as_long_as_it_may_be_and_no_longer(suite: Suite, browser: Browser, number: str) -> None:
    browser.keep_cookies(session="")
    form = (await browser.open("/connexion")).forms[0]
    room = LARGEST_LOGIN - len(urlencode(form.fields | {"login": number, "password": PASSWORD, "kept": ""}))
    for more, status in ((1, 413), (0, 200)):
        page = await browser.send(form, login=number, password=PASSWORD, kept="x" * (room + more))
        assert page.status == status, page.words


async def by_ent(browser: Browser, way: str = "/connexion/ent") -> Page:
    """Be somebody at the ENT; the page that follows."""
    chooser = await browser.open(way)
    return await browser.send(chooser.forms[0], person="amartin")


async def test_who_has_the_ent_alone_loses_nothing_either(suite: Suite, browser: Browser, taken: Taken) -> None:
    email = "alice.martin@etu.example.org"
    await browser.send((await by_ent(browser)).forms[0], email_confirmation=email)
    link = re.search(r"http://\S+token=\S+", await mail_to(suite, email))
    assert link is not None
    await browser.send((await browser.open(link[0])).forms[0])
    await by_ent(browser)
    password = await browser.open("/compte/mot-de-passe")
    assert "/reinitialisation/lien" in password.links, "where there is no present password"
    form = await mine(browser)
    browser.keep_cookies(session="")
    login = await browser.send(form, motivation="of Alice")
    again = await browser.send(login.forms[0], login=email, password="none")
    ways = {link for page in (login, again) for link in page.links if link.startswith("/connexion/ent")}
    back = await by_ent(browser, *ways)
    assert (back.path, back.heading) == (RESUME, "Vous voilà de nouveau dans votre compte")
    assert (await browser.send(back.forms[0])).path == "/mine"
    assert [each["motivation"] for each in taken] == ["of Alice"]


def test_what_is_too_long_for_a_cookie_goes_along_in_the_form_alone() -> None:
    visit = Visit()
    assert visit.carry("x" * MAX_KEPT_CHARACTERS)
    assert not visit.carry("x" * (MAX_KEPT_CHARACTERS + 1))
    assert visit.kept == ""
