"""Catalogues with texts of a test's own, behind those of the suite."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from services.chassis.texts.catalogues import Catalogues
from services.contracts.languages import CATALOGUE, LOCALE


def catalogues_with(folder: Path, refusals: Mapping[str, Mapping[str, tuple[str, str]]]) -> Catalogues:
    """The suite's catalogues, in a folder, with these refusals: title and detail by key and language."""
    more: dict[str, dict[str, str]] = {}
    for key, texts in refusals.items():
        for language, (title, detail) in texts.items():
            more.setdefault(language, {}).update({f"{key}.title": title, f"{key}.detail": detail})
    return catalogues_of(folder, more)


def catalogues_of(folder: Path, more: Mapping[str, Mapping[str, str]]) -> Catalogues:
    """The suite's catalogues, in a folder, with more texts by language and key."""
    shutil.copytree(LOCALE, folder)
    for language, texts in more.items():
        with (folder / language / CATALOGUE).open("a", encoding="utf-8") as file:
            file.writelines(f"\nmsgid {quoted(key)}\nmsgstr {quoted(text)}\n" for key, text in texts.items())
    return Catalogues(folder)


def quoted(text: str) -> str:
    """A string of a catalogue."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
