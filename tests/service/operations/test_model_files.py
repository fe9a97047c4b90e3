"""The sample university's files to fill in: a phone fills them in, and what comes of it can be given back."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf.form import DefaultAppearanceStreamGenerator, Form, RadioButtonGroup, TextField

from services.cli.model_files import MODELS, model_file
from services.documents.usecases.inspection.assembling import flatten
from services.documents.usecases.inspection.tasks import inspect

SOURCES = sorted(MODELS.glob("*.typ"))


def filled(content: bytes) -> bytes:
    """The file as an app gives it back: each text says its own name, and the second of some boxes is ticked."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for name, field in Form(pdf, DefaultAppearanceStreamGenerator).items():
            match field:
                case RadioButtonGroup():
                    field.value = field.options[1].on_value
                case TextField():
                    field.value = name
                case _:
                    raise AssertionError(name)
        pdf.save(out := io.BytesIO())
    return out.getvalue()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_file_has_the_fields_of_its_source(source: Path) -> None:
    """It was made anew when its source was; another release of typst may write the same otherwise."""
    there, made = (
        pikepdf.open(io.BytesIO(each)) for each in (source.with_suffix(".pdf").read_bytes(), model_file(source))
    )
    for pdf in (there, made):
        assert len(pdf.pages) == 1
    assert [_told(each) for each in there.Root.AcroForm.Fields] == [_told(each) for each in made.Root.AcroForm.Fields]
    assert model_file(source) == model_file(source)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_file_that_was_filled_in_is_taken_without_a_word_and_shows_what_was_typed(source: Path) -> None:
    content = filled(source.with_suffix(".pdf").read_bytes())
    verdict = inspect(content, "application/pdf", 48_000_000)
    assert (verdict.finding, verdict.warnings) == (None, ())
    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = [name for name, field in Form(pdf).items() if not field.is_radio_button]
        ticked = [str(field.value) for field in Form(pdf).fields if field.is_radio_button]
        flatten(pdf)
        pdf.save(out := io.BytesIO())
    assert set(ticked) <= {"/2"} and bool(ticked) == source.stem.startswith("lettre")
    shown = pypdfium2.PdfDocument(out.getvalue())[0].get_textpage().get_text_range()
    words = " ".join(shown.split())
    narrow = ("Année", "Résultat")
    assert [name for name in names if name not in words and not name.startswith(narrow)] == []


def _told(field: pikepdf.Object) -> tuple[str, str, list[list[float]]]:
    widgets = list(field.get("/Kids", [field]))
    return str(field.T), str(field.FT), [[float(corner) for corner in each.Rect] for each in widgets]
