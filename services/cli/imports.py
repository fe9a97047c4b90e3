"""`parvis import`: load a catalogue, also while the suite runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.http.problems import Texts
from services.cli.control import Output, Suite, writes
from services.contracts.languages import Language
from services.contracts.refusals import RefusedError

if TYPE_CHECKING:
    from services.offers.usecases.imports import Rejected


@writes("offers")
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
    for row in report.rejected:
        output.line(f"line {row.line}: {row.field}: {explain(row, texts)}", error=True)
    output.line(
        f"{'would be ' if dry_run else ''}created {report.created}, updated {report.updated}, "
        f"unchanged {report.unchanged}, superseded by a newer year {report.superseded}, rejected {len(report.rejected)}"
    )
    return 0


def explain(fault: Rejected | RefusedError, texts: Texts, language: Language = "en") -> str:
    """What is wrong with a faulty row or with a whole import, for people."""
    if isinstance(fault, RefusedError):
        return texts.detail(fault.slug.name, language, fault.members)
    return texts.detail(fault.slug, language, fault.params)
