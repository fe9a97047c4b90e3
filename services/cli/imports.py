"""`parvis import`: load a catalogue, also while the suite runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from services.chassis.context import CommandContext
from services.cli.control import Output, Suite, writes
from services.contracts.refusals import RefusedError


@writes("offers")
async def mon_master(
    suite: Suite, output: Output, *, file: Path, opens_on: date | None, closes_on: date | None, dry_run: bool
) -> int:
    """Load the national open data of master's mentions and tell what became of each row."""
    from services.offers.wiring import MonMasterOptions, explain, import_mon_master

    ports = suite["offers"].ports
    try:
        report = await import_mon_master(
            ports,
            file,
            command=CommandContext(ports.clock.now(), correlation=ports.ids.new()),
            options=MonMasterOptions(opens_on, closes_on, dry_run),
            progress=output.progress,
        )
    except RefusedError as refusal:
        output.line(f"Nothing was imported: {explain(refusal)}", error=True)
        return 1
    for row in report.rejected:
        output.line(f"line {row.line}: {row.field}: {explain(row)}", error=True)
    output.line(
        f"{'would be ' if dry_run else ''}created {report.created}, updated {report.updated}, "
        f"unchanged {report.unchanged}, superseded by a newer year {report.superseded}, rejected {len(report.rejected)}"
    )
    return 0
