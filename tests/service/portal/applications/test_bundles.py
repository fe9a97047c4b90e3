"""Staff take many files away in one download, on pages, without JavaScript: choose, ask, follow, fetch."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import replace

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.applying import form_of
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
BUNDLES = "/gestion/telechargements"


async def ready(browser: Browser) -> Page:
    """Their bundles, once none is going on any more; pressing what refreshes the page."""
    async with asyncio.timeout(120):
        while "Actualiser cette page" in (page := await browser.open(BUNDLES)).words:
            await asyncio.sleep(0.05)
    return page


async def test_files_of_a_list_are_ticked_and_taken_away_as_one_zip(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 56, 61: what was typed stays where something is missing; who lets go of it has it no more."""
    file = file_of(await submitted(zoe)).rpartition("/")[2]
    await suite.settle()
    async with staff(suite, "ida") as ida:
        page = await ida.open("/gestion?etat=submitted")
        bulk = replace(form_of(page, "/gestion/lot"), action=f"{BUNDLES}/choix")
        nothing = await ida.tick(bulk, "id")
        assert nothing.status == 422 and "au moins un dossier" in nothing.words
        page = await ida.tick(bulk, "id", file)
        assert (page.status, page.heading) == (200, "Télécharger plusieurs dossiers")
        assert "(1 sur 1)" in page.words and "Un ZIP : la lettre de chaque dossier" in page.words
        listed = await ida.tick(bulk, "id", list="1")
        assert file in form_of(listed, BUNDLES).fields["ids"].split()
        again = await ida.send(form_of(page, BUNDLES))
        assert again.status == 422 and "#kind" in again.links
        again = await ida.send(form_of(again, BUNDLES), kind="piece")
        assert again.status == 422 and "#piece" in again.links
        await ida.send(form_of(again, BUNDLES), kind="piece", piece="cv")
        page = await ready(ida)
        assert "Un ZIP : une seule pièce de chaque dossier" in page.words and "Prêt" in page.words
        (link,) = (link for link in page.links if link.endswith("/fichier"))
        taken = await ida.take(link)
        assert taken.status == 200 and taken.filename.startswith("dossiers-") and taken.filename.endswith(".zip")
        with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
            names = archive.namelist()
        assert len(names) == 2 and "_cv_" in names[0] and names[1] == "LISEZMOI.txt"
        page = await ida.send(form_of(page, "/suppression"))
        assert "aucun téléchargement groupé" in page.words


async def test_a_commission_takes_files_away_and_acts_on_none(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 77: one that is complete, whose documents are one PDF."""
    own = file_of(await submitted(zoe))
    async with staff(suite, "lise") as lise:
        page = await lise.open(f"{own}/etat")
        await lise.send(page.forms[0], state="complete")
    await suite.settle()
    async with staff(suite, "olga", Grant(Role.COMMISSION)) as olga:
        page = await olga.open("/gestion?etat=complete")
        assert "/gestion/lot" not in [form.action for form in page.forms]
        page = await olga.tick(form_of(page, f"{BUNDLES}/choix"), "id", own.rpartition("/")[2])
        await olga.send(form_of(page, BUNDLES), kind="pdf")
        (link,) = (link for link in (await ready(olga)).links if link.endswith("/fichier"))
        taken = await olga.take(link)
        assert taken.filename.endswith(".pdf") and taken.content.startswith(b"%PDF-")
