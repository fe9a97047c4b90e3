"""B17: an evening of decisions: ten thousand are validated, all their people are told, and candidates submit meanwhile.

In each of five programmes as many are favourable as there are places, and as many wait by rank. One manager validates them
in runs of 200, one behind the other: decisions a second, until the last run is over; mails a second, until the last mail
lies in the folder. The bare limit of decisions is an update of such an application in a transaction of its own with
`synchronous = FULL`. Then one of five who were offered a place withdraws, and as many who wait are offered theirs: places a
second, until the last of these mails. Meanwhile five candidates a second submit: 95 of 100 are answered within the time that
stands beside that of a suite in which nothing else goes on. At the end every mail is counted: one of each for each who was
to have it.
"""

from __future__ import annotations

import asyncio
import email
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Final

import aiohttp

from services.applications.domain.states import DecisionKind
from services.chassis.http.connections import raise_file_limit
from services.chassis.settings import Settings
from services.cli.offline import opened_to_read
from services.contracts.api.bulk import MAX_BULK
from tests.load.b03_submit import commits
from tests.load.b16_staff import documents_of
from tests.load.bench import Bench
from tests.load.examined import FAVOURABLE, RANKED, File, Sort, laid, staff_token, token
from tests.load.figures import Figure, Spread, beside, bound
from tests.load.population import logged_in_again, settle_in
from tests.load.rest import running, until_idle
from tests.load.runs import Manager
from tests.load.serving import A_SECOND, Served
from tests.load.work import at_once

TITLE = "An evening of decisions: ten thousand validated and told, places passed on, and what candidates notice of it"

