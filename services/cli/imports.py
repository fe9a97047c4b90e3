"""`parvis import`: load a catalogue straight into the store, also while the suite runs beside."""

from __future__ import annotations

from pathlib import Path

import click

from services.chassis import urls
from services.chassis.clock import open_clock
from services.chassis.ids import RandomIds
from services.chassis.logging import configure_logging
from services.chassis.outbox import Outbox
from services.chassis.settings import Settings
from services.cli.unsafe import refuse_unsafe_settings


async def mon_master(*, file: Path, dry_run: bool) -> int:
    """Load the national open data of master's mentions and tell what became of each row."""
    from services.offers.wiring import import_mon_master

    settings = Settings()
    refuse_unsafe_settings(settings)
    configure_logging(settings)
    clock, ids = open_clock(settings.clock), RandomIds()
    store = urls.open_store(settings.store, service="offers", data=settings.data)
    try:
        with click.progressbar(length=file.stat().st_size, label=file.name) as bar:
            report = await import_mon_master(store, Outbox(), settings, clock, ids, file, bar.update, dry_run=dry_run)
    finally:
        await store.close()
    for row in report.rejected:
        click.echo(f"line {row.line}: {row.field}: {row.message}", err=True)
    click.echo(
        f"{'would be ' if dry_run else ''}created {report.created}, updated {report.updated}, "
        f"unchanged {report.unchanged}, rejected {len(report.rejected)}, superseded {report.superseded}"
    )
    return 0
