"""The next admission year, prepared and begun beside a running suite: `parvis campaign`, `parvis import catalogue`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.settings import Settings
from services.chassis.store.ownership import owned
from services.chassis.testing import Suite, run_suite
from services.cli.control import ControlSocket
from tests.service.offers.asking import get
from tests.service.offers.test_own_catalogue import ROWS, table
from tests.service.operations.conftest import Parvis
from tests.service.operations.test_control import services_of, typed
from tests.unit.offers.test_own_catalogue import PROGRAMME


@pytest.fixture
async def suite(settings: Settings) -> AsyncIterator[Suite]:
    """A suite that takes orders, as `parvis up` does."""
    async with (
        owned(settings.data),
        run_suite(settings.data, services=("accounts", "offers")) as suite,
        ControlSocket(settings.data, services_of(suite)).opened(),
    ):
        yield suite


async def test_the_next_campaign_takes_the_place_of_the_one_before(
    suite: Suite, parvis: Parvis, tmp_path: Path
) -> None:
    await suite.settle()
    before = (await get(suite, "/campaigns/current"))["code"]
    days = ("--starts", "2040-01-01", "--ends", "2040-12-31")
    done = await typed(parvis, "campaign", "plan", "2040-2041", "--label", "Candidatures 2040", *days)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "2040-2041: planned, from 2040-01-01 to 2040-12-31, Candidatures 2040"
    early = await typed(parvis, "campaign", "close", "2040-2041")
    assert (early.returncode, early.stdout) == (1, "")
    assert "has not begun" in early.stderr
    for _ in range(2):
        begun = await typed(parvis, "campaign", "activate", "2040-2041")
        assert begun.returncode == 0, begun.stderr
        assert [line.partition(",")[0] for line in begun.stdout.splitlines()] == [
            f"{before}: closed",
            "2040-2041: active",
        ]

    file = tmp_path / "catalogue.csv"
    file.write_bytes(table(*ROWS, {**PROGRAMME, "code": "FAULTY", "capacity": "many"}).encode("cp1252"))
    tried = await typed(parvis, "import", "catalogue", str(file), "--dry-run")
    assert tried.stdout.splitlines() == [
        "line 5: M1-MER created",
        "would be created 1, updated 0, unchanged 0, rejected 1",
    ]
    loaded = await typed(parvis, "import", "catalogue", str(file))
    assert (loaded.returncode, loaded.stdout.splitlines()[-1]) == (1, "created 1, updated 0, unchanged 0, rejected 1")
    assert loaded.stderr.splitlines()[-1] == "line 6: capacity: Write a whole number in figures."
    ended = await typed(parvis, "campaign", "close", "2040-2041")
    assert ended.returncode == 0, ended.stderr
