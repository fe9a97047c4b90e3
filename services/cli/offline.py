"""The suite's services with their stores open and none of their machinery at work: for commands of operations."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import click

from services import SERVICES
from services.chassis import urls
from services.chassis.broker.topology import topology
from services.chassis.events.outbox import Outbox
from services.chassis.ids import RandomIds
from services.chassis.security.tokens import KeySets
from services.chassis.service.service import Ports, Service
from services.chassis.settings import Settings
from services.chassis.store.ownership import held_alone, visited
from services.cli.run import ConfigurationError


@asynccontextmanager
async def opened(settings: Settings, names: Sequence[str] = SERVICES) -> AsyncIterator[Mapping[str, Service]]:
    """Open services to write, where no embedded suite lives; nothing is relayed, applied, sent or swept here.

    Raises ConfigurationError where one does: what writes beside it goes through it (`services.cli.control`).
    """
    async with AsyncExitStack() as stack:
        folder = urls.sqlite_folder(settings.store, settings.data)
        if folder is not None and not await stack.enter_async_context(held_alone(folder)):
            raise ConfigurationError(f"PARVIS_STORE: a suite runs on {folder}: stop it first")
        suite = await _build(stack, settings, names, read_only=False)
        for service in suite.values():
            await service.ports.store.prepare(service.kept)
        yield suite


@asynccontextmanager
async def opened_to_read(settings: Settings, names: Sequence[str] = SERVICES) -> AsyncIterator[Mapping[str, Service]]:
    """Open services beside running processes or without, and change nothing: no folder, file, collection or index.

    Raises ClickException where there is no store.
    """
    async with AsyncExitStack() as stack:
        folder = urls.sqlite_folder(settings.store, settings.data)
        if folder is not None:
            missing_stores(folder, names)
            await stack.enter_async_context(visited(folder))
        suite = await _build(stack, settings, names, read_only=True)
        for service in suite.values():
            service.ports.store.declare(service.kept)
        yield suite


def missing_stores(folder: Path, names: Sequence[str]) -> None:
    """Raise ClickException unless all these services have a store in the folder."""
    if missing := _missing(folder, names):
        raise click.ClickException(
            f"no suite has run on {folder}: {', '.join(missing)} missing; is PARVIS_DATA or PARVIS_STORE right?"
        )


def beginning(folder: Path | None, names: Sequence[str]) -> str:
    """A line that says where stores begin that are not there yet; of a wrong folder nobody would hear otherwise."""
    new = () if folder is None else _missing(folder, names)
    return f"No suite has run on {folder}: {', '.join(new)} begin there." if new else ""


def _missing(folder: Path, names: Sequence[str]) -> list[str]:
    return [file for file in (f"{name}.sqlite" for name in names) if not (folder / file).is_file()]


async def _build(
    stack: AsyncExitStack, settings: Settings, names: Sequence[str], *, read_only: bool
) -> dict[str, Service]:
    clock, ids = urls.open_clock(settings.clock), RandomIds()
    wirings = {name: importlib.import_module(f"services.{name}.wiring") for name in names}
    broker = urls.open_broker(settings.broker, topology({name: wiring.LISTENS for name, wiring in wirings.items()}))
    stack.push_async_callback(broker.close)
    objects = urls.open_objects(settings.objects, settings.data, read_only=read_only)
    stack.push_async_callback(objects.close)
    mail = urls.open_mail(settings.mail, settings.data, read_only=read_only)
    stack.push_async_callback(mail.close)
    scanner = urls.open_scanner(settings.scanner)
    stack.push_async_callback(scanner.close)
    ent = urls.open_ent(settings.ent_url, clock)
    stack.push_async_callback(ent.close)
    records = urls.open_records(settings.sis_url)
    stack.push_async_callback(records.close)
    forms = urls.open_forms(settings.forms)
    stack.push_async_callback(forms.close)
    pre_enrolments = urls.open_pre_enrolments(
        settings.pre_enrolment_url, settings.data, clock, settings.pre_enrolment_secret
    )
    if pre_enrolments is not None:
        stack.push_async_callback(pre_enrolments.close)
    world = (broker, objects, mail, scanner, ent, records, forms)
    keysets = await stack.enter_async_context(KeySets(settings.keyset_address, clock))
    suite: dict[str, Service] = {}
    for name, wiring in wirings.items():
        store = urls.open_store(settings.store, service=name, data=settings.data, read_only=read_only)
        stack.push_async_callback(store.close)
        ports = Ports(settings, clock, ids, store, *world, keysets, Outbox(), pre_enrolment=pre_enrolments)
        suite[name] = wiring.build(ports)
    return suite
