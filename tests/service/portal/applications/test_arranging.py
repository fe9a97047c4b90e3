"""Staff choose the columns of their list and keep views of it on pages, without JavaScript."""

from __future__ import annotations

import asyncio
import re

import pytest

from services.chassis.testing import Suite
from tests.service.portal.applications.applying import form_of
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_columns_and_views_are_arranged_on_the_list_itself(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 92; incumbent 2.2: columns chosen, views kept, and shared with whom one works."""
    file = file_of(await submitted(zoe))
    await suite.settle()
    async with staff(suite, "lena") as lena, staff(suite, "omar") as omar:
        page = await lena.open("/gestion?etat=submitted&tri=recents&attente=oui&q=muller")
        assert file in page.links
        page = await lena.tick(form_of(page, "/gestion/colonnes"), "column", "city", "pieces")
        assert (page.status, file in page.links, "Recherche : muller" in page.words) == (200, True, True)
        assert ": Transmise" in page.words and "Ville" in page.words
        assert ": Transmise" in (await lena.open("/gestion?etat=submitted")).words, "chosen once, shown everywhere"
        for name in ("", "a/b", "é" * 61, ".", ".."):
            refused = await lena.send(form_of(page, "/gestion/vues"), name=name)
            assert (refused.status, "Rien n’a été enregistré" in refused.words) == (422, True), name
        # What somebody was searched by is kept in no view.
        page = await lena.send(form_of(page, "/gestion/vues"), name="Reçues <récentes>", shelf="")
        view = "/gestion?etat=submitted&attente=oui&tri=recents&colonnes=city,pieces"
        assert page.status == 200 and view in page.links and "Reçues <récentes>" in page.words
        shelf, before = re.findall(r'<option value="(centre:[^"]+)"', page.html)[0], page.words.count("Partagée : ")
        page = await lena.send(form_of(page, "/gestion/vues"), name="Pour nous", shelf=shelf)
        assert page.status == 200 and page.words.count("Partagée : ") == before + 1
        theirs = await omar.open("/gestion")
        assert view in theirs.links and "Pour nous" in theirs.words and "Reçues" not in theirs.words
        assert file in (await omar.open(view)).links and ": Transmise" in (await omar.open(view)).words
        assert ": Transmise" not in (await omar.open("/gestion?etat=submitted")).words
        (remove, *_) = [form for form in page.forms if form.action == "/gestion/vues/retrait"]
        page = await lena.send(remove)
        assert page.status == 200 and len([form for form in page.forms if form.action == "/gestion/vues/retrait"]) == 1
        page = await lena.send(form_of(page, "/gestion/colonnes"), usual="1", here="a=1&" * 21)
        assert (page.status, ": Transmise" in page.words) == (200, False)
        assert (await omar.open("/gestion/vues")).address == "/gestion"


async def test_an_export_is_asked_for_below_the_list_followed_and_fetched(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 97; issue: with progress, and what is shown or all of it."""
    file = file_of(await submitted(zoe))
    await suite.settle()
    async with staff(suite, "nora") as nora:
        page = await nora.open("/gestion?etat=submitted&colonnes=file_number,title")
        assert file in page.links
        form = form_of(page, "/gestion/exports")
        for _ in range(2):  # pressed twice it is asked for once
            page = await nora.send(form, format="csv", columns="shown")
            assert (page.status, page.heading) == (200, "Mes exports")
        async with asyncio.timeout(60):
            while not (there := [link for link in page.links if link.endswith("/fichier")]):
                await asyncio.sleep(0.01)
                page = await nora.open("/gestion/exports")
        assert len(there) == 1 and "Prêt" in page.words and "Disponible jusqu’au" in page.words
        kept = await nora.take(there[0])
        lines = kept.content.decode("utf-8-sig").splitlines()
        assert (kept.status, lines[0], len(lines) > 1) == (200, "N° de dossier,Formation", True)
        assert kept.filename.startswith("export-") and kept.filename.endswith(".csv")
        (remove,) = [form for form in page.forms if form.action.endswith("/suppression")]
        page = await nora.send(remove)
        assert page.status == 200 and "Vous n’avez aucun export" in page.words
        assert (await nora.take(there[0])).status == 404
        odd = await nora.send(form_of(await nora.open("/gestion"), "/gestion/exports"), format="csv", here="a=1&" * 21)
        assert (odd.status, odd.heading) == (200, "Mes exports")


async def test_a_list_is_narrowed_by_what_staff_keep_beside_files(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 92: tag, whose it is and fee regime are filters that one takes away one by one, and views keep them."""
    file = file_of(await submitted(zoe))
    await suite.settle()
    async with staff(suite, "pola") as pola, staff(suite, "remi") as remi:
        page = await pola.send(
            form_of(await pola.open(f"{file}/etiquettes"), f"{file}/etiquettes"), tags="Urgent, à revoir"
        )
        page = await pola.send(form_of(page, f"{file}/suivi"), assignee="me")
        assert page.status == 200
        page = await pola.open("/gestion?etiquette=urgent&suivi=me")
        assert (page.status, file in page.links) == (200, True)
        assert "Étiquette : urgent" in page.words and "Suivi : Moi" in page.words
        assert {"/gestion?etat=submitted&suivi=me", "/gestion?etat=submitted&etiquette=urgent"} <= {*page.links}
        page = await pola.send(form_of(page, "/gestion/vues"), name="Les miens", shelf="")
        view = "/gestion?etat=submitted&suivi=me&etiquette=urgent"
        assert page.status == 200 and {*view.partition("?")[2].split("&")} in [
            {*link.partition("?")[2].split("&")} for link in page.links
        ]
        theirs = await remi.open(view)
        assert (theirs.status, file in theirs.links) == (200, False), "“me” is whoever looks"
        for query, there in (
            ("suivi=nobody", False),
            ("etiquette=rouge", False),
            ("regime=FI", False),
            ("etiquette=%C3%80%20REVOIR&tri=nom", True),
        ):
            page = await remi.open(f"/gestion?etat=submitted&{query}")
            assert (page.status, file in page.links) == (200, there), query
        assert "Régime : Formation initiale" in (await remi.open("/gestion?regime=FI")).words
        page = await remi.open("/gestion?q=muller&suivi=nobody")
        assert (page.status, "ni du suivi" in page.words, file in page.links) == (200, True, True)
        for wrong in (f"etiquette={'x' * 41}", "suivi=k%3Am", "regime=F%20C", "exemption=!"):
            refused = await remi.open(f"/gestion?{wrong}")
            assert (refused.status, file in refused.links) == (422, False), wrong
