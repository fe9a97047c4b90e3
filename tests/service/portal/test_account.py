"""One's account on pages: where one is logged in, and another password."""

from __future__ import annotations

import asyncio
import re

from services.chassis.testing import Suite
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import PASSWORD, an_account, log_in

ANOTHER = "trois poissons dans un arbre"


def error_of(page: Page, field: str) -> str:
    found = re.search(rf'id="{field}-error"[^>]*>\s*<span[^>]*>[^<]*</span>\s*([^<]*)', page.html)
    return found[1].strip() if found else ""


async def test_one_sees_ones_logins_and_ends_that_of_a_lost_telephone(suite: Suite, browser: Browser) -> None:
    login = await an_account(suite)
    async with Browser(suite.url) as telephone:
        await log_in(telephone)
        await log_in(browser)
        page = await browser.open("/compte")
        assert login in page.words
        assert "1 février 2027" in page.words.replace("1er", "1")
        endings = [form for form in page.forms if form.action.startswith("/compte/connexions/")]
        assert len(endings) == 1, "this one is ended by logging out"
        after = await browser.send(endings[0])
        assert after.path == "/compte"
        assert not [form for form in after.forms if form.action.startswith("/compte/connexions/")]
        assert (await browser.send(endings[0])).path == "/compte", "pressed twice, it is ended"
        assert (await telephone.open("/compte")).path.startswith("/connexion?next=/compte")


async def test_a_login_of_nobodys_is_none_to_end(suite: Suite, browser: Browser) -> None:
    await an_account(suite)
    await log_in(browser)
    form = (await browser.open("/compte")).forms[-1]
    form.action = f"/compte/connexions/{'0' * 26}"
    assert (await browser.send(form)).path == "/compte"
    assert (await browser.send(form, site="cross-site")).status == 403


async def test_another_password_is_set_and_what_is_wrong_is_said_in_place(suite: Suite, browser: Browser) -> None:
    """Acceptance 16."""
    login = await an_account(suite)
    await log_in(browser)
    page = await browser.open("/compte/mot-de-passe")
    assert page.forms[0].fields["username"] == login
    for fields, wrong in (
        ({"current_password": "x", "password": ANOTHER, "repeated": ANOTHER}, "current_password"),
        ({"current_password": PASSWORD, "password": "x" * 11, "repeated": "x" * 11}, "password"),
        ({"current_password": PASSWORD, "password": ANOTHER, "repeated": ANOTHER[1:]}, "repeated"),
    ):
        page = await browser.send(page.forms[0], **fields)
        assert page.status == 422
        assert error_of(page, wrong)
        assert f'href="#{wrong}"' in page.html
        assert PASSWORD not in page.html
    fields = {"current_password": PASSWORD, "password": ANOTHER, "repeated": ANOTHER}
    pressed = await asyncio.gather(*(browser.send(page.forms[0], **fields) for _ in range(2)))
    for done in (*pressed, await browser.send(page.forms[0], **fields)):
        assert done.heading == "Votre mot de passe est changé"
    assert (await browser.open("/compte")).path == "/compte", "this browser stays logged in"
    async with Browser(suite.url) as other:
        assert (await log_in(other, login, PASSWORD)).status == 422
        assert (await log_in(other, login, ANOTHER)).status == 200


async def test_one_must_be_logged_in_for_it(browser: Browser) -> None:
    for path in ("/compte", "/compte/mot-de-passe"):
        assert (await browser.open(path)).path == f"/connexion?next={path}"
