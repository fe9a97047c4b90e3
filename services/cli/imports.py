"""`parvis import`: load a catalogue, also while the suite runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.http.problems import Texts
from services.cli.control import Output, Suite, writes
from services.contracts.languages import Language
from services.contracts.refusals import RefusedError

if TYPE_CHECKING:
    from services.offers.usecases.imports import ImportReport, Rejected


@writes("offers", begins=True)
async def mon_master(
    suite: Suite, output: Output, *, file: Path, opens_on: date | None, closes_on: date | None, dry_run: bool
) -> int:
    """Load the national open data of master's mentions and tell what became of each row."""
    from services.offers.usecases.mon_master import MonMasterOptions
    from services.offers.wiring import import_mon_master

    ports, texts = suite["offers"].ports, Texts("offers")
    try:
        report = await import_mon_master(
            ports,
            file,
            command=CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR),
            options=MonMasterOptions(opens_on, closes_on, dry_run),
            progress=output.progress,
        )
    except RefusedError as refusal:
        output.line(f"Nothing was imported: {explain(refusal, texts)}", error=True)
        return 1
    _tell(output, report, texts, f", superseded by a newer year {report.superseded}")
    return 0


@writes("offers", begins=True)
async def catalogue(suite: Suite, output: Output, *, file: Path, dry_run: bool) -> int:
    """Load an institution's own catalogue and tell every change and every faulty row."""
    from services.offers.wiring import import_catalogue

    ports, texts = suite["offers"].ports, Texts("offers")
    command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    try:
        report = await import_catalogue(ports, file, command=command, dry_run=dry_run, progress=output.progress)
    except RefusedError as refusal:
        output.line(f"Nothing was imported: {explain(refusal, texts)}", error=True)
        return 1
    for change in report.changes:
        parts = f" ({', '.join(change.differences)})" if change.differences else ""
        output.line(f"line {change.line}: {change.code} {change.change}{parts}")
    _tell(output, report, texts)
    return 1 if report.rejected else 0


async def template() -> int:
    """An empty table of a catalogue."""
    from services.offers.usecases.own_catalogue import template

    click.echo(template(), nl=False)
    return 0


def _tell(output: Output, report: ImportReport, texts: Texts, more: str = "") -> None:
    """Every faulty row by its line, and the numbers."""
    for row in report.rejected:
        output.line(f"line {row.line}: {row.field}: {explain(row, texts)}", error=True)
    output.line(
        f"{'would be ' if report.dry_run else ''}created {report.created}, updated {report.updated}, "
        f"unchanged {report.unchanged}{more}, rejected {len(report.rejected)}"
    )


def explain(fault: Rejected | RefusedError, texts: Texts, language: Language = "en") -> str:
    """What is wrong with a faulty row or with a whole import, for people."""
    if isinstance(fault, RefusedError):
        return texts.detail(fault.slug.name, language, fault.members)
    return texts.detail(fault.slug, language, fault.params)
