"""A ledger of all that people were told, kept while everything happens to the suite that may (acceptance 101, 105, 108).

Every command of the command line, kills, full disks, damaged files and hostile clients come in an order that a seed gives;
in the end every fact stands, no mail was sent twice and no promise is broken. `PARVIS_TEST_LONG=1`: for 20 minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from services import SERVICES
from tests.candidate import Candidate
from tests.descriptors import held
from tests.faults.conftest import LONG
from tests.faults.crowd import PATIENCE
from tests.faults.labels import crash_labels
from tests.faults.ledger import SEED, SETTINGS, Population, Run, Stroke, is_refused_or_cut
from tests.processes import SuiteProcess
from tests.service.offers.conftest import table
from tests.service.operations.damage import damage_table
from tests.service.operations.test_commands_beside import COMMANDS

REACHED: Final = [label for label in crash_labels() if not label.startswith("documents.eras") and "erased" not in label]
"""Where the power fails while people go their way."""


class OneMachine(Run):
    """Strokes against the suite in one process."""

    suite: SuiteProcess

    def __init__(self, suite: SuiteProcess, crowd: Population, seed: random.Random, folder: Path) -> None:
        super().__init__(suite, crowd, seed)
        self._folder = folder

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
        expected, arguments = COMMANDS[command]
        folder = self._folder / f"deck-{self.figures['decks']}"
        folder.mkdir(exist_ok=True)
        (folder / "mentions.csv").write_bytes(table([{"mention": "1111111A", "title": "Informatique"}]))
        places = {"tmp": folder, "url": self.suite.base}
        done = await self.suite.parvis(*command.split(), *(argument.format(**places) for argument in arguments))
        assert done.returncode == expected, (command, done.stdout, done.stderr)
        assert unlinked(self.suite) == [], command
        self.figures["commands"] += 1

    async def is_killed(self) -> None:
        await self.suite.kill()
        await self.suite.start()
        self.figures["kills"] += 1

    async def loses_power(self) -> None:
        """Twice: at a point of the code, and once more as soon as it has started."""
        await self.suite.kill()
        await self.suite.start(crash_at=f"{self.seed.choice(REACHED)}#2")
        assert await self.suite.ended() == -9, self.suite.log.read_text()[-2000:]
        await self.suite.start()
        await self.is_killed()
        self.figures["kills"] += 2

    async def has_no_room(self) -> None:
        await self.refuses_uploads_for_want_of_room([self.suite.pid])

    async def has_a_damaged_object(self) -> None:
        """Documents of which a bit is another, or which are not there, are refused; `verify` names them and nothing else."""
        person = await self._somebody()
        flipped, missing = self.seed.sample(sorted(person.ledger.documents), 2)
        paths = [self._object_of(person, document) for document in (flipped, missing)]
        contents = [path.read_bytes() for path in paths]
        flip(paths[0])
        paths[1].unlink()
        assert await is_refused_or_cut(person, flipped)
        assert await is_refused_or_cut(person, missing)
        await self.is_verified_but_for(flipped, missing)
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        self.figures["damaged objects"] += 2

    async def has_a_damaged_store(self) -> None:
        """Nothing starts on it; the store is named, and all is had again from a backup."""
        await self.suite.kill()
        number = self.figures["stores restored"]
        copy, away = self._folder / f"copy-{number}", self._folder / f"damaged-{number}"
        made = await self.suite.parvis("backup", str(copy))
        assert made.returncode == 0, made.stderr
        service = self.seed.choice(SERVICES)
        damage_table(self.suite.data / f"{service}.sqlite", self.seed.choice(("journal", "leases")))
        await self.suite.start()
        assert await self.suite.ended() == 78
        assert f"{service}.sqlite" in self.suite.log.read_text().rpartition("PARVIS_STORE")[2]
        named = await self.suite.parvis("verify", "all")
        assert (named.returncode, service in named.stdout) == (1, True), named.stdout
        self.suite.data.rename(away)
        restored = await self.suite.parvis("restore", str(copy))
        assert restored.returncode == 0, restored.stderr
        shutil.rmtree(away)
        shutil.rmtree(copy)
        await self.suite.start()
        self.figures["stores restored"] += 1
        self.figures["kills"] += 1

    async def stays_damaged(self) -> str:
        """Leave a document damaged for good; its id."""
        person = await self._somebody()
        document = self.seed.choice(sorted(person.ledger.documents))
        flip(self._object_of(person, document))
        del person.ledger.documents[document]
        return document

    async def is_verified_but_for(self, *documents: str) -> None:
        """Wait until `parvis verify all` has nothing to say but that the bytes of these are not theirs."""
        async with asyncio.timeout(2 * PATIENCE):
            while True:
                said = await self.suite.parvis("verify", "all")
                lines = said.stdout.splitlines()
                assert said.returncode == (1 if lines else 0), said.stderr
                named = [line.split()[2].rstrip(":") for line in lines if "its bytes are not" in line]
                if sorted(named) == sorted(documents) and len(named) == len(lines):
                    return

    async def _somebody(self) -> Candidate:
        """One who is through."""
        person = self.seed.choice(self.crowd.submitted)
        await person.logs_in()
        return person

    def _object_of(self, person: Candidate, document: str) -> Path:
        digest = person.ledger.documents[document]
        (path,) = (
            path
            for path in (self.suite.data / "objects" / "kept").glob("*/*")
            if hashlib.sha256(path.read_bytes()).hexdigest() == digest
        )
        return path


def flip(path: Path) -> None:
    """Another bit in the midst of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def unlinked(suite: SuiteProcess) -> list[str]:
    """Files of databases that the suite holds open and that nobody will ever find again."""
    return [name for name in held(suite.pid) if ".sqlite" in name and name.endswith(" (deleted)")]


@pytest.mark.timeout(3600 if LONG else 600)
async def test_whatever_happens_to_one_machine_every_fact_stands(tmp_path: Path) -> None:
    seed = random.Random(SEED)
    print(f"seed {SEED}")
    suite = SuiteProcess(tmp_path / "var", **SETTINGS)
    await suite.start()
    try:
        async with Population(suite) as crowd:
            await crowd.go_through(1)
            run = OneMachine(suite, crowd, seed, tmp_path)
            await run.plays(run.commands(), run.strokes())
            damaged = await run.stays_damaged()
        await crowd.find_what_was_told()
        await run.is_verified_but_for(damaged)
        print(run.tells(suite.data / "mail"))
        assert await suite.stop() == 0
    finally:
        if suite.alive:
            await suite.kill()
