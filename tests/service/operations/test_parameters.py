"""`parvis parameters`: set beside a running suite and without, in force in other services without a restart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services import SERVICES
from services.chassis.settings import Settings, UnusableSetting
from services.chassis.store.ownership import owned
from services.chassis.testing import Suite, run_suite
from services.cli.control import ControlSocket
from services.contracts.parameters import RULES
from tests.service.operations.conftest import Parvis
from tests.service.operations.test_control import services_of, typed


@pytest.fixture
async def suite(settings: Settings) -> AsyncIterator[Suite]:
    """A suite that takes orders, as `parvis up` does."""
    async with (
        owned(settings.data),
        run_suite(settings.data, services=SERVICES) as suite,
        ControlSocket(settings.data, services_of(suite)).opened(),
    ):
        yield suite


async def test_a_change_is_in_force_in_another_service_while_the_suite_runs(
    suite: Suite, parvis: Parvis, tmp_path: Path
) -> None:
    file = tmp_path / "parameters.toml"
    file.write_text(
        '[institution]\nname = "Université d’Essai"\ncontact = "aide@univ.test"\n[documents]\nmax_bytes = 2000000\n',
        encoding="utf-8",
    )
    tried = await typed(parvis, "parameters", "set", "--from", str(file), "--dry-run")
    assert (tried.returncode, tried.stdout.splitlines()[-1]) == (0, "would be version 2"), tried.stderr
    for said in ("version 2", "version 2, as before"):
        done = await typed(parvis, "parameters", "set", "--from", str(file), "--expect", "1")
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, said), done.stderr
    await suite.settle()
    for service in (service for service in SERVICES if service != "offers"):
        row = await suite.service(service).service.ports.store.get("parameters", "institution")
        assert row is not None
        assert (row["version"], row["institution:contact"], row["documents:max_bytes"]) == (
            2,
            "aide@univ.test",
            2_000_000,
        )
    shown = await typed(parvis, "parameters", "show", "--json")
    values = {each["key"]: each.get("value") for each in map(json.loads, shown.stdout.splitlines())}
    assert (values["institution.name"], [*values]) == ("Université d’Essai", [*RULES])
    history = await typed(parvis, "parameters", "history", "--json")
    rows = [*map(json.loads, history.stdout.splitlines())]
    assert [(each["version"], each["actor"], each.get("after")) for each in rows] == [
        (2, "operator", "Université d’Essai"),
        (2, "operator", "aide@univ.test"),
        (2, "operator", "2000000"),
        (1, "service:offers", None),
    ]


async def test_what_cannot_be_had_is_said_and_nothing_is_changed(suite: Suite, parvis: Parvis) -> None:
    wrong = await typed(parvis, "parameters", "set", "institution.name=U", "institution.contact=office", "x=1")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert {line.partition(":")[0] for line in wrong.stderr.splitlines()} >= {"institution.contact", "x"}
    stale = await typed(parvis, "parameters", "set", "institution.name=U", "--expect", "7")
    assert (stale.returncode, stale.stdout) == (1, "")
    for usage in (("institution.name",), (), ("--from", "/dev/null")):
        assert (await typed(parvis, "parameters", "set", *usage)).returncode == 2
    assert (await typed(parvis, "parameters", "show")).stdout.splitlines()[-1] == "version 1"


async def test_a_document_that_cannot_be_read_is_named(settings: Settings, parvis: Parvis) -> None:
    """Acceptance 104; a start goes on (tests/service/chassis/test_bad_rows.py)."""
    async with run_suite(settings.data, services=("offers",)) as suite:
        store = suite.service("offers").service.ports.store
        row = await store.get("parameters", "institution")
        assert row is not None
        row["parameters"]["accounts"]["link_hours"] = None
        assert await store.replace("parameters", row | {"version": row["version"] + 1}, version=row["version"])
    for arguments in (("show",), ("history",), ("set", "accounts.link_hours=48")):
        done = await typed(parvis, "parameters", *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert "parameters institution: TypeError" in done.stderr.splitlines()[-1]


async def test_an_old_variable_is_the_first_value_and_is_passed_over_afterwards(
    settings: Settings, parvis: Parvis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARVIS_INSTITUTION", "Université d’Hier")
    async with run_suite(settings.data, services=("offers",)):
        pass
    done = await typed(parvis, "parameters", "set", "institution.name=Université d’Essai")
    assert done.returncode == 0, done.stderr
    async with run_suite(settings.data, services=("offers", "mailer")) as suite:
        await suite.settle()
        row = await suite.service("mailer").service.ports.store.get("parameters", "institution")
        assert row is not None
        assert (row["version"], row["institution:name"]) == (2, "Université d’Essai")


async def test_production_does_not_start_before_it_says_whose_it_is(
    settings: Settings, parvis: Parvis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a variable or by the command; each refusal names what is lacking, and nothing is kept of the start."""
    monkeypatch.delenv("PARVIS_INSTITUTION", raising=False)
    for lacking in ("institution.name", "institution.contact"):
        with pytest.raises(UnusableSetting, match=lacking):
            async with run_suite(settings.data, services=("offers",), env="production"):
                pass
        value = {"institution.name": "Université d’Essai", "institution.contact": "aide@univ.test"}[lacking]
        assert (await typed(parvis, "parameters", "set", f"{lacking}={value}")).returncode == 0
    async with run_suite(settings.data, services=("offers",), env="production"):
        await asyncio.sleep(0)
