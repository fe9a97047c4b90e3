"""A programme is given groups of its waiting list on its page, and all that is decided from then on is of one (ADR 114)."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.testing import Suite
from tests.service.portal.applications.applying import MER, apply, somebody
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_deciding import plain
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = f"/gestion/catalogue/{MER}"
TWO = "PRIMO ; Primo-entrants ; First entrants ; 1\r\nAUTRES ; Autres"


async def grouped(suite: Suite, lea: Uploader, own: Page) -> None:
    """Written with what is wrong first, and heard of by those who examine."""
    page = await lea.open(HERE)
    for wrong, words in (
        ({"groups": "PRIMO"}, "Écrivez chaque groupe sur une ligne"),
        ({"groups": "PRIMO ; Primo ; ; beaucoup"}, "Écrivez chaque groupe"),
        ({"groups": TWO + "\r\nAUTRES ; Encore"}, ""),
        ({"groups": "", "passes_on": "yes"}, "Sans groupes"),
    ):
        page = await lea.send(page.forms[0], **wrong)
        assert page.status == 422 and {"#groups", "#passes_on"} & set(page.links), (wrong, page.words)
        assert words in page.words, page.words
        assert page.forms[0].fields["groups"].replace("\r\n", "\n") == wrong["groups"].replace("\r\n", "\n")
    page = await lea.send(page.forms[0], groups=TWO, passes_on="no")
    assert page.status == 200 and "Vos modifications sont enregistrées" in page.words, page.words
    kept = page.forms[0].fields["groups"].replace("\r\n", "\n")
    assert kept == TWO.replace("\r\n", "\n")
    async with asyncio.timeout(120):
        while 'name="group"' not in (await lea.open(f"{file_of(own)}/decision")).html:
            await suite.settle()


async def test_a_rank_is_of_a_group_on_the_pages_of_both(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 79, 89-91: who decides chooses the group; who waits reads who is before them in it."""
    own = await apply(zoe)
    async with staff(suite, "lea") as lea, somebody(suite) as max:
        others = await apply(max)
        await grouped(suite, lea, own)
        for page, rank in ((others, "1"), (own, "4")):
            asked = await lea.open(f"{file_of(page)}/decision")
            wrong = await lea.send(asked.forms[0], type="AVIS_LISTE_COMP", rank=rank)
            assert wrong.status == 422 and "#group" in wrong.links and wrong.forms[0].fields["rank"] == rank
            entered = await lea.send(wrong.forms[0], group="PRIMO")
            assert entered.path == file_of(page) and "Groupe Primo-entrants" in plain(entered)
            done = await lea.send((await lea.open(f"{file_of(page)}/decision/validation")).forms[0])
            assert done.path == file_of(page), done.words
        waits = plain(await zoe.open(own.path))
        assert "Groupe Primo-entrants Votre rang aujourd’hui 2 1 personne attend avant vous dans la liste" in waits
        assert "« Primo-entrants »" in waits
        assert "Personne n’attend avant vous dans la liste" in plain(await max.open(others.path))
        page = await lea.open(f"{HERE}/places")
        said = plain(page)
        assert "Liste « Primo-entrants » Places de ce groupe 1" in said and "Liste « Autres »" in said
        assert "Places de ce groupe sans nombre propre" in said and "Personne n’attend dans cette liste" in said
        (next,) = {link for link in page.links if "/proposition" in link}
        asked = await lea.open(next)
        assert "rang décidé 1" in asked.words
        done = asked
        for _ in range(2):
            done = await lea.send(asked.forms[0])
            assert done.path.endswith("/places") and "Places proposées, sans réponse 1" in plain(done)
        assert not any("/proposition" in link for link in done.links), "the group has one place"
        places = done.path
        wrong = await lea.open(f"{places}/simulation?n=1")
        assert wrong.status == 422 and "#g" in wrong.links
        found = plain(await lea.open(f"{places}/simulation?n=1&g=PRIMO"))
        assert "Avec 1 désistement" in found and "Primo-entrants" in found
    assert "Personne n’attend avant vous dans la liste « Primo-entrants »" in plain(await zoe.open(own.path))
