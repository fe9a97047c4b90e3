"""Staff give the letters of a board a signatory and a signature, and look at one before anybody gets it."""

from __future__ import annotations

import pytest

from services.chassis.testing import Suite
from tests.service.documents.client import words
from tests.service.documents.test_signatures import drawn, pictures
from tests.service.portal.applications.staff import staff
from tests.service.portal.browser import Form, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOARD = "/gestion/commissions/JURY-SIGNATURE"
HERE = f"{BOARD}/lettres"


def to(page: Page, action: str) -> list[Form]:
    """The forms that go there."""
    return [form for form in page.forms if form.action == action]


async def test_a_signature_is_put_seen_on_a_sample_letter_and_taken_away(suite: Suite) -> None:
    """It is on the next letter, and on none once it is taken away."""
    async with staff(suite, "mia") as mia:
        page = await mia.open("/gestion/nouveau/commissions")
        given = {"code": "JURY-SIGNATURE", "label.fr": "Jury des signatures", "alerts.on": "submitted"}
        page = await mia.send(page.forms[0], **given)
        assert (page.status, "#alerts.email" in page.links) == (422, True), page.words
        page = await mia.send(page.forms[0], **{"alerts.email": "jury@univ.example"})
        assert page.address.startswith(BOARD), page.words
        assert HERE in page.links
        page = await mia.open(HERE)
        assert "Indiquez d’abord" in page.words and not to(page, HERE)
        page = await mia.send((await mia.open(BOARD)).forms[0], **{"letters.signatory": "Zoé Faure"})
        page = await mia.open(HERE)
        (form,) = to(page, HERE)
        page = await mia.send_file(form, "Signature.png", b"%PDF-1.7 no picture")
        assert (page.status, "#file" in page.links) == (415, True), page.words
        page = await mia.send_file(form, "Signature.png", drawn())
        assert (page.status, page.address) == (200, HERE), page.words
        assert "La signature des lettres est à jour" in page.words
        sample = f"{HERE}/exemple/admission/fr"
        assert sample in page.links
        taken = await mia.take(sample)
        assert (taken.status, len(pictures(taken.content))) == (200, 1)
        assert "Zoé Faure" in words(taken.content)
        assert (await mia.open(f"{HERE}/exemple/other/fr")).status == 404
        page = await mia.send((await mia.open(BOARD)).forms[0], **{"letters.function": "Présidente"})
        page = await mia.open(HERE)
        assert "Enregistrée" in page.words and "Présidente" in page.words, (
            "the picture stays when something else is saved"
        )
        page = await mia.open(BOARD)
        assert "Signer les lettres avec cette image" in page.words, "one sees that there is one"
        page = await mia.send(page.forms[0], **{"letters.signatory": "Ali Roux"})
        assert (page.status, "#letters.signature" in page.links) == (422, True), page.words
        assert "est la signature de Zoé Faure" in page.words
        assert page.forms[0].fields["letters.signatory"] == "Ali Roux"
        page = await mia.tick(page.forms[0], "letters.signature")
        assert page.status == 200 and "Signer les lettres avec cette image" not in page.words, page.words
        page = await mia.open(HERE)
        assert "Ali Roux" in page.words and "Enregistrée" not in page.words, "no picture outlives who signed"
        (form,) = to(page, HERE)
        page = await mia.send_file(form, "Signature.png", drawn())
        (form,) = to(page, f"{HERE}/retrait")
        page = await mia.send(form)
        assert "Enregistrée" not in page.words, page.words
