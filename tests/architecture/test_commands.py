"""The commands that the documents tell a reader to type are there."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.architecture.source import files, tree

FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"(?:^|[\s;&(])make ([a-z]+)\b", re.MULTILINE)
PROMISED = ["run", "demo", "test", "cover", "check", "lint", "types", "docs", "bench", "lock"]


def run_by_name() -> set[tuple[str, str]]:
    """The modules and functions that commands are run by, which are named and not imported."""
    calls = [node for file in files("services/cli") for node in ast.walk(tree(file)) if isinstance(node, ast.Call)]
    words = [
        [each.value for each in call.args if isinstance(each, ast.Constant)]
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "run"
    ]
    return {(str(module), str(function)) for module, function in words}


def test_what_a_command_is_run_by_is_there() -> None:
    assert len(run_by_name()) > 30
    for module, function in sorted(run_by_name()):
        assert hasattr(importlib.import_module(f"services.cli.{module}"), function), (module, function)


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


def test_commit_hooks_are_the_tools_of_the_locks_and_fetch_nothing(root: Path) -> None:
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repository in config["repos"] for hook in repository["hooks"]]
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config"], cwd=root, check=True)


def test_ci_runs_the_same_command_as_people(root: Path) -> None:
    script = root / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text(encoding="utf-8")
