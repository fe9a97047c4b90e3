"""The commands that the documents tell a reader to type are there."""

import re
import subprocess
from pathlib import Path

import pytest

FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"(?:^|[\s;&(])make ([a-z]+)\b", re.MULTILINE)
PROMISED = ["run", "demo", "test", "check", "lint", "types", "docs", "bench", "lock"]


@pytest.fixture(scope="module")
def targets(root: Path) -> set[str]:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_the_promised_commands_are_there(targets: set[str]) -> None:
    assert targets.issuperset(PROMISED)


def test_every_make_command_of_the_documents_is_a_target(tracked: list[Path], targets: set[str]) -> None:
    for page in (file for file in tracked if file.suffix == ".md"):
        text = page.read_text(encoding="utf-8")
        code = "\n".join(FENCED.findall(text) + INLINE.findall(FENCED.sub("", text)))
        assert set(MAKE.findall(code)) <= targets, page


def test_the_readme_opens_with_the_two_commands(root: Path) -> None:
    first = FENCED.search((root / "README.md").read_text(encoding="utf-8"))
    assert first
    assert MAKE.findall(first[1]) == ["run", "test"]
    assert first.start() < 200


def test_bare_make_lists_every_command(root: Path, targets: set[str]) -> None:
    answer = subprocess.run(["make"], cwd=root, check=True, capture_output=True, text=True)
    assert set(re.findall(r"^  make ([a-z]+) +\S", answer.stdout, re.MULTILINE)) == targets
