"""ClamAV's daemon over TCP; a file is clean only when it says so in full."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Final

from aioclamd import ClamdAsyncClient, ClamdError

from services.chassis.ports import ScannerUnavailable

TIMEOUT: Final = 60.0
"""Seconds for one scan."""

_CHUNK: Final = 64 * 1024


class ClamdScanner:
    """Sends files to the clamd at `host`:`port`; they need not be readable by its user."""

    def __init__(self, host: str, port: int, *, timeout: float = TIMEOUT) -> None:
        self._client = ClamdAsyncClient(host, port, timeout=timeout)

    async def scan(self, path: Path) -> str | None:
        """The signature's name, or None for an explicit OK; raises ScannerUnavailable for anything else."""
        try:
            with await asyncio.to_thread(_File, path) as file:
                answer = await self._client.instream(file)
        except (ClamdError, OSError, ValueError) as error:
            raise ScannerUnavailable(type(error).__name__) from error
        match answer:
            case {"stream": ("OK", None)}:
                return None
            case {"stream": ("FOUND", str(name))}:
                return name
            case _:
                raise ScannerUnavailable(f"not a verdict: {answer}")

    async def ping(self) -> None:
        """Return if clamd answers; raises ScannerUnavailable."""
        try:
            answer = await self._client.ping()
        except (ClamdError, OSError, ValueError) as error:
            raise ScannerUnavailable(type(error).__name__) from error
        if answer != "PONG":
            raise ScannerUnavailable("not a pong")

    async def close(self) -> None:
        """Nothing is held: each call has a connection of its own."""


class _File(io.FileIO):
    """A file read 64 KiB at a time: the client asks for one, and would pass to a thread for each."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(_CHUNK) or b""
