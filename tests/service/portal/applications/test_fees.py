"""Staff say on pages, without JavaScript, what somebody pays and under which code they enrol; no candidate sees it."""

from __future__ import annotations

import re

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_bulk import chosen, confirmed
from tests.service.portal.applications.test_deciding import on_day, told
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_fees_are_said_on_a_page_of_staff_alone(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 44, 94: an amount is typed as people do; what another has said meanwhile is shown, not overwritten."""
    own = await submitted(zoe)
    await suite.settle()
    await told(suite, {"enrolment.exemptions": ["BOURSE | Boursier", "ANCIEN | Ancien cas"]})
    address = file_of(own)
    try:
        async with staff(suite, "fee") as fee:
            before = (await zoe.open(own.path)).words
            other = await fee.open(f"{address}/frais")
            page = await fee.send(other.forms[0], regime="FC", exemption="ANCIEN", amount="150,505")
            assert page.status == 422 and "#amount" in page.links and page.forms[0].fields["amount"] == "150,505"
            assert "Indiquez un montant de 0,00 à 99 999,99 euros" in page.words.replace("\xa0", " ")
            assert page.forms[0].fields["regime"] == "FC"
            page = await fee.send(page.forms[0], amount="1 150,50")
            assert page.path == address
            for words in ("Formation continue", "Ancien cas", "1150,50 €"):
                assert words in page.words, words
            page = await fee.send(other.forms[0], regime="FI")
            assert page.status == 412 and "Quelqu’un d’autre" in page.words
            assert "Formation continue – Ancien cas – 1150,50 €" in page.words.replace("\xa0", " ")
            assert page.forms[0].fields["regime"] == "FI", "what was typed stays"
            page = await fee.send(page.forms[0], regime="FC", exemption="ANCIEN", amount="1150,50")
            assert page.path == address
            await told(suite, {"enrolment.exemptions": ["BOURSE | Boursier"]})
            page = await fee.open(f"{address}/frais")
            assert page.forms[0].fields["exemption"] == "ANCIEN", "what is offered no more stays chosen"
            page = await fee.send(page.forms[0], amount="")
            assert page.path == address and "€" not in page.words
            history = await fee.open(f"{address}/historique")
            assert "Régime, exonération ou montant modifié" in history.words
            assert "Montant en euros : 1150,50 → –" in history.words
            assert (await zoe.open(own.path)).words == before
            assert (await zoe.open(f"{address}/frais")).status in (403, 404)
        async with staff(suite, "jury-fee", Grant(Role.COMMISSION)) as member:
            for page_of in ("frais", "code"):
                assert (await member.open(f"{address}/{page_of}")).status == 403, (
                    "nobody fills in what they cannot send"
                )
    finally:
        await told(suite, {"enrolment.exemptions": []})


async def test_a_code_is_given_on_a_page_and_told_by_mail(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 44; incumbent: a mail tells of a changed code where staff ask for it."""
    own = await submitted(zoe)
    await suite.settle()
    address = file_of(own)
    async with staff(suite, "opi") as opi:
        page = await opi.open(f"{address}/code")
        page = await opi.send(page.forms[0], code="a" * 11)
        assert page.status == 422 and "#code" in page.links and page.forms[0].fields["code"] == "a" * 11
        other = page
        page = await opi.send(page.forms[0], code="opi 77123", tell="1")
        assert page.status == 409 and "Aucune place" in page.words, "nothing tells of a place that is not offered"
        form = (await opi.open(f"{address}/decision")).forms[0]
        assert (await opi.send(form, type="AVIS_FAVORABLE")).path == address
        form = (await opi.open(f"{address}/decision/validation")).forms[0]
        assert (await opi.send(form, **on_day("answer_deadline", "3", "2", "2027"))).status == 200
        page = await opi.send(page.forms[0], code="opi 77123", tell="1")
        assert page.path == address and "OPI77123" in page.words
        page = await opi.send(other.forms[0], code="AUTRE")
        assert page.status == 412 and page.forms[0].fields["code"] == "AUTRE" and "OPI77123" in page.words
        assert "Code d’inscription modifié" in (await opi.open(f"{address}/historique")).words
    await all_mails_are_handed_over(suite)
    told = [mail for mail in suite.mails() if mail["To"] and zoe.email in str(mail["To"])]
    assert sum("OPI77123" in str(mail.get_body(("plain",))) for mail in told) == 1
    assert "OPI77123" not in (await zoe.open(own.path)).words


async def test_fees_of_many_files_are_said_at_once(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 93: what is left as it is stays; nothing is done before what would come of it was seen."""
    own = await submitted(zoe)
    await suite.settle()
    address = file_of(own)
    async with staff(suite, "lot") as lot:
        page = await chosen(lot, "set_fees", [address])
        assert "Ne rien changer" in page.words
        page = await lot.send(page.forms[0], amount="12,345")
        assert page.status == 422 and "#amount" in page.links
        page = await lot.send(page.forms[0], regime="APP", amount="12")
        assert page.status == 200 and "Apprentissage – 12,00 €" in page.words
        assert "12,00" not in (await lot.open(address)).words
        assert (await confirmed(lot, page)).heading == "Ce qui a été fait"
        assert "12,00 €" in (await lot.open(address)).words
        page = await lot.send((await chosen(lot, "set_fees", [address])).forms[0], regime="*")
        assert (await confirmed(lot, page)).heading == "Ce qui a été fait"
        page = await lot.open(f"{address}/frais")
        assert (page.forms[0].fields["regime"], page.forms[0].fields["amount"]) == ("", "12,00")
        page = await lot.send((await chosen(lot, "assign", [address])).forms[0], assignee="")
        assert page.status == 422 and "#assignee" in page.links
        oneself = re.search(r'<option value="(\w{20,})"[^>]*>\s*Moi', page.html)
        assert oneself is not None, page.html
        page = await lot.send(page.forms[0], assignee=oneself[1])
        assert page.status == 200 and "Suivi par" in page.words and "vous" in page.words, page.words
        assert (await confirmed(lot, page)).heading == "Ce qui a été fait"
        assert "Une personne partie" in (await lot.open("/gestion?etat=toutes&suivi=me")).words
