"""Values for parameters as they are typed, or stand in a file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click


def values_given(assignments: Sequence[str], file: Path | None) -> dict[str, Any]:
    """What was typed as KEY=VALUE, and before that what stands in a file of TOML; raises UsageError."""
    given: dict[str, Any] = {}
    if file is not None:
        try:
            given |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
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


def _flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The values of tables by dotted keys; raises ValueError for what no parameter can be."""
    return {f"{name}.{member}" if member else name: value for name, member, value in _leaves(tables)}


def _leaves(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, table in tables.items():
        members = table if isinstance(table, Mapping) else {"": table}
        for member, value in members.items():
            plain = isinstance(value, bool | int | float | str)
            if not plain and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
                raise ValueError(f"{name}.{member}: is neither a number, a text nor a list of texts")
            yield name, member, value
