"""What a client is told of while its connection lasts: that one thing is another than it was, by its version."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Change:
    """One thing has a new version; not `aloud`, nothing that its reader could see is another."""

    version: int
    data: BaseModel
    aloud: bool = True


class Line:
    """One open connection, and what is still to be said over it: of several changes the newest alone."""

    def __init__(self, leave: Callable[[Line], None]) -> None:
        """`leave` is done when nobody listens any more."""
        self._leave = leave
        self._bell = asyncio.Event()
        self._change: Change | None = None
        self.is_over = False

    def tell(self, change: Change) -> None:
        """Have this said next; what was to be said before and was not is no news any more, but that there was some."""
        if self._change is not None and self._change.aloud:
            change = replace(change, aloud=True)
        self._change = change
        self._bell.set()

    def end(self) -> None:
        """Have nothing more to say: the connection ends after what was told before."""
        self.is_over = True
        self._bell.set()

    async def heard(self, seconds: float) -> Change | None:
        """What is to be said, waited for so long at most; None if nothing is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        change, self._change = self._change, None
        if not self.is_over:
            self._bell.clear()
        return change

    def close(self) -> None:
        """Nobody listens any more; a second time changes nothing."""
        self.end()
        self._leave(self)
