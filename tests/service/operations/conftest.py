"""The data of a suite through which two people have gone; every test gets a copy of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from services import SERVICES
from services.chassis.clock import FixedClock
from services.chassis.settings import Settings
from services.chassis.testing import Suite, run_suite
from tests import forkserver
from tests.candidate import Candidate, Mailbox
from tests.processes import COMMAND_SECONDS

Parvis = Callable[..., subprocess.CompletedProcess[str]]

KINDS = {"account-created", "application-opened", "application-submitted"}


async def live(data: Path) -> None:
    """One person submits, another one is still at it; then the suite comes to rest and stops."""
    async with run_suite(data, services=SERVICES) as suite:
        mailbox = Mailbox(suite.host.settings.data / "mail")
        zoe, max_ = (Candidate(suite.client, suite.url, mailbox, insist=True) for _ in range(2))
        await zoe.goes_the_whole_way()
        await max_.becomes_known()
        await max_.opens(await max_.finds("energie solaire"))
        await max_.deposits(max_.pieces[0]["code"])
        await max_.deposits(max_.pieces[1]["code"])
        await max_.must("DELETE", f"{max_.place}/pieces/{max_.pieces[1]['code']}", 200)
        await suite.settle()
        assert isinstance(suite.clock, FixedClock)
        suite.clock.advance(minutes=10)  # what is opened is gathered that long
        await mails_are_sent(suite, 5)


async def mails_are_sent(suite: Suite, count: int) -> None:
    async with asyncio.timeout(120):
        while await suite.service("mailer").service.ports.store.count("deliveries", {"state": "sent"}) < count:
            await asyncio.sleep(0.02)
    await suite.settle()


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("lived") / "var"
    asyncio.run(live(data))
    return data


@pytest.fixture
def settings(lived: Path, tmp_path: Path) -> Settings:
    shutil.copytree(lived, tmp_path / "var", ignore=shutil.ignore_patterns("elsewhere"))
    return Settings(data=tmp_path / "var")


@pytest.fixture
def parvis(settings: Settings) -> Parvis:
    """The command line, on these data."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
        env = own | {"PARVIS_DATA": str(settings.data)} | environment
        return forkserver.run("services", *arguments, cwd=Path.cwd(), env=env, timeout=COMMAND_SECONDS)

    return run
