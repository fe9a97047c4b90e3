"""From the catalogue's button to the receipt, in a browser without JavaScript."""

from __future__ import annotations

import asyncio
import re

import pytest

from services.applications.views.receipts import verify_receipt
from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import CLOSED, MER, apply, form_of, give, open_form, somebody
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Form
from tests.service.portal.people import PASSWORD, log_in

REMINDER = "Un dossier non transmis n’est pas considéré comme une candidature complète."
UNTIL = "25 mars 2027 à 23 h 59 (heure de Paris)"


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_candidate_opens_fills_and_submits_an_application_and_gets_the_receipt(
    suite: Suite, zoe: Uploader
) -> None:
    """Acceptance 42, 50-54, 65, 68, 69, 71, 119."""
    programme = await zoe.open(f"/formations/{MER}")
    page = await zoe.send(form_of(programme, "/candidatures"))
    assert page.heading.endswith("Sciences de la mer")
    for words in (
        "Récapitulatif de votre candidature",
        "Informations détaillées",
        "Dossier en attente. Vous devez joindre toutes les pièces demandées puis cliquer sur le bouton vert",
        "Dates utiles",
        "Date limite de retour",
        UNTIL,
        "Date de confirmation",
        "Adresse de contact",
        "66860 Perpignan Cedex 9",
        REMINDER,
        "Non concerné par cette pièce",
    ):
        assert words in page.words, words
    here = page.path
    check = await zoe.open(f"{here}/transmission")
    assert "ne peut pas encore être transmise" in check.words
    assert f"{here}#piece-cv-row" in check.links
    assert not [form for form in check.forms if form.action.endswith("/transmission")]

    for code in ("cv", "releves-bac", "releves-post-bac", "lettre-motivation"):
        page = await give(zoe, page, code, pdf(), f"{code}.pdf")
        assert (page.status, page.address) == (200, here), page.words
    assert "Transmise" in page.words
    for code in ("justificatifs-stages", "attestation-b2"):
        page = await zoe.send(form_of(page, f"/pieces/{code}/non-concerne"))
    assert "Tout est prêt" in page.words

    check = await zoe.open(f"{here}/transmission")
    assert REMINDER in check.words
    press = form_of(check, "/transmission")
    done, again = await asyncio.gather(zoe.send(press), zoe.send(press))
    for page in (done, again):
        assert (page.status, page.path) == (200, f"{here}/accuse")
        assert page.heading == "Votre candidature est transmise"
        assert "1er février 2027 à 12 h 00 (heure de Paris)" in page.words
        assert "lettre-motivation.pdf" in page.words
    receipt = await zoe.open(f"{here}/accuse/fichier")
    async with suite.client.get("/api/applications/jwks.json") as keys:
        claims = verify_receipt(receipt.html, await keys.json())
    assert claims.programme.code == MER
    assert receipt.headers["Content-Disposition"].startswith("attachment;")
    assert (await zoe.send(press)).path == f"{here}/accuse"

    page = await zoe.open(here)
    assert [form for form in page.forms if "/pieces/" in form.action] == []
    assert "Réceptionné" in page.words
    assert "Rien à faire pour le moment" in page.words
    await suite.settle()
    messages = await zoe.open("/messages")
    assert messages.words.count("Sciences de la mer") >= 2
    assert "1er février 2027" in messages.words


async def test_who_has_to_log_in_again_to_submit_is_told_that_it_is_not_done_yet(zoe: Uploader) -> None:
    page = await apply(zoe)
    press = Form(f"{page.path}/transmission", {"form_token": zoe.cookie("form") or ""})
    zoe.keep_cookies(session="")
    login = await zoe.send(press)
    again = await zoe.send(login.forms[0], login=zoe.email, password=PASSWORD)
    assert "Votre candidature n’est pas encore transmise" in again.words
    assert "Transmettre ma candidature" in again.words
    assert "ne peut pas encore être transmise" in (await zoe.send(again.forms[0])).words


