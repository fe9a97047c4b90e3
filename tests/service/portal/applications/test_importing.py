"""Who keeps the catalogue imports one on pages, without JavaScript: seen before it is in force, and in force once."""

from __future__ import annotations

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.contracts.api.imports import MAX_IMPORT_BYTES
from tests.service.offers.test_own_catalogue import ROWS, table
from tests.service.portal.applications.applying import form_of
from tests.service.portal.applications.staff import member, staff
from tests.service.portal.applications.uploading import Uploader
from tests.unit.offers.test_own_catalogue import PROGRAMME

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = "/gestion/import-catalogue"
ADMIN = Grant(Role.ADMIN)
FAULTY = {**PROGRAMME, "code": "BAD", "capacity": "x"}


async def test_a_catalogue_is_brought_seen_and_imported_once(suite: Suite) -> None:
    async with member(suite, "ines", ADMIN) as ines:
        assert HERE in (await ines.open("/gestion/catalogue")).links
        page = await ines.open(HERE)
        taken = await ines.take(f"{HERE}/modele.csv")
        assert taken.filename == "catalogue.csv" and "Formulaires" in taken.content.decode("utf-8-sig")
        form = form_of(page, "/apercu")
        for content, words in (
            (b"", "Choisissez un fichier"),
            (b"Code;Titre\r\nA;B", "Type"),
            (b"x" * (MAX_IMPORT_BYTES + 1), "dépasse 8 Mo"),
        ):
            page = await ines.send_file(form, "c.csv" if content else "", content, media_type="text/csv")
            assert page.status in (413, 422) and words in page.words, page.words
            assert "#file" in page.links
        rows = table(*ROWS, FAULTY)
        for encoding in ("utf-16", "cp1252", "utf-8"):
            page = await ines.send_file(form, "c.csv", rows.encode(encoding), media_type="text/csv")
            for words in (
                *("1 nouvelle formation", "Océanographie – côtes", "M1-MER", "1 ligne en erreur", "Capacité"),
                *("Écrivez un nombre entier", "Rien n’est encore enregistré"),
            ):
                assert words in page.words, (encoding, words, page.words)
        assert (await ines.open("/gestion/catalogue/M1-MER")).status == 404
        confirm = form_of(page, "/confirmation")
        done = await ines.send(confirm)
        assert done.status == 200 and "1 formation créée" in done.words and "1 ligne en erreur" in done.words
        again = await ines.send(confirm)
        assert again.status == 200 and "correspond déjà à ce fichier" in again.words, "pressed twice"
        changed = table(*ROWS[:-1], {**ROWS[-1], "capacity": "41"}).encode()
        page = await ines.send_file(form, "c.csv", changed, media_type="text/csv")
        assert "1 formation serait modifiée" in page.words and "Capacité" in page.words
        confirm = form_of(page, "/confirmation")
        other = table(*ROWS[:-1], {**ROWS[-1], "capacity": "42"}).encode()
        await ines.send(form_of(await ines.send_file(form, "c.csv", other, media_type="text/csv"), "/confirmation"))
        page = await ines.send(confirm)
        assert page.status == 409 and "a changé depuis l’aperçu" in page.words
        assert "1 formation modifiée" in (await ines.send(form_of(page, "/confirmation"))).words
        assert (await ines.send(confirm, table="x")).status == 422
        assert (await ines.send(confirm, form_token="x")).status == 403
        assert (await ines.open(f"{HERE}/confirmation")).address == HERE


async def test_it_is_for_who_keeps_some_of_the_catalogue(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 92: others are refused before any byte is taken in; who keeps one centre brings its rows, and no others."""
    part = Grant(Role.REGISTRAR, centres=("UPVD-LSH",))
    async with member(suite, "part", part) as far, staff(suite, "cora", Grant(Role.COMMISSION)) as cora:
        for somebody in (cora, zoe):
            page = await somebody.open(HERE)
            assert (page.status, (await somebody.take(f"{HERE}/modele.csv")).status) == (403, 403)
            for path in ("apercu", "confirmation"):
                sent = await somebody.post(f"{HERE}/{path}", b"table=x", "application/x-www-form-urlencoded")
                assert sent.status == 403
        assert HERE in (await far.open("/gestion/catalogue")).links
        page = await far.open(HERE)
        assert "Les formations des centres dont vous vous occupez" in page.words
        rows = table(*ROWS[:-1], {**ROWS[-1], "code": "M9-MER"}).encode()
        page = await far.send_file(form_of(page, "/apercu"), "c.csv", rows, media_type="text/csv")
        assert "en erreur" in page.words and "dont vous ne vous occupez pas" in page.words, page.words
        assert (await far.open("/gestion/catalogue/M9-MER")).status == 404
