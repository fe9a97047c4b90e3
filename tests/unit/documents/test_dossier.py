"""One PDF of a whole file, as the inspector makes it: what is left out, and that the bound of pages holds."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pikepdf

from services.documents.usecases.inspection.dossier import MAX_PAGES, Piece, dossier
from tests.unit.documents import files

PDF = "application/pdf"


class Cover:
    """Takes down what a cover is made of."""

    def __call__(self, data: Mapping[str, Any]) -> bytes:
        self.left_out = data["left_out"]
        self.notes = [item["note"] for item in data["pieces"]["items"]]
        return files.pdf()


def made(*pieces: tuple[bytes, str]) -> tuple[int, list[str], Any]:
    """How many pages, what is noted beside each piece, and whether the cover says that something lacks."""
    cover = Cover()
    data = {
        "title": "Dossier",
        "left_out": "lacks",
        "notes": {"damaged": "damaged", "too_large": "large"},
        "pieces": {"items": [{"label": str(number), "note": ""} for number in range(len(pieces))]},
    }
    verdict = dossier(data, [Piece(number, *piece) for number, piece in enumerate(pieces)], cover)
    with pikepdf.open(io.BytesIO(verdict.made)) as opened:
        return len(opened.pages), cover.notes, cover.left_out


def test_what_cannot_be_read_is_left_out_and_the_rest_is_there() -> None:
    """Acceptance 61."""
    broken = ((b"%PDF-1.7 nothing", PDF), (files.jpeg()[:200], "image/jpeg"), (files.encrypted_pdf(), PDF))
    assert made(*broken, (files.pdf(2), PDF)) == (3, ["damaged"] * 3 + [""], "lacks")
    assert made((files.pdf(2), PDF), (files.jpeg(), "image/jpeg")) == (4, ["", ""], None)


def test_it_has_so_many_pages_and_not_one_more() -> None:
    long, last = files.pdf(MAX_PAGES - 1), files.pdf(1)
    assert made((long, PDF), (last, PDF)) == (MAX_PAGES + 1, ["", ""], None)
    assert made((long, PDF), (files.pdf(2), PDF), (last, PDF)) == (MAX_PAGES + 1, ["", "large", ""], "lacks")


def test_the_same_file_gives_the_same_bytes() -> None:
    data = {"title": "", "left_out": "", "notes": {}, "pieces": {"items": [{"label": "cv", "note": ""}]}}
    cover = piece = files.pdf()  # every PDF made is another one: its identifier knows the hour
    first, second = (dossier(data, [Piece(0, piece, PDF)], lambda _: cover).made for _ in range(2))
    assert first == second
