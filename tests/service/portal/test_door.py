"""The door: an account is made, one gets in and out, over HTTP and without JavaScript (acceptance 1 to 5, 15, 19, 117)."""

from __future__ import annotations

import asyncio
import re

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from tests.service.accounts.client import AccountsClient
from tests.service.portal.browser import LOG_OUT, Browser, Page
from tests.service.portal.people import PASSWORD, an_account, log_in, mail_to

NEW = {
    "family_name": "L'Hôte",
    "given_name": "Zoé",
    "email": "zoe@example.org",
    "email_confirmation": "zoe@example.org",
}


def error_of(page: Page, field: str) -> str:
    found = re.search(rf'id="{field}-error"[^>]*>\s*<span[^>]*>[^<]*</span>\s*([^<]*)', page.html)
    return found[1].strip() if found else ""


async def test_a_stranger_registers_follows_the_mail_logs_in_and_out(suite: Suite, browser: Browser) -> None:
    """Acceptance 1, 6, 12, 117: the whole way on pages alone."""
    home = await browser.open("/")
    assert "/inscription" in home.links
    form = (await browser.open("/inscription")).forms[0]
    after = await browser.send(form, **NEW)
    assert (after.path, after.heading) == ("/inscription/suite", "Consultez vos mails")
    link = re.search(r"http://\S+token=\S+", await mail_to(suite, NEW["email"]))
    assert link is not None
    done = await browser.send((await browser.open(link[0])).forms[0], password=PASSWORD, repeated=PASSWORD)
    assert done.heading == "Votre compte est validé"
    assert "/connexion" in done.links
    inside = await log_in(browser)
    assert inside.status == 200
    assert inside.forms[-1].action == LOG_OUT
    assert "/connexion" not in inside.links
    out = await browser.send(inside.forms[-1])
    assert (out.path, out.heading) == (LOG_OUT, "Vous avez quitté votre compte")
    assert browser.cookie("session") is None
    assert "/connexion" in (await browser.open("/")).links


async def test_registration_has_exactly_four_starred_fields_and_an_empty_confirmation(browser: Browser) -> None:
    """Acceptance 117; "Je n'ai qu'un nom" lifts one star."""
    page = await browser.open("/inscription")
    labels = re.findall(r"<label[^>]*>\s*([^<]*?)\s*</label>", page.html)
    assert labels == ["Nom *", "Prénom *", "Je n’ai qu’un nom", "Adresse mail *", "Confirmation adresse mail *"]
    assert page.forms[0].fields["email_confirmation"] == ""
    for words in ("astérisque", "consulter vos mails"):
        assert words in page.words
    for field, autocomplete in (("family_name", "family-name"), ("given_name", "given-name"), ("email", "email")):
        assert re.search(rf'<input[^>]*id="{field}"[^>]*autocomplete="{autocomplete}"', page.html)
    assert "onpaste" not in page.html


async def test_all_that_is_wrong_with_a_registration_is_said_at_once_and_nothing_typed_is_lost(
    suite: Suite, browser: Browser
) -> None:
    """Acceptance 2, 3."""
    form = (await browser.open("/inscription")).forms[0]
    empty = await browser.send(form)
    assert empty.status == 422
    assert empty.complaints == (asked := ["family_name", "given_name", "email", "email_confirmation"])
    assert all(error_of(empty, field) for field in asked)
    other = await browser.send(empty.forms[0], **NEW | {"email_confirmation": "zoe@example.net"})
    assert other.status == 422
    assert error_of(other, "email_confirmation")
    assert 'href="#email_confirmation"' in other.html
    assert NEW.items() <= (other.forms[0].fields | {"email_confirmation": NEW["email"]}).items()
    assert other.forms[0].fields["email_confirmation"] == "zoe@example.net"
    done = await browser.send(other.forms[0], email_confirmation=NEW["email"])
    assert done.heading == "Consultez vos mails"
    assert await mail_to(suite, NEW["email"])
    await suite.settle()
    assert len(suite.mails()) == 1


async def test_who_has_one_name_registers_with_it(suite: Suite, browser: Browser) -> None:
    form = (await browser.open("/inscription")).forms[0]
    both = await browser.send(form, **NEW, single_name="1")
    assert error_of(both, "given_name")
    done = await browser.send(both.forms[0], given_name="")
    assert done.heading == "Consultez vos mails"
    assert await mail_to(suite, NEW["email"])
    await suite.settle()
    assert len(suite.mails()) == 1


async def test_a_registration_that_is_pressed_twice_is_one(suite: Suite, browser: Browser) -> None:
    form = (await browser.open("/inscription")).forms[0]
    await browser.send(form, **NEW)
    await browser.send(form, **NEW)
    assert await mail_to(suite, NEW["email"])
    await suite.settle()
    assert len(suite.mails()) == 1


