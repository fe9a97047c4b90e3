"""The ministry's real file: every one of its rows is counted, and what it holds can be found."""

import gzip
import os
from pathlib import Path
from typing import Final

import pytest

from services.chassis.clock import FixedClock
from services.chassis.settings import Settings
from services.chassis.testing import run_suite
from services.cli.offline import opened
from services.offers.usecases.mon_master import MonMasterOptions
from services.offers.wiring import import_mon_master
from tests.servers.available import DataNotHere
from tests.service.offers.asking import get
from tests.service.offers.conftest import NOON, command

ROWS: Final = 10_579
MENTIONS: Final = 4_113
"""Pairs of mention and institution in the file."""

BESIDE: Final = Path(__file__).parents[4] / "shared" / "data" / "mon-master-mentions.csv.gz"


@pytest.fixture
def file() -> Path:
    """The file, which is not part of the project."""
    path = Path(os.environ.get("PARVIS_TEST_MON_MASTER", BESIDE))
    if not path.is_file():
        raise DataNotHere(
            "mon-master-mentions.csv.gz",
            "the ministry's open data are not on this machine",
            "let PARVIS_TEST_MON_MASTER name the file",
        )
    return path


async def test_all_rows_are_counted_and_a_second_run_changes_nothing(file: Path, tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    async with opened(Settings(data=tmp_path), ["offers"]) as suite:
        first, second = [
            await import_mon_master(
                suite["offers"].ports,
                file,
                command=command(),
                options=MonMasterOptions(),
                progress=lambda at, total: done.append((at, total)),
            )
            for _ in range(2)
        ]
    assert (first.rows, first.created, first.superseded, first.faulty) == (ROWS, MENTIONS, ROWS - MENTIONS, 0)
    assert (second.rows, second.unchanged, second.superseded, second.changes) == (ROWS, MENTIONS, ROWS - MENTIONS, [])
    assert done[-1] == (ROWS, ROWS)

    async with run_suite(tmp_path, services=("offers",), clock=FixedClock(NOON)) as suite:
        found = await get(suite, "/programmes", {"q": "energie solaire", "centre": "UPVD-SEE"})
        assert found["total"] == 2
        everything = await get(suite, "/programmes", {"diploma": "master", "limit": "1"})
        assert everything["total"] == MENTIONS
        sea = await get(suite, "/programmes", {"q": "sciences de la mer", "diploma": "master"})
        assert sea["total"] > 0
        assert {item["title"] for item in sea["items"][:1]} == {"Sciences de la mer"}
        seen: set[str] = set()
        after: dict[str, str] = {}
        while True:
            page = await get(suite, "/programmes", {"diploma": "master", "limit": "200", **after})
            seen |= {item["code"] for item in page["items"]}
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert len(seen) == MENTIONS
        facets = await get(suite, "/facets", {"diploma": "master"})
        assert sum(facet["count"] for facet in facets["centres"]) == MENTIONS
        assert len(facets["centres"]) == 165


@pytest.fixture
def spoiled(file: Path, tmp_path: Path) -> tuple[Path, list[int]]:
    """A copy with two spoiled rows, and their lines."""
    lines = gzip.decompress(file.read_bytes()).split(b"\n")
    newest = [at for at, line in enumerate(lines) if line.startswith(b"2021;")]
    lines[newest[0]] = lines[newest[0]].replace(b"2021;", b"soon;", 1)
    lines[newest[100]] = b'2021;"' + lines[newest[100]]
    copy = tmp_path / "spoiled.csv"
    copy.write_bytes(b"\n".join(lines))
    return copy, [newest[0] + 1, newest[100] + 1]


async def test_a_spoiled_copy_loses_only_the_spoiled_rows(spoiled: tuple[Path, list[int]], tmp_path: Path) -> None:
    copy, numbers = spoiled
    async with opened(Settings(data=tmp_path), ["offers"]) as suite:
        report = await import_mon_master(
            suite["offers"].ports,
            copy,
            command=command(),
            options=MonMasterOptions(dry_run=True),
            progress=lambda at, total: None,
        )
    assert [row.line for row in report.rejected] == numbers
    assert report.rows == ROWS
