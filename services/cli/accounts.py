"""`parvis accounts`: what staff must look at; names and numbers of people stay in the store."""

from __future__ import annotations

import json

import click

from services.accounts.repository.accounts import AccountRepository
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.offline import opened_to_read


async def doubtful(*, as_json: bool) -> int:
    """Accounts of one campaign with one student number that nobody has verified, a blank line between two numbers."""
    settings = Settings()
    configure_logging(settings)
    groups = 0
    async with opened_to_read(settings, ["accounts"]) as suite:
        ports = suite["accounts"].ports
        async for group in AccountRepository(ports.store, ports.outbox).doubtful():
            rows = [
                {"campaign": each.state.campaign, "account": each.id, "login": each.state.file_number} for each in group
            ]
            if as_json:
                click.echo(json.dumps(rows))
            else:
                click.echo("\n".join("  ".join(row.values()) for row in rows) + "\n")
            groups += 1
    click.echo(f"{groups} numbers", err=True)
    return 0
