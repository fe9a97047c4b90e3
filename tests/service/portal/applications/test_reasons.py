"""Staff choose why from the institution's list, and its candidate reads it on the page and in the mail."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.testing import Suite
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_bulk import chosen, confirmed
from tests.service.portal.applications.test_deciding import told
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import mail_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = ["PLEIN | Effectif atteint | No places left | unfavourable", "TARD | Dossier tardif"]


async def test_a_reason_is_chosen_from_the_list_and_read_on_page_and_in_mail(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 79, 123: for one file and for several, with the reason's own label."""
    own = await submitted(zoe)
    await suite.settle()
    await told(suite, {"applications.reasons_from": "list", "applications.decision_reasons": OWN})
    try:
        async with staff(suite, "lise") as lise:
            page = await lise.send(
                (await chosen(lise, "enter_decision", [file_of(own)])).forms[0], type="AVIS_DEFAVORABLE"
            )
            assert page.status == 422 and "#reason" in page.links
            page = await lise.send(page.forms[0], reason="TARD")
            assert "Dossier tardif" in page.words and "TARD" not in page.words
            assert (await confirmed(lise, page)).heading == "Ce qui a été fait"
            page = await lise.open(f"{file_of(own)}/decision")
            assert page.forms[0].fields["reason"] == "TARD"
            page = await lise.send(page.forms[0], reason="PLEIN")
            assert page.path == file_of(own) and "Effectif atteint" in page.words
            page = await lise.send((await lise.open(f"{file_of(own)}/decision/validation")).forms[0])
            assert page.status == 200
        assert "Effectif atteint" in (await zoe.open(own.path)).words
        async with asyncio.timeout(120):
            while "Motif : Effectif atteint" not in " ".join((await mail_to(suite, zoe.email)).split()):
                await asyncio.sleep(0.05)
    finally:
        await told(suite, {"applications.reasons_from": "text", "applications.decision_reasons": []})


async def test_a_comment_of_the_institution_is_chosen_beside_words_of_ones_own(suite: Suite, zoe: Uploader) -> None:
    """It is preselected on the page of the piece that has it, and read by the candidate."""
    own = await submitted(zoe)
    await suite.settle()
    piece = f"{file_of(own)}/pieces/cv"
    async with staff(suite, "luce") as lise:
        assert "comment_code" not in (await lise.open(piece)).forms[0].fields, "nothing is listed"
        await told(suite, {"applications.piece_comments": ["FLOU | Le document est illisible.", "COUPE | Coupé."]})
        try:
            form = (await lise.open(piece)).forms[0]
            page = await lise.send(form, verdict="refused", comment_code="FLOU", comment="x" * 500)
            assert page.status == 422 and "#comment" in page.links
            assert page.forms[0].fields["comment_code"] == "FLOU", "nothing typed is lost"
            form = page.forms[0]
            assert (await lise.send(form, comment="Page 2.")).status == 200
            assert (await lise.send(form, comment="Page 2.")).status == 200, "pressed twice"
            form = (await lise.open(piece)).forms[0]
            assert (form.fields["comment_code"], form.fields["comment"]) == ("FLOU", "Page 2.")
            await told(suite, {"applications.piece_comments": ["FLOU | Trop sombre."]})
            page = await lise.send(form, comment_code="FLOU", comment="Page 2 et 3.")
            assert page.status == 412 and "#comment_code" in page.links, "nobody says what they have not seen"
            assert page.forms[0].fields["comment"] == "Page 2 et 3."
            await told(suite, {"applications.piece_comments": ["COUPE | Coupé."]})
            page = await lise.send(form, verdict="refused", comment_code="FLOU", comment="Page 3.")
            assert page.status in (412, 422) and "Page 3." in page.forms[0].fields["comment"]
            fields = (await lise.open(piece)).forms[0].fields
            assert (fields["comment_code"], fields["comment"]) == ("", "Le document est illisible.\nPage 2.")
        finally:
            await told(suite, {"applications.piece_comments": []})
    assert "Le document est illisible." in (await zoe.open(own.path)).words
