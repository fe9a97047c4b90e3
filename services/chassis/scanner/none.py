"""No scanner: for a laptop; refused in production."""

from __future__ import annotations

from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)


class NoScanner:
    """Finds nothing, and says so when it is opened by a process that takes documents (`serves`)."""

    def __init__(self, *, serves: bool) -> None:
        if serves:
            _log.warning("no-scanner", meaning="documents are not scanned for malware")

    async def scan(self, path: Path) -> str | None:
        """Nothing, ever."""
        return None

    async def ping(self) -> None:
        """Return."""

    async def close(self) -> None:
        """Return."""
