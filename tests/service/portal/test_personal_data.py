"""One's data on pages: what goes and what stays is said before one is forgotten (acceptance 21)."""

from __future__ import annotations

import asyncio
import re

from services.chassis.testing import Suite
from services.contracts.api.rights import ERASURE_PAGE
from tests.service.portal.browser import Browser
from tests.service.portal.people import PASSWORD, an_account, log_in, mail_to

DATA = "/compte/donnees"
DELETION = f"{DATA}/suppression"


async def test_one_is_forgotten_once_one_is_sure_and_has_said_the_password(suite: Suite, browser: Browser) -> None:
    await an_account(suite)
    await log_in(browser)
    assert DATA in (await browser.open("/compte")).links
    assert DELETION in (await browser.open(DATA)).links
    page = await browser.open(DELETION)
    assert "Ce qui disparaît" in page.words and "Ce qui reste" in page.words
    for fields, wrong in (
        ({"password": PASSWORD}, "sure"),
        ({"sure": "1"}, "password"),
        ({"sure": "1", "password": "x"}, "password"),
    ):
        page = await browser.send(page.forms[0], **fields)
        assert page.status == 422 and f'href="#{wrong}"' in page.html
        assert PASSWORD not in page.html
    assert (await browser.send(page.forms[0], site="cross-site", sure="1", password=PASSWORD)).status == 403
    done = await browser.send(page.forms[0], sure="1", password=PASSWORD)
    assert (done.status, done.heading) == (200, "Votre compte est supprimé")
    assert (await browser.open(DATA)).path == f"/connexion?next={DATA}"
    assert (await log_in(browser)).status == 422
    async with asyncio.timeout(120):
        while "attestation" not in await mail_to(suite, "zoe@example.org"):
            await asyncio.sleep(0.05)
    mail = await mail_to(suite, "zoe@example.org")
    (certificate,) = re.findall(r"^eyJ\S+\.\S+\.\S+$", mail, re.MULTILINE)
    assert f"{suite.url}{ERASURE_PAGE}" in mail and ERASURE_PAGE in (await browser.open("/donnees-personnelles")).links
    form = (await browser.open(ERASURE_PAGE)).forms[0]
    checked = await browser.send(form, certificate=certificate)
    assert (checked.status, checked.heading) == (200, "Cette attestation est authentique")
    assert "Campagne" in checked.words and "Zoé" not in checked.html and certificate not in checked.html
    unknown = await browser.send(form, certificate=certificate[:-4] + "AAAA")
    assert (unknown.status, unknown.heading) == (404, "Cette attestation n’est pas reconnue")
    for typed in ("", "attestation", "x" * 3000):
        again = await browser.send(form, certificate=typed)
        assert (again.status, "Collez toute l’attestation" in again.words, again.forms[0].fields["certificate"]) == (
            422,
            True,
            typed,
        )
