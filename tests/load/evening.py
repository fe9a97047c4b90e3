"""A deadline evening: submissions, uploads and reads at given rates, who asks, and what they were told."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from services.chassis.settings import Settings
from tests.load.b02_read import path_of as read_path
from tests.load.b03_submit import submission
from tests.load.b06_upload import sent
from tests.load.open_loop import Answer, Planned
from tests.load.pieces import scan
from tests.load.population import Person, logged_in_again, settle_in
from tests.load.wire import request

SUBMIT: Final = "submit"
UPLOAD: Final = "upload"
READ: Final = "read"
SIZE: Final = 300_000
_MARK: Final = 16
_PLACE: Final = 20_000
"""Where in the picture an upload has its own bytes."""
QUIET_SECONDS: Final = 300


class Evening:
    """People whose applications lack the submission alone, and what they were told."""

    def __init__(self, settings: Settings, crowd: Sequence[Person]) -> None:
        self.settings = settings
        self.crowd = crowd
        self.receipts: dict[str, str] = {}
        """By application."""
        self.digests: dict[str, str] = {}
        """By document."""
        self.unknown: set[str] = set()
        """Applications of whose submission nobody was told anything."""
        self.uploads_unknown = 0
        self._ready = deque(range(len(crowd)))
        self._content = scan(SIZE)
        self._numbers = count()

    @classmethod
    async def of(cls, settings: Settings, people: int) -> Evening:
        """With so many people."""
        return cls(settings, await settle_in(settings, people))

    async def log_in(self) -> None:
        """Have everybody come with a token that is good for ten minutes from now."""
        self.crowd = await logged_in_again(self.settings, self.crowd)

    def plan(self, rates: Mapping[str, float], seconds: float) -> list[Planned]:
        """So many of each kind a second, evenly; raises RuntimeError where fewer people are left to submit."""
        planned = [
            self._one(kind, (number + 0.5) / rate)
            for kind, rate in rates.items()
            for number in range(round(rate * seconds))
        ]
        return sorted(planned, key=lambda each: each.at)

    def at_once(self, numbers: Mapping[str, int]) -> list[Planned]:
        """So many of each kind, evenly mixed, all due at the beginning."""
        total = sum(numbers.values())
        mixed = self.plan({kind: number / total for kind, number in numbers.items()}, total)
        return [Planned(0, each.kind, each.number, each.make) for each in mixed]

    def _one(self, kind: str, at: float) -> Planned:
        if kind == SUBMIT and not self._ready:
            raise RuntimeError("everybody has submitted")
        number = self._ready.popleft() if kind == SUBMIT else next(self._numbers)
        return Planned(at, kind, number, partial(self._request, kind, number))

    def _request(self, kind: str, number: int) -> bytes:
        person = self.crowd[number % len(self.crowd)]
        if kind == SUBMIT:
            return submission(person)
        if kind == UPLOAD:
            return sent(person, self._document(number), f"upload-{number}")
        return request("GET", read_path(person), person.headers)

    def _document(self, number: int) -> bytes:
        """A document that no other upload has."""
        mark = hashlib.sha256(b"%d" % number).digest()[:_MARK]
        return self._content[:_PLACE] + mark + self._content[_PLACE + _MARK :]

    def enter(self, answers: Sequence[Answer]) -> None:
        """Write down what was acknowledged; who was put off may submit later."""
        for answer in answers:
            number = answer.planned.number
            if answer.planned.kind == SUBMIT:
                application = self.crowd[number].application
                if answer.is_good:
                    self.receipts[application] = json.loads(answer.body)["receipt"]
                elif answer.is_put_off:
                    self._ready.append(number)
                else:
                    self.unknown.add(application)
            elif answer.planned.kind == UPLOAD:
                if answer.is_good:
                    digest = hashlib.sha256(self._document(number)).hexdigest()
                    self.digests[json.loads(answer.body)["document"]] = digest
                elif not answer.is_put_off:
                    self.uploads_unknown += 1

    async def drained(self) -> None:
        """Wait until each acknowledged submission has its mail."""
        folder = self.settings.data / "mail" / "new"
        async with asyncio.timeout(QUIET_SECONDS):
            while await asyncio.to_thread(_files, folder) < len(self.receipts):
                await asyncio.sleep(0.2)


def _files(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*"))
