"""A whole application as one PDF: a cover, and all pieces that can be read (acceptance 61)."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from services.chassis.testing import Suite, run_suite
from services.contracts.events.applications import SlotPart
from tests.service.documents.client import keys, paper, stored, tell, words
from tests.service.documents.given import EMPTY_FORM, FORM, OPEN_QUESTION, QUESTIONS, card, changed, slot, submitted
from tests.unit.documents import files
from tests.unit.documents.kinds import INPUTS, KINDS

JPEG, PNG = "image/jpeg", "image/png"


async def given(suite: Suite, code: str, content: bytes, media_type: str = "application/pdf") -> SlotPart:
    """A piece with an uploaded document in it."""
    answer = await stored(suite, content, media_type=media_type, name=f"{code}.pdf")
    return slot(code, answer["document"], filename=f"{code}.pdf", media_type=media_type, size=len(content))


def bookmarks(pdf: bytes) -> list[tuple[str, int]]:
    """What the bookmarks say, and which page each leads to."""
    with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_outline() as outline:
        places = {page.obj.objgen: number for number, page in enumerate(opened.pages)}
        return [
            (item.title, places[item.destination[0].objgen])
            for item in outline.root
            if isinstance(item.destination, pikepdf.Array)
        ]


async def test_the_cover_says_all_of_the_person_and_the_application_and_the_pieces_follow(suite: Suite) -> None:
    """Acceptance 61: PDFs and photos, in the order of the application, each under its bookmark."""
    pieces = [
        await given(suite, "notes", files.pdf(3)),
        await given(suite, "photo", files.photo("JPEG", 64, 48, "red"), JPEG),
        slot("b2", "", state="not_applicable"),
        await given(suite, "scan", files.photo("PNG", 64, 48, "blue"), PNG),
    ]
    await tell(suite, card(), service="accounts")
    await tell(suite, changed(pieces=pieces))
    status, pdf, headers = await paper(suite, "dossier")
    assert (status, headers["Content-Length"]) == (200, str(len(pdf)))
    assert bookmarks(pdf) == [
        ("Dossier de candidature", 0),
        ("Relevé de notes", 1),
        ("Pièce photo", 4),
        ("Pièce scan", 5),
    ]
    pages = files.pages_of(pdf)
    assert [page.getpixel((300, 200)) for page in pages[4:]] == [(254, 0, 0), (0, 0, 254)]
    said = words(pdf)
    for told in (
        "Sciences de la mer",
        "Müller-L’Hôte",
        "Allemagne",
        "17 mai 2003",
        "12 rue des Abeilles",
        "En attente",
        "15 avril 2027 à 23 h 59 (heure de Paris)",
    ):
        assert told in said, told
    assert "Non concerné" in said
    assert "Non jointe" not in said
    assert "Marine science" in words((await paper(suite, "dossier", language="en"))[1])


async def test_of_a_file_that_is_concealed_its_person_has_no_paper(suite: Suite) -> None:
    """Acceptance 46: as of one that is not there, until something of it is told."""
    await tell(suite, changed(pieces=[], state="complete", concealed=True))
    assert [(await paper(suite, kind))[0] for kind in ("dossier", "receipt")] == [404, 404]
    await tell(suite, changed(pieces=[], state="complete"))
    assert (await paper(suite, "dossier"))[0] == 200


async def test_it_says_what_was_answered_in_questions_and_forms(suite: Suite) -> None:
    """Acceptance 61, 64: with what is awaited still; what was typed is no markup, and keeps its lines."""
    asked = changed(pieces=[], questions=[*QUESTIONS, OPEN_QUESTION], forms=[FORM, EMPTY_FORM])
    await tell(suite, asked)
    said = words((await paper(suite, "dossier"))[1])
    for told in (
        "Pourquoi ce master ?",
        "le *littoral*.",
        "Avez-vous un permis ? – Oui",
        "Autre chose ? – En attente",
        "Projet professionnel",
        "Transmis le 25 janvier 2027 à 10 h 30 (heure de Paris)",
        "Quel métier ? – Océanographe",
        "Sportifs",
    ):
        assert told in said, told
    english = words((await paper(suite, "dossier", language="en"))[1])
    assert "Why this master?" in english and "Yes" in english


async def test_its_cover_counts_all_pages_and_its_date_is_that_of_what_it_tells(suite: Suite) -> None:
    """Twice the same bytes; in the reader's language, its name too."""
    await tell(suite, changed(pieces=[await given(suite, "notes", files.pdf(3))], forms=[FORM]))
    _, pdf, headers = await paper(suite, "dossier")
    assert "1/4" in words(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.docinfo["/Title"]) == "Dossier de candidature"
    assert 'filename="dossier-AB12CD34-M1-MER.pdf"' in headers["Content-Disposition"]
    assert (await paper(suite, "dossier"))[1] == pdf
    await tell(suite, changed(pieces=[], forms=[FORM]))
    _, pdf, headers = await paper(suite, "dossier", language="en")
    assert "1/1" in words(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.docinfo["/CreationDate"]) == "D:20270125093000Z"
        assert str(opened.docinfo["/Title"]) == "Application file"
        assert str(opened.Root.Lang) == "en"
    assert 'filename="application-AB12CD34-M1-MER.pdf"' in headers["Content-Disposition"]


