"""Staff admit somebody under conditions and follow each; its candidate reads them on the page and in mails."""

from __future__ import annotations

import pytest

from services.chassis.testing import Suite
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_bulk import chosen, confirmed
from tests.service.portal.applications.test_deciding import told
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = ["B2 | Niveau B2 en français | Level B2 in French"]


async def test_conditions_are_entered_read_and_followed(suite: Suite, zoe: Uploader) -> None:
    own = await submitted(zoe)
    await suite.settle()
    await told(suite, {"applications.conditions": OWN})
    try:
        async with staff(suite, "maud") as maud:
            page = await maud.send(
                (await chosen(maud, "enter_decision", [file_of(own)])).forms[0],
                **{"type": "AVIS_FAVORABLE", "condition-1-code": "B2", "condition-2-text": "Obtenir la licence"},
            )
            assert "Niveau B2 en français" in page.words and "sous 2 conditions" in page.words
            assert (await confirmed(maud, page)).heading == "Ce qui a été fait"
            page = await maud.open(f"{file_of(own)}/decision")
            assert page.forms[0].fields["condition-1-code"] == "B2"
            assert page.forms[0].fields["condition-2-text"] == "Obtenir la licence"
            past = {"condition-2-until-day": "1", "condition-2-until-month": "1", "condition-2-until-year": "2020"}
            page = await maud.send(page.forms[0], **past)
            assert page.status == 422 and "#condition-2-until" in page.links
            page = await maud.send(page.forms[0], **dict.fromkeys(past, ""))
            assert page.path == file_of(own) and "Obtenir la licence" in page.words
            assert "Obtenir la licence" not in (await zoe.open(own.path)).words, "it does not count yet"
            await told(suite, {"applications.conditions": [f"{OWN[0]} | inactive"]})
            page = await maud.open(f"{file_of(own)}/decision")
            assert page.forms[0].fields["condition-1-code"] == "B2", "on offer no more, but entered"
            page = await maud.send(page.forms[0], comment="Bravo")
            assert page.path == file_of(own) and "Bravo" in page.words and "Niveau B2 en français" in page.words
            page = await maud.send((await maud.open(f"{file_of(own)}/decision/validation")).forms[0])
            assert page.status == 200
            first = page = await maud.open(f"{file_of(own)}/conditions/2")
            page = await maud.send(page.forms[0], state="not_met")
            assert page.status == 422 and "#reason" in page.links
            page = await maud.send(page.forms[0], reason="Échec à la session de juin")
            assert page.path == file_of(own) and "Non remplie" in page.words
            assert "Une condition au moins n’est pas remplie" in page.words
            page = await maud.open(f"{file_of(own)}/conditions/2")
            known = page.forms[0].fields
            assert known["reason"] == "Échec à la session de juin" and known["on-day"] and known["on-year"]
            assert (await maud.send(page.forms[0], reason="Échec aux deux sessions")).path == file_of(own)
            page = await maud.send(first.forms[0], state="met", reason="Vu autrement")
            assert page.status == 412 and "Échec aux deux sessions" in (await maud.open(file_of(own))).words
        seen = (await zoe.open(own.path)).words
        for word in ("Niveau B2 en français", "Obtenir la licence", "Non remplie", "Échec aux deux sessions"):
            assert word in seen
        await all_mails_are_handed_over(suite)
        (mail,) = [
            mail
            for mail in suite.mails()
            if mail["X-Parvis-Kind"] == "decision-conditional" and zoe.email in str(mail["To"])
        ]
        body = mail.get_body(("plain",))
        assert body is not None
        assert "- Niveau B2 en français - Obtenir la licence" in " ".join(str(body.get_content()).split())
    finally:
        await told(suite, {"applications.conditions": []})
