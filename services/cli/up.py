"""`parvis up` and `parvis serve`: run services until told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import click

from services import PORTAL, SERVICES
from services.chassis import urls
from services.chassis.host.host import Host, Pages
from services.chassis.http.connections import raise_file_limit
from services.chassis.settings import Settings
from services.chassis.store.ownership import InUse, owned
from services.chassis.telemetry.logging import configure_logging
from services.cli import unknown_names
from services.cli.control import ControlSocket
from services.cli.production_checks import checked_settings
from services.cli.run import ConfigurationError


async def up() -> int:
    """Run every service and the portal in this process, on one port."""
    from services.portal.wiring import pages

    settings = checked_settings((*SERVICES, PORTAL))
    configure_logging(settings)
    unknown_names.warn()
    raise_file_limit()
    async with _owner(settings), Host(settings, SERVICES, pages=pages) as host, _control(host):
        _greet(host)
        await _told_to_stop()
        host.draining = True
    return 0


async def serve(*, names: Sequence[str]) -> int:
    """Run some services, or the portal, in this process; the others are elsewhere."""
    settings = checked_settings(names, others_elsewhere=True)
    configure_logging(settings)
    unknown_names.warn()
    raise_file_limit()
    pages: Pages | None = None
    if PORTAL in names:
        from services.portal import wiring

        pages = wiring.pages
    own = [name for name in names if name != PORTAL]
    async with _part_owner(settings, own), Host(settings, own, pages=pages) as host:
        await _told_to_stop()
        host.draining = True
    return 0


def _greet(host: Host) -> None:
    base = host.settings.base_url
    click.echo(f"\n  Parvis runs: {base}/\n")
    for name in host.names:
        click.echo(f"    {name:13} {base}/api/{name}/docs")
    if host.settings.mail.startswith("maildir:") and host.settings.env == "development":
        click.echo(f"    {'mailbox':13} {base}/mailbox")
    if host.settings.has_own_ent:
        click.echo(f"    {'students':13} {base}/connexion")
    click.echo(f"    {'operations':13} http://{host.settings.ops_host}:{host.ops_port}/readyz\n\n  Ctrl-C stops it.\n")


def _spare_the_collector() -> None:
    """What the start has made stays: looking for garbage among it again and again takes a twentieth of the processor."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def _told_to_stop() -> None:
    _spare_the_collector()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[None]:
    """Own the folders of the data and of the stores, so that two suites never share one."""
    stores = urls.sqlite_folder(settings.store, settings.data)
    async with _owned("DATA", settings.data):
        if stores is None or stores.resolve() == settings.data.resolve():
            yield
        else:
            async with _owned("STORE", stores):
                yield


@asynccontextmanager
async def _part_owner(settings: Settings, names: Sequence[str]) -> AsyncIterator[None]:
    """Own the folder of the stores, if there is one, together with the suite's other processes."""
    stores = urls.sqlite_folder(settings.store, settings.data)
    if stores is None or not names:
        yield
    else:
        async with _owned("STORE", stores, shared=True):
            yield


@asynccontextmanager
async def _owned(name: str, folder: Path, *, shared: bool = False) -> AsyncIterator[None]:
    try:
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(owned(folder, shared=shared))
            except OSError as error:
                raise ConfigurationError(f"PARVIS_{name}: {folder}: {error.strerror}") from None
            yield
    except InUse:
        raise ConfigurationError(f"PARVIS_{name}: another suite runs on {folder}") from None


@asynccontextmanager
async def _control(host: Host) -> AsyncIterator[None]:
    """Take orders from commands that write to the stores of this suite; who writes to a server needs none."""
    stores = urls.sqlite_folder(host.settings.store, host.settings.data)
    if stores is None:
        yield
    else:
        suite = {name: running.service for name, running in host.running.items()}
        async with ControlSocket(stores, suite).opened():
            yield
