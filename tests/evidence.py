"""pytest's report of a test that fails tells the last words of the processes that the test started."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Final

import pytest

CHARACTERS: Final = 4000
FILES: Final = 12


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if report.failed and isinstance(folder, Path):
        report.sections.extend((f"End of {log.name}", last_words(log)) for log in _logs(folder))
    return report


def _logs(folder: Path) -> Iterable[Path]:
    return sorted(folder.rglob("*.log"), key=lambda log: log.stat().st_mtime)[-FILES:]


def last_words(log: Path) -> str:
    """The last lines of a log, whole ones if there is room for one."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - CHARACTERS))
        text = file.read().decode(errors="replace")
    return text if size <= CHARACTERS else text.partition("\n")[2] or text
