"""`parvis rehearse` says at once what cannot be played; what it plays is shown in tests/journeys/test_rehearsal.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.processes import parvis


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nothing;of;that\n1;2;3\n", "Nothing was played"),
        ("kind;code;label_fr\nprogramme;M1-MER;Sciences de la mer\n", "no programme that can be loaded"),
    ],
)
async def test_a_file_that_is_no_catalogue_is_told_before_anything_runs(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "catalogue.csv"
    file.write_text(content)
    ended = await parvis("rehearse", "--catalogue", str(file), cwd=tmp_path, env=os.environ)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert os.listdir(tmp_path) == ["catalogue.csv"]  # noqa: PTH208 - a look


async def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    ended = await parvis("rehearse", "--keep", str(tmp_path), cwd=tmp_path, env=os.environ)
    assert ended.returncode == 2
    assert "is there already" in ended.stderr
