"""`parvis heard`: how far services know what others have told, and whom they do not believe any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from services.chassis.events import heard
from services.chassis.events.heard import HEARD, TRUST
from services.chassis.events.record import every
from services.chassis.ports import Document
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.control import Output, Suite, writes
from services.cli.inspection import tell
from services.cli.offline import opened_to_read

log = structlog.get_logger()

COLUMNS: Final = ("service", "journal", "until", "went_back")


async def heard_list(*, services: Sequence[str], as_json: bool) -> int:
    """How far each service has heard all of each journal, and since when it does not believe one."""
    settings = Settings()
    configure_logging(settings)
    rows: list[Document] = []
    async with opened_to_read(settings, services) as suite:
        for service in suite.values():
            known = every(service.ports.store, HEARD.name)
            rows += [row | {"service": service.name, "journal": row["_id"]} async for row in known]
    tell(rows, COLUMNS, as_json=as_json)
    return 0


@writes(chosen_by="service")
async def heard_trust(suite: Suite, output: Output, *, service: str, journals: Sequence[str]) -> int:
    """Have a service believe journals again; exit code 1 if one of them is not in doubt."""
    store, failed = suite[service].ports.store, False
    for journal in journals:
        doubted = bool((await heard.load(store, journal)).went_back)
        failed |= not doubted
        if doubted:
            await heard.order(store, journal, TRUST)
            log.warning("heard.trusted", service=service, journal=journal)
        output.line(f"{journal}: {'believed within a minute' if doubted else 'not in doubt'}")
    return 1 if failed else 0
