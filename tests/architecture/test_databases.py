"""Nobody opens a database but sqlite (ADR 28): not in the code of the stores, and not in any process of a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.chassis.store.executor import ConnectionExecutor
from tests.architecture.source import ROOT, calls, files, listed, place, tree
from tests.descriptors import SecondDescriptorError

OPENS = re.compile(r"^(open|os\.open|io\.open|shutil\..*)$|\.(open|read_bytes|read_text|write_bytes|write_text|touch)$")
MAKES = {f"services/chassis/store/{name}.py" for name in ("files", "ownership", "manifest")}
"""Makes databases under another name, before they can be held; opens a folder and its lock; writes what is no database."""


def openings(file: Path) -> list[str]:
    return [place(file, line) for line, name in calls(tree(file)) if OPENS.search(name)]


def test_the_code_of_the_stores_opens_no_file() -> None:
    found = [
        finding
        for file in files("services/chassis/store")
        if str(file.relative_to(ROOT)) not in MAKES
        for finding in openings(file)
    ]
    assert not found, listed(found)


@pytest.mark.parametrize("text", ["os.open(path, 0)", "open(path)", "path.read_bytes()", "shutil.copyfile(a, b)"])
def test_a_breach_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "seed.py").write_text(text, encoding="utf-8")
    assert len(openings(tmp_path / "seed.py")) == 1


async def test_a_second_descriptor_is_found_in_a_test(tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite"
    lane = ConnectionExecutor(path, threads=1, writes=True)
    await lane.run(lambda connection: connection.execute("CREATE TABLE t (x)").close())
    for name in ("held.sqlite", "held.sqlite-shm"):
        with pytest.raises(SecondDescriptorError):
            (tmp_path / name).read_bytes()
    await lane.close()
    assert path.read_bytes()
