"""B8: a list of staff with a million applications in it, against the same with ten thousand; sqlite, over HTTP.

What lists read is all there: a row for each application, a card for each candidate, the programmes. The applications
themselves, which no list reads, are not. Each line says how many times longer a request takes among a million.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from services.applications.domain.copies import Programme, ProgrammeCopy
from services.applications.repository.cards import CARDS
from services.applications.repository.listing import LISTING
from services.applications.repository.programmes import ProgrammeCopies
from services.chassis import urls
from services.chassis.ports import Collection, Document
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.contracts.api.identity import ACCESS_TYPE, AUDIENCE, LIFETIME_SECONDS
from services.contracts.instants import instant_text
from services.contracts.text_folding import fold
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, Spread
from tests.load.rest import until_idle
from tests.load.wire import rate, request
from tests.processes import SuiteProcess

TITLE = "Lists of staff among a million applications, against ten thousand"

FEW: Final = 10_000
MANY: Final = 1_000_000
PROGRAMMES: Final = 300
CENTRES: Final = 20
BATCH: Final = 1000
EACH: Final = 10
"""Applications of one person."""
MOST: Final = 1.5
FAMILIES: Final = ("Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent")
GIVEN: Final = ("Ana", "Zoé", "Léa", "Hugo", "Nina", "Paul", "Inès", "Jean", "Sara", "Noé")
PILES: Final = (
    "submitted.waiting",
    "submitted.waiting",
    "submitted",
    "incomplete",
    "complete",
    "complete",
    "draft",
    "cancelled",
)
BEGUN: Final = datetime(2027, 1, 10, tzinfo=UTC)
QUESTIONS: Final[Mapping[str, str]] = {
    "first page, what waits longest": "",
    "by name": "?sort=name",
    "one state": "?state=submitted&sort=newest",
    "one centre": "?centre=C07&waiting=true",
    "one programme": "?programme=P107&sort=name",
    "search by a name's beginning": "?q=moreau-11",
    "search by two letters": "?q=zo",
    "search by a word of titles": "?q=mention%20107",
    "counts by state": "/counts",
}


@dataclass(frozen=True)
class Listed:
    """A suite with its list, and who asks it."""

    suite: SuiteProcess
    token: str

    async def rate(self, question: str, seconds: float) -> float:
        """Answers a second."""
        headers = {"Authorization": f"Bearer {self.token}"}
        asked = request("GET", f"/api/applications/review{question}", headers)
        return await rate(self.suite.port, [asked], seconds=seconds)


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B8; some minutes, most of them to lay out the rows."""
    async with AsyncExitStack() as stack:
        few, many = [
            await stack.enter_async_context(listed(Settings(data=bench.folder / str(number)), bench.many(number)))
            for number in (FEW, MANY)
        ]
        return [await compared(bench, what, many, few, Goal(MOST, " times")) for what in QUESTIONS]


async def compared(
    bench: Bench, what: str, mine: Listed, theirs: Listed, goal: Goal | None, *, called: str | None = None
) -> Figure:
    """How many times longer a question takes on the one than on the other."""
    here, there = await bench.in_turns(
        lambda: mine.rate(QUESTIONS[what], bench.seconds / 2), lambda: theirs.rate(QUESTIONS[what], bench.seconds / 2)
    )
    times = [theirs / mine for mine, theirs in zip(here, there, strict=True)]
    return Figure(called or what, Spread.of(here), Spread.of(there), " requests/s", Spread.of(times), goal)


@asynccontextmanager
async def listed(settings: Settings, number: int) -> AsyncIterator[Listed]:
    """A running suite among whose files so many are listed."""
    token = await laid_out(settings, number)
    suite = SuiteProcess(settings.data, fresh=True, offers_sample="false", store=settings.store)
    await suite.start()
    try:
        await until_idle(suite.pid)
        yield Listed(suite, token)
    finally:
        await suite.stop()


async def laid_out(settings: Settings, number: int) -> str:
    """Lay rows into the store before its indexes, which is sooner done. Answers the token of a manager of everything."""
    store = urls.open_store(settings.store, service="applications", data=settings.data)
    await store.prepare([Collection(LISTING.name), Collection(CARDS.name)])
    for at in range(0, number, BATCH):
        numbers = range(at, min(at + BATCH, number))
        await store.append(LISTING.name, [_row(each) for each in numbers])
        await store.append(CARDS.name, [_card(each) for each in numbers if each % EACH == 0])
    await store.close()
    async with opened(settings) as suite:
        programmes = ProgrammeCopies(suite["applications"].ports.store)
        for each in range(PROGRAMMES):
            await programmes.keep(_offer(each), 1)
        accounts = suite["accounts"]
        assert accounts.signer is not None
        await accounts.signer.load()
        now = int(accounts.ports.clock.now().timestamp())
        claims: dict[str, Any] = {
            "aud": AUDIENCE,
            "sub": "kim",
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "sid": "kim",
            "jti": "kim",
            "kind": "staff",
            "grants": [{"role": "manager"}],
        }
        return accounts.signer.sign(claims, typ=ACCESS_TYPE)


def _names(number: int) -> tuple[str, str]:
    number //= EACH
    return f"{FAMILIES[number % 10]}-{number * 7919 % 1000}", GIVEN[number // 10 % 10]


def _row(number: int) -> Document:
    """As `repository.listing` writes it; dates and names in no order."""
    family, given = _names(number)
    pile, programme = PILES[number * 31 % len(PILES)], number * 17 % PROGRAMMES
    at = instant_text(BEGUN + timedelta(seconds=number * 104_729 % 8_000_000))
    return {
        "_id": f"application{number:015}",
        "version": 1,
        "account": f"person{number:020}",
        "campaign": "2027",
        "pile": pile,
        "centre": f"C{programme % CENTRES:02}",
        "programme": f"P{programme:03}",
        "title": _title(programme),
        "number": f"{number // EACH:08}",
        "name": fold(f"{family} {given}"),
        "given": fold(f"{given} {family}"),
        "mail": fold(f"{given}.{family}.{number}@univ.example"),
        "since": at,
        "opened_at": at,
        "deadline": "2027-04-15",
        "submitted_at": None if pile == "draft" else at,
        "waiting": 2 if pile.endswith("waiting") else 0,
    }


def _card(number: int) -> Document:
    family, given = _names(number)
    identity = {"family_name": family, "given_name": given}
    return {
        "_id": f"person{number:020}",
        "version": 1,
        "campaign": "2027",
        "file_number": f"{number // EACH:08}",
        "missing": [],
        "steps": {"identity": identity},
    }


def _title(programme: int) -> dict[str, str]:
    return {"fr": f"Master mention {programme}", "en": f"Master of {programme}"}


def _offer(number: int) -> ProgrammeCopy:
    day, centre = date(2027, 4, 15), f"C{number % CENTRES:02}"
    return ProgrammeCopy(
        programme=Programme(
            f"P{number:03}",
            _title(number),
            {"code": centre, "label": f"UFR {centre}"},
            {"code": "M1", "label": "Master 1"},
            {"email": "scolarite@univ.example"},
            None,
            15,
        ),
        campaign="2027",
        opens_on=day,
        closes_on=day,
        submission_deadline=day,
        requirements=(),
        offered=True,
    )
