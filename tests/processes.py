"""A suite as a process of its own, for tests that start, kill and start again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests import forkserver
from tests.servers.ports import free_port

ROOT = Path(__file__).parents[1]
START_SECONDS = 300
COMMAND_SECONDS = 900
"""After which a command of operations hangs: a drill of some thousand documents takes minutes where others work as well."""


def free_ports(count: int) -> list[int]:
    """Ports that are free now, and that no outgoing connection takes before the process listens, or while it is dead."""
    return [free_port() for _ in range(count)]


class SuiteProcess:
    """`parvis up` on one data folder and one pair of ports, over as many lives as the test wants."""

    def __init__(
        self, data: Path, *, command: tuple[str, ...] = ("up",), fresh: bool = False, files: int = 0, **settings: Any
    ) -> None:
        """`fresh`: with an interpreter of its own, as on a server; `files`, if given: may open so many and never more.

        Further keywords are settings, `clock="offset:+60"`.
        """
        self.data = data
        self.command = command
        self.fresh = fresh or files > 0
        self.files = files
        self.port, self.ops_port = free_ports(2)
        self.settings = settings
        self.log = data.parent / f"{data.name}.log"
        self._process: subprocess.Popen[bytes] | forkserver.Child | None = None

    @property
    def base(self) -> str:
        """The suite's address."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **more: Any) -> dict[str, str]:
        """The settings as environment variables."""
        own_ports = {"port": self.port, "ops_port": self.ops_port}
        # Ten minutes are too long to wait for what is shown by its clock in tests/service/mailer.
        parameters = self.data.parent / f"{self.data.name}.toml"
        parameters.parent.mkdir(parents=True, exist_ok=True)
        parameters.write_text("[mailer]\ngather_minutes = 0\n")
        chosen = {**own_ports, "data": self.data, "first_parameters": parameters, **self.settings, **more}
        if not self.fresh:
            # Half of what a person costs the suite would be hashing, and half of the rest waiting for the beat of neutral
            # answers; nobody guesses the passwords or the addresses of tests.
            chosen = {"accounts_password_kibibytes": 64, "accounts_neutral_milliseconds": 20, **chosen}
        own = {name: value for name, value in os.environ.items() if not name.startswith("PARVIS_")}
        return own | {f"PARVIS_{name.upper()}": str(value) for name, value in chosen.items()}

    async def start(self, **more: Any) -> None:
        """Start a life and wait until it can serve, or until it has died of an ordered crash."""
        self._process = await asyncio.to_thread(self._begin, self.environment(**more))
        pause = 0.03
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as client:
            while self.alive:
                try:
                    async with client.get(f"http://127.0.0.1:{self.ops_port}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                # Ten that start at once, each asked thirty times a second, would be kept from it by the questions.
                await asyncio.sleep(pause)
                pause = min(0.25, 1.3 * pause)

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """How it ended: negative is the signal."""
        return self._process.poll() if self._process else None

    async def ended(self, within: float = 180) -> int:
        """Wait for the end, so many seconds at most; its return code."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, within)

    async def kill(self) -> None:
        """End it as power failure would."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
        await self.ended()

    def freeze(self) -> None:
        """Let it sleep in the midst of what it does: its connections stay open, and it knows of no time that goes by."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    async def stop(self) -> int:
        """End it as operations would; its return code."""
        if self.alive:
            os.kill(self.pid, signal.SIGTERM)
        return await self.ended()

    async def parvis(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type a command of operations, with the suite's settings."""
        return await parvis(*arguments, cwd=self.data.parent, env=self.environment())

    def _begin(self, environment: dict[str, str]) -> subprocess.Popen[bytes] | forkserver.Child:
        environment["PYTHONPATH"] = str(ROOT)
        with self.log.open("ab") as log:
            if self.fresh:
                command = [sys.executable, "-m", "services", *self.command]
                if self.files:
                    command = ["sh", "-c", f'ulimit -n {self.files} && exec "$@"', "sh", *command]
                return subprocess.Popen(command, cwd=self.data.parent, env=environment, stdout=log, stderr=log)
            to = log.fileno()
            return forkserver.start(
                "services", *self.command, cwd=self.data.parent, env=environment, stdout=to, stderr=to
            )


async def parvis(*arguments: str, cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Type a command of operations in a folder, with this environment and no other; wait for its end."""
    return await asyncio.to_thread(forkserver.run, "services", *arguments, cwd=cwd, env=env, timeout=COMMAND_SECONDS)
