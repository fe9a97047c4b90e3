"""Scanners: what looks for malware."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from services.chassis.ports.errors import PortError


class ScannerUnavailable(PortError):
    """No verdict could be had."""


class Scanner(Protocol):
    """Looks for malware."""

    async def scan(self, path: Path) -> str | None:
        """The name of what was found, or None if clean; raises ScannerUnavailable."""
        ...

    async def ping(self) -> None:
        """Return if scans work; raises ScannerUnavailable."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