async def test_what_is_damaged_or_gone_is_left_out_and_named_and_the_rest_is_there(suite: Suite) -> None:
    """Acceptance 61."""
    broken = await given(suite, "broken", files.pdf(2))
    (key,) = await keys(suite)
    objects = suite.service("documents").service.ports.objects
    await objects.delete(key)
    async with objects.stage(2**20) as stage:
        await stage.write(files.pdf(2)[:-9])
        await stage.finish()
        await stage.commit(key, "application/pdf")
    pieces = [broken, slot("lost", "2" * 26), await given(suite, "notes", files.pdf(2))]
    await tell(suite, changed(pieces=pieces))
    status, pdf, _ = await paper(suite, "dossier")
    assert status == 200
    assert [title for title, _ in bookmarks(pdf)] == ["Dossier de candidature", "Relevé de notes"]
    said = words(pdf)
    assert said.count("Non jointe") == 2
    assert "le fichier ne peut pas être lu" in said and "n’est plus conservé" in said


async def test_restricted_signed_and_filled_in_ones_show_what_they_show(suite: Suite) -> None:
    """Acceptance 52, 61: two copies of one form keep their own answers; the new file asks for no password."""
    pieces = [
        await given(suite, "restricted", KINDS["text, restricted"]),
        await given(suite, "signed", (INPUTS / "ok-signed.pdf").read_bytes()),
        await given(suite, "locked", (INPUTS / "08-signed-and-owner-encrypted.pdf").read_bytes()),
        await given(suite, "first", files.filled_form("Durand")),
        await given(suite, "second", files.filled_form("Martin")),
    ]
    await tell(suite, changed(pieces=pieces))
    _, pdf, _ = await paper(suite, "dossier")
    assert len(bookmarks(pdf)) == 6
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not opened.is_encrypted
        assert "/AcroForm" not in opened.Root
    assert "Durand" in words(pdf) and "Martin" in words(pdf)


@pytest.mark.parametrize("state", ["draft", "submitted", "incomplete", "complete", "cancelled"])
async def test_it_is_there_in_every_state_and_never_a_strangers(suite: Suite, state: str) -> None:
    """Acceptance 61, 62: without a piece too; what was submitted goes with the profile as it was."""
    await tell(suite, changed(pieces=[], state=state, submission=None if state == "draft" else submitted()))
    status, pdf, _ = await paper(suite, "dossier")
    assert (status, len(bookmarks(pdf))) == (200, 1)
    assert ("Müller-L’Hôte" in words(pdf)) is (state != "draft")
    assert (await paper(suite, "dossier", account="eve"))[0] == 404
    assert (await paper(suite, "dossier", application="0" * 26))[0] == 404


async def test_pieces_beyond_the_bound_of_bytes_are_named_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bound, and one byte past it."""
    monkeypatch.setenv("PARVIS_DOCUMENTS_DOSSIER_BYTES", str(2**20))
    async with run_suite(tmp_path, services=("documents",)) as suite:
        first = await given(suite, "first", files.pdf_of(2**20 - 5000))
        for size, titles in ((5000, ["Pièce first", "Pièce second"]), (5001, ["Pièce first"])):
            pieces = [first, await given(suite, "second", files.pdf_of(size))]
            await tell(suite, changed(pieces=pieces))
            _, pdf, _ = await paper(suite, "dossier")
            assert [title for title, _ in bookmarks(pdf)][1:] == titles
            assert ("trop volumineux" in words(pdf)) is (size == 5001)
