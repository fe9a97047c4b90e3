"""B18: a campaign is erased: 2,000 people and 10,000, each with an application, a decision on it and three documents.

The time of the campaign is over and its people were told. What is counted runs from the first account that goes until the
last is gone from accounts, and applications, documents and mailer have each said of everybody that nothing of them is left.
With an account go its card, the row of lists, application, submission and decision, three documents and the address; bytes
of documents are none there. The bare limit is to delete as many documents from a table, each in a transaction of its own
with `synchronous = FULL`. The last line is how many times longer one person takes among 10,000 than among 2,000: near one, a
campaign of 100,000 takes ten times as long as one of 10,000. The suite runs in this process on a clock set to the day.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from services import SERVICES
from services.accounts.domain.account import Account, Person
from services.accounts.domain.retention import RetentionTerm
from services.accounts.domain.states import State
from services.accounts.repository.accounts import ACCOUNTS
from services.accounts.usecases.retention import DECIDING, HEARD_WITHIN
from services.accounts.wiring import kept_campaigns
from services.accounts.wiring import use_cases as accounts_of
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.heard import Heard
from services.chassis.events.outbox import Outbox
from services.chassis.settings import Settings
from services.chassis.testing import Suite, run_suite
from services.cli.offline import opened
from services.documents.domain import document as documents
from services.documents.repository.documents import DOCUMENTS, DocumentRepository
from services.offers.domain.campaigns import Campaign
from services.offers.domain.text import Text
from services.offers.usecases.campaigns import current_campaign
from services.offers.wiring import activate_campaign, plan_campaign
from services.offers.wiring import use_cases as offers_of
from tests.load.bench import Bench
from tests.load.examined import FAVOURABLE, File, Sort, copied, laid
from tests.load.figures import Figure, Goal, Spread

TITLE = "A campaign is erased, to the last acknowledgement of every service"

FEW: Final = 2_000
MANY: Final = 10_000
PIECES: Final = ("cv", "photo", "lettre-motivation")
CONFIRMING: Final = ("applications", "documents", "mailer")
ROWS: Final = 10
"""Of each person: account, application, submission, decision, row of lists, card, address, documents."""
MOST_TIMES: Final = 1.5
WITHIN: Final = 3600
LOOK_SECONDS: Final = 0.1
_FILE_NUMBER: Final = "ZZ99ZZ99"


@dataclass(frozen=True)
class Erased:
    """How many went, in how many seconds, of which the loop was held up for so long at the most."""

    number: int
    seconds: float
    held_up: float

    @property
    def rate(self) -> float:
        """People a second."""
        return self.number / self.seconds


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B18, each once; some minutes."""
    found = [await _erased(bench.folder / str(number), bench.many(number)) for number in (FEW, MANY)]
    few, many = found
    bare = await asyncio.to_thread(_deleted, bench.folder / "bare.sqlite", bench.seconds)
    figures = []
    for each in found:
        own = Spread.of([each.rate * ROWS])
        figures.append(Figure(f"{each.number:,} people", own, Spread.of([bare]), " rows/s", own, None))
    held_up = Spread.of([1000 * each.held_up for each in found])
    slower = Spread.of([few.rate / many.rate])
    rates = Spread.of([many.rate]), Spread.of([few.rate])
    return [
        *figures,
        Figure("longest time for which nobody else was answered", held_up, None, " ms", held_up, None),
        Figure(
            f"one of {many.number:,}, beside one of {few.number:,}",
            *rates,
            " people/s",
            slower,
            Goal(MOST_TIMES, " times"),
        ),
    ]


async def _erased(folder: Path, number: int) -> Erased:
    with _without_sample():
        settings = Settings(data=folder)
        term = await _over(settings)
        at = term.erased_at(settings.zone)
        (files,) = await laid(settings, [Sort("M1-OLD", number, FAVOURABLE)])
        await _belonging(settings, files, term, at)
        clock = FixedClock(at + timedelta(hours=1))
        async with run_suite(folder, services=SERVICES, clock=clock, timers_by_time=False) as suite:
            await suite.settle()
            await _all_is_heard(suite, clock)
            pauses: list[float] = []
            gc.collect()
            watching = asyncio.create_task(_held_up(pauses))
            begun = time.perf_counter()
            await _all_go(suite, number)
            seconds = time.perf_counter() - begun
            watching.cancel()
            return Erased(number, seconds, max(pauses))


@contextmanager
def _without_sample() -> Iterator[None]:
    """Campaigns and no catalogue."""
    before = os.environ.get("PARVIS_OFFERS_SAMPLE")
    os.environ["PARVIS_OFFERS_SAMPLE"] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PARVIS_OFFERS_SAMPLE"]
        else:
            os.environ["PARVIS_OFFERS_SAMPLE"] = before