async def test_an_address_that_was_never_validated_is_free_again(
    suite: Suite, browser: Browser, clock: FixedClock
) -> None:
    """Acceptance 9: once the clean-up has been there, one registers as if one never had."""
    form = (await browser.open("/inscription")).forms[0]
    await browser.send(form, **NEW)
    await mail_to(suite, NEW["email"])
    clock.advance(hours=144)
    accounts = AccountsClient(suite, clock)
    (timer,) = [each for each in suite.service("accounts").service.timers if each.name == "clean-up"]
    async with asyncio.timeout(120):
        while await accounts.kept("accounts"):
            await timer.run(accounts.command())
            await asyncio.sleep(0.01)
    assert (await browser.send((await browser.open("/inscription")).forms[0], **NEW)).path == "/inscription/suite"
    async with asyncio.timeout(120):
        while len(mails := suite.mails()) < 2:
            await asyncio.sleep(0.05)
    assert [mail["X-Parvis-Kind"] for mail in mails] == ["account-created"] * 2
    link = re.search(r"http://\S+token=\S+", await mail_to(suite, NEW["email"]))
    assert link is not None
    done = await browser.send((await browser.open(link[0])).forms[0], password=PASSWORD, repeated=PASSWORD)
    assert done.heading == "Votre compte est validé"


async def test_next_year_one_is_told_so_and_registers_anew_with_the_same_address(
    suite: Suite, browser: Browser, clock: FixedClock
) -> None:
    """Acceptance 19."""
    login = await an_account(suite)
    await AccountsClient(suite, clock).open_campaign("2028", closing="2027")
    over = await log_in(browser, login)
    assert over.status == 403 and "campagne" in error_of(over, "login")
    done = await browser.send((await browser.open("/inscription")).forms[0], **NEW)
    assert done.heading == "Consultez vos mails"
    await suite.settle()
    async with asyncio.timeout(120):
        while len(suite.mails()) < 2:
            await asyncio.sleep(0.05)
    link = re.search(r"http://\S+token=\S+", await mail_to(suite, NEW["email"]))
    assert link is not None
    await browser.send((await browser.open(link[0])).forms[0], password=PASSWORD, repeated=PASSWORD)
    assert (await log_in(browser)).status == 200
    assert browser.cookie("session")


async def test_who_is_unknown_wrong_or_not_validated_reads_the_same(suite: Suite, browser: Browser) -> None:
    """Acceptance 5, 109: the text speaks of the validation mail, for everybody."""
    await an_account(suite)
    await browser.send(
        (await browser.open("/inscription")).forms[0],
        **NEW | dict.fromkeys(("email", "email_confirmation"), "a@example.org"),
    )
    await suite.settle()
    pages = [
        await log_in(browser, "zoe@example.org", "wrong"),
        await log_in(browser, "a@example.org", PASSWORD),
        await log_in(browser, "nobody@example.org", PASSWORD),
    ]
    assert {page.status for page in pages} == {422}
    assert len({error_of(page, "login") for page in pages}) == 1
    assert "lien de validation" in error_of(pages[0], "login")
    tried = [page.forms[0].fields["login"] for page in pages]
    assert tried == ["zoe@example.org", "a@example.org", "nobody@example.org"]
    assert all(PASSWORD not in page.html for page in pages)


async def test_who_guesses_is_told_how_long_to_wait_and_a_browser_that_is_known_gets_in_beside(
    suite: Suite, browser: Browser
) -> None:
    """Acceptance 15, 109."""
    login = await an_account(suite)
    await browser.send((await log_in(browser, login)).forms[-1])
    async with Browser(suite.url) as guesser:
        refused = [await log_in(guesser, login, f"guess number {n}") for n in range(11)][-1]
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert "minute" in error_of(refused, "login")
        assert (await log_in(guesser, login)).status == 429
    assert (await log_in(browser, login)).path == "/"


async def test_one_logs_in_once_however_often_the_button_is_pressed(suite: Suite, browser: Browser) -> None:
    login = await an_account(suite)
    form = (await browser.open("/connexion")).forms[0]
    for _ in range(2):
        assert (await browser.send(form, login=login, password=PASSWORD)).path == "/"
    assert (await browser.open("/connexion")).path == "/"


@pytest.mark.parametrize("onward", ["/inscription", "/connexion?next=/inscription"])
async def test_after_logging_in_one_goes_on_where_one_wanted_to(suite: Suite, browser: Browser, onward: str) -> None:
    await an_account(suite)
    page = await log_in(browser, path=f"/connexion?next={onward.replace('?', '%3F')}")
    assert page.path == "/inscription"


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/" + "x" * 1000,
        "",
    ],
)
async def test_nobody_is_led_away_by_logging_in(suite: Suite, browser: Browser, onward: str) -> None:
    """An address of another site, in whatever disguise, is none to go on to."""
    await an_account(suite)
    form = (await browser.open("/connexion")).forms[0]
    async with suite.client.post(
        form.action,
        data=form.fields | {"next": onward, "login": "zoe@example.org", "password": PASSWORD},
        headers={"Cookie": f"form={form.fields['form_token']}", "Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
    ) as response:
        assert response.status == 303
        location = response.headers["Location"]
    assert re.match(r"/(?![/\\\t])", location)
    assert "evil" not in location
