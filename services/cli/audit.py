"""`parvis audit`: whether what was written down of every change still stands as it was written."""

from __future__ import annotations

import click

from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.offline import opened_to_read


async def verify() -> int:
    """Print a line for each chain that is broken, with its first faulty entry, and answer 1 if there is one."""
    from services.applications.integrity import broken_chains

    settings = Settings()
    configure_logging(settings)
    async with opened_to_read(settings, ["applications"]) as suite:
        broken = [line async for line in broken_chains(suite["applications"].ports.store)]
    for line in broken:
        click.echo(line)
    click.echo(f"{len(broken)} chains are broken" if broken else "every chain is whole", err=True)
    return 1 if broken else 0
