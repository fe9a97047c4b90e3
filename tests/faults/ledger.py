"""A population and the ledger of all that it was told, and a run of strokes against the suite that it lives on."""

from __future__ import annotations

import asyncio
import email
import email.policy
import hashlib
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Self

import aiohttp

from tests.candidate import Candidate, pdf
from tests.faults.conftest import LONG
from tests.faults.crowd import PAUSE, TIMEOUT, Crowd, Suite, find_what_was_told_to, gather_few, newcomer
from tests.faults.hostile import Hostile
from tests.processes import parvis
from tests.service.offers.conftest import table

SECONDS: Final = 60 * float(os.environ.get("PARVIS_TEST_MINUTES", "20")) if LONG else 0
"""How long strokes go on after the first deck."""
SEED: Final = int(os.environ.get("PARVIS_TEST_SEED", "20261128"))
LINE: Final = "127.77.7.7"
"""Where people come from."""
MAILS: Final = {"account-created": 1, "application-opened": 1}

Stroke = Callable[[], Awaitable[None]]


class Waverer(Candidate):
    """One who deposits and takes out again, and at last leaves the application open or cancels it."""

    cancelled = False
    done = False

    async def wavers(self, *, cancels: bool) -> None:
        await self.becomes_known()
        await self.opens(await self.finds("energie solaire"))
        first, second = [piece["code"] for piece in self.pieces if not piece["conditional"]][:2]
        for piece in (first, second):
            await self.deposits(piece)
        await self.must("DELETE", f"{self.place}/pieces/{first}", 200)
        await self.deposits(first)
        await self.must("DELETE", f"{self.place}/pieces/{second}", 200)
        del self.ledger.pieces[second]
        if cancels:
            await self.must("POST", f"{self.place}/cancellation", 200)
            self.cancelled = True
        self.done = True

    async def finds_what_was_told(self) -> None:
        await self.logs_in()
        application = await self.must("GET", self.place, 200)
        assert application["state"] == ("cancelled" if self.cancelled else "draft"), application
        if not self.cancelled:
            held = {piece["code"]: piece["document"]["id"] for piece in application["pieces"] if piece.get("document")}
            assert held == self.ledger.pieces
            for document, digest in self.ledger.documents.items():
                content = await self.must("GET", f"/api/documents/documents/{document}", 200)
                assert hashlib.sha256(content).hexdigest() == digest
        kinds = await _mails_of(self, 3 if self.cancelled else 2)
        assert kinds == MAILS | ({"application-cancelled": 1} if self.cancelled else {}), kinds


