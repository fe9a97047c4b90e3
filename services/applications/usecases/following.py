"""Candidates are told that an application is another than it was, whoever has changed it and wherever."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic_core import to_json

from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.versions import Versions
from services.chassis.context import Actor
from services.chassis.events.aggregates import OWN
from services.chassis.following import Change, Line
from services.chassis.ports import MAX_FIND, PortError
from services.chassis.retries import Retries
from services.contracts.api.following import ApplicationChange
from services.contracts.refusals import NOT_FOUND

LOOK_SECONDS: Final = 1.0
UNSEEN: Final = OWN | {"reminded", "untold_since"}
"""Members of an application that say which mails are still to be sent: no answer shows them."""
UNSEEN_OF_PLACE: Final = "uninstructed_since"


class _Known(NamedTuple):
    """What was told last: the version, and a digest of all that the candidate could see of it."""

    version: int
    digest: bytes


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
        self._lines: dict[str, dict[Line, _Known]] = {}
        self._somebody = asyncio.Event()

    async def follow(self, actor: Actor, id: str, last: int | None) -> Line:
        """A line on which the actor hears of changes of their own application; raises NOT_FOUND.

        What is newer than `last`, or older because the store was restored, is told at once. Who names none is told where
        it begins.
        """
        document = await self._applications.document_of(actor, id)
        if document is None:
            raise NOT_FOUND()
        line = Line(lambda line: self._left(id, line))
        version = document["version"]
        line.tell(_change(id, version, aloud=last is not None and last != version))
        self._lines.setdefault(id, {})[line] = _Known(version, _digest(document))
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
                if any(versions.get(id) != known.version for known in lines.values()):
                    await self._tell(id)

    async def _tell(self, id: str) -> None:
        document = await self._applications.document(id)
        lines = self._lines.get(id, {})
        for line, known in list(lines.items()):
            if document is None:
                line.end()
            elif document["version"] != known.version:
                digest = _digest(document)
                lines[line] = _Known(document["version"], digest)
                line.tell(_change(id, document["version"], aloud=digest != known.digest))

    def _left(self, id: str, line: Line) -> None:
        lines = self._lines.get(id, {})
        lines.pop(line, None)
        if not lines:
            self._lines.pop(id, None)
        if not self._lines:
            self._somebody.clear()


def _change(id: str, version: int, *, aloud: bool) -> Change:
    return Change(version, ApplicationChange(id=id, version=version) if aloud else None)


def _digest(document: Mapping[str, Any]) -> bytes:
    seen = {name: value for name, value in document.items() if name not in UNSEEN}
    if "place" in seen:
        seen["place"] = {name: value for name, value in seen["place"].items() if name != UNSEEN_OF_PLACE}
    return hashlib.blake2b(to_json(seen), digest_size=16).digest()
