"""Staff put the file to fill in of a requirement on its page, and candidates find it."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import MER
from tests.service.portal.applications.staff import staff
from tests.unit.documents import files

pytestmark = pytest.mark.asyncio(loop_scope="module")

PART = "/gestion/pieces/lettre-motivation"
HERE = f"{PART}/modele"


async def test_a_model_is_put_seen_by_candidates_and_taken_away(suite: Suite) -> None:
    """Acceptance 52; a file that candidates could not give back is refused beside the field."""
    async with staff(suite, "mia") as mia:
        assert HERE in (await mia.open(PART)).links
        page = await mia.open(HERE)
        assert "Cette pièce n’a pas de modèle" in page.words
        for content, status, why in (
            (files.encrypted_pdf(), 422, "mot de passe"),
            (b"no PDF at all", 422, "son contenu est autre chose"),
            (b"", 422, "ne contient rien"),
        ):
            page = await mia.send_file(page.forms[0], "Modèle.pdf", content)
            assert (page.status, "#file" in page.links) == (status, True), page.words
            assert why in page.words
        content = pdf(3000)
        form = page.forms[0]
        page = await mia.send_file(form, "Modèle à remplir.pdf", content)
        assert (page.status, page.address) == (200, HERE), page.words
        assert "Le modèle est enregistré" in page.words
        (model,) = [link for link in page.links if link.startswith("/api/documents/models/")]
        assert (await mia.send_file(form, "Modèle à remplir.pdf", content)).status in (200, 412), "pressed twice"
        async with asyncio.timeout(120):
            while model not in (await mia.open(f"/formations/{MER}")).links:
                await asyncio.sleep(0.02)
        async with suite.client.get(model) as response:
            assert await response.read() == content
        page = await mia.send((await mia.open(HERE)).forms[0])
        assert "Cette pièce n’a pas de modèle" in page.words
        async with asyncio.timeout(120):
            while model in (await mia.open(f"/formations/{MER}")).links:
                await asyncio.sleep(0.02)
        async with suite.client.get(model) as response:
            assert response.status == 200, "who was given it keeps it"
