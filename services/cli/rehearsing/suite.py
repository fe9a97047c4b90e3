"""The suite on which a campaign is played: of its own, on loopback, in a folder of its own, on a clock that is moved."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp

from services.chassis.settings import Settings
from services.cli.due import do_what_is_due

START_SECONDS: Final = 120.0
END_SECONDS: Final = 60.0
PAUSE: Final = 0.05
MOST: Final = 1_000_000


class DidNotStart(Exception):
    """The suite ended before it could serve; the text is the end of its log."""


class PlayedSuite(Protocol):
    """A suite whose clock is moved; it may be stopped and killed, and started again on the same data."""

    mails: Path
    """The Maildir in which its mails arrive."""

    @property
    def settings(self) -> Settings:
        """Those of commands beside it."""
        ...

    @property
    def base(self) -> str:
        """Its address, without trailing slash."""
        ...

    def show(self, moment: datetime) -> None:
        """Have its clock show an instant, and go on from then."""
        ...

    async def start(self) -> None:
        """Start it, and wait until it serves; raises DidNotStart."""
        ...

    async def stop(self) -> None:
        """End it as operations would."""
        ...

    async def kill(self) -> None:
        """End it as power failure would."""
        ...

    async def does_what_is_due(self) -> bool:
        """Order it to do all that is due now; whether there was anything. Raises PortError, ClickException."""
        ...


class Silent:
    """Where an order says what it does, of which nobody is told."""

    def line(self, text: str, *, error: bool = False) -> None:
        """Say nothing."""

    def progress(self, done: int, total: int) -> None:
        """Say nothing."""


def settings_on(folder: Path, timezone: str, port: int, ops_port: int) -> dict[str, Any]:
    """All that could lead a suite out of the folder, said so that it stays within; people are made up, and many."""
    return {
        "env": "development",
        "host": "127.0.0.1",
        "port": port,
        "ops_host": "127.0.0.1",
        "ops_port": ops_port,
        "data": folder / "var",
        "store": "sqlite:",
        "broker": "local:",
        "objects": "file:",
        "mail": "maildir:",
        "bounces": "none:",
        "scanner": "none:",
        "ent": "none:",
        "sis": "none:",
        "forms": "none:",
        "pre_enrolment": "folder:",
        "link_secret": "",
        "session_secret": "",
        "forms_secret": "",
        "public_url": "",
        "api_url": "",
        "keysets_url": "",
        "suite": "",
        "timezone": timezone,
        "clock": f"file:{folder / 'clock'}",
        "relay_pause": 0,
    }


OF_SERVICES: Final[Mapping[str, Any]] = {
    "offers_sample": "false",
    "accounts_password_kibibytes": 64,
    "accounts_neutral_milliseconds": 0,
    "accounts_requests_per_address": MOST,
    "accounts_requests_per_network": MOST,
}
"""Nobody guesses passwords of people who are made up, and they all come from one machine."""


class OwnSuite:
    """The whole suite in one process of its own, by this very interpreter."""

    def __init__(self, folder: Path, timezone: str) -> None:
        """`folder` is there, and empty."""
        self._folder = folder
        self._port, ops_port = free_ports(2)
        self._ops = f"http://127.0.0.1:{ops_port}/readyz"
        self._given = settings_on(folder, timezone, self._port, ops_port)
        self._process: asyncio.subprocess.Process | None = None
        self.log = folder / "suite.log"
        self.mails = folder / "var" / "mail"
        self.show(datetime.now().astimezone())
        self.settings = Settings(**self._given)

    @property
    def base(self) -> str:
        """See `PlayedSuite`."""
        return f"http://127.0.0.1:{self._port}"

    def show(self, moment: datetime) -> None:
        """See `PlayedSuite`."""
        shown(self._folder / "clock", moment)

    async def start(self) -> None:
        """See `PlayedSuite`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
        given = {f"PARVIS_{name.upper()}": str(value) for name, value in (self._given | dict(OF_SERVICES)).items()}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "services", "up"), cwd=self._folder, env=kept | given, stdout=log, stderr=log
            )
        await served(self._process, self._ops, self.log)

    async def stop(self) -> None:
        """See `PlayedSuite`; nothing if it does not run."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """See `PlayedSuite`; nothing if it does not run."""
        await self._end(signal.SIGKILL)

    async def does_what_is_due(self) -> bool:
        """See `PlayedSuite`."""
        return bool(await do_what_is_due.on(self.settings, Silent(), {}))

    async def close(self) -> None:
        """Stop it."""
        await self.stop()

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            await ended(self._process, how)


async def served(process: asyncio.subprocess.Process, ready: str, log: Path) -> None:
    """Wait until a process says that it serves; raises DidNotStart."""
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as client:
        while process.returncode is None:
            try:
                async with client.get(ready) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(PAUSE)
    raise DidNotStart(await asyncio.to_thread(last_of, log))


async def ended(process: asyncio.subprocess.Process, how: signal.Signals) -> None:
    """End a process, if it runs."""
    if process.returncode is not None:
        return
    process.send_signal(how)
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def shown(clock: Path, moment: datetime) -> None:
    """Write an instant into the file of a clock, whole or not at all."""
    written = clock.with_suffix(".part")
    written.write_text(moment.isoformat(), encoding="ascii")
    written.replace(clock)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that are free now."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in found]


def last_of(log: Path) -> str:
    """The end of what a suite has written."""
    return log.read_text(errors="replace")[-2000:]