async def _over(settings: Settings) -> RetentionTerm:
    """A campaign that is closed, and how long it is kept."""
    async with opened(settings) as closed:
        ports = closed["offers"].ports
        command = CommandContext(ports.clock.now(), "settling-in", OPERATOR)
        await current_campaign(offers_of(ports), command)
        following = Campaign("NEXT", Text("Candidatures", None), date(2040, 1, 1), date(2040, 12, 31))
        await plan_campaign(ports, following, command=command)
        await activate_campaign(ports, "NEXT", command=command)
    async with run_suite(settings.data, services=SERVICES, timers_by_time=False) as suite:
        await suite.settle()
        ports = suite.service("accounts").service.ports
        told = await kept_campaigns(ports, CommandContext(suite.clock.now(), "settling-in", OPERATOR))
    (term,) = [each for _, _, each in told if each is not None]
    return term


async def _belonging(settings: Settings, files: Sequence[File], term: RetentionTerm, at: datetime) -> None:
    """The accounts and the documents of these files; everybody was told a month before on which day they go."""
    first, *others = files
    async with opened(settings, ("accounts", "documents")) as suite:
        ports = suite["accounts"].ports
        told = at - timedelta(days=30)
        command = CommandContext(told, "settling-in", OPERATOR)
        account = Account(
            campaign=term.campaign,
            file_number=_FILE_NUMBER,
            person=Person("Martin", "Zoé", first.address, "fr"),
            state=State.VALIDATED,
            created_at=told,
            deadline=told,
            password="none",
            erasure_notice=term.notice(told, settings.zone),
        )
        await accounts_of(ports).accounts.add(first.account, Decision(account), command)
        made = await ports.store.get(ACCOUNTS.name, first.account)
        assert made is not None
        await copied(ports.store, ACCOUNTS.name, made, first, others, file_number=_FILE_NUMBER)
        ports = suite["documents"].ports
        rows = DocumentRepository(ports.store, Outbox())
        for piece in PIECES:
            id = f"{first.application}-{piece}"
            row, _ = documents.store(
                account=first.account,
                sha256="0" * 64,
                size=300_000,
                media_type="application/pdf",
                filename=f"{piece}.pdf",
                object=f"documents/{id}",
                now=told,
                keep=timedelta(days=7),
            )
            held = documents.submit(
                documents.attach(row, documents.Attachment(first.application, piece)), first.application
            )
            await rows.add(id, Decision(held), command)
            document = await ports.store.get(DOCUMENTS.name, id)
            assert document is not None
            await copied(ports.store, DOCUMENTS.name, document, first, others)


async def _all_is_heard(suite: Suite, clock: FixedClock) -> None:
    """Accounts know that offers have said nothing else, without which nobody goes."""
    accounts = suite.service("accounts")
    heard = Heard(accounts.service.ports.store, clock)
    async with asyncio.timeout(120):
        while not await heard.everything(*DECIDING, until=clock.now() - HEARD_WITHIN):
            await suite.service("offers").teller.say_position()
            await accounts.listener.look()
            await asyncio.sleep(0.02)


async def _all_go(suite: Suite, number: int) -> None:
    """Have the timers do what is due, again and again, until every service has said that nobody is left."""
    accounts = suite.service("accounts")
    ports = accounts.service.ports
    timers = [each for name in ("retention", "clean-up") for each in accounts.timers if each.name == name]
    async with asyncio.timeout(WITHIN):
        while True:
            did = 0
            for timer in timers:
                did += await timer.run(await timer.command("accounts", suite.clock, ports.ids, accounts.witness))
            if not did:
                await asyncio.sleep(LOOK_SECONDS)
                if await _are_gone(suite, number):
                    return


async def _are_gone(suite: Suite, number: int) -> bool:
    if await suite.service("accounts").service.ports.store.count(ACCOUNTS.name, {}):
        return False
    stores = [suite.service(name).service.ports.store for name in CONFIRMING]
    return all([await store.count("erasures", {}) == number for store in stores])


async def _held_up(pauses: list[float]) -> None:
    """For how long the loop was not there for others, again and again."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.01)
        pauses.append(max(0.0, time.perf_counter() - begun - 0.01))


def _deleted(file: Path, seconds: float) -> float:
    """Rows a second, each in a transaction of its own."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, doc TEXT NOT NULL)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO documents VALUES (?, ?)", ((each, "x" * 2000) for each in range(50_000)))
    connection.execute("COMMIT")
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds and done < 50_000:
        connection.execute("DELETE FROM documents WHERE id = ?", (done,))
        done += 1
    rate = done / (time.perf_counter() - begun)
    connection.close()
    return rate
