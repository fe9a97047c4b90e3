"""What offers would tell of the institution's parameters, for suites that run without it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from services.chassis.testing import Suite
from services.contracts.events.offers import ParametersChanged
from services.contracts.parameters import INSTITUTION, Parameters, with_values


def begin_with(monkeypatch: pytest.MonkeyPatch, file: Path, values: str) -> None:
    """Have every suite that starts from now on begin with these values, as TOML, which are written into the file."""
    file.write_text(values, encoding="utf-8")
    monkeypatch.setenv("PARVIS_FIRST_PARAMETERS", str(file))


async def hear(suite: Suite, given: Mapping[str, object], *, version: int = 1) -> None:
    """Have every service work by these values, by key, and by the defaults of all others."""
    parameters, faults = with_values(Parameters(), given)
    assert not faults
    await suite.publish(ParametersChanged(scope=INSTITUTION, version=version, parameters=parameters), "offers")
    await suite.settle()
