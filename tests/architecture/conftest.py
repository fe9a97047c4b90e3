"""The repository as the architecture tests read it."""

import subprocess
from pathlib import Path

import pytest

from tests.architecture import source


@pytest.fixture(scope="session")
def root() -> Path:
    return source.ROOT


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[Path]:
    """Every file that git keeps or would keep: what a reader of a clone sees."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted({root / name for name in listing.stdout.split("\0") if name and (root / name).is_file()})
