"""B1: catalogue search and programme page with 10,000 programmes, against a bare aiohttp handler of the same bytes."""

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import aiohttp

from services.chassis.clock import ShiftedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.journal import JOURNALS, Journal
from services.chassis.events.outbox import Outbox, Relay
from services.chassis.events.parking import PARKED, Parking
from services.chassis.settings import Settings
from services.chassis.urls import open_store
from services.contracts.events.catalogue import Audience
from services.offers.domain.calendar import Calendar
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import MEGABYTE, Contact, Content, Unit
from services.offers.domain.text import Text
from services.offers.repository.campaigns import CAMPAIGNS, CampaignRepository
from services.offers.repository.deadlines import DeadlineRepository
from services.offers.repository.kept import KeptRepository
from services.offers.repository.parameters import ParameterRepository
from services.offers.repository.programmes import PROGRAMMES, ProgrammeRepository
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import current_campaign
from services.offers.usecases.imports import Row, import_programmes
from tests.load.bench import Bench, Measured, serving
from tests.load.figures import Figure, Goal, Spread, share
from tests.load.wire import rate, request

TITLE = "Catalogue search and programme page, 10,000 programmes, against a bare aiohttp handler of the same bytes"

SUBJECT_WORDS = (
    "Histoire Géographie Droit Économie Gestion Informatique Mathématiques Physique Chimie Biologie Géologie Écologie "
    "Électronique Énergie Matériaux Philosophie Psychologie Sociologie Linguistique Archéologie Musicologie Théâtre "
    "Cinéma Tourisme Commerce Finance Comptabilité Management Logistique Urbanisme Architecture Santé Pharmacie Sport"
)
MANNER_WORDS = (
    "appliquée générale comparée quantitative européenne contemporaine ancienne numérique industrielle expérimentale "
    "fondamentale sociale internationale publique privée territoriale environnementale cognitive clinique durable"
)
SUBJECTS = SUBJECT_WORDS.split()
MANNERS = MANNER_WORDS.split()


def rows(count: int, campaign: str) -> Iterator[Row]:
    """Programmes as a country has them: some thousand titles, a hundred and sixty centres."""
    chance = random.Random(1)
    today = datetime.now(UTC).date()
    calendar = Calendar(
        opens_on=today - timedelta(days=10),
        closes_on=today + timedelta(days=30),
        submission_deadline=today + timedelta(days=37),
        answer_delay_days=15,
    )
    requirements = tuple(usual_requirements(2 * MEGABYTE).values())
    for number in range(count):
        subjects = chance.sample(SUBJECTS, 3)
        manner = chance.sample(MANNERS, 2)
        centre = chance.randrange(160)
        content = Content(
            campaign=campaign,
            title=Text(f"{subjects[0]} {manner[0]}, parcours {subjects[1]} {manner[1]}"),
            centre=Unit(f"UAI-{centre:03}", Text(f"Université numéro {centre}")),
            diploma=Unit(f"master-{1 + number % 2}", Text(f"Master {1 + number % 2}")),
            calendar=calendar if chance.random() < 0.7 else replace(calendar, opens_on=calendar.closes_on),
            contact=Contact("Scolarité", ("1 place de l'Université",), "scolarite@univ.example"),
            keywords=(subjects[2], *manner),
            capacity=chance.randrange(10, 100),
            requirements=requirements,
        )
        yield Row(number, f"P{number:05}", content)


async def fill(data: Path, count: int) -> None:
    """A data folder with that many programmes."""
    store = open_store("sqlite:", service="offers", data=data)
    await store.prepare([CAMPAIGNS, PROGRAMMES, PARKED, *JOURNALS.values()])
    command = CommandContext(now=datetime.now(UTC), correlation="load", actor=OPERATOR)
    outbox = Outbox()
    app = App(
        CampaignRepository(store, outbox),
        ProgrammeRepository(store, outbox),
        ParameterRepository(store, outbox),
        DeadlineRepository(store, outbox),
        KeptRepository(store, outbox),
        Settings(data=data).zone,
    )
    campaign = await current_campaign(app, command)
    await import_programmes(app, rows(count, campaign.code), command)
    journals = {audience: Journal(store, audience) for audience in Audience}
    relay = Relay(store, outbox, [CAMPAIGNS.name, PROGRAMMES.name], journals, Parking("offers", store, ShiftedClock()))
    while await relay.step() or outbox:
        pass
    await store.close()


def questions(count: int, *, seed: int) -> list[str]:
    """Searches as people type them: parts of words, some with filters; all different."""
    chance = random.Random(seed)
    asked: dict[str, None] = {}
    while len(asked) < count:
        words = [chance.choice(SUBJECTS)[: chance.randrange(3, 9)], chance.choice(MANNERS)[: chance.randrange(2, 9)]]
        filters = chance.choice(["", "", "&open=true", f"&centre=UAI-{chance.randrange(160):03}", "&diploma=master-1"])
        limit = chance.randrange(10, 31)
        asked[f"/api/offers/programmes?q={quote(' '.join(words))}{filters}&limit={limit}"] = None
    return list(asked)


async def bodies(port: int, paths: Sequence[str]) -> bytes:
    """What the suite answers to these paths, as lines for the bare server."""
    lines = []
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers={"Accept-Language": "fr"}) as client:
        for path in paths:
            async with client.get(path) as answer:
                answer.raise_for_status()
                lines.append(json.dumps([path, await answer.text()]))
    return "\n".join([*lines, "\n"]).encode()


async def compare(bench: Bench, port: int, what: str, paths: Sequence[str]) -> Figure:
    """Requests per second of the suite beside those of a bare handler of the same bytes."""
    requests = [request("GET", path) for path in paths]
    async with serving("tests.load.bare_server", feed=await bodies(port, paths)) as bare:
        own, limit = await bench.in_turns(
            lambda: rate(port, requests, seconds=bench.seconds),
            lambda: rate(bare.port, requests, seconds=bench.seconds),
        )
    return share(what, own, limit, " requests/s", 60)


async def measure(bench: Bench) -> list[Figure]:
    """The figures of B1; about a minute."""
    large, small = bench.folder / "large", bench.folder / "small"
    programmes = bench.many(10_000)
    await fill(large, programmes)
    await fill(small, programmes // 10)
    seeds = itertools.count(2)

    def never_asked(port: int) -> Measured:
        return lambda: rate(
            port,
            [request("GET", path) for path in questions(bench.many(6000), seed=next(seeds))],
            seconds=bench.seconds,
            again=False,
        )

    async with (
        serving("tests.load.offers_server", str(large)) as child,
        serving("tests.load.offers_server", str(small)) as smaller,
    ):
        pages = [f"/api/offers/programmes/P{number:05}" for number in range(0, programmes, max(1, programmes // 500))]
        search = await compare(bench, child.port, "search", questions(bench.many(500), seed=1))
        page = await compare(bench, child.port, "programme page", pages)
        many, few = await bench.in_turns(never_asked(child.port), never_asked(smaller.port))
    cost = [theirs / ours for ours, theirs in zip(many, few, strict=True)]
    return [
        search,
        page,
        Figure(
            "search never asked before: 10,000 programmes, beside 1,000",
            Spread.of(many),
            Spread.of(few),
            " requests/s",
            Spread.of(cost),
            Goal(2, " x"),
        ),
    ]
