"""`parvis verify`: recomputes every promise from the data."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import click

from services import SERVICES
from services.chassis import urls
from services.chassis.events.journal import JOURNALS
from services.chassis.ports import PortError, StoreUnavailable
from services.chassis.service.identity import wrong_stores
from services.chassis.service.integrity import violations
from services.chassis.service.objects import wrong_objects
from services.chassis.service.service import Service
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.offline import opened_to_read

PAUSE: Final = 0.5


async def verify(*, names: Sequence[str], timeout: float) -> int:
    """Print a line for each violation, and answer 1; also where no service has ever run.

    On a running suite much is under way: what is found counts when it is found again until `timeout`
    seconds are over.
    """
    settings = Settings()
    configure_logging(settings)
    folder = urls.sqlite_folder(settings.store, settings.data)
    there = SERVICES if folder is None else [name for name in SERVICES if (folder / f"{name}.sqlite").is_file()]
    async with opened_to_read(settings, there or SERVICES) as suite:
        stores = {name: service.ports.store for name, service in suite.items()}
        wrong = await wrong_stores(SERVICES, stores, folder=folder, suite=settings.suite)
        wrong += await _wrong_objects(suite)
        events = {name: await _events(suite[name]) for name in names if name in suite}
        if not wrong and not any(events.values()):
            click.echo("no service has ever published anything on these stores: is PARVIS_DATA or PARVIS_STORE right?")
            return 1
        found = wrong + await lasting_violations(suite, [name for name in names if name in suite], timeout)
    for line in found:
        click.echo(line)
    for name, number in events.items():
        click.echo(f"{name}: {number} events", err=True)
    click.echo(f"{len(found)} violations" if found else "no violations", err=True)
    return 1 if found else 0


async def lasting_violations(suite: Mapping[str, Service], names: Sequence[str], timeout: float) -> list[str]:
    """What was found in every round until timeout ended: in two at least, however long one takes, unless timeout is 0."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    found = await _found(suite, names)
    while found and timeout:
        await asyncio.sleep(PAUSE)
        again = frozenset(await _found(suite, names))
        found = [line for line in found if line in again]
        if loop.time() >= end:
            break
    return found


async def _found(suite: Mapping[str, Service], names: Sequence[str]) -> list[str]:
    return [line for name in names async for line in violations(suite[name], suite)]


async def _wrong_objects(suite: Mapping[str, Service]) -> list[str]:
    wrong: list[str] = []
    with suppress(PortError):  # a store that cannot be read is told of already, and each object that cannot
        for service in suite.values():
            if service.held is not None:
                wrong += await wrong_objects(service.ports.store, service.ports.objects)
    return wrong


async def _events(service: Service) -> int:
    """How many events it has told, as far as that can be read."""
    counts = 0
    with suppress(StoreUnavailable):
        for journal in JOURNALS.values():
            counts += await service.ports.store.count(journal.name, {})
    return counts
