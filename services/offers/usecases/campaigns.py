"""Planning and activating campaigns."""

from __future__ import annotations

from collections.abc import Callable

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Outcome
from services.offers.domain.campaigns import Campaign, Campaigns, activate, begin, close, current, plan
from services.offers.repository.campaigns import THE_CAMPAIGNS
from services.offers.usecases.app import App


async def plan_campaign(app: App, campaign: Campaign, command: CommandContext) -> Outcome[Campaigns]:
    """Add a campaign, or change the label and days of one; raises INVALID_FIELDS."""
    return await _change(app, lambda campaigns: Decision(plan(campaigns, campaign)), command)


async def activate_campaign(app: App, code: str, command: CommandContext) -> Outcome[Campaigns]:
    """Make a campaign the active one and close the one before; raises NOT_FOUND, CAMPAIGN_OVER."""
    return await _change(app, lambda campaigns: Decision(*activate(campaigns, code, app.today(command))), command)


async def close_campaign(app: App, code: str, command: CommandContext) -> Outcome[Campaigns]:
    """End the active campaign; raises NOT_FOUND, CAMPAIGN_NOT_ACTIVE."""
    return await _change(app, lambda campaigns: Decision(*close(campaigns, code, app.today(command))), command)


async def current_campaign(app: App, command: CommandContext, *, dry_run: bool = False) -> Campaign:
    """The active campaign; where none was ever planned, a first one begins, or would in a dry run.

    Raises NO_ACTIVE_CAMPAIGN when campaigns are planned and it is for the staff to choose.
    """
    campaigns = await app.campaigns.load()
    if not campaigns.all:
        today = app.today(command)
        if dry_run:
            return current(begin(campaigns, today)[0])
        campaigns = (await _change(app, lambda there: Decision(*begin(there, today)), command)).saved.state
    return current(campaigns)


async def _change(
    app: App, decide: Callable[[Campaigns], Decision[Campaigns]], command: CommandContext
) -> Outcome[Campaigns]:
    """Change the one document of campaigns, which comes to be with the first campaign."""
    return await app.campaigns.change_or_add(THE_CAMPAIGNS, Campaigns(), decide, command)
