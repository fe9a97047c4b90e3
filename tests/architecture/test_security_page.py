"""The page on security names each requirement of the standard once, and tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security.md"

# The requirements of levels 1 and 2 of ASVS 5.0.0: how many each section begins with. Those of level 3 stand behind them.
SECTIONS: Final = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def requirements() -> list[str]:
    """Every requirement by its number."""
    return [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]


def named() -> list[str]:
    """Every test that the page names."""
    return sorted(set(re.findall(r"`([a-z_/]+/test_[a-z_]+\.py::\S+)`", PAGE.read_text())))


@cache
def functions_of(path: Path) -> set[str]:
    """The names of the tests of a module."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, functions)}


def test_each_requirement_stands_on_the_page_once() -> None:
    given = re.findall(r"(?<![\d.])(\d{1,2}\.\d\.\d{1,2})(?![\d.])", PAGE.read_text().replace("ASVS 5.0.0", ""))
    assert sorted(number for number in given if number != "5.0.0") == sorted(requirements())


def test_each_row_of_what_is_met_names_a_test() -> None:
    met, _, _ = PAGE.read_text().partition("## What is not there")
    rows = re.findall(r"^\| \d.*$", met, re.MULTILINE)
    assert len(rows) > 100
    assert [row for row in rows if "::test_" not in row] == []


@pytest.mark.parametrize("test", named())
def test_every_test_that_the_page_names_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    assert name in functions_of(TESTS / path)
