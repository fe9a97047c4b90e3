"""The suite's services with their stores open and none of their machinery at work: for commands of operations."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from services import SERVICES
from services.chassis import urls
from services.chassis.clock import open_clock
from services.chassis.ids import RandomIds
from services.chassis.outbox import Outbox
from services.chassis.security import KeySets
from services.chassis.service import Ports, Service, topology
from services.chassis.settings import Settings


@asynccontextmanager
async def opened(settings: Settings, names: Sequence[str] = SERVICES) -> AsyncIterator[Mapping[str, Service]]:
    """Open services beside running processes, or where none runs; nothing is relayed, applied, sent or swept here."""
    clock, ids = open_clock(settings.clock), RandomIds()
    async with AsyncExitStack() as stack:
        wirings = {name: importlib.import_module(f"services.{name}.wiring") for name in names}
        broker = urls.open_broker(settings.broker, topology({name: wiring.LISTENS for name, wiring in wirings.items()}))
        stack.push_async_callback(broker.close)
        objects = urls.open_objects(settings.objects, settings.data)
        stack.push_async_callback(objects.close)
        mail = urls.open_mail(settings.mail, settings.data)
        stack.push_async_callback(mail.close)
        scanner = urls.open_scanner(settings.scanner)
        stack.push_async_callback(scanner.close)
        keysets = await stack.enter_async_context(KeySets(settings.keyset_address, clock))
        suite: dict[str, Service] = {}
        for name, wiring in wirings.items():
            store = urls.open_store(settings.store, service=name, data=settings.data)
            stack.push_async_callback(store.close)
            ports = Ports(settings, clock, ids, store, broker, objects, mail, scanner, keysets, Outbox())
            suite[name] = wiring.build(ports)
            await store.prepare(suite[name].kept)
        yield suite
