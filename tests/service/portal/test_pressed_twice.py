"""A button that is pressed twice, in one moment or one after the other: it is done once, and both are told so."""

from __future__ import annotations

import asyncio
from collections import Counter

from services.chassis.testing import Suite
from tests.service.portal.browser import Browser, Form, Page
from tests.service.portal.people import PASSWORD, an_account, log_in

NEW = "zoe@ailleurs.test"
CHANGE, DELETION = "/compte/adresse", "/compte/donnees/suppression"


async def pressed_again(browser: Browser, form: Form, **fields: str) -> list[Page]:
    """Press it twice in one moment, and once more behind: of the answers a browser has taken none yet."""
    session = browser.cookie("session") or ""
    pages = list(await asyncio.gather(browser.send(form, **fields), browser.send(form, **fields)))
    browser.keep_cookies(session=session)
    return [*pages, await browser.send(form, **fields)]


async def kinds(suite: Suite, mails: int) -> Counter[str]:
    """How many mails there are of each kind, once there are so many."""
    await suite.settle()
    async with asyncio.timeout(120):
        while len(found := suite.mails()) < mails:
            await asyncio.sleep(0.05)
    return Counter(str(mail["X-Parvis-Kind"]) for mail in found)


async def test_another_address_is_asked_for_once(suite: Suite, browser: Browser) -> None:
    """Acceptance 17: all logins end with the first, that of the second press too."""
    await an_account(suite)
    await log_in(browser)
    form = (await browser.open(CHANGE)).forms[0]
    for page in await pressed_again(browser, form, email=NEW, email_confirmation=NEW, password=PASSWORD):
        assert (page.status, page.heading) == (200, "Consultez votre nouvelle messagerie")
    assert await kinds(suite, 3) == {"account-created": 1, "email-change-asked": 1, "email-changed": 1}
    assert (await browser.open("/compte")).path == "/connexion?next=/compte"


async def test_one_is_forgotten_once(suite: Suite, browser: Browser) -> None:
    """Acceptance 21: who has pressed twice reads that it is done, and not that nothing typed was lost."""
    await an_account(suite)
    await log_in(browser)
    form = (await browser.open(DELETION)).forms[0]
    for page in await pressed_again(browser, form, sure="1", password=PASSWORD):
        assert (page.status, page.heading) == (200, "Votre compte est supprimé")
    assert await kinds(suite, 2) == {"account-created": 1, "account-erased": 1}
    assert (await log_in(browser)).status == 422