async def test_cards_say_what_to_do_next_and_by_when(zoe: Uploader) -> None:
    """Acceptance 119; product, section 4."""
    empty = await zoe.open("/candidatures")
    assert "Vous n’avez pas encore de candidature" in empty.words
    assert "/formations" in empty.links
    first = await apply(zoe)
    assert re.search(r'<a [^>]*href="/candidatures"[^>]*>\s*Fermer\s*</a>', first.html)
    cards = await zoe.open("/candidatures")
    assert first.path in cards.links
    assert "+ Nouvelle candidature" in cards.words
    assert "Ouvrir" in cards.words
    assert f"Il reste 6 éléments à fournir, puis votre candidature à transmettre, avant le {UNTIL}." in cards.words


async def test_a_draft_is_cancelled_after_a_question_and_may_be_opened_again(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 45, 40."""
    here = (await apply(zoe)).path
    question = await zoe.open(f"{here}/annulation")
    assert question.heading.endswith("Annuler votre candidature")
    for cards in await asyncio.gather(*(zoe.send(form_of(question, "/annulation")) for _ in range(2))):
        assert (cards.status, cards.path) == (200, "/candidatures")
        assert "Cette candidature est annulée" in cards.words
    gone = await zoe.open(f"{here}/annulation")
    assert [form for form in gone.forms if form.action.endswith("/annulation")] == []
    assert (await zoe.send(form_of(question, "/annulation"))).status == 200
    assert (await apply(zoe)).path != here


async def test_what_keeps_an_application_from_being_opened_is_a_page_that_says_what_to_do(
    suite: Suite, zoe: Uploader
) -> None:
    """Acceptance 23, 38, 40."""
    closed = await zoe.send(open_form(zoe, CLOSED))
    assert (closed.status, "/formations" in closed.links) == (409, True)
    assert "Les candidatures sont closes depuis le" in closed.words
    pressed = open_form(zoe)
    here = (await zoe.send(pressed)).path
    assert (await zoe.send(pressed)).path == here, "pressed twice, it is one"
    twice = await zoe.send(open_form(zoe))
    assert (twice.status, here in twice.links) == (409, True)
    assert (await zoe.send(open_form(zoe, "nothing"))).status == 404
    assert (await zoe.send(open_form(zoe), form_token="x" * 43)).status == 403
    async with somebody(suite, profile=False) as ann:
        lacking = await ann.send(open_form(ann))
        assert lacking.status == 409
        steps = [link for link in lacking.links if link.startswith("/profil/")]
        assert steps == ["/profil/identite", "/profil/adresse", "/profil/baccalaureat"]


async def test_pages_of_an_application_are_its_candidates_alone(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 62: of a foreign application there is as little as of none."""
    page = await apply(zoe)
    given = await give(zoe, page, "cv", pdf())
    here = page.path
    async with Uploader(suite.url) as stranger:
        assert (await stranger.open(here)).path.startswith("/connexion")
    async with somebody(suite) as ann:
        nowhere = "/candidatures/" + "a" * 26
        for place in (here, nowhere, "/candidatures/x"):
            for more in ("", "/transmission", "/accuse", "/accuse/fichier", "/annulation", "/pieces/cv/fichier"):
                assert (await ann.open(place + more)).status == 404, place + more
            for form in (*given.forms, *(await zoe.open(f"{here}/annulation")).forms):
                if not form.action.startswith(here):
                    continue
                aimed = Form(form.action.replace(here, place), form.fields | {"form_token": ann.cookie("form") or ""})
                sent = ann.send_file(aimed, "cv.pdf", pdf()) if "file" in form.fields else ann.send(aimed)
                assert (await sent).status == 404, aimed.action
    assert "cv.pdf" in (await zoe.open(here)).words


async def test_who_logs_in_lands_on_what_is_next_and_then_on_the_applications(suite: Suite) -> None:
    """Whoever asked for a page is on that one."""
    async with somebody(suite) as browser:
        await browser.send(Form("/deconnexion", {"form_token": browser.cookie("form") or ""}))
        assert (await log_in(browser, browser.email)).path == "/profil"
        assert (await browser.open("/connexion?next=/compte")).path == "/compte"
        await apply(browser)
        assert (await browser.open("/connexion")).path == "/candidatures"
