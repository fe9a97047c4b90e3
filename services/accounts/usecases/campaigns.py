"""Learning of campaigns from offers."""

from __future__ import annotations

import structlog

from services.accounts.usecases.app import App
from services.chassis.context import CommandContext
from services.contracts.events.offers import CampaignActivated, CampaignClosed, ParametersChanged
from services.contracts.instants import calendar_day

log = structlog.get_logger()


async def note_activated(app: App, event: CampaignActivated, command: CommandContext) -> None:
    """From now on accounts are opened for this campaign, and those of others log in no more (acceptance 19)."""
    ends_on = calendar_day(event.ends_on)
    await app.campaigns.change(lambda campaigns: campaigns.with_activated(event.campaign, ends_on))
    log.info("campaign.activated", campaign=event.campaign)


async def note_closed(app: App, event: CampaignClosed, command: CommandContext) -> None:
    """No account is opened for this campaign any more."""
    ended_on, today = None if event.ended_on is None else calendar_day(event.ended_on), app.today(command)
    await app.campaigns.change(lambda campaigns: campaigns.with_closed(event.campaign, ended_on, today))
    log.info("campaign.closed", campaign=event.campaign)


async def note_parameters(app: App, event: ParametersChanged, command: CommandContext) -> None:
    """Work by these parameters; who was told that they go, of a campaign that is held no more, is told anew."""
    before = frozenset(
        app.parameters.in_force.retention.held
    )  # also as the environment had it before anything was heard
    await app.parameters.keep(event, command)
    held = frozenset(event.parameters.retention.held)
    await app.campaigns.change(lambda there: there.with_held(held, event.version, command.now, before))
