"""What is passed over because it is unchanged runs as soon as a byte of it is another, or it is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.unchanged import STANDS_ON, digest, unchanged


def test_whatever_changes_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "folder/deeper").mkdir(parents=True)
    file, other = tmp_path / "folder/deeper/one.py", tmp_path / "two.lock"
    file.write_text("1")
    other.write_text("2")
    seen = {digest(["folder", "two.lock"], tmp_path)}
    file.write_text("3")
    seen.add(digest(["folder", "two.lock"], tmp_path))
    other.write_text("4")
    seen.add(digest(["folder", "two.lock"], tmp_path))
    file.rename(file.with_name("three.py"))
    seen.add(digest(["folder", "two.lock"], tmp_path))
    (tmp_path / "folder/new").touch()
    seen.add(digest(["folder", "two.lock"], tmp_path))
    assert len(seen) == 5


def test_only_what_is_not_named_is_passed_over(root: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    for how, are_named in ([*STANDS_ON], True), (["--override-ini", f"testpaths={' '.join(STANDS_ON)}"], False):
        said = subprocess.run([*command, *how], cwd=root, env=own, capture_output=True, text=True, check=False).stdout
        for folder in STANDS_ON:
            assert (f"{folder}/" in said) == (are_named or folder not in unchanged())
            assert (f"{folder}: passed over" in said) != (f"{folder}/" in said)
