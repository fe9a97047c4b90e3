"""The generated page of which test shows which acceptance statement, read from the docstrings of the tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.docs_generation import NOTICE

ROOT: Final = Path(__file__).parents[2]

LAST: Final = 126
SECTIONS: Final = {
    1: "Account",
    23: "Profile",
    36: "Catalogue and application",
    48: "Documents",
    65: "Submission",
    78: "Decision and answer",
    92: "Roles, locks, files, operations",
    101: "Found by attacking and operating it",
    114: "What is told",
    116: "Found on a second reading of the guides",
}
"""The first statement of each section."""

INTRODUCTION: Final = """\
The statements are those of the requirements that Parvis was ordered by, which are not in this repository. Domain tests of
`tests/unit` are not listed, nor what a module says of itself as a whole: `grep -rniE "acceptance.*\\b45\\b" tests` finds
them too. What asserts a time is no test: see [the benchmarks](benchmarks.md).
"""

_NAMED: Final = re.compile(r"\bacceptance ((?:\d+(?:,? (?:and|to) |, ?|-)?)+)", re.IGNORECASE)


class Shown(NamedTuple):
    """A test that names a statement: its file from the root of the repository, and its name."""

    file: str
    name: str

    @property
    def is_page(self) -> bool:
        """Whether it goes by the pages that people see."""
        return self.file.startswith(("tests/service/portal/", "tests/screens/", "tests/journeys/test_on_pages"))


def numbers_in(text: str) -> set[int]:
    """The statements that a docstring names, in lists and ranges too."""
    found: set[int] = set()
    for named in _NAMED.finditer(" ".join(text.split())):
        for first, last in re.findall(r"(\d+)(?: to |-)(\d+)", named[1]):
            found |= set(range(int(first), int(last) + 1))
        found |= {int(number) for number in re.findall(r"\d+", named[1])}
    return found


def shown(root: Path = ROOT) -> Mapping[int, Sequence[Shown]]:
    """Which tests outside `tests/unit` name each statement, by file and name."""
    found: dict[int, list[Shown]] = {number: [] for number in range(1, LAST + 1)}
    for file in sorted((root / "tests").rglob("*.py")):
        place = file.relative_to(root).as_posix()
        if place.startswith("tests/unit/"):
            continue
        for name, text in _tests(ast.parse(file.read_text(encoding="utf-8"), place)):
            for number in numbers_in(text):
                found.setdefault(number, []).append(Shown(place, name))
    return found


def _tests(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""


def acceptance() -> str:
    """Every statement with the tests that show it."""
    lines = [NOTICE, "# Which test shows which acceptance statement", "", INTRODUCTION]
    found = shown()
    for first, end in pairwise([*SECTIONS, LAST + 1]):
        lines += [f"## {SECTIONS[first]}", "", "| | on pages | otherwise |", "|---|---|---|"]
        for number in range(first, end):
            pages, others = ([each for each in found[number] if each.is_page is on] for on in (True, False))
            lines.append(f"| {number} | {_links(pages)} | {_links(others)} |")
        lines.append("")
    return "\n".join(lines)


def _links(tests: Sequence[Shown]) -> str:
    return "<br>".join(f"[{each.name.removeprefix('test_')}](../{each.file})" for each in tests)
