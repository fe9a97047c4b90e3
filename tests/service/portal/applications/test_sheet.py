"""Staff keep notes, tags and who looks after a file on pages, without JavaScript; its candidate never sees any of it."""

from __future__ import annotations

import pytest

from services.chassis.testing import Suite
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTE = "À rappeler lundi"


async def test_what_staff_keep_is_on_their_pages_alone(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 44, 94, 124."""
    own = await submitted(zoe)
    await suite.settle()
    address = file_of(own)
    async with staff(suite, "lea") as lea:
        before = (await zoe.open(own.path)).words
        page = await lea.open(f"{address}/notes")
        page = await lea.send(page.forms[0], text="é" * 2001)
        assert page.status == 422 and "2" in page.words
        page = await lea.send(page.forms[0], text=NOTE)
        assert page.path == address and NOTE in page.words
        page = await lea.open(f"{address}/etiquettes")
        page = await lea.send(page.forms[0], tags="urgent, " + "x" * 41)
        assert page.status == 422
        page = await lea.send(page.forms[0], tags="urgent , jury")
        assert page.path == address and "jury, urgent" in page.words
        (take,) = [form for form in page.forms if form.action.endswith("/suivi")]
        page = await lea.send(take, assignee="me")
        assert "Je ne m’en occupe plus" in page.words
        assert (await zoe.open(own.path)).words == before
        for path in (f"{address}", f"{address}/historique"):
            assert (await zoe.open(path)).status in (403, 404)
    async with staff(suite, "max") as max_:
        page = await max_.open(address)
        assert "lea@univ.test" in page.words and NOTE in page.words
        page = await max_.open(f"{address}/historique")
        for words in (
            "Candidature transmise",
            "Note ajoutée",
            "Suivi modifié",
            "lea@univ.test",
            NOTE,
            "la personne candidate",
        ):
            assert words in page.words, words
