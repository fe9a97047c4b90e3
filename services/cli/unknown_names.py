"""Names that look like settings and are none: a misspelt one would be passed over in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

import click

from services import SERVICES
from services.chassis.settings import EnvironmentSettings
from services.cli.production_checks import given_names, models

PREFIX: Final = "PARVIS_"
OTHERS: Final = ("PARVIS_TEST_", "PARVIS_CRASH_")
"""What begins the names of variables that tests are told by."""


def warn() -> None:
    """Say on standard error which names of the environment and of `.env` stand for nothing."""
    for line in unknown_names(given_names()):
        click.echo(f"passed over: {line}", err=True)


def unknown_names(given: Iterable[str]) -> Iterator[str]:
    """A line for each name of `given` that begins like a setting of the suite, with the setting that may be meant."""
    known = {name for model in models(SERVICES) for name in _names(model)}
    for name in sorted(given):
        if not name.startswith(PREFIX) or name.startswith(OTHERS) or name in known:
            continue
        meant = get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
        yield f"{name}: no setting has this name" + (f"; is {PREFIX}{meant[0]} meant?" if meant else "")


def _names(model: type[EnvironmentSettings]) -> Iterator[str]:
    prefix = model.model_config.get("env_prefix", "")
    for field in model.model_fields:
        yield from (f"{prefix}{field}".upper(), f"{prefix}{field}_FILE".upper())
