"""Zoé has a phone, no account and no help: the same evening on pages alone, without JavaScript."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import Counter

from tests.candidate import Mailbox, pdf
from tests.journeys.conftest import Suite
from tests.service.portal.applications.applying import form_of, give
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Page
from tests.service.portal.people import PASSWORD, log_in
from tests.service.portal.test_profile import STEPS

PIECES = ("cv", "releves-bac", "releves-post-bac", "lettre-motivation")
CONDITIONAL = ("justificatifs-stages", "attestation-b2")


async def becomes_known(zoe: Uploader, mailbox: Mailbox, email: str) -> None:
    """Register, follow the mail's link, log in, fill in the profile."""
    home = await zoe.open("/")
    assert {"/inscription", "/formations"} <= set(home.links)
    person = {"family_name": "L’Hôte", "given_name": "Zoé", "email": email, "email_confirmation": email}
    page = await zoe.send((await zoe.open("/inscription")).forms[0], **person)
    assert page.heading == "Consultez vos mails", page.words
    page = await zoe.open(await mailbox.link(email))
    page = await zoe.send(page.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert page.heading == "Votre compte est validé", page.words
    assert (await log_in(zoe, email)).status == 200
    for path, given in STEPS.items():
        page = await zoe.send((await zoe.open(path)).forms[0], **given)
        assert page.status == 200, page.words
    assert "Vous pouvez candidater" in page.words or "Votre dossier est complet" in page.words


async def opens(zoe: Uploader, words: str) -> Page:
    """Find a programme by words, and press its button twice."""
    found = await zoe.open(f"/formations?q={words}")
    programme = next(link for link in found.links if link.startswith("/formations/UPVD"))
    press = form_of(await zoe.open(programme), "/candidatures")
    one, other = await asyncio.gather(zoe.send(press), zoe.send(press))
    assert (one.status, other.status, one.path) == (200, 200, other.path), (one.words, other.words)
    return one


async def test_from_the_home_page_to_the_receipt(suite: Suite) -> None:
    """Acceptance 1, 6, 12, 24, 37, 40, 42, 50, 51, 53, 68, 69, 71: each page shows what the one before has done."""
    mailbox, email = Mailbox(suite.data / "mail"), f"zoe.{secrets.token_hex(6)}@example.org"
    async with Uploader(suite.base) as zoe:
        await becomes_known(zoe, mailbox, email)
        page = await opens(zoe, "sciences+de+la+mer")
        here, files = page.path, {code: pdf() for code in PIECES}
        for code, content in files.items():
            page = await give(zoe, page, code, content, f"{code} d’été.pdf")
            assert (page.status, f"{code} d’été.pdf" in page.words) == (200, True), page.words
        for code in CONDITIONAL:
            page = await zoe.send(form_of(page, f"/pieces/{code}/non-concerne"))
        assert "Tout est prêt" in page.words
        press = form_of(await zoe.open(f"{here}/transmission"), "/transmission")
        for page in await asyncio.gather(zoe.send(press), zoe.send(press)):
            assert (page.status, page.path) == (200, f"{here}/accuse"), page.words
        assert "Réceptionné" in (await zoe.open(here)).words
        for code, content in files.items():
            kept = await zoe.take(f"{here}/pieces/{code}/fichier")
            assert hashlib.sha256(kept.content).digest() == hashlib.sha256(content).digest()
    async with asyncio.timeout(120):
        while len(mails := mailbox.mails_to(email)) < 3:
            await asyncio.sleep(0.1)
    kinds = Counter(str(mail["X-Parvis-Kind"]) for mail in mails)
    assert kinds == {"account-created": 1, "application-opened": 1, "application-submitted": 1}
