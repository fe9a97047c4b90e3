"""Staff fill in a file for somebody who came with paper, on pages and without JavaScript (acceptance 47, 94)."""

from __future__ import annotations

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.applying import apply, form_of, give_profile
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import an_account, log_in
from tests.unit.documents import files

pytestmark = pytest.mark.asyncio(loop_scope="module")

CV = files.pdf(1)
WHY = "Formulaire signé au guichet"


async def test_a_manager_deposits_what_was_brought_and_its_person_sees_it(suite: Suite) -> None:
    """Acceptance 48, 94: no act without a reason, nothing that stands there is written over, and no name is told."""
    await an_account(suite, "paula@example.org", "Papier")
    await give_profile(suite, "paula@example.org")
    async with staff(suite, "olga") as olga, Uploader(suite.url) as paula:
        await log_in(paula, "paula@example.org")
        own = (await apply(paula)).path
        here = own.replace("/candidatures", "/gestion")
        assert f"{here}/au-nom" in (await olga.open(here)).links
        page = await olga.open(f"{here}/au-nom")
        assert f"{here}/au-nom/pieces/cv" in page.links
        form = form_of(await olga.open(f"{here}/au-nom/pieces/cv"), "/pieces/cv")
        page = await olga.send_file(form, "", b"")
        assert page.status == 422 and {"#reason", "#file"} <= set(page.links)
        page = await olga.send_file(form, "cv.pdf", b"no PDF at all", reason=WHY)
        assert page.status == 422 and "#file" in page.links
        assert form_of(page, "/pieces/cv").fields["reason"] == WHY, "what was typed stays"
        page = await olga.send_file(form, "cv.pdf", CV, reason=WHY)
        assert page.path == f"{here}/au-nom" and "cv.pdf" in page.words and WHY in page.words
        page = await olga.send_file(form, "cv.pdf", CV, reason=WHY)
        assert page.path == f"{here}/au-nom", "pressed twice"
        page = await paula.open(own)
        assert page.words.count("Fait à votre place par l’université") == 1
        assert "Pièce déposée" in page.words and page.words.count(f"Raison : {WHY}") == 1
        assert "cv.pdf" in page.words and "olga" not in page.words
        form = form_of(await olga.open(f"{here}/au-nom/pieces/cv/retrait"), "/retrait")
        assert form.fields["reason"] == WHY, "the next form of the same person begins with it"
        page = await olga.send(form, reason="")
        assert page.status == 422 and "#reason" in page.links
        page = await olga.send(form, reason="Mauvais papier")
        assert page.path == f"{here}/au-nom" and "Mauvais papier" in page.words
        trail = (await olga.open(f"{here}/historique")).words
        assert "vous au nom de" in trail and "Mauvais papier" in trail


async def test_support_comes_from_the_page_of_a_person_and_finds_back(suite: Suite) -> None:
    """Acceptance 94: they read no file, and open those that can be filled in."""
    await an_account(suite, "pauline@example.org", "Guichet")
    await give_profile(suite, "pauline@example.org")
    async with Uploader(suite.url) as sacha, Uploader(suite.url) as pauline:
        await log_in(pauline, "pauline@example.org")
        own = (await apply(pauline)).path
        there = own.replace("/candidatures", "/gestion") + "/au-nom"
        await appointed(suite, sacha, "sacha.support@univ.test", Grant(Role.SUPPORT))
        await log_in(sacha, "sacha.support@univ.test")
        page = await sacha.open("/gestion/comptes?q=pauline@example.org")
        (person,) = [link for link in page.links if link.startswith("/gestion/comptes/") and "?" not in link]
        assert there in (await sacha.open(person)).links
        page = await sacha.open(there)
        assert page.status == 200 and person in page.links
        assert (await sacha.open(person)).status == 200


async def test_a_reason_is_not_handed_to_the_next_one_at_the_desk(suite: Suite) -> None:
    """Acceptance 94: who has not given it does not find it typed in, and sign it as their own."""
    await an_account(suite, "perrine@example.org", "Bureau")
    await give_profile(suite, "perrine@example.org")
    async with staff(suite, "oriane") as desk, Uploader(suite.url) as perrine:
        await log_in(perrine, "perrine@example.org")
        here = (await apply(perrine)).path.replace("/candidatures", "/gestion") + "/au-nom"
        form = form_of(await desk.open(f"{here}/pieces/cv"), "/pieces/cv")
        assert (await desk.send_file(form, "cv.pdf", CV, reason=WHY)).path == here
        assert form_of(await desk.open(f"{here}/pieces/cv/retrait"), "/retrait").fields["reason"] == WHY
        await desk.send(form_of(await desk.open(here), "/deconnexion"))
        await appointed(suite, desk, "octave@univ.test")
        await log_in(desk, "octave@univ.test")
        assert form_of(await desk.open(f"{here}/pieces/cv/retrait"), "/retrait").fields["reason"] == ""


async def test_who_marks_a_file_is_told_that_what_was_brought_is_not_handed_over(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 72, 94: the page says so before and after; handed over in the person's place, the file is complete."""
    here = file_of(await submitted(zoe))
    async with staff(suite, "odile") as odile:
        page = await odile.open(f"{here}/etat")
        assert (await odile.send(page.forms[0], state="incomplete")).path == here
        page = await odile.send(form_of(await odile.open(f"{here}/au-nom/pieces/cv/retrait"), "/retrait"), reason=WHY)
        assert page.path == f"{here}/au-nom"
        form = form_of(await odile.open(f"{here}/au-nom/pieces/cv"), "/pieces/cv")
        assert (await odile.send_file(form, "cv.pdf", files.pdf(2), reason=WHY)).path == f"{here}/au-nom"
        page = await odile.open(f"{here}/etat")
        assert "Ce que l’université y a mis à sa place se transmet d’abord" in page.words
        page = await odile.send(page.forms[0], state="complete")
        assert page.status == 409 and "serait perdu si vous changiez son état" in page.words
        form = form_of(await odile.open(f"{here}/au-nom/transmission"), "/transmission")
        assert (await odile.send(form, reason=WHY)).path == f"{here}/au-nom"
        page = await odile.open(f"{here}/etat")
        page = await odile.send(page.forms[0], state="complete")
        assert page.path == here and "Complet" in page.words
