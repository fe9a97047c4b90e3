"""`parvis parked`: items with which a service could not get along, and what a person may do about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from services.chassis.events.parking import PARKED, Parking
from services.chassis.ports import Document
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.control import Output, Suite, writes
from services.cli.inspection import tell
from services.cli.offline import opened_to_read

log = structlog.get_logger()

COLUMNS: Final = ("service", "_id", "state", "attempts", "since", "due_at", "error", "reason")


async def parked_list(*, services: Sequence[str], states: Sequence[str], limit: int, as_json: bool) -> int:
    """Items of these states, the longest waiting first."""
    settings = Settings()
    configure_logging(settings)
    rows: list[Document] = []
    async with opened_to_read(settings, services) as suite:
        for service in suite.values():
            for state in states:
                found = await service.ports.store.find(PARKED.name, {"state": state}, sort=(("since", 1),), limit=limit)
                rows += [row | {"service": service.name} for row in found]
    tell(sorted(rows, key=lambda row: str(row["since"]))[:limit], COLUMNS, as_json=as_json)
    return 0


@writes(chosen_by="service")
async def parked_free(suite: Suite, output: Output, *, service: str, ids: Sequence[str], verb: str) -> int:
    """Have items tried again at once (`retry`), or passed over (`skip`); exit code 1 if there is none such."""
    ports = suite[service].ports
    parking, failed = Parking(service, ports.store, ports.clock), False
    for id in ids:
        done = await (parking.retry(id) if verb == "retry" else parking.skip(id))
        failed |= not done
        if done:
            log.warning("item.set-free", verb=verb, service=service, id=id)
        output.line(f"{id}: {'done' if done else 'there is none such'}")
    return 1 if failed else 0
