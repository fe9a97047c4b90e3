"""The words of mails are written on pages, looked at before they count, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest

from services.chassis.testing import Suite
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_letter_texts import administrator

ONE = "/gestion/mails/answer-due/en"
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_words_are_written_previewed_and_taken_back(suite: Suite) -> None:
    async with administrator(suite) as lea:
        page = await lea.open("/gestion/mails")
        assert ONE in page.links and "texte de l’établissement" not in page.words
        form = (await lea.open(ONE)).forms[0]
        assert "{link}" in form.fields["body"] and "{programme}" in form.fields["subject"]
        page = await lea.send(form, body="Dear {candidate},")
        assert page.status == 422 and "#body" in page.links and page.forms[0].fields["body"] == "Dear {candidate},"
        own = "Dear applicant of {programme},\n\n{link}"
        page = await lea.send(form, body=own, do="preview")
        assert "Dear applicant of Solar energy" in page.words and page.forms[0].fields["body"] == own
        page = await lea.send(form, body="No link {link}", do="preview")
        assert page.status == 422 and "#body" in page.links
        page = await lea.send(form, body=own)
        assert page.address == ONE and "Le texte de ce mail est enregistré" in page.words
        stale = await lea.send(form, body=own + "\n\nMore")
        assert stale.status == 412 and stale.forms[0].fields["body"] == own + "\n\nMore"
        page = await lea.send((await lea.open(ONE)).forms[0], do="reset")
        assert "Dear applicant" not in page.forms[0].fields["body"] and "Dear applicant" in page.words
        assert (await lea.open("/gestion/mails/answer-due/de")).status == 404
        # A test goes to their own address, with examples; a file that is none of theirs is named at its field.
        form = (await lea.open(ONE)).forms[0]
        page = await lea.send(form, do="test", file_number="ZZ99ZZ99")
        assert re.findall(r'<button[^>]*name="do" value="(\w+)"', page.html)[0] == "preview", (
            "Enter in a field sends nothing"
        )
        assert page.status == 422 and "#file_number" in page.links
        assert page.forms[0].fields["file_number"] == "ZZ99ZZ99"
        for _ in range(2):  # pressed twice
            page = await lea.send(form, body=own, do="test")
            assert page.status == 200 and "Test envoyé" in page.words and page.forms[0].fields["body"] == own
            assert "Tests qui vous restent pour cette heure : 9" in page.words
    await all_mails_are_handed_over(suite)
    (mail,) = [each for each in suite.mails() if str(each["Subject"]).startswith("[Test] ")]
    assert str(mail["To"].addresses[0].addr_spec) in page.words
    async with staff(suite, "noa") as noa:
        assert (await noa.open("/gestion/mails")).status == 403
