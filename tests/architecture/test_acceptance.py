"""Every acceptance statement is named by a test that shows it, so that none gets lost."""

from __future__ import annotations

from pathlib import Path

from services.cli.acceptance_page import LAST, numbers_in, shown
from tests.architecture.source import ROOT

MEASURED = {100: ("docs/benchmarks.md", "B3 ")}
"""What no test can show, since none asserts a time: where it is measured, under which heading."""

OF_THE_GUIDES = {
    *(1, 2, 3, 5, 6, 7, 10, 11, 12, 13, 17, 19, 22, 23, 24, 25, 26, 27, 28, 36, 37, 38, 39, 42, 43, 45),
    *(48, 49, 50, 51, 52, 53, 54, 55, 57, 61, 64, 65, 66, 67, 68, 69, 70, 72),
}
"""What universities' guides say up to 76: each has a test on pages and one without."""

PAGES_ALONE = {22: "what the home page says"}


def test_every_statement_is_named_by_a_test_that_is_none_of_a_unit() -> None:
    found = shown()
    assert [number for number in range(1, LAST + 1) if not found[number] and number not in MEASURED] == []
    assert max(found) == LAST, "a number that is none"


def test_what_guides_say_is_shown_on_pages_and_without() -> None:
    found = shown()
    lacking = {
        number: [kind for kind, on in (("pages", True), ("API", False)) if on not in {t.is_page for t in found[number]}]
        for number in sorted(OF_THE_GUIDES)
    }
    lacking = {number: kinds for number, kinds in lacking.items() if kinds}
    assert lacking == {number: ["API"] for number in PAGES_ALONE}


def test_what_no_test_shows_is_measured() -> None:
    for page, heading in MEASURED.values():
        assert heading in (ROOT / page).read_text(encoding="utf-8")


def test_lists_and_ranges_are_read_and_what_names_nothing_is_seen(tmp_path: Path) -> None:
    for text, numbers in (
        ("Acceptance 44, 55, 66\nand 124: told.", {44, 55, 66, 124}),
        ("Shown (acceptance 48-50 and 53); product, section 9.", {48, 49, 50, 53}),
        ("acceptance 23 to 25, 27", {23, 24, 25, 27}),
        ("Section 12 of 45.", set()),
    ):
        assert numbers_in(text) == numbers, text
    for folder in ("unit", "service"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
        seed = tmp_path / "tests" / folder / "test_seed.py"
        seed.write_text('"""Acceptance 1."""\n\n\ndef test_it() -> None:\n    """Acceptance 2."""\n', encoding="utf-8")
    assert [number for number, tests in shown(tmp_path).items() if tests] == [2]
    assert [test.file for test in shown(tmp_path)[2]] == ["tests/service/test_seed.py"]
