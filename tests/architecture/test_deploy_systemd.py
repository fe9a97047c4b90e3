"""The units of deploy/systemd run what there is, with few rights, and are not restarted into a refusal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.chassis.host.host import DRAIN_SECONDS
from services.cli.commands import main
from services.cli.docs_generation import settings as settings_page
from services.cli.run import CONFIGURATION

UNITS = ("parvis.service", "parvis@.service")


def lines(root: Path, unit: str) -> list[str]:
    text = (root / "deploy/systemd" / unit).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if "=" in line and not line.startswith("#")]


def hardening(root: Path, unit: str) -> list[str]:
    text = (root / "deploy/systemd" / unit).read_text(encoding="utf-8")
    return text.partition("# What it may do")[2].partition("[Install]")[0].splitlines()


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_a_command_that_there_is(root: Path, unit: str) -> None:
    (command,) = [line.partition("=")[2].split() for line in lines(root, unit) if line.startswith("ExecStart=")]
    assert command[0] == "/opt/parvis/bin/parvis"
    assert command[1] in main.commands


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_lets_it_drain_and_does_not_restart_what_was_refused(root: Path, unit: str) -> None:
    words = dict(line.split("=", 1) for line in lines(root, unit))
    assert int(words["TimeoutStopSec"]) >= DRAIN_SECONDS + 5
    assert words["Restart"] == "on-failure"
    assert str(CONFIGURATION) in words["RestartPreventExitStatus"].split()


def test_both_have_the_same_few_rights(root: Path) -> None:
    first, second = (hardening(root, unit) for unit in UNITS)
    assert first == second
    assert {"CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077"} <= set(first)
    assert all("DynamicUser=yes" in lines(root, unit) for unit in UNITS)


@pytest.mark.parametrize("unit", UNITS)
def test_names_of_settings_are_those_of_settings(root: Path, unit: str) -> None:
    text = (root / "deploy/systemd" / unit).read_text(encoding="utf-8")
    names = {name.removesuffix("_FILE") for name in re.findall(r"\bPARVIS_[A-Z_]+\b", text)}
    assert names
    assert names <= set(re.findall(r"^\| `(PARVIS_[A-Z_]+)`", settings_page(), re.MULTILINE))
