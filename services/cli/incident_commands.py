"""The commands about incidents, and their help."""

from __future__ import annotations

import click

from services.cli.row_commands import JSON
from services.cli.run import run


@click.group()
def incidents() -> None:
    """When candidates could not work, and the last days that are moved because of it (docs/operations/incidents.md)."""


@incidents.command("list")
@JSON
def incidents_list(as_json: bool) -> None:
    """List the last incidents, the newest first: from when until when, and what has become of each."""
    run("incidents", "incidents_list", as_json=as_json)


@incidents.command("explain")
@click.argument("incident")
@click.option("--hours", type=click.IntRange(1, 168), help="By how many hours; default: as many as were lost.")
def incidents_explain(incident: str, hours: int | None) -> None:
    """Say what INCIDENT touched, and what would come of moving its last days. Nothing is changed.

    It ends with the digest that `extend` asks for.
    """
    run("incidents", "incidents_explain", incident=incident, hours=hours)


@incidents.command("extend")
@click.argument("incident")
@click.option("--hours", required=True, type=click.IntRange(1, 168), help="By how many hours, as explained.")
@click.option("--digest", required=True, help="The last line of what `explain` has said.")
@click.option("--reason", required=True, help="Why; staff alone read it.")
def incidents_extend(incident: str, hours: int, digest: str, reason: str) -> None:
    """Move the last days that INCIDENT touched, and tell everybody concerned by mail. It cannot be taken back."""
    run("incidents", "incidents_extend", incident=incident, hours=hours, digest=digest, reason=reason)
