"""What a candidate sees of a file that staff examine and give back, and submitting it anew, without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import apply, form_of, give
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Page

LAST = "Si vous ne transmettez pas de nouveau avant la date limite, c’est votre dernière transmission qui compte."
REMINDER = "Un dossier non transmis n’est pas considéré comme une candidature complète."

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def staff(suite: Suite, method: str, page: Page, path: str, **body: Any) -> None:
    """What a manager of everything does with the file of a page."""
    signer = suite.service("accounts").service.signer
    assert signer is not None
    now = int(suite.clock.now().timestamp())
    who = {"aud": "parvis", "sub": "kim", "kind": "staff", "grants": [{"role": "manager"}], "sid": "kim", "jti": "kim"}
    token = signer.sign(who | {"iat": now, "exp": now + 600}, typ="at+jwt")
    address = f"/api/applications/review/{page.path.rpartition('/')[2]}{path}"
    async with suite.client.request(
        method, address, json=body, headers={"Authorization": f"Bearer {token}"}
    ) as response:
        assert response.status == 200, await response.text()


async def submitted(zoe: Uploader) -> Page:
    """The page of an application that was submitted."""
    page = await apply(zoe)
    here = page.path
    for code in ("cv", "releves-bac", "releves-post-bac", "lettre-motivation"):
        page = await give(zoe, page, code, pdf(), f"{code}.pdf")
    for code in ("justificatifs-stages", "attestation-b2"):
        page = await zoe.send(form_of(page, f"/pieces/{code}/non-concerne"))
    return await submit(zoe, here)


async def submit(zoe: Uploader, here: str) -> Page:
    done = await zoe.send(form_of(await zoe.open(f"{here}/transmission"), "/transmission"))
    assert done.heading == "Votre candidature est transmise", done.words
    return await zoe.open(here)


def commands(page: Page, code: str) -> list[str]:
    return [form.action.rpartition("/")[2] for form in page.forms if f"/pieces/{code}" in form.action]


async def test_a_refused_piece_is_replaced_and_the_file_submitted_anew(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 55-57, 66, 72."""
    page = await submitted(zoe)
    here = page.path
    await staff(suite, "POST", page, "/pieces/releves-bac/verdict", verdict="validated")
    await staff(suite, "POST", page, "/pieces/cv/verdict", verdict="refused", comment="La page 2 est illisible")
    page = await zoe.open(here)
    assert "La page 2 est illisible" in page.words
    assert commands(page, "cv") == [], "it is not the candidate's before the file is incomplete"
    await staff(suite, "POST", page, "/state", state="incomplete")

    cards = await zoe.open("/candidatures")
    assert "il reste 1 élément à fournir" in cards.words
    page = await zoe.open(here)
    for words in ("Incomplet", "Refusée", "Validée", "La page 2 est illisible", "25 mars 2027 à 23 h 59", LAST):
        assert words in page.words, words
    assert REMINDER not in page.words
    assert "kim" not in re.sub(r'value="[^"]*"', "", page.html), "in the tokens of forms it is there by chance"
    assert [commands(page, code) for code in ("cv", "releves-bac", "lettre-motivation")] == [
        ["retrait"],
        [],
        ["retrait"],
    ]
    check = await zoe.open(f"{here}/transmission")
    assert "retirez le fichier, puis déposez-en un autre" in check.words

    page = await zoe.send(form_of(page, "/pieces/cv/retrait"))
    assert "La page 2 est illisible" in page.words
    page = await give(zoe, page, "cv", pdf(), "cv-2.pdf")
    assert "Tout est prêt" in page.words
    page = await submit(zoe, here)
    assert "Réceptionné" in page.words
    assert "cv-2.pdf" in page.words
    await suite.settle()
    assert "Candidature - dossier incomplet" in (await zoe.open("/messages")).words


async def test_a_reopened_file_and_a_complete_one_say_so(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 73, 75."""
    page = await submitted(zoe)
    here = page.path
    await staff(suite, "POST", page, "/reopening", reason="transmise par erreur", submission_deadline="2027-04-02")
    page = await zoe.open(here)
    assert "2 avril 2027 à 23 h 59 (heure de Paris)" in page.words
    assert LAST in page.words
    assert "erreur" not in page.words
    assert commands(page, "cv") == ["retrait"]
    page = await submit(zoe, here)
    await staff(suite, "POST", page, "/state", state="complete")
    page = await zoe.open(here)
    assert "Complet" in page.words
    assert commands(page, "cv") == []
