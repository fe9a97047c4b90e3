"""Accounts go when their campaign has been over for long enough, and every service forgets with them (acceptance 99)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from services.accounts.domain.account import Account, erase
from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.domain.retention import RetentionTerm, announce_erasure, erased_at, kept
from services.accounts.domain.states import State
from services.accounts.usecases.app import App
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document
from services.contracts.events.offers import CampaignActivated, CampaignClosed, ParametersChanged
from services.contracts.instants import instant_text

log = structlog.get_logger()

DECIDING: Final = (CampaignActivated, CampaignClosed, ParametersChanged)
"""What says whether accounts may go."""
HEARD_WITHIN: Final = timedelta(minutes=5)
"""So lately must all of that have been heard: whoever was told to hold a campaign must not learn that it is gone."""


async def untold(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """Accounts of people who are to be told that they are erased soon, or on another day than was said, or after a hold."""
    rules, today = app.parameters.in_force.retention, app.today(command)
    for each in await campaigns_kept(app, command):
        if each.held or not each.is_near(today, rules.warning_days):
            continue
        async for row in app.campaigns.untold_of(each, today):
            if row.get("state") == State.VALIDATED.value:
                yield row


async def tell(app: App, row: Document, command: CommandContext) -> bool:
    """Tell one person by mail on which day they are erased; answer whether a step was taken."""
    rules, today = app.parameters.in_force.retention, app.today(command)

    def decide(account: Account) -> Decision[Account]:
        if term is None or term.is_told(account.erasure_notice, today):
            return Decision(account)
        return Decision(*announce_erasure(account, term.notice(command.now, app.zone)))

    term = await _term(app, row["campaign"], command)
    if term is None or term.held or not term.is_near(today, rules.warning_days):
        return False
    outcome = await app.accounts.change(row["_id"], decide, command)
    return outcome is not None and bool(outcome.events)


async def outlived(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """Accounts of campaigns that were kept for as long as they are to be, and are not held, of people who know of it.

    None, as long as it is not known that everything was heard that offers has said of campaigns and parameters. One that
    cannot be read is among them, so that it is put off, and keeps nobody else.
    """
    if not await _knows_all(app, command):
        return
    for each in await campaigns_kept(app, command):
        if each.is_over(command.now, app.zone):
            due_at = instant_text(each.erased_at(app.zone))
            async for row in app.campaigns.told_of(each, command.now, app.zone):
                yield row | {"due_at": due_at}


async def erase_outlived(app: App, row: Document, command: CommandContext) -> bool:
    """Erase one account whose time is over, which every service then hears of (ADR 35); answer whether a step was taken.

    It is looked again whether it may go, for others may have held its campaign meanwhile, or told its owner another day.
    """
    term, saved = await _term(app, row["campaign"], command), await app.accounts.get(row["_id"])
    notice = None if saved is None else saved.state.erasure_notice
    if term is None or notice is None or not term.may_go(notice, command.now, app.zone):
        return False
    if not await _knows_all(app, command, erased_at(term.goes_on(notice, app.zone), app.zone)):
        return False
    again = await _term(app, row["campaign"], command)

    def decide(account: Account) -> Decision[Account]:
        return Decision(*erase(account)) if again == term and account.erasure_notice == notice else Decision(account)

    outcome = await app.accounts.change(row["_id"], decide, command)
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
            log.warning("retention.near", campaign=each.campaign, day=each.day_to_tell(today).isoformat())
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


async def _term(app: App, campaign: str, command: CommandContext) -> RetentionTerm | None:
    return next((each for each in await campaigns_kept(app, command) if each.campaign == campaign), None)


def _warned(each: RetentionTerm, campaigns: CampaignCopies) -> CampaignCopies:
    return campaigns.with_warned(each.campaign, each.erased_on)


async def _has_accounts(app: App, campaign: str) -> bool:
    async with aclosing(app.campaigns.accounts_of(campaign)) as rows:
        return await anext(rows, None) is not None


async def _knows_all(app: App, command: CommandContext, at_least: datetime | None = None) -> bool:
    """Whether the parameters that are worked by here are those that were heard, and all was heard that there is.

    `at_least`: what was said up to then counts in any case, however long ago that is.
    """
    if await app.parameters.fresh() is None:
        return False
    lately = command.now - HEARD_WITHIN
    return await app.heard.everything(*DECIDING, until=lately if at_least is None else max(lately, at_least))
