"""Answers that take as long for an unknown address as for a known one (acceptance 14)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def constant_time(milliseconds: int) -> AsyncIterator[None]:
    """Let what is within end at a multiple of so many milliseconds after it began; 0: at once."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        yield
    finally:
        if milliseconds:
            beat = milliseconds / 1000
            await asyncio.sleep(beat - (loop.time() - began) % beat)
