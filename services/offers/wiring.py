"""Joins the rooms of offers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path

from services.chassis.context import CommandContext, acting_service
from services.chassis.events.journal import Journal
from services.chassis.events.teller import Present
from services.chassis.service.connectors import connector_routes
from services.chassis.service.service import Ports, Service
from services.chassis.service.timers import Timer
from services.chassis.settings import first_parameters
from services.contracts.api.endpoints.campaigns import API
from services.contracts.events.catalogue import Audience
from services.contracts.events.offers import ParametersChanged
from services.offers.domain.campaigns import Campaign, Campaigns
from services.offers.domain.deadlines import Deadlines, Scope
from services.offers.domain.parameters import ParameterSheet
from services.offers.repository.campaigns import CAMPAIGNS, CampaignRepository
from services.offers.repository.deadlines import DEADLINES, DeadlineRepository
from services.offers.repository.kept import KEPT, KeptRepository
from services.offers.repository.parameters import PARAMETERS, ParameterRepository
from services.offers.repository.programmes import PROGRAMMES, ProgrammeRepository
from services.offers.routes import routes
from services.offers.settings import OffersSettings
from services.offers.subscriptions import FROM_NOW, LISTENS, subscriptions
from services.offers.usecases import campaigns as campaign_usecases
from services.offers.usecases import deadlines as deadline_usecases
from services.offers.usecases import kept as kept_usecases
from services.offers.usecases import parameters as usecases
from services.offers.usecases.app import App
from services.offers.usecases.imports import ImportReport
from services.offers.usecases.mon_master import MonMasterOptions
from services.offers.usecases.mon_master import import_mon_master as import_mon_master_file
from services.offers.usecases.own_catalogue import import_catalogue as import_catalogue_file
from services.offers.usecases.sample import load_sample
from services.offers.views.catalogue import FOLLOW_SECONDS, Catalogue
from services.offers.views.models import ModelDocuments
from services.offers.views.public import Views

__all__ = [
    "LISTENS",
    "activate_campaign",
    "build",
    "close_campaign",
    "import_catalogue",
    "import_mon_master",
    "move_deadline",
    "parameters",
    "plan_campaign",
    "set_parameters",
    "use_cases",
]


def use_cases(ports: Ports) -> App:
    """What the use cases work with."""
    return App(
        campaigns=CampaignRepository(ports.store, ports.outbox),
        programmes=ProgrammeRepository(ports.store, ports.outbox),
        parameters=ParameterRepository(ports.store, ports.outbox),
        deadlines=DeadlineRepository(ports.store, ports.outbox),
        kept=KeptRepository(ports.store, ports.outbox),
        zone=ports.settings.zone,
        first=first_parameters(ports.settings),
        in_production=ports.settings.env == "production",
    )


def build(ports: Ports) -> Service:
    """The service on its ports."""
    app = use_cases(ports)
    catalogue = Catalogue(app.campaigns, app.programmes, app.deadlines, Journal(ports.store, Audience.PUBLIC))
    sample = OffersSettings().sample
    wants_sample = ports.settings.env == "development" if sample is None else sample

    @asynccontextmanager
    async def filled() -> AsyncIterator[None]:
        """Nobody is answered before the catalogue is there, and it is known whose it is."""
        command = CommandContext(ports.clock.now(), ports.ids.new(), acting_service("offers"))
        await usecases.begin_parameters(app, command)
        if wants_sample:
            await load_sample(app, command)
        await catalogue.load()
        yield

    return Service(
        api=API,
        ports=ports,
        routes=(
            *routes(app, Views(catalogue, ModelDocuments(), ports.settings.zone, ports.clock)),
            *connector_routes("offers", ports.connectors, ()),
        ),
        aggregates=(CAMPAIGNS, PROGRAMMES, PARAMETERS, DEADLINES, KEPT),
        subscriptions=subscriptions(ports, app),
        from_now=FROM_NOW,
        timers=(
            Timer("follow-catalogue", FOLLOW_SECONDS, catalogue.follow),
            Timer("follow-parts", kept_usecases.FOLLOW_SECONDS, partial(kept_usecases.follow_due, app)),
        ),
        lifespans=(filled,),
        present={ParametersChanged: Present(app.parameters.ids, partial(usecases.announce_parameters, app))},
        readers={
            CAMPAIGNS.name: app.campaigns.from_document,
            PROGRAMMES.name: app.programmes.from_document,
            PARAMETERS.name: app.parameters.from_document,
            DEADLINES.name: app.deadlines.from_document,
            KEPT.name: app.kept.from_document,
        },
    )


async def parameters(ports: Ports, *, command: CommandContext) -> ParameterSheet:
    """The institution's parameters as they are now, and how they came to be."""
    return await usecases.parameters(use_cases(ports))


async def set_parameters(
    ports: Ports, given: Mapping[str, object], *, command: CommandContext, expected: int | None, dry_run: bool
) -> tuple[ParameterSheet, ParameterSheet]:
    """Give parameters other values, also while offers runs beside; answer what was before and after.

    Raises INVALID_FIELDS, STALE_VERSION.
    """
    app = use_cases(ports)
    before = await usecases.parameters(app)
    change = usecases.preview_parameters if dry_run else usecases.change_parameters
    return before, (await change(app, given, command, expected=expected)).sheet


async def plan_campaign(ports: Ports, campaign: Campaign, *, command: CommandContext) -> Campaigns:
    """Plan a campaign, or change the label and days of one, also while offers runs beside; raises INVALID_FIELDS."""
    return (await campaign_usecases.plan_campaign(use_cases(ports), campaign, command)).saved.state


async def activate_campaign(ports: Ports, code: str, *, command: CommandContext) -> Campaigns:
    """Make a campaign the active one, and close the one before it; raises NOT_FOUND, CAMPAIGN_OVER."""
    return (await campaign_usecases.activate_campaign(use_cases(ports), code, command)).saved.state


async def close_campaign(ports: Ports, code: str, *, command: CommandContext) -> Campaigns:
    """End the active campaign; raises NOT_FOUND, CAMPAIGN_NOT_ACTIVE."""
    return (await campaign_usecases.close_campaign(use_cases(ports), code, command)).saved.state


async def move_deadline(ports: Ports, scope: Scope, day: date, reason: str, *, command: CommandContext) -> Deadlines:
    """Move a submission deadline, also while offers runs beside; raises NOT_FOUND, INVALID_FIELDS."""
    app = use_cases(ports)
    moved = await deadline_usecases.move_deadline(app, scope, day, reason, command, grants=deadline_usecases.EVERYWHERE)
    return moved.saved.state


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
    return await import_mon_master_file(use_cases(ports), path, command, options, progress)


async def import_catalogue(
    ports: Ports, path: Path, *, command: CommandContext, dry_run: bool, progress: Callable[[int, int], None]
) -> ImportReport:
    """Import an institution's own catalogue, also while offers runs beside; as `usecases.own_catalogue` says."""
    return await import_catalogue_file(use_cases(ports), path, command, dry_run=dry_run, progress=progress)
