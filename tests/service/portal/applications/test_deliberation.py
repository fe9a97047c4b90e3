"""Staff take a deliberation away as a spreadsheet and bring it back on pages, without JavaScript."""

from __future__ import annotations

import csv
import io
import re

import pytest

from services.chassis.testing import Suite
from services.contracts.api.deliberation import MAX_TABLE_BYTES
from tests.service.portal.applications.applying import MER, form_of
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import staff as examine
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")
DELIBERATION = "/gestion/deliberation"
CSV = "text/csv"


async def test_a_table_is_brought_back_seen_before_it_is_entered_and_entered_once(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 93: the page says what would come of each row, and in which column something is wrong."""
    own = file_of(application := await submitted(zoe))
    await examine(suite, "POST", application, "/state", state="complete")
    await suite.settle()
    async with staff(suite, "odile") as odile:
        assert DELIBERATION in (await odile.open("/gestion")).links
        page = await odile.open(f"{DELIBERATION}?programme={MER}")
        assert "AVIS_LISTE_ATT – Liste d’attente" in page.words
        number = re.findall(r"\b[0-9A-Z]{8}\b", (await odile.open(own)).words)[0]
        taken = await odile.take(f"{DELIBERATION}.csv?programme={MER}")
        rows = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"), newline="")))
        (row,) = [row for row in rows if row["N° de dossier"] == number]
        form = form_of(page, "/apercu")
        for content, words in (
            (b"", "Choisissez un fichier"),
            (b"\0", "Fichier de délibération"),
            (b"x" * (MAX_TABLE_BYTES + 1), "dépasse 2 Mo"),
        ):
            page = await odile.send_file(form, "table.csv" if content else "", content, media_type=CSV)
            assert page.status in (413, 422) and words in page.words, words
            assert "#file" in page.links
        page = await odile.send_file(form, "table.csv", table(row | {"Rang": "x"}), media_type=CSV)
        assert "Décision : " in page.words and "1 ligne refusée" in page.words
        said = {"Décision": "Liste d’attente", "Commentaire": "À revoir"}
        page = await odile.send_file(form, "table.csv", table(row | said), media_type=CSV)
        for words in (
            "1 décision serait saisie",
            "Commentaire : À revoir",
            "Liste d’attente (saisie, non validée)",
            "Rien n’est encore enregistré",
        ):
            assert words in page.words, words
        assert "Décision saisie" not in (await odile.open(own)).words
        for _ in range(2):
            done = await odile.send(form_of(page, "/confirmation"))
            assert done.status == 200 and "décisions saisies : 1 sur 1 lignes" in done.words
        assert "Décision saisie, non validée" in (await odile.open(own)).words
        again = await odile.send_file(form, "table.csv", table(row | said), media_type=CSV)
        assert "1 ligne ne change rien" in again.words
        changed = await odile.send_file(form, "table.csv", table(row | {"Décision": "AVIS_FAVORABLE"}), media_type=CSV)
        assert "a changé depuis l’export" in changed.words
        assert (await odile.send(form_of(page, "/confirmation"), table="x")).status == 422
        assert (await odile.send(form_of(page, "/confirmation"), form_token="x")).status == 403
        assert (await odile.open(f"{DELIBERATION}/confirmation")).address == DELIBERATION


def table(row: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row), delimiter=";")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue().encode("cp1252")
