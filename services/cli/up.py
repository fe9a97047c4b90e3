"""`parvis up` and `parvis serve`: run services until told to stop."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from services import PORTAL, SERVICES
from services.chassis.host import Host, Pages
from services.chassis.logging import configure_logging
from services.cli.run import ConfigurationError
from services.cli.unsafe import checked_settings


async def up() -> int:
    """Run every service and the portal in this process, on one port."""
    from services.portal.wiring import pages

    settings = checked_settings((*SERVICES, PORTAL))
    configure_logging(settings)
    with _sole_use(settings.data):
        async with Host(settings, SERVICES, pages=pages) as host:
            _greet(host)
            await _told_to_stop()
            host.draining = True
    return 0


async def serve(*, names: Sequence[str]) -> int:
    """Run some services, or the portal, in this process; the others are elsewhere."""
    settings = checked_settings(names, others_elsewhere=True)
    configure_logging(settings)
    pages: Pages | None = None
    if PORTAL in names:
        from services.portal import wiring

        pages = wiring.pages
    async with Host(settings, [name for name in names if name != PORTAL], pages=pages) as host:
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


@contextmanager
def _sole_use(data: Path) -> Iterator[None]:
    """Hold the data folder, so that two suites never share one; a lock of the dead is no lock."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"PARVIS_DATA: {data}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ConfigurationError(f"PARVIS_DATA: another suite runs on {data}") from None
    try:
        yield
    finally:
        os.close(lock)
