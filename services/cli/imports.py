"""`parvis import`: load a catalogue straight into the store, also while the suite runs beside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from services.chassis import urls
from services.chassis.clock import open_clock
from services.chassis.commands import Command
from services.chassis.ids import RandomIds
from services.chassis.logging import configure_logging
from services.cli.unsafe import checked_settings
from services.contracts.refusals import Refusal


async def mon_master(*, file: Path, opens_on: date | None, closes_on: date | None, dry_run: bool) -> int:
    """Load the national open data of master's mentions and tell what became of each row."""
    from services.offers.wiring import MonMasterOptions, explain, import_mon_master

    settings = checked_settings(("offers",))
    configure_logging(settings)
    command = Command(open_clock(settings.clock).now(), correlation=RandomIds().new())
    store = urls.open_store(settings.store, service="offers", data=settings.data)
    try:
        with click.progressbar(length=1, label=file.name) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            report = await import_mon_master(
                store,
                settings,
                file,
                command=command,
                options=MonMasterOptions(opens_on, closes_on, dry_run),
                progress=progress,
            )
    except Refusal as refusal:
        click.echo(f"Nothing was imported: {explain(refusal)}", err=True)
        return 1
    finally:
        await store.close()
    for row in report.rejected:
        click.echo(f"line {row.line}: {row.field}: {explain(row)}", err=True)
    click.echo(
        f"{'would be ' if dry_run else ''}created {report.created}, updated {report.updated}, "
        f"unchanged {report.unchanged}, superseded by a newer year {report.superseded}, rejected {len(report.rejected)}"
    )
    return 0
