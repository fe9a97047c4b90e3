"""Names in the tree are those of docs/glossary.md: what it lists under *not* names no class, function or module."""

from __future__ import annotations

import ast
import re

import pytest

from services.contracts.languages import LOCALE
from tests.architecture import catalogue
from tests.architecture.source import ROOT, files, listed, place, tree

PAGE = ROOT / "docs" / "glossary.md"


def avoided() -> set[str]:
    """The words of the last column of the second table."""
    _, _, machinery = PAGE.read_text().partition("## Words of the machinery")
    rows = [line.strip().strip("|").split("|") for line in machinery.splitlines() if line.startswith("|")]
    return {word for row in rows[2:] for word in re.findall(r"`(\w+)`", row[-1])}


def named(source: ast.Module) -> list[tuple[str, int]]:
    """Classes and functions that a module declares at its top or in a class, and where."""
    owners: list[ast.Module | ast.ClassDef] = [
        source,
        *(node for node in source.body if isinstance(node, ast.ClassDef)),
    ]
    return [
        (node.name, node.lineno)
        for owner in owners
        for node in owner.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def avoided_in_english() -> list[str]:
    """What English texts do not say."""
    _, _, page = PAGE.read_text().partition("## Words on English screens")
    rows = [line.strip().strip("|").split("|") for line in page.partition("\n## ")[0].splitlines() if line[:1] == "|"]
    return [words.strip() for row in rows[2:] for words in row[-1].split(",")]


def unsaid(text: str) -> list[str]:
    """Which of them a text says; a name that stands for something, in braces, is none, and a file has a number."""
    plain = re.sub(r"\{[^}]*\}+", "", text)
    return [words for words in avoided_in_english() if re.search(rf"\b{words}\b(?! number)", plain, re.IGNORECASE)]


def test_english_texts_say_one_word_for_one_thing() -> None:
    assert unsaid("Your file is complete: the Board has decided.") == ["board", "your file is"]
    assert not unsaid("{board}: I have forgotten my file number. {{ board }} Nothing is wrong with your file.")
    there = catalogue.messages(catalogue.read(LOCALE, "en"))
    texts = {key: " ".join(catalogue.forms(message)) for key, message in there.items()}
    texts |= {f"{place(file, 1)}": file.read_text() for file in (ROOT / "services/mailer/templates").glob("*/en.txt")}
    assert not {key: found for key, text in texts.items() if (found := unsaid(text))}


def test_the_page_lists_words_to_avoid() -> None:
    assert {"Command", "Fact", "patience", "put_off"} <= avoided()


@pytest.mark.parametrize("folder", ["services"])
def test_no_name_is_one_that_the_glossary_avoids(folder: str) -> None:
    words = avoided()
    found = [f"{file.relative_to(ROOT)} as a module" for file in files(folder) if file.stem in words]
    found += [
        f"{place(file, line)}: {name}" for file in files(folder) for name, line in named(tree(file)) if name in words
    ]
    assert not found, listed(found)


def test_a_name_that_is_avoided_is_found() -> None:
    source = ast.parse("class Card:\n    def put_off(self): ...\n\nasync def evenly(): ...\n")
    assert {name for name, _ in named(source)} & avoided() == {"Card", "put_off", "evenly"}