class Population(Crowd):
    """A crowd in which people waver too."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite, at_once=2 if LONG else 1, writers=2, timeout=4 * TIMEOUT)
        self.waverers: list[Waverer] = []

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._tasks.append(asyncio.create_task(self._waver()))
        return self

    @property
    def facts(self) -> int:
        """How many changes were acknowledged."""
        return sum(person.acknowledged for person in self.everybody)

    @property
    def everybody(self) -> list[Candidate]:
        return [*self.people, *self.waverers, *(person for writer in self.writers for person in writer.people)]

    @property
    def submitted(self) -> list[Candidate]:
        """Those who are through, and ask no more."""
        return [person for person in self.people if person.ledger.receipt]

    async def find_what_was_told(self) -> None:
        async with self._new_client() as client:
            for person in self.everybody:
                person.client = client
            for writer in self.writers:
                await writer.finds_what_was_written()
            await gather_few(
                [
                    *(find_what_was_told_to(person) for person in self.people),
                    *(person.finds_what_was_told() for person in self.waverers),
                ]
            )

    def _new_client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(local_addr=(LINE, 0))
        return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(60))

    async def _waver(self) -> None:
        while not self._stop.is_set():
            person = newcomer(self.suite, self._client, Waverer)
            assert isinstance(person, Waverer)
            self.waverers.append(person)
            await person.wavers(cancels=len(self.waverers) % 2 == 0)
            await asyncio.sleep(4 * PAUSE)


class Run:
    """Strokes against a suite; `figures` say what was played."""

    def __init__(self, suite: Suite, crowd: Population, folder: Path) -> None:
        """`folder` is where commands put what they write."""
        self.suite = suite
        self.crowd = crowd
        self.folder = folder
        self.seed = random.Random(SEED)
        # How many people there are is another number in every run; what happens to them is not to hang on it.
        self.whom = random.Random(SEED)
        self.hostile = Hostile(suite.base, 30 if LONG else 120)
        self.figures: Counter[str] = Counter()
        self._began = time.monotonic()

    async def plays(self, commands: Sequence[Stroke], strokes: Sequence[Stroke]) -> None:
        """One deck of all, the commands in their order and the strokes anywhere between them; when long, deck after deck."""
        while not all(writer.written for writer in self.crowd.writers):
            await self.crowd.write(1)
        while True:
            for stroke in self._shuffled(commands, strokes):
                if stroke in strokes:
                    print(f"{time.monotonic() - self._began:.0f} s: {stroke.__name__}", flush=True)
                await stroke()
                if stroke in strokes:
                    await self.crowd.write(1)
            self.figures["decks"] += 1
            if time.monotonic() - self._began >= SECONDS:
                break
        await self.crowd.go_through(1)

    def _shuffled(self, commands: Sequence[Stroke], strokes: Sequence[Stroke]) -> list[Stroke]:
        deck = list(commands)
        for stroke in self.seed.sample(strokes, len(strokes)):
            deck.insert(self.seed.randint(0, len(deck)), stroke)
        return deck

    async def types(self, command: str, expected: int, arguments: Sequence[str], **settings: str) -> None:
        """Type a command, whose arguments may name `{tmp}` and `{url}`; the folder is another one in every deck."""
        folder = self.folder / f"deck-{self.figures['decks']}"
        folder.mkdir(exist_ok=True)
        (folder / "mentions.csv").write_bytes(table([{"mention": "1111111A", "title": "Informatique"}]))
        words = [*command.split(), *(word.format(tmp=folder, url=self.suite.base) for word in arguments)]
        done = await parvis(*words, cwd=folder, env=self.suite.environment(**settings))
        assert done.returncode == expected, (command, done.stdout, done.stderr)
        self.figures["commands"] += 1

    async def is_verified_but_for(self, *documents: str) -> None:
        """Wait until `parvis verify all` has nothing to say but that the bytes of these are not theirs."""
        lines: list[str] = []
        for patience in (3, 3, 3, 10, 20, 40, 60):
            said = await self.suite.parvis("verify", "all", "--timeout", str(max(patience, 20 if LONG else 0)))
            lines = said.stdout.splitlines()
            assert said.returncode == (1 if lines else 0), said.stderr
            print(f"{time.monotonic() - self._began:.0f} s: verify {lines}", flush=True)
            named = [line.split()[2].rstrip(":") for line in lines if "its bytes are not" in line]
            if sorted(named) == sorted(documents) and len(named) == len(lines):
                return
        raise AssertionError("\n".join(lines))

    async def somebody(self) -> Candidate:
        """One who is through."""
        person = self.whom.choice(self.crowd.submitted)
        await person.logs_in()
        return person

    async def is_pressed(self) -> None:
        """Hostile clients at their work, and people go their way meanwhile: the one whose password is guessed gets in."""
        owner = self.crowd.writers[0].person
        async with self.hostile.stalls():
            await self.hostile.presses(owner.ledger.login)
            await owner.logs_in()
            await self.crowd.write(4)
        self.figures["hostile hours"] += 1

    async def refuses_uploads_for_want_of_room(self, pids: Iterable[int]) -> None:
        """No file of these processes may grow until somebody was told to come again."""
        person = self.crowd.writers[1].person
        with no_room(pids, self.seed.choice((0, 65_536))):
            async with asyncio.timeout(TIMEOUT):
                while not await _is_refused(person):
                    await asyncio.sleep(0.05)
        self.figures["full disks"] += 1

    async def tells(self, folder: Path) -> str:
        """The figures, with what the Maildir holds; every mail is there once, and every stranger's, once all have come."""
        mails = _mails(folder)
        async with asyncio.timeout(TIMEOUT):
            while not {address for _, address in mails}.issuperset(self.hostile.strangers):
                await asyncio.sleep(0.5)
                mails = await asyncio.to_thread(_mails, folder)
        ids = Counter(id for id, _ in mails)
        assert not (twice := {id for id, count in ids.items() if count > 1}), twice
        to = Counter(address for _, address in mails)
        wrong = {address: to[address] for address in self.hostile.strangers if to[address] != 1}
        assert not wrong, wrong
        people = self.crowd.everybody
        self.figures |= Counter(
            {
                "people": len(people),
                "facts": self.crowd.facts,
                "mails": len(mails),
                "strangers' registrations": len(self.hostile.strangers),
                "hostile requests": self.hostile.answers.total(),
                "seconds": int(time.monotonic() - self._began),
            }
        )
        return ", ".join(f"{name} {number}" for name, number in sorted(self.figures.items()))


@contextmanager
def no_room(pids: Iterable[int], size: int) -> Iterator[None]:
    """Let no file of these processes be written beyond `size` bytes, as on a full disk."""
    full = list(pids)
    before = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in full]
    for pid, (_, hard) in zip(full, before, strict=True):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for pid, limits in zip(full, before, strict=True):
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def flipped_in_the_midst(content: bytes) -> bytes:
    """The same with another bit."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


async def is_refused_or_cut(person: Candidate, document: str) -> bool:
    """Whether a download is refused, or breaks off before its end: never is it served as whole."""
    headers = {"Authorization": f"Bearer {person.token}"}
    try:
        async with person.client.get(f"{person.base}/api/documents/documents/{document}", headers=headers) as answer:
            await answer.read()
            return answer.status == 503
    except aiohttp.ClientPayloadError:
        return True


async def _is_refused(person: Candidate) -> bool:
    """Whether an upload is answered that it shall come again; the person does not insist on it."""
    asking = Candidate(person.client, person.base, person.mailbox)
    asking.token = person.token
    answer = await asking.uploads(pdf(200_000))
    assert answer.status in {201, 401, 429, 502, 503}, (answer.status, answer.body)
    return answer.status == 503


async def _mails_of(person: Candidate, count: int) -> Counter[str]:
    async with asyncio.timeout(TIMEOUT):
        while len(mails := await asyncio.to_thread(person.mailbox.mails_to, person.address)) < count:
            await asyncio.sleep(0.1)
    return Counter(str(mail["X-Parvis-Kind"]) for mail in mails)


def _mails(folder: Path) -> list[tuple[str, str]]:
    """The Message-ID and the address of every mail."""
    found = []
    for path in [*folder.glob("new/*"), *folder.glob("cur/*")]:
        head = email.message_from_bytes(path.read_bytes().partition(b"\n\n")[0], policy=email.policy.default)
        found.append((str(head["Message-ID"]), parseaddr(str(head["To"]))[1]))
    return found
