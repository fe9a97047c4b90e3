"""Joins the rooms of offers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from services.chassis.context import CommandContext
from services.chassis.events.journal import Journal
from services.chassis.events.outbox import Outbox
from services.chassis.http.problems import Texts
from services.chassis.languages import Language
from services.chassis.ports import Store
from services.chassis.refusals import TEXTS as GENERIC_TEXTS
from services.chassis.service.service import Ports, Service
from services.chassis.service.timers import Timer
from services.chassis.settings import Settings
from services.contracts.events.catalogue import Audience, Event
from services.contracts.refusals import RefusedError
from services.offers.repository import CAMPAIGNS, PROGRAMMES, CampaignRepository, ProgrammeRepository
from services.offers.routes import Public, routes
from services.offers.settings import OffersSettings
from services.offers.usecases.app import Offers
from services.offers.usecases.imports import ImportReport, Rejected
from services.offers.usecases.mon_master import MonMasterOptions
from services.offers.usecases.mon_master import import_mon_master as import_mon_master_file
from services.offers.usecases.sample import load_sample
from services.offers.views.catalogue import FOLLOW_SECONDS, Catalogue
from services.offers.views.models import ModelDocuments

__all__ = ["LISTENS", "MonMasterOptions", "build", "explain", "import_mon_master", "use_cases"]

LISTENS: Final[tuple[type[Event], ...]] = ()
TEXTS: Final = Path(__file__).with_name("refusals.toml")
_AGGREGATES: Final = (CAMPAIGNS, PROGRAMMES)


def build(ports: Ports) -> Service:
    """Offers, ready for the host."""
    app = use_cases(ports.store, ports.outbox, ports.settings)
    catalogue = Catalogue(app.campaigns, app.programmes, Journal(ports.store, Audience.PUBLIC))
    sample = OffersSettings().sample
    wants_sample = ports.settings.env == "development" if sample is None else sample

    @asynccontextmanager
    async def filled() -> AsyncIterator[None]:
        """Nobody is answered before the catalogue is there."""
        if wants_sample:
            await load_sample(app, CommandContext(now=ports.clock.now(), correlation=ports.ids.new()))
        await catalogue.load()
        yield

    return Service(
        name="offers",
        title="Offers",
        description="Campaigns, and the catalogue of programmes with their dates and requirements.",
        ports=ports,
        routes=routes(Public(catalogue, ModelDocuments(), ports.settings.zone, ports.clock)),
        refusals=TEXTS,
        aggregates=_AGGREGATES,
        timers=(Timer("follow-catalogue", FOLLOW_SECONDS, catalogue.follow),),
        lifespans=(filled,),
        readers={CAMPAIGNS.name: app.campaigns.from_document, PROGRAMMES.name: app.programmes.from_document},
    )


def use_cases(store: Store, outbox: Outbox, settings: Settings) -> Offers:
    """What the use cases work with."""
    return Offers(CampaignRepository(store, outbox), ProgrammeRepository(store, outbox), settings.zone)


async def import_mon_master(
    ports: Ports,
    path: Path,
    *,
    command: CommandContext,
    options: MonMasterOptions,
    progress: Callable[[int, int], None],
) -> ImportReport:
    """Import the ministry's file, also while offers runs beside; as `usecases.mon_master` says.

    Where this process relays nothing, the events wait in the outboxes for one that does, or for the next start.
    """
    app = use_cases(ports.store, ports.outbox, ports.settings)
    return await import_mon_master_file(app, path, command, options, progress)


def explain(fault: Rejected | RefusedError, language: Language = "en") -> str:
    """What is wrong with a faulty row or with a whole import, for people."""
    slug, params = (fault.slug, fault.params) if isinstance(fault, Rejected) else (fault.slug.name, fault.members)
    return Texts(GENERIC_TEXTS, TEXTS).detail(slug, language, params)
