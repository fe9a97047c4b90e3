"""Staff keep centres, boards and requirements on pages, without JavaScript, never over what another saved."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.testing import Suite
from tests.service.portal.applications.staff import staff

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_requirement_is_found_and_written_and_never_over_another_s(suite: Suite) -> None:
    here = "/gestion/pieces/cv"
    async with staff(suite, "ada") as ada:
        assert here in (await ada.open("/gestion/pieces")).links
        page = await ada.open(here)
        old = await ada.open(here)
        assert (page.status, page.heading) == (200, "Curriculum vitae")
        changed = {"label.fr": "CV daté", "max_bytes": "2,5", "media_types": "application/pdf"}
        page = await ada.send(page.forms[0], **changed)
        assert (page.status, page.address, page.heading) == (200, here, "CV daté")
        assert "Vos modifications sont enregistrées" in page.words and page.forms[0].fields["max_bytes"] == "2.5"
        stale = await ada.send(old.forms[0], **{"label.en": "My CV"})
        assert stale.status == 412 and "Une autre personne a modifié cette page" in stale.words
        assert "CV daté" in stale.words and stale.forms[0].fields["label.en"] == "My CV"
        page = await ada.send(stale.forms[0], **{"label.fr": "CV daté"})
        assert (page.status, page.forms[0].fields["label.en"]) == (200, "My CV")
        for value, status in (("20", 200), ("20.1", 422), ("0", 422), ("beaucoup", 422)):
            page = await ada.send((await ada.open(here)).forms[0], max_bytes=value)
            assert page.status == status, value
            assert ("#max_bytes" in page.links) == (status == 422) and page.forms[0].fields["max_bytes"] == value


async def test_a_centre_and_a_board_are_added_under_a_code_that_is_free(suite: Suite) -> None:
    async with staff(suite, "leo") as leo:
        for path, taken in (("centres", "UPVD-SEE"), ("commissions", "NEUF"), ("pieces", "photo")):
            new = f"/gestion/nouveau/{path}"
            assert new in (await leo.open(f"/gestion/{path}")).links
            form = (await leo.open(new)).forms[0]
            page = await leo.send(form, code="a b", **{"label.fr": "Essai"})
            assert page.status == 422 and "#code" in page.links
            page = await leo.send(page.forms[0], code="NEUF", **{"label.fr": "Essai"})
            assert (page.status, page.address, page.heading) == (200, f"/gestion/{path}/NEUF", "Essai")
            assert "0 formation" in page.words
            page = await leo.send((await leo.open(new)).forms[0], code=taken, **{"label.fr": "Essai"})
            assert page.status == 409 and "Ce code est déjà pris" in page.words
        page = await leo.send((await leo.open("/gestion/centres/UPVD-SEE")).forms[0], **{"label.fr": "UFR neuve"})
        assert page.status == 200
        async with asyncio.timeout(120):
            while "UFR neuve" not in (await leo.open("/formations")).words:
                await asyncio.sleep(0.02)
        days = {"dates.opens_on": "2027-03-01", "dates.answer_delay_days": "10"}
        page = await leo.send((await leo.open("/gestion/centres/UPVD-SEE")).forms[0], **days)
        new = "/gestion/nouvelle-formation?centre=UPVD-SEE"
        assert page.status == 200 and new in page.links
        begun = (await leo.open(new)).forms[0].fields
        assert (begun["dates.opens_on"], begun["dates.answer_delay_days"]) == ("2027-03-01", "10")
        wrong = {"contact.email": "personne", "dates.opens_on": "2027-03-02", "dates.closes_on": "2027-03-01"}
        page = await leo.send((await leo.open("/gestion/centres/UPVD-SEE")).forms[0], **wrong)
        assert page.status == 422 and {"#contact.email", "#dates.closes_on"} <= set(page.links)
        assert page.forms[0].fields["contact.email"] == "personne"
