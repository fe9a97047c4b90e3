"""Values for parameters as they are typed, or stand in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from services.chassis.settings import values_of_file


def values_given(assignments: Sequence[str], file: Path | None) -> dict[str, Any]:
    """What was typed as KEY=VALUE, and before that what stands in a file of TOML; raises UsageError."""
    given: dict[str, Any] = {}
    if file is not None:
        try:
            given |= values_of_file(file)
        except ValueError as error:
            raise click.UsageError(f"{file}: {error}") from None
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise click.UsageError(f"{assignment}: takes KEY=VALUE")
        given[key.strip()] = value
    if not given:
        raise click.UsageError("takes KEY=VALUE, or --from a file")
    return given
