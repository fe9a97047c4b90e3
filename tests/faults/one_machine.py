"""What happens to the suite in one process while a ledger is kept."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from services import SERVICES
from tests.candidate import Candidate
from tests.descriptors import held
from tests.faults.crowd import TIMEOUT
from tests.faults.labels import reached_by_a_crowd
from tests.faults.ledger import Run, Stroke, flipped_in_the_midst, is_refused_or_cut
from tests.processes import SuiteProcess
from tests.service.operations.damage import damage_table
from tests.service.operations.test_commands_beside import COMMANDS

REACHED: Final = reached_by_a_crowd()
"""Where the power fails while people go their way."""


class OneMachine(Run):
    """Strokes against the suite in one process."""

    suite: SuiteProcess

    def commands(self) -> list[Stroke]:
        return [partial(self._types, command) for command in COMMANDS]

    def strokes(self) -> Sequence[Stroke]:
        return (
            self.is_killed,
            self.loses_power,
            self.has_no_room,
            self.has_a_damaged_object,
            self.has_a_damaged_store,
            self.is_pressed,
        )

    async def _types(self, command: str) -> None:
        await self.types(command, *COMMANDS[command])
        assert unlinked(self.suite) == [], command

    async def is_killed(self) -> None:
        await self.suite.kill()
        await self.suite.start()
        self.figures["kills"] += 1

    async def loses_power(self) -> None:
        """Twice: at a point of the code, and once more as soon as it has started."""
        await self.suite.kill()
        await self.suite.start(crash_at=f"{self.seed.choice(REACHED)}#2")
        assert await self.suite.ended(within=2 * TIMEOUT) == -9, self.suite.log.read_text()[-2000:]
        await self.suite.start()
        await self.is_killed()
        self.figures["kills"] += 2

    async def has_no_room(self) -> None:
        await self.refuses_uploads_for_want_of_room([self.suite.pid])

    async def has_a_damaged_object(self) -> None:
        """Documents of which a bit is another, or which are not there, are refused; `verify` names them and nothing else."""
        person = await self.somebody()
        flipped, missing = self.whom.sample(sorted(person.ledger.documents), 2)
        contents = {path: path.read_bytes() for each in (flipped, missing) for path in self._objects_of(person, each)}
        for path in self._objects_of(person, flipped):
            path.write_bytes(flipped_in_the_midst(contents[path]))
        for path in self._objects_of(person, missing):
            path.unlink()
        assert await is_refused_or_cut(person, flipped)
        assert await is_refused_or_cut(person, missing)
        await self.is_verified_but_for(flipped, missing)
        for path, content in contents.items():
            path.write_bytes(content)
        self.figures["damaged objects"] += 2

    async def has_a_damaged_store(self) -> None:
        """Nothing starts on it; the store is named, and all is had again from a backup."""
        await self.suite.kill()
        number = self.figures["stores restored"]
        copy, away = self.folder / f"copy-{number}", self.folder / f"damaged-{number}"
        made = await self.suite.parvis("backup", str(copy))
        assert made.returncode == 0, made.stderr
        service = self.seed.choice(SERVICES)
        damage_table(self.suite.data / f"{service}.sqlite", self.seed.choice(("journal", "leases")))
        said_before = len(self.suite.log.read_text())
        await self.suite.start()
        assert await self.suite.ended() == 78
        assert f"{service}.sqlite is damaged" in self.suite.log.read_text()[said_before:]
        named = await self.suite.parvis("verify", "all")
        assert (named.returncode, service in named.stdout) == (1, True), named.stdout
        self.suite.data.rename(away)
        restored = await self.suite.parvis("restore", str(copy))
        assert restored.returncode == 0, restored.stderr
        # No backup holds it: mails under way with a link cannot be read without.
        shutil.copy(away / "link-secret", self.suite.data)
        shutil.rmtree(away)
        shutil.rmtree(copy)
        await self.suite.start()
        self.figures["stores restored"] += 1
        self.figures["kills"] += 1

    async def stays_damaged(self) -> str:
        """Leave a document damaged for good; its id."""
        person = await self.somebody()
        document = self.whom.choice(sorted(person.ledger.documents))
        for path in self._objects_of(person, document):
            path.write_bytes(flipped_in_the_midst(path.read_bytes()))
        del person.ledger.documents[document]
        return document

    def _objects_of(self, person: Candidate, document: str) -> list[Path]:
        """The bytes of a document; what was begun and cut off, and then done again, has left the same ones a second time."""
        digest = person.ledger.documents[document]
        found = [path for path in (self.suite.data / "objects" / "kept").glob("*/*") if _digest(path) == digest]
        assert found, document
        return found


def _digest(path: Path) -> str:
    """Of the bytes of an object; of none if it was erased since it was listed, as pages are that were put together."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def unlinked(suite: SuiteProcess) -> list[str]:
    """Files of databases that the suite holds open and that nobody will ever find again."""
    return [name for name in held(suite.pid) if ".sqlite" in name and name.endswith(" (deleted)")]
