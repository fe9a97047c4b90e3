"""`parvis staff` beside a running suite: somebody is let into the files of a centre, and out again within seconds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.settings import Settings
from services.chassis.store.ownership import owned
from services.chassis.testing import Suite, run_suite
from services.cli.control import ControlSocket
from tests.candidate import PASSWORD, Mailbox
from tests.service.operations.conftest import Parvis
from tests.service.operations.test_control import services_of, typed

KIM = "kim@univ.test"
SECONDS = 120
"""For being stuck: a token that has ended is refused a second after it is known."""


@pytest.fixture
async def suite(settings: Settings) -> AsyncIterator[Suite]:
    """A suite that takes orders, as `parvis up` does."""
    async with (
        owned(settings.data),
        run_suite(settings.data, services=("accounts", "offers", "applications", "mailer")) as suite,
        ControlSocket(settings.data, services_of(suite)).opened(),
    ):
        yield suite


async def test_a_manager_is_added_and_removed_beside_a_suite(suite: Suite, parvis: Parvis) -> None:
    await suite.settle()
    wrong = await typed(parvis, "staff", "add", "kim", "--role", "manager")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    over = await typed(parvis, "staff", "add", KIM, "--role", "manager", "--until", "2020-01-01")
    assert (over.returncode, over.stdout) == (1, "") and "2020-01-01 is over" in over.stderr
    unknown = await typed(parvis, "staff", "add", "max@univ.test", "--role", "manager", "--centre", "UPVD-SE")
    assert unknown.returncode == 0 and "No programme has the centre UPVD-SE" in unknown.stderr
    assert (await typed(parvis, "staff", "remove", "max@univ.test")).returncode == 0
    added = await typed(
        parvis, "staff", "add", KIM, "--role", "manager", "--centre", "UPVD-SEE", "--until", "2100-12-31"
    )
    assert added.returncode == 0, added.stderr
    assert added.stdout.endswith(": pending, 1 role\n") and not added.stderr
    token = await Mailbox(suite.host.settings.data / "mail").link_token(KIM)
    followed = {"token": token, "password": PASSWORD}
    async with suite.client.post("/api/accounts/validations", json=followed) as response:
        assert response.status == 200
    login = {"login": KIM, "password": PASSWORD}
    async with suite.client.post("/api/accounts/sessions", json=login) as response:
        bearer = {"Authorization": f"Bearer {(await response.json())['access_token']}"}
    async with suite.client.get("/api/applications/review", headers=bearer) as response:
        assert response.status == 200
        assert {row["programme"] for row in (await response.json())["items"]} == {"UPVD-M1-ENERGIE-SOLAIRE"}
    async with suite.client.get("/api/offers/parameters", headers=bearer) as response:
        assert response.status == 403

    listed = await typed(parvis, "staff", "list", "--json")
    row = json.loads(listed.stdout)
    assert [row[name] for name in ("email", "state", "role", "centres", "commissions", "until")] == [
        KIM,
        "validated",
        "manager",
        "UPVD-SEE",
        "all",
        "2100-12-31",
    ]

    await suite.settle()
    for service in ("accounts", "mailer"):
        verified = await typed(parvis, "verify", service)
        assert verified.returncode == 0, verified.stdout

    removed = await typed(parvis, "staff", "remove", KIM)
    assert removed.returncode == 0, removed.stderr
    async with asyncio.timeout(SECONDS):
        while (await suite.client.get("/api/applications/review", headers=bearer)).status != 401:
            await asyncio.sleep(0.1)
    again = await typed(parvis, "staff", "remove", KIM)
    assert (again.returncode, again.stdout) == (1, "")


async def test_a_deadline_that_is_moved_to_an_earlier_day_says_for_whom(suite: Suite, parvis: Parvis) -> None:
    await suite.settle()
    today = suite.host.clock.now().astimezone(suite.host.settings.zone).date()
    later, sooner = (today + timedelta(days=days) for days in (80, 70))
    move = ("campaign", "move-deadline")
    centre = ("--centre", "UPVD-SEE", "--reason", "An incident")
    first = await typed(parvis, *move, later.isoformat(), *centre)
    assert first.returncode == 0 and "Earlier" not in first.stdout, first.stderr
    second = await typed(parvis, *move, sooner.isoformat(), *centre)
    assert "Earlier than before for " in second.stdout and "who was told the later day keeps it" in second.stdout
    one = ("--programme", "UPVD-M1-ENERGIE-SOLAIRE", "--reason", "An incident")
    third = await typed(parvis, *move, (today + timedelta(days=1)).isoformat(), *one)
    assert "Nothing changes for 1 programme (UPVD-M1-ENERGIE-SOLAIRE)" in third.stdout, third.stderr
    nobody = await typed(parvis, *move, later.isoformat(), "--centre", "NOWHERE", "--reason", "An incident")
    assert nobody.returncode == 1 and "nothing of that name" in nobody.stderr and "home page" not in nobody.stderr


def test_the_first_administrator_is_added_where_no_suite_takes_orders(parvis: Parvis) -> None:
    """So it is on servers, always: the command does it by itself."""
    added = parvis("staff", "add", KIM, "--role", "admin", "--until", "2100-12-31")
    assert (added.returncode, added.stdout.endswith(": pending, 1 role\n")) == (0, True), added.stderr
    (row,) = [json.loads(line) for line in parvis("staff", "list", "--json").stdout.splitlines() if KIM in line]
    assert (row["role"], row["until"]) == ("admin", "2100-12-31")


def test_who_is_added_in_a_folder_where_nothing_is_hears_where_stores_begin(parvis: Parvis, tmp_path: Path) -> None:
    """The folder may be a wrong one, and nobody would look for them there."""
    add = ("staff", "add", KIM, "--role", "admin")
    first, second = [parvis(*add, PARVIS_DATA=str(tmp_path / "wrong")) for _ in range(2)]
    begun = f"No suite has run on {tmp_path / 'wrong'}: accounts.sqlite, offers.sqlite begin there.\n"
    assert first.stderr.startswith(begun)
    assert (first.returncode, second.returncode, "begin there" in second.stderr) == (0, 0, False)
