"""People who go on whatever happens to the suite, and the comparison of what they were told with what is there."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import Self

import aiohttp

from tests.candidate import ADDRESS, Candidate, Mailbox, pdf
from tests.cluster import Cluster
from tests.processes import SuiteProcess

AT_ONCE = 4
TIMEOUT = 300
PAUSE = 0.5
"""Seconds between two writings of one person: a steady load that leaves room for the others."""

Suite = SuiteProcess | Cluster


MOST_WRITINGS = 200
"""Of one person, of whom the suite takes 240 a day; then another one goes on."""


class Writer:
    """One who corrects the same address again and again, and after him another; `written` were acknowledged."""

    def __init__(self, newcomer: Callable[[], Candidate]) -> None:
        self._newcomer = newcomer
        self.written = 0
        self.people = [newcomer()]
        self._last = [0]

    @property
    def person(self) -> Candidate:
        """Who writes now."""
        return self.people[-1]

    async def goes_on(self, stop: asyncio.Event) -> None:
        await self.person.becomes_known()
        while not stop.is_set():
            if self._last[-1] == MOST_WRITINGS:
                another = self._newcomer()
                await another.becomes_known()
                self.people.append(another)
                self._last.append(0)
            # Each waits for no other service: only his own is asked, and says what it has kept.
            self.person.seen = []
            lines = [f"{self._last[-1] + 1} rue des Abeilles"]
            await self.person.must("PUT", "/api/accounts/me/profile/address", 200, json=ADDRESS | {"lines": lines})
            self._last[-1] += 1
            self.written += 1
            await asyncio.sleep(PAUSE)

    async def finds_what_was_written(self) -> None:
        for person, last in zip(self.people, self._last, strict=True):
            await person.logs_in()
            address = await person.must("GET", "/api/accounts/me/profile/address", 200)
            assert not last or address["lines"] == [f"{last} rue des Abeilles"], (address, last)


class Crowd:
    """People on a suite, `async with`: some come one after the other and go the whole way, `writers` stay and write.

    Who has come by the end of the block is through when it is left.
    """

    def __init__(
        self,
        suite: Suite,
        *,
        at_once: int = 1,
        writers: int = 0,
        timeout: float = 2 * TIMEOUT,
        kind: type[Candidate] = Candidate,
    ) -> None:
        """`timeout` in seconds for whatever is waited for; `kind` of the people."""
        self.suite = suite
        self.kind = kind
        self.timeout = timeout
        self.people: list[Candidate] = []
        self.writers: list[Writer] = []
        self._at_once = at_once
        self._writers = writers
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._client = self._new_client()
        self.writers = [Writer(partial(newcomer, self.suite, self._client, self.kind)) for _ in range(self._writers)]
        work = [
            keep_coming(self.suite, self._client, self.people, self._stop, self.kind, 4 * PAUSE)
            for _ in range(self._at_once)
        ]
        work += [writer.goes_on(self._stop) for writer in self.writers]
        self._tasks = [asyncio.create_task(each) for each in work]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        try:
            if error is None:
                async with asyncio.timeout(self.timeout):
                    await asyncio.gather(*self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._client.close()

    async def go_through(self, count: int) -> None:
        """Wait until this many more have submitted."""
        await self._until(lambda: sum(bool(person.ledger.receipt) for person in self.people), count)

    async def write(self, count: int) -> None:
        """Wait until the writers have been answered this many times more."""
        await self._until(lambda: sum(writer.written for writer in self.writers), count)

    def _new_client(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30))

    async def _until(self, done: Callable[[], int], count: int) -> None:
        goal = done() + count
        async with asyncio.timeout(self.timeout):
            while done() < goal:
                for task in self._tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.05)

    async def find_what_was_told(self) -> None:
        """Compare every ledger with what the suite now says."""
        async with self._new_client() as client:
            for person in [*self.people, *(person for writer in self.writers for person in writer.people)]:
                person.client = client
            for writer in self.writers:
                await writer.finds_what_was_written()
            await gather_few(find_what_was_told_to(person) for person in self.people)


async def gather_few(work: Iterable[Awaitable[None]]) -> None:
    """Do all of it, a few at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(each: Awaitable[None]) -> None:
        async with room:
            await each

    await asyncio.gather(*(one(each) for each in work))


def newcomer(suite: Suite, client: aiohttp.ClientSession, kind: type[Candidate] = Candidate) -> Candidate:
    """Somebody who insists."""
    candidate = kind(client, suite.base, Mailbox(suite.data / "mail"), insist=True)
    candidate.timeout = 3 * TIMEOUT
    return candidate


async def keep_coming(
    suite: Suite,
    client: aiohttp.ClientSession,
    people: list[Candidate],
    stop: asyncio.Event,
    kind: type[Candidate] = Candidate,
    pause: float = 0,
) -> None:
    """One after the other, with `pause` seconds between them, people go the whole way."""
    while not stop.is_set():
        candidate = newcomer(suite, client, kind)
        people.append(candidate)
        await candidate.becomes_known()
        await candidate.opens(await candidate.finds("energie solaire"))
        await candidate.completes_the_pieces(photographed=True)
        loose = await candidate.uploads(pdf())
        candidate.loose = loose.body["document"]
        await candidate.submits()
        await asyncio.sleep(pause)


async def everything_acknowledged_is_there(suite: Suite, people: Sequence[Candidate]) -> None:
    """Compare every candidate's ledger with what the suite now says, then all promises with what its stores hold."""
    await gather_few(find_what_was_told_to(person) for person in people)
    verified = await suite.parvis("verify", "all", "--timeout", str(TIMEOUT))
    assert verified.returncode == 0, verified.stdout + verified.stderr


async def find_what_was_told_to(person: Candidate) -> None:
    """Compare one candidate's ledger with what the suite now says."""
    await person.logs_in()
    application = await person.must("GET", person.place, 200)
    assert application["state"] == "submitted"
    held = {piece["code"]: piece["document"]["id"] for piece in application["pieces"] if piece.get("document")}
    assert held == person.ledger.pieces
    receipt = await person.must("GET", f"{person.place}/receipt", 200)
    assert receipt["receipt"] == person.ledger.receipt
    for document, digest in person.ledger.documents.items():
        content = await person.must("GET", f"/api/documents/documents/{document}", 200)
        assert hashlib.sha256(content).hexdigest() == digest
    kinds = await mails_of(person)
    assert kinds == {"account-created": 1, "application-opened": 1, "application-submitted": 1}, kinds


async def mails_of(person: Candidate) -> Counter[str]:
    """How many mails of each kind a person has got, once all three have come."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            mails = await asyncio.to_thread(person.mailbox.mails_to, person.address)
            if len(mails) >= 3:
                await asyncio.sleep(0.1)
                assert len({mail["Message-ID"] for mail in mails}) == len(mails)
                return Counter(str(mail["X-Parvis-Kind"]) for mail in mails)
            await asyncio.sleep(0.1)
