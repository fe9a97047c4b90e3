"""The suite on which a campaign is played: of its own, on loopback, in a folder of its own, on a clock that is moved."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp

from services.chassis.settings import Settings

START_SECONDS: Final = 120.0
END_SECONDS: Final = 60.0
PAUSE: Final = 0.05
MOST: Final = 1_000_000


class DidNotStart(Exception):
    """The suite ended before it could serve; the text is the end of its log."""


class PlayedSuite(Protocol):
    """A suite whose clock is moved; it may be stopped and killed, and started again on the same data."""

    settings: Settings
    """Those of commands beside it; `data` holds its mails."""

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
        self._port, ops_port = _free_ports()
        self._ops = f"http://127.0.0.1:{ops_port}/readyz"
        self._given = settings_on(folder, timezone, self._port, ops_port)
        self._process: asyncio.subprocess.Process | None = None
        self.log = folder / "suite.log"
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
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as client:
            while self._process.returncode is None:
                try:
                    async with client.get(self._ops) as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(PAUSE)
        raise DidNotStart(await asyncio.to_thread(_end_of, self.log))

    async def stop(self) -> None:
        """See `PlayedSuite`; nothing if it does not run."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """See `PlayedSuite`; nothing if it does not run."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(how)
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def shown(clock: Path, moment: datetime) -> None:
    """Write an instant into the file of a clock, whole or not at all."""
    written = clock.with_suffix(".part")
    written.write_text(moment.isoformat(), encoding="ascii")
    written.replace(clock)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
