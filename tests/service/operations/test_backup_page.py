"""Acceptance 111: the commands of docs/operations/backup.md, as they stand there, give the suite back in both sizes."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from services import SERVICES
from tests.candidate import Candidate, Mailbox, still_come
from tests.cluster import SERVERS, Backing, Cluster
from tests.faults.recorder import QUEUE, EventRecorder
from tests.processes import SuiteProcess, parvis

PAGE: Final = Path("docs/operations/backup.md")
TIMEOUT: Final = 600

Suite = SuiteProcess | Cluster


def commands(heading: str) -> list[list[str]]:
    """The commands that stand under a heading of the page."""
    under = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", under, re.MULTILINE | re.DOTALL)
    found = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    assert found, f"nothing to type under {heading}"
    return found


class Operator:
    """Types what the page says, for a suite of either size."""

    def __init__(self, suite: Suite, backups: Path) -> None:
        self._suite = suite
        self._backups = backups

    async def types(self, heading: str) -> None:
        for program, *arguments in commands(heading):
            assert program == "parvis"
            typed = [argument.replace("/backups", str(self._backups)) for argument in arguments]
            more = {"broker_admin": self._suite.virtual_host.admin_url} if isinstance(self._suite, Cluster) else {}
            done = await parvis(*typed, cwd=self._backups, env=self._suite.environment(**more))
            assert done.returncode == 0, (typed, done.stdout, done.stderr)


async def keep_coming(suite: Suite, client: aiohttp.ClientSession, done: list[Candidate]) -> None:
    while True:
        candidate = Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True)
        await candidate.goes_the_whole_way()
        done.append(candidate)


async def some_have_come(suite: Suite, client: aiohttp.ClientSession, operator: Operator) -> list[Candidate]:
    """A backup under load; the people who were through when it began."""
    done: list[Candidate] = []
    crowd = [asyncio.create_task(keep_coming(suite, client, done)) for _ in range(2)]
    async with asyncio.timeout(TIMEOUT):
        while len(done) < 2:
            await asyncio.sleep(0.1)
            still_come(crowd)
    safe = list(done)
    await operator.types("Back up")
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
    return safe


def files_of(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


async def no_link_stands_in_clear(people: list[Candidate], suite: Cluster, tap: EventRecorder, backups: Path) -> None:
    """Its secret is in the mail alone: in no document of a store, no message, and no file of a backup."""
    await tap.drain()
    server: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(suite.backing.store)
    databases = [server[f"{urlsplit(suite.backing.store).path.strip('/')}_{service}"] for service in SERVICES]
    places = {
        "store": [
            repr(row).encode()
            for database in databases
            for name in await database.list_collection_names()
            async for row in database[name].find({})
        ],
        "broker": [body for heard in tap.bodies.values() for _, body in heard],
        "backup": await asyncio.to_thread(files_of, backups),
    }
    server.close()
    for place, kept in places.items():
        everything = b"\n".join(kept)
        for person in people:
            assert person.address.encode() in everything, f"the {place} was not looked through"
            assert (await person.mailbox.link_token(person.address)).encode() not in everything, place


async def have_everything(people: list[Candidate], base: str) -> None:
    for person in people:
        person.base = base
        await person.logs_in()
        receipt = await person.must("GET", f"{person.place}/receipt", 200)
        assert receipt["receipt"] == person.ledger.receipt
        for document, digest in person.ledger.documents.items():
            content = await person.must("GET", f"/api/documents/documents/{document}", 200)
            assert hashlib.sha256(content).hexdigest() == digest


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as session:
        yield session


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


async def test_the_page_gives_a_suite_on_one_machine_back(
    tmp_path: Path, backups: Path, client: aiohttp.ClientSession
) -> None:
    suite = SuiteProcess(tmp_path / "var")
    operator = Operator(suite, backups)
    await suite.start()
    people = await some_have_come(suite, client, operator)
    await suite.kill()
    await operator.types("Rehearse")
    suite.data.rename(tmp_path / "moved-away")
    await operator.types("Restore on one machine")
    await suite.start()
    await have_everything(people, suite.base)
    await operator.types("Afterwards")
    await Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True).goes_the_whole_way()
    assert await suite.stop() == 0


@pytest.mark.timeout(3600)
@pytest.mark.servers(*SERVERS)
async def test_the_page_gives_a_suite_on_servers_back(
    request: pytest.FixtureRequest, tmp_path: Path, backups: Path, client: aiohttp.ClientSession
) -> None:
    mongodb, s3 = request.getfixturevalue("mongodb"), request.getfixturevalue("s3")
    backing = Backing(request.getfixturevalue("rabbitmq4"), mongodb.new_database(), s3.new_bucket())
    suite = Cluster(tmp_path / "var", backing)
    operator = Operator(suite, backups)
    try:
        await suite.open()
        tap = EventRecorder(suite.virtual_host)
        await tap.open()
        await suite.start()
        await suite.virtual_host.subscriber("campus", "applications.application.submitted.v1")
        people = await some_have_come(suite, client, operator)
        await no_link_stands_in_clear(people, suite, tap, backups)
        await suite.virtual_host.admin("DELETE", f"/api/queues/{{v}}/{QUEUE}")
        await suite.kill()
        await operator.types("Rehearse")
        fresh = {"store": mongodb.new_database(), "objects": s3.new_bucket()}
        suite.settings |= fresh
        for process in suite.every:
            process.settings |= fresh
        await operator.types("Restore on servers")
        await suite.start()
        await have_everything(people, suite.base)
        await operator.types("Afterwards")
        listed = await suite.virtual_host.parvis("subscriber", "list")
        assert "campus" in listed.out
        await Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True).goes_the_whole_way()
    finally:
        await suite.close()
