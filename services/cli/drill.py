"""`parvis drill`: a backup that was never restored is none."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

import click

from services import SERVICES
from services.chassis.events.inbox import INBOX
from services.chassis.host.host import Host
from services.chassis.ports import In
from services.chassis.settings import Settings
from services.chassis.telemetry.logging import configure_logging
from services.cli.backup import checked_backup, make_data
from services.cli.verify import lasting_violations

NO_MAIL: Final = "smtp://127.0.0.1:1"
"""Where nobody listens: what is still to be sent waits, and nobody gets a mail of a rehearsal."""
REST_SECONDS: Final = 600.0
PAUSE: Final = 0.1


async def drill(*, folder: Path, timeout: float) -> int:
    """Restore a backup of either size beside it, run the suite on it, verify it, tell how long it took, throw it away.

    Nothing leaves the machine. Answers 1 with a line for each promise that does not hold.
    """
    configure_logging(Settings())
    begun = time.monotonic()
    manifest = await asyncio.to_thread(checked_backup, folder)
    checked = time.monotonic()
    place = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=f".{folder.name}-drill-", dir=folder.parent))
    try:
        await asyncio.to_thread(make_data, folder, place / "var", list(manifest["files"]))
        restored = time.monotonic()
        found = await _played(place / "var", has_mail=(folder / "mail").is_dir(), timeout=timeout)
    finally:
        await asyncio.to_thread(shutil.rmtree, place)
    for line in found:
        click.echo(line)
    click.echo(
        f"as of {manifest['made_at']}: checked in {checked - begun:.1f} s, restored in {restored - checked:.1f} s, "
        f"started and verified in {time.monotonic() - restored:.1f} s; "
        f"{f'{len(found)} violations' if found else 'no violations'}"
    )
    return 1 if found else 0


async def _played(data: Path, *, has_mail: bool, timeout: float) -> list[str]:
    """What does not hold once a suite on these data, of which nobody knows, has come to rest."""
    settings = Settings().model_copy(
        update={
            "host": "127.0.0.1",
            "port": 0,
            "ops_port": 0,
            "data": data,
            "store": "sqlite:",
            "broker": "local:",
            "objects": "file:",
            "mail": "maildir:" if has_mail else NO_MAIL,
            "scanner": "none:",
            "suite": "",
            "public_url": "",
            "api_url": "",
            "keysets_url": "",
            "relay_pause": 0,
        }
    )
    async with Host(settings, SERVICES) as host:
        async with asyncio.timeout(REST_SECONDS):
            while not await _rests(host):  # noqa: ASYNC110 - rest is seen by looking
                await asyncio.sleep(PAUSE)
        suite = {name: running.service for name, running in host.running.items()}
        return await lasting_violations(suite, SERVICES, timeout)


async def _rests(host: Host) -> bool:
    under_way = {"state": In(("pending", "retrying", "blocked"))}
    counts = [await running.service.ports.store.count(INBOX.name, under_way) for running in host.running.values()]
    return await host.is_caught_up() and not any(counts)
