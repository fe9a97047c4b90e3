"""Accounts go when their campaign has been over for long enough, and every service forgets with them (acceptance 99)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from services.accounts.domain.account import erase
from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.domain.retention import RetentionTerm, kept
from services.accounts.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document
from services.contracts.events.offers import CampaignActivated, CampaignClosed, ParametersChanged
from services.contracts.instants import instant_text

log = structlog.get_logger()

DECIDING: Final = (CampaignActivated, CampaignClosed, ParametersChanged)
"""What says whether accounts may go."""
HEARD_WITHIN: Final = timedelta(hours=1)
"""So lately must all of that have been heard: whoever was told to hold a campaign must not learn that it is gone."""


async def outlived(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """Accounts of campaigns that were kept for as long as they are to be, and are not held.

    None, as long as it is not known that everything was heard that offers has said of campaigns and parameters.
    """
    if not await _has_heard(app, command):
        return
    for each in await campaigns_kept(app, command):
        if each.is_over(command.now, app.zone):
            due_at = instant_text(each.erased_at(app.zone))
            async for row in app.campaigns.accounts_of(each.campaign):
                yield row | {"due_at": due_at}


async def erase_outlived(app: App, row: Document, command: CommandContext) -> bool:
    """Erase one account whose time is over, which every service then hears of (ADR 35); answer whether a step was taken.

    It is looked again whether it may go, for others may have held its campaign meanwhile. Nobody is written to: the
    address may be another's by now.
    """
    campaigns = await campaigns_kept(app, command)
    if not any(each.campaign == row["campaign"] and each.is_over(command.now, app.zone) for each in campaigns):
        return False
    outcome = await app.accounts.change(row["_id"], lambda account: Decision(*erase(account)), command)
    return outcome is not None and bool(outcome.events)


async def warn(app: App, command: CommandContext) -> int:
    """Say in the log, once for each day of which that is so, that a campaign's accounts go soon; answer for how many."""
    today, warned = app.today(command), 0
    rules = app.parameters.in_force.retention
    campaigns = await app.campaigns.load()
    for each in await campaigns_kept(app, command):
        if each.held or campaigns.warned.get(each.campaign) == each.erased_on:
            continue
        if each.is_near(today, rules.warning_days) and await _has_accounts(app, each.campaign):
            log.warning("retention.near", campaign=each.campaign, day=each.erased_on.isoformat())
            await app.campaigns.change(partial(_warned, each))
            warned += 1
    return warned


async def campaigns_kept(app: App, command: CommandContext) -> list[RetentionTerm]:
    """How long each closed campaign is kept; one whose end nobody has told of is taken to end today, for good."""
    campaigns = await app.campaigns.load()
    if set(campaigns.closed) - campaigns.ended.keys():
        await app.campaigns.change(lambda there: there.with_ends(app.today(command)))
        campaigns = await app.campaigns.load()
    return list(kept(campaigns, app.parameters.in_force.retention))


def _warned(each: RetentionTerm, campaigns: CampaignCopies) -> CampaignCopies:
    return campaigns.with_warned(each.campaign, each.erased_on)


async def _has_accounts(app: App, campaign: str) -> bool:
    async with aclosing(app.campaigns.accounts_of(campaign)) as rows:
        return await anext(rows, None) is not None


async def _has_heard(app: App, command: CommandContext) -> bool:
    return await app.heard.everything(*DECIDING, until=command.now - HEARD_WITHIN)
