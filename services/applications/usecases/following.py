"""Candidates are told that an application is another than it was, whoever has changed it and wherever."""

from __future__ import annotations

import asyncio
from typing import Final

from services.applications.domain.model import Application
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.shown import shown_since
from services.applications.repository.versions import Versions
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.following import Change, Line
from services.chassis.ports import MAX_FIND, PortError
from services.chassis.retries import Retries
from services.chassis.store.rows import UnreadableRow
from services.contracts.api.following import ApplicationChange
from services.contracts.refusals import NOT_FOUND

LOOK_SECONDS: Final = 1.0


class Followers:
    """Who listens in one process, and what they have been told.

    One look at the store for all of them, by ids, finds what this or another process has changed; where nobody listens
    nobody looks.
    """

    def __init__(self, applications: ApplicationRepository, versions: Versions, pause: float = LOOK_SECONDS) -> None:
        """`pause` is the time in seconds between two looks."""
        self._applications = applications
        self._versions = versions
        self._pause = pause
        self._lines: dict[str, dict[Line, int]] = {}
        """Who listens to an application, and which version they have been told of last."""
        self._somebody = asyncio.Event()

    async def follow(self, actor: Actor, id: str, last: int | None) -> Line:
        """A line on which the actor hears of changes of their own application; raises NOT_FOUND.

        What is seen and newer than `last`, or older because the store was restored, is told at once. Who names none is told
        where it begins.
        """
        saved = await self._applications.of(actor, id)
        if saved is None:
            raise NOT_FOUND()
        line = Line(lambda line: self._left(id, line))
        line.tell(_change(saved, last))
        self._lines.setdefault(id, {})[line] = saved.version
        self._somebody.set()
        return line

    @property
    def count(self) -> int:
        """How many listen."""
        return sum(map(len, self._lines.values()))

    async def run(self) -> None:
        """Look until cancelled; what a store that is away has not told is told when it is back."""
        retries = Retries()
        while True:
            await self._somebody.wait()
            try:
                await self.look()
            except PortError:
                await retries.pause()
            else:
                retries.succeeded()
                await asyncio.sleep(self._pause)

    async def look(self) -> None:
        """Tell everybody of what is another by now; where an application is gone, there is nothing more to tell."""
        following = list(self._lines)
        for start in range(0, len(following), MAX_FIND):
            ids = following[start : start + MAX_FIND]
            versions = await self._versions.of(ids)
            for id in ids:
                lines = self._lines.get(id, {})
                if any(versions.get(id) != known for known in lines.values()):
                    await self._tell(id)

    async def _tell(self, id: str) -> None:
        lines = self._lines.get(id, {})
        listening = list(lines.items())  # who comes while it is read knows what it is by then
        try:
            saved = await self._applications.get(id)
        except UnreadableRow:
            saved = None
        for line, known in listening:
            if saved is None:
                line.end()
            elif saved.version != known and line in lines:
                lines[line] = saved.version
                line.tell(_change(saved, known))

    def _left(self, id: str, line: Line) -> None:
        lines = self._lines.get(id, {})
        lines.pop(line, None)
        if not lines:
            self._lines.pop(id, None)
        if not self._lines:
            self._somebody.clear()


def _change(saved: Versioned[Application], known: int | None) -> Change:
    """What there is to say to who knows a version: aloud if one could see the difference, or the store was restored."""
    aloud = known is not None and not shown_since(saved) <= known <= saved.version
    return Change(saved.version, ApplicationChange(id=saved.id, version=saved.version), aloud)
