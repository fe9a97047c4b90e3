"""The page that explains the suite names files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
SERVICES = ("accounts", "offers", "applications", "documents", "mailer")


def named() -> list[str]:
    """Every path in the page that says in which folder it is; placeholders left out."""
    paths = re.findall(r"`([a-z_.]+(?:/[a-z_.]+)+/?)`", PAGE.read_text())
    return sorted({path for path in paths if path.startswith(("services/", "tests/", "docs/", "deploy/"))})


def test_the_page_names_files() -> None:
    assert len(named()) > 15


@pytest.mark.parametrize("path", named())
def test_every_file_that_the_page_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_link_of_the_page_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE.read_text()):
        assert (PAGE.parent / target).exists(), target
