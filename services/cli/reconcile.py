"""`parvis reconcile`: what the student records hold, against what was handed over to them (ADR 104)."""

from __future__ import annotations

import json
from typing import Any, Final

import click

from services.applications.domain.reconciling import Comparison, Differing, Outcome
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.offline import opened_to_read
from services.contracts.instants import instant_text

DIFFERENT: Final = 1
NOT_TOLD: Final = 3
"""Exit codes; 0 is that all are the same."""


async def reconcile(*, campaign: str | None, as_json: bool) -> int:
    """Print who differs, and what came of each campaign; that one cannot be compared counts for more."""
    from services.applications.wiring import pre_enrolled_campaigns
    from services.applications.wiring import reconcile as compared

    settings = Settings()
    configure_logging(settings)
    codes = [0]

    def told(of: str, each: Differing) -> None:
        row: dict[str, Any] = {"campaign": of, "reference": each.reference, "what": each.what.value}
        row |= {"here": each.here, "there": each.there}
        click.echo(json.dumps(row) if as_json else f"{of}: {each.reference}: {each.what} ({_revisions(each)})")

    async with opened_to_read(settings, ["applications"]) as suite:
        ports = suite["applications"].ports
        if ports.pre_enrolment is None:
            click.echo("no student records are connected (PARVIS_PRE_ENROLMENT)", err=True)
            return NOT_TOLD
        command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
        known = await pre_enrolled_campaigns(ports, command)
        if campaign is not None and campaign not in known:
            # Student records may answer that they hold nobody there: that would be the same, for ever.
            raise click.UsageError(f"--campaign {campaign}: nobody has accepted a place in it")
        wanted = known if campaign is None else [campaign]
        if not wanted:
            click.echo("nobody has accepted a place yet: there is nothing to compare", err=True)
        for number, each in enumerate(wanted, 1):
            click.echo(f"comparing {each} ({number} of {len(wanted)})", err=True)
            if (found := await compared(ports, each, command, told)) is not None:
                _tell(found, as_json=as_json)
                codes.append(_code(found))
    return max(codes)


async def reconcile_documents(*, campaign: str | None, as_json: bool) -> int:
    """Print of each campaign whether the student records hold the documents that were given to them."""
    from services.documents.wiring import reconcile as compared

    settings = Settings()
    configure_logging(settings)
    codes = [0]
    async with opened_to_read(settings, ["documents"]) as suite:
        ports = suite["documents"].ports
        if ports.pre_enrolment is None:
            click.echo("no student records are connected (PARVIS_PRE_ENROLMENT)", err=True)
            return NOT_TOLD
        command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
        async for found in compared(ports, campaign, command):
            row: dict[str, Any] = {
                "campaign": found.campaign,
                "documents": found.outcome,
                "here": found.here,
                "there": found.there,
            }
            row["settling"] = found.settling
            numbers = f"{found.here} here, {found.there} there" if found.as_of else "nothing to compare"
            numbers += f", {found.settling} on the way" if found.settling else ""
            click.echo(json.dumps(row) if as_json else f"{found.campaign}: documents: {found.outcome} ({numbers})")
            codes.append({"same": 0, "settling": 0, "different": DIFFERENT}.get(found.outcome, NOT_TOLD))
    if len(codes) == 1:
        click.echo("nobody was handed over yet: there is nothing to compare", err=True)
    return max(codes)


def _tell(comparison: Comparison, *, as_json: bool) -> None:
    if as_json:
        row: dict[str, Any] = {
            "campaign": comparison.campaign,
            "outcome": comparison.outcome.value,
            "here": comparison.here,
            "there": comparison.there,
            "as_of": comparison.as_of and instant_text(comparison.as_of),
            "counts": {what.value: number for what, number in comparison.counts.items()},
        }
        click.echo(json.dumps(row))
        return
    numbers = f"{comparison.here} here, {comparison.there} there" if comparison.as_of else "nothing to compare"
    click.echo(f"{comparison.campaign}: {comparison.outcome} ({numbers})")


def _revisions(each: Differing) -> str:
    return f"here {each.here or 'not'}, there {each.there or 'not'}"


def _code(comparison: Comparison) -> int:
    if comparison.outcome is Outcome.SAME:
        return 0
    return DIFFERENT if comparison.outcome is Outcome.DIFFERENT else NOT_TOLD
