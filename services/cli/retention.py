"""`parvis retention`: until when accounts and files of each campaign are kept, and what stays of those that are gone."""

from __future__ import annotations

import json
from typing import Any, Final

import click

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.inspection import tell
from services.cli.offline import opened_to_read
from services.contracts.instants import instant_text

COLUMNS: Final = (
    "campaign",
    "state",
    "ended_on",
    "erased_on",
    "erased_at",
    "held",
    "accounts",
    "files",
)


async def retention_show(*, as_json: bool) -> int:
    """Every campaign that is or was active, with what of it is kept until when; nothing is changed."""
    from services.accounts.wiring import kept_campaigns
    from services.applications.wiring import files_of_campaign

    settings = Settings()
    configure_logging(settings)
    rows: list[dict[str, Any]] = []
    async with opened_to_read(settings, ["accounts", "applications"]) as suite:
        ports = suite["accounts"].ports
        command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
        for campaign, accounts, kept in await kept_campaigns(ports, command):
            row: dict[str, Any] = {"campaign": campaign, "state": "closed" if kept else "active", "accounts": accounts}
            row["files"] = await files_of_campaign(suite["applications"].ports, campaign, command)
            if kept is not None:
                row |= {
                    "ended_on": kept.ended_on.isoformat(),
                    "erased_on": kept.erased_on.isoformat(),
                    "erased_at": instant_text(kept.erased_at(settings.zone)),
                    "held": "held" if kept.held else "",
                }
            rows.append(row)
    tell(rows, COLUMNS, as_json=as_json)
    return 0


async def retention_counts(*, campaign: str, as_json: bool) -> int:
    """The counts of every programme of a campaign; exit code 1 if there are and were no files."""
    from services.applications.wiring import counts_of_campaign

    settings = Settings()
    configure_logging(settings)
    async with opened_to_read(settings, ["applications"]) as suite:
        ports = suite["applications"].ports
        command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
        found = [
            each.model_dump(exclude={"days"}) | {"centre": each.centre and each.centre.code}
            async for each in counts_of_campaign(ports, campaign, command)
        ]
    if not found:
        raise click.ClickException(f"there are no files of a campaign {campaign}, and were none")
    if as_json:
        for each in found:
            click.echo(json.dumps(each, ensure_ascii=False))
    else:
        tell(found, tuple(found[0]), as_json=False)
    return 0