DECISIONS: Final = 10_000
PROGRAMMES: Final = 5
WITHDRAW: Final = 5
"""One of so many who were offered a place."""
CALM: Final = 10
"""Times the seconds of a benchmark."""
LONGEST: Final = 200
"""Seconds of each part in which candidates submit beside it."""
AT_ONCE: Final = 8
QUIET_SECONDS: Final = 600
SAMPLE: Final = 100
MOST_TIMES: Final = 5.0
PATIENCE: Final = aiohttp.ClientTimeout(QUIET_SECONDS)
OF_KIND: Final = {FAVOURABLE: "decision-favourable", RANKED: "decision-ranked-waitlist"}
PROMOTION: Final = "promotion"


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B17, once: some minutes."""
    raise_file_limit()
    settings, number = Settings(data=bench.folder / "var"), bench.many(DECISIONS // PROGRAMMES // 2)
    calm_seconds = CALM * bench.seconds
    longest = max(10, LONGEST * bench.size)
    crowd = await settle_in(settings, round(A_SECOND * (calm_seconds + 1 + 2 * longest)))
    kinds: tuple[DecisionKind, ...] = (FAVOURABLE, RANKED)
    sorts = [Sort(f"M1-P{at}", number, kind, capacity=number) for at in range(PROGRAMMES) for kind in kinds]
    files = [file for each in await laid(settings, sorts) for file in each]
    documents = await documents_of(settings, files[:SAMPLE])
    limit = await asyncio.to_thread(commits, bench.folder / "bare.sqlite", documents, bench.seconds)
    folder = settings.data / "mail" / "new"
    async with running(settings) as suite, aiohttp.ClientSession(suite.base, timeout=PATIENCE) as client:
        served = Served(suite.port, await logged_in_again(settings, crowd))
        await until_idle(suite.pid)
        calm = await served.calm(calm_seconds)
        await until_idle(suite.pid)
        evening = _Evening(settings, client, folder, files)
        deciding = await served.while_(evening.decide(), longest)
        await _mailed(folder, len(files) + served.submitted)
        served.crowd = await logged_in_again(settings, crowd)
        await until_idle(suite.pid)
        passing = await served.while_(evening.pass_on(), longest)
        await _mailed(folder, len(files) + 2 * len(evening.withdrawn) + served.submitted)
        await until_idle(suite.pid)
    differing = [float(len(_differences(folder, files, evening.withdrawn)))]
    promoted = await _promoted(settings, files)
    return [
        Figure("decisions", Spread.of([evening.decided]), Spread.of([limit]), " /s", Spread.of([limit]), None),
        Figure("mails of decisions", Spread.of([evening.told]), None, " /s", Spread.of([evening.told]), None),
        Figure("places passed on", Spread.of([evening.passed]), None, " /s", Spread.of([evening.passed]), None),
        beside("submission beside validation, 95 of 100 within", [deciding], [calm], " ms", MOST_TIMES),
        beside("submission beside withdrawals, 95 of 100 within", [passing], [calm], " ms", MOST_TIMES),
        bound("submissions answered otherwise", [float(served.lost)], None, "", 0),
        bound("withdrawals whose place nobody was offered", [float(len(evening.withdrawn) - promoted)], None, "", 0),
        bound("differences of the ledger of mails", differing, None, "", 0),
    ]


class _Evening:
    """What staff and those do who were offered a place."""

    def __init__(self, settings: Settings, client: aiohttp.ClientSession, folder: Path, files: Sequence[File]) -> None:
        self._settings = settings
        self._client = client
        self._folder = folder
        self._files = files
        offered = [file for file in files if file.entered is FAVOURABLE]
        self.withdrawn = offered[::WITHDRAW]
        self.decided = self.told = self.passed = 0.0

    async def decide(self) -> None:
        """Validate all, and see the last mail come."""
        begun = time.perf_counter()
        for start in range(0, len(self._files), MAX_BULK):
            some = [file.application for file in self._files[start : start + MAX_BULK]]
            manager = Manager(self._client, await staff_token(self._settings))
            ran = await manager.run("validate_decision", some)
            assert ran.changed == len(some), ran
        self.decided = len(self._files) / (time.perf_counter() - begun)
        await _of_kinds(self._folder, {*OF_KIND.values()}, len(self._files))
        self.told = len(self._files) / (time.perf_counter() - begun)

    async def pass_on(self) -> None:
        """Have them withdraw, and see the last mail come of those who are offered their places."""
        async with opened_to_read(self._settings, ("accounts",)) as suite:
            accounts = suite["accounts"]
            assert accounts.signer is not None
            await accounts.signer.load()
            now = accounts.ports.clock.now()
            tokens = {file: token(accounts.signer, file.account, now) for file in self.withdrawn}

        async def withdraw(file: File) -> None:
            path = f"/api/applications/applications/{file.application}/answer"
            headers = {"Authorization": f"Bearer {tokens[file]}", "Idempotency-Key": f"answer-{file.application}"}
            async with self._client.post(path, json={"answer": "withdraw"}, headers=headers) as answer:
                answer.raise_for_status()

        begun = time.perf_counter()
        await at_once(AT_ONCE, withdraw, self.withdrawn)
        await _of_kinds(self._folder, {PROMOTION}, len(self.withdrawn))
        self.passed = len(self.withdrawn) / (time.perf_counter() - begun)


async def _mailed(folder: Path, number: int) -> None:
    """Wait until so many mails are there."""
    async with asyncio.timeout(QUIET_SECONDS):
        while await asyncio.to_thread(_count, folder) < number:
            await asyncio.sleep(0.5)


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*"))


async def _of_kinds(folder: Path, kinds: set[str], number: int) -> None:
    """Wait until so many mails of these kinds are there, each of which is read once."""
    seen: dict[Path, str] = {}
    async with asyncio.timeout(QUIET_SECONDS):
        while True:
            await asyncio.to_thread(_look, folder, seen)
            if sum(kind in kinds for kind in seen.values()) >= number:
                return
            await asyncio.sleep(0.5)


def _look(folder: Path, seen: dict[Path, str]) -> None:
    for path in folder.glob("*"):
        if path not in seen:
            seen[path] = _head(path)[0]


def _head(path: Path) -> tuple[str, str]:
    """Kind and address."""
    head = email.message_from_bytes(path.read_bytes().partition(b"\n\n")[0])
    return str(head["X-Parvis-Kind"]), parseaddr(str(head["To"]))[1]


def _differences(folder: Path, files: Sequence[File], withdrawn: Sequence[File]) -> list[str]:
    """Who has another number of mails than is due: one of each decision, one of each withdrawal, and one of each place that
    was passed on, which go to those with the lowest ranks."""
    there = Counter(_head(path) for path in folder.glob("*"))
    due: Counter[tuple[str, str]] = Counter()
    for file in files:
        if file.entered is not None:
            due[OF_KIND[file.entered], file.address] += 1
    freed = Counter(file.programme for file in withdrawn)
    for file in withdrawn:
        due["place-withdrawn", file.address] += 1
    for file in files:  # in the order of their ranks
        if file.entered is RANKED and freed[file.programme] > 0:
            freed[file.programme] -= 1
            due[PROMOTION, file.address] += 1
    ours = {kind for kind, _ in due}
    found = {at: number for at, number in there.items() if at[0] in ours}
    return [f"{at}: {found.get(at, 0)} for {due[at]}" for at in {*due, *found} if found.get(at, 0) != due[at]]


async def _promoted(settings: Settings, files: Sequence[File]) -> int:
    """How many of those who waited have a place now."""
    async with opened_to_read(settings, ("applications",)) as suite:
        store = suite["applications"].ports.store
        rows: list[Mapping[str, object] | None] = [
            await store.get("applications", file.application, fields=("promotion",))
            for file in files
            if file.entered is RANKED
        ]
    return sum(row is not None and row.get("promotion") is not None for row in rows)
