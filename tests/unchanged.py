"""Tests of what the tests themselves stand on run when that changes, and where they are named.

What they stand on has a digest; `python -m tests.unchanged` runs them and writes it down in `unchanged.json`. Where it is
still the same, `make test` passes them over, and says so.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[1]
NOTED: Final = Path(__file__).with_name("unchanged.json")
STANDS_ON: Final = {
    # Not the services that are measured: types hold the benchmarks to these, and `make bench` shows the rest.
    "tests/unit/load": (
        "tests/unit/load",
        "tests/load",
        "tests/candidate.py",
        "tests/processes.py",
        "pyproject.toml",
        "requirements-dev.lock",
    ),
    "tests/unit/servers": (
        "tests/unit/servers",
        "tests/servers",
        "tests/forkserver",
        "tests/conftest.py",
        "tests/evidence.py",
        "pyproject.toml",
        "requirements-dev.lock",
    ),
}
"""Folders of tests, and the files and folders that they are about."""
_WORKER_INPUT: Final = "parvis_unchanged"
_passed_over = pytest.StashKey[list[str]]()


def digest(paths: Iterable[str], root: Path = ROOT) -> str:
    """SHA-256 of the names and bytes of all files at these paths."""
    whole = hashlib.sha256()
    for path in paths:
        top = root / path
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.is_file() and "__pycache__" not in file.parts:
                content = file.read_bytes()
                whole.update(f"{file.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return whole.hexdigest()


def unchanged() -> list[str]:
    """The folders of tests of which all is as it was when they passed."""
    noted = json.loads(NOTED.read_text(encoding="utf-8"))
    return [folder for folder, paths in STANDS_ON.items() if noted.get(folder) == digest(paths)]


def pytest_configure(config: pytest.Config) -> None:
    worker_input = getattr(config, "workerinput", None)
    if worker_input is not None:
        config.stash[_passed_over] = list(worker_input[_WORKER_INPUT])
        return
    are_named = config.args_source is pytest.Config.ArgsSource.ARGS
    config.stash[_passed_over] = [] if are_named else unchanged()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist is about to start a worker, which is to pass over the same."""
    node.workerinput[_WORKER_INPUT] = node.config.stash[_passed_over]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    folders = [ROOT / folder for folder in config.stash[_passed_over]]
    passed_over = [item for item in items if any(item.path.is_relative_to(folder) for folder in folders)]
    if passed_over:
        config.hook.pytest_deselected(items=passed_over)
        items[:] = [item for item in items if item not in passed_over]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for folder in terminalreporter.config.stash[_passed_over]:
        terminalreporter.line(f"{folder}: passed over, what it is about is as it was when it passed")


def main() -> int:
    """Run them all, and write down what they have passed with."""
    code = subprocess.run([sys.executable, "-m", "pytest", *STANDS_ON, *sys.argv[1:]], cwd=ROOT, check=False).returncode
    if code == 0:
        noted = {folder: digest(paths) for folder, paths in STANDS_ON.items()}
        NOTED.write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
