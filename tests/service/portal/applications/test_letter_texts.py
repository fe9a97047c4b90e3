"""The words of letters are written on pages, looked at before they count, and nothing typed is lost (acceptance 86)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Form
from tests.service.portal.people import log_in

ONE = "/gestion/lettres/rejection/en"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def administrator(suite: Suite, name: str = "lea") -> AsyncIterator[Uploader]:
    """The browser of who administers everything."""
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, f"{name}@univ.test", Grant(Role.ADMIN))
        await log_in(browser, f"{name}@univ.test")
        yield browser


async def test_words_are_written_previewed_and_taken_back(suite: Suite) -> None:
    async with administrator(suite) as lea:
        page = await lea.open("/gestion/lettres")
        assert ONE in page.links and page.words.count("Texte fourni avec Parvis") == 4
        form = (await lea.open(ONE)).forms[0]
        assert form.fields["body"].startswith("Dear {name},")
        page = await lea.send(form, body="Dear {candidate},")
        assert page.status == 422 and "#body" in page.links and page.forms[0].fields["body"] == "Dear {candidate},"
        page = await lea.send(form, body="Dear {candidate},", do="preview")
        assert page.status == 422 and "#body" in page.links
        found = await lea.take_by(Form(form.action, form.fields | {"do": "preview"}))
        assert (found.status, found.headers["Content-Type"]) == (200, "application/pdf")
        page = await lea.send(form, title="Our decision on {programme}")
        assert page.address == ONE and "Le texte de cette lettre est enregistré" in page.words
        stale = await lea.send(form, title="Another title")
        assert stale.status == 412 and stale.forms[0].fields["title"] == "Another title"
        page = await lea.send((await lea.open(ONE)).forms[0], do="reset")
        assert page.forms[0].fields["title"] == "Decision letter"
        assert (await lea.open("/gestion/lettres/rejection/de")).status == 404
    async with staff(suite, "noa") as noa:
        assert (await noa.open("/gestion/lettres")).status == 404


async def test_a_manager_writes_the_words_of_a_centre_and_the_page_says_which_count(suite: Suite) -> None:
    """From the page of the centre; of another centre they see nothing, and who administers all sees who has their own."""
    here = "/gestion/centres/UPVD-SEE/lettres"
    one = f"{here}/rejection/en"
    async with staff(suite, "ugo", Grant(Role.MANAGER, centres=("UPVD-SEE",))) as ugo:
        assert here in (await ugo.open("/gestion/centres/UPVD-SEE")).links
        page = await ugo.open(here)
        assert one in page.links and "UFR Sciences" in page.words and page.words.count("Texte fourni avec Parvis") == 4
        page = await ugo.open(one)
        assert "tant que ni l’établissement ni ce centre" in page.words
        wrong = await ugo.send(page.forms[0], body="Dear {candidate},")
        assert wrong.status == 422 and wrong.forms[0].fields["body"] == "Dear {candidate},"
        found = await ugo.take_by(Form(page.forms[0].action, page.forms[0].fields | {"do": "preview"}))
        assert (found.status, found.headers["Content-Type"]) == (200, "application/pdf")
        page = await ugo.send(page.forms[0], title="Our decision on {programme}")
        assert page.address == one and "Le texte de cette lettre est enregistré" in page.words
        assert "il est utilisé à la place de celui de l’établissement" in page.words
        assert (await ugo.open("/gestion/centres/OTHER/lettres")).status == 404
        async with administrator(suite, "eva") as eva:
            assert here in (await eva.open("/gestion/lettres")).links
            assert (await eva.open(ONE)).forms[0].fields["title"] == "Decision letter"
        page = await ugo.send((await ugo.open(one)).forms[0], do="reset")
        assert page.forms[0].fields["title"] == "Decision letter"
