"""A whole campaign by a clock that is moved, from before the opening to the erasure: everybody gets what they are owed."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from services.chassis.settings import Settings
from services.cli.due import do_what_is_due
from services.cli.rehearsing import report
from services.cli.rehearsing.catalogue import made_up
from services.cli.rehearsing.suite import OF_SERVICES, Silent, settings_on, shown
from services.cli.rehearsing.whole import Rehearsed
from services.offers.usecases.own_catalogue import described
from tests.processes import SuiteProcess

LONG: Final = os.environ.get("PARVIS_TEST_LONG") == "1"
PEOPLE: Final = int(os.environ.get("PARVIS_TEST_PEOPLE", "2000")) if LONG else 18
PROGRAMMES: Final = 20 if LONG else 1
SEED: Final = 13
"""By which eighteen people do whatever people do."""
ZONE: Final = ZoneInfo("Europe/Paris")


class Played:
    """The embedded suite, on the clock of the play."""

    def __init__(self, folder: Path) -> None:
        self._clock = folder / "clock"
        self.show(datetime.now(ZONE))
        self._process = SuiteProcess(folder / "var")
        given = settings_on(folder, "Europe/Paris", self._process.port, self._process.ops_port)
        self._process.settings |= given | dict(OF_SERVICES)
        self.settings = Settings(**given)
        self.mails = folder / "var" / "mail"
        self.starts = 0

    @property
    def base(self) -> str:
        return self._process.base

    def show(self, moment: datetime) -> None:
        shown(self._clock, moment)

    async def start(self) -> None:
        await self._process.start()
        assert self._process.alive, self._process.log.read_text()[-2000:]
        self.starts += 1

    async def stop(self) -> None:
        if self._process.alive:
            assert await self._process.stop() == 0

    async def does_what_is_due(self) -> bool:
        return bool(await do_what_is_due.on(self.settings, Silent(), {}))

    async def kill(self) -> None:
        if self._process.alive:
            await self._process.kill()


def with_catalogue(folder: Path, programmes: int) -> Path:
    """A catalogue in a new folder."""
    folder.mkdir()
    catalogue = folder / "catalogue"
    catalogue.write_text(made_up(programmes))
    return catalogue


async def rehearsed(suite: Played, catalogue: Path, *, people: int, seed: int) -> Rehearsed:
    """A campaign that was played, and its report in the output of the test."""
    planned = described(await asyncio.to_thread(catalogue.read_bytes), "")
    played = Rehearsed(suite, planned, people=people, seed=seed, zone=ZONE, tell=print)
    try:
        await played.play(catalogue)
    finally:
        await suite.stop()
    print(report.text(played.ledger, people=people, seed=seed, moments=played.moments))
    return played


@pytest.mark.timeout(3600)
async def test_a_whole_campaign_comes_as_it_must_over_stops_and_crashes(tmp_path: Path) -> None:
    """Acceptance 46, 75, 76, 78 to 91, 98, 99: opening to erasure, every kind of decision, each mail once, capacity kept."""
    catalogue = with_catalogue(tmp_path / "suite", PROGRAMMES)
    played = await rehearsed(Played(tmp_path / "suite"), catalogue, people=PEOPLE, seed=SEED)
    assert not played.ledger.broken, "\n".join(played.ledger.broken)
    assert sum(course.promoted for course in played.ledger.courses.values()) > 0
    decided = {file.decision for file in played.ledger.files.values()}
    assert decided >= {"favourable", "unfavourable", "waitlist"}
    places = {file.place for file in played.ledger.files.values()}
    assert places >= {"accepted", "withdrawn", "left"}
    mailed = sum((kinds for kinds in played.ledger.mails.values()), Counter())
    assert {
        "answer-due",
        "place-lapsed",
        "decision-shortlisted",
        "decision-ranked-waitlist",
        "deadline-moved",
    } <= mailed.keys()
