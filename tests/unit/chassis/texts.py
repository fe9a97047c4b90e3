"""Catalogues with texts of a test's own, behind those of the suite."""

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from services.chassis.texts.catalogues import Catalogues
from services.contracts.languages import CATALOGUE, LOCALE


def catalogues_with(refusals: Mapping[str, Mapping[str, tuple[str, str]]]) -> Catalogues:
    """The suite's catalogues with these refusals: title and detail by key and language."""
    more: dict[str, dict[str, str]] = {}
    for key, texts in refusals.items():
        for language, (title, detail) in texts.items():
            more.setdefault(language, {}).update({f"{key}.title": title, f"{key}.detail": detail})
    return catalogues_of(more)


def catalogues_of(more: Mapping[str, Mapping[str, str]]) -> Catalogues:
    """The suite's catalogues with more texts by language and key; the same are read once, which takes half a second."""
    return _read(tuple((language, tuple(texts.items())) for language, texts in more.items()))


@cache
def _read(more: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> Catalogues:
    with TemporaryDirectory() as parent:
        folder = Path(parent) / "locale"
        shutil.copytree(LOCALE, folder)
        for language, texts in more:
            with (folder / language / CATALOGUE).open("a", encoding="utf-8") as file:
                file.writelines(f"\nmsgid {quoted(key)}\nmsgstr {quoted(text)}\n" for key, text in texts)
        return Catalogues(folder)


def quoted(text: str) -> str:
    """A string of a catalogue."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
