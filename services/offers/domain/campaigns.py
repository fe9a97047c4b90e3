"""Campaigns: admission years, of which exactly one is active; they are one aggregate because that rule spans them all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.offers import CAMPAIGN_NOT_ACTIVE, CAMPAIGN_OVER, NO_ACTIVE_CAMPAIGN
from services.offers.domain.events import CampaignActivated, CampaignClosed, CampaignEvent
from services.offers.domain.rules import Checks
from services.offers.domain.states import CAMPAIGN_TABLE, CampaignAction, CampaignState
from services.offers.domain.text import Text

MAX_CAMPAIGNS: Final = 100
CAMPAIGN_CODE_LENGTH: Final = 20
CAMPAIGN_LABEL_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class Campaign:
    """One admission year; `starts_on` and `ends_on` are calendar days, inclusive, `closed_on` is when it was closed."""

    code: str
    label: Text
    starts_on: date
    ends_on: date
    state: CampaignState = CampaignState.PLANNED
    closed_on: date | None = None

    @property
    def ended_on(self) -> date:
        """From when it is counted how long its files are kept: its last day, or a later one on which it was closed."""
        return self.ends_on if self.closed_on is None else max(self.ends_on, self.closed_on)


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The institution's campaigns in the order in which they were planned."""

    all: tuple[Campaign, ...] = ()

    @property
    def current(self) -> Campaign | None:
        """The active campaign."""
        return next((campaign for campaign in self.all if campaign.state is CampaignState.ACTIVE), None)

    def get(self, code: str) -> Campaign | None:
        """The campaign of that code."""
        return next((campaign for campaign in self.all if campaign.code == code), None)


def plan(campaigns: Campaigns, campaign: Campaign) -> Campaigns:
    """Add a campaign, or change the label and days of one; raises INVALID_FIELDS."""
    if errors := _faults(campaigns, campaign):
        raise INVALID_FIELDS(fields=errors)
    there = campaigns.get(campaign.code)
    if there is None:
        return Campaigns((*campaigns.all, replace(campaign, state=CampaignState.PLANNED)))
    return _with(campaigns, replace(campaign, state=there.state, closed_on=there.closed_on))


def activate(campaigns: Campaigns, code: str, today: date) -> tuple[Campaigns, tuple[CampaignEvent, ...]]:
    """Make a campaign the active one and close the one before it; nothing happens if it is active already.

    Raises NOT_FOUND for an unknown code and CAMPAIGN_OVER for a campaign that was closed.
    """
    chosen = campaigns.get(code)
    if chosen is None:
        raise NOT_FOUND()
    after = CAMPAIGN_TABLE.get((chosen.state, CampaignAction.ACTIVATE))
    if after is None:
        raise CAMPAIGN_OVER()
    if after is chosen.state:
        return campaigns, ()
    domain_events: tuple[CampaignEvent, ...] = (CampaignActivated(code),)
    if (before := campaigns.current) is not None:
        closed = CAMPAIGN_TABLE[before.state, CampaignAction.CLOSE]
        campaigns = _with(campaigns, replace(before, state=closed, closed_on=today))
        domain_events = (CampaignClosed(before.code), *domain_events)
    return _with(campaigns, replace(chosen, state=after)), domain_events


def close(campaigns: Campaigns, code: str, today: date) -> tuple[Campaigns, tuple[CampaignEvent, ...]]:
    """End the active campaign without another in its place; nothing happens if it is over already.

    Raises NOT_FOUND for an unknown code and CAMPAIGN_NOT_ACTIVE for one that has not begun.
    """
    chosen = campaigns.get(code)
    if chosen is None:
        raise NOT_FOUND()
    after = CAMPAIGN_TABLE.get((chosen.state, CampaignAction.CLOSE))
    if after is None:
        raise CAMPAIGN_NOT_ACTIVE()
    if after is chosen.state:
        return campaigns, ()
    return _with(campaigns, replace(chosen, state=after, closed_on=today)), (CampaignClosed(code),)


def current(campaigns: Campaigns) -> Campaign:
    """The active campaign; raises NO_ACTIVE_CAMPAIGN."""
    if (campaign := campaigns.current) is None:
        raise NO_ACTIVE_CAMPAIGN()
    return campaign


def begin(campaigns: Campaigns, today: date) -> tuple[Campaigns, tuple[CampaignEvent, ...]]:
    """Plan and activate a first campaign, unless any was planned already."""
    if campaigns.all:
        return campaigns, ()
    first = first_campaign(today)
    return activate(plan(campaigns, first), first.code, today)


def first_campaign(today: date) -> Campaign:
    """The campaign with which an institution starts that has planned none: a year and a quarter around `today`.

    It bears the name of the academic year to which people apply: from September on, that is the next one.
    """
    year = today.year + (today.month >= 9)
    return Campaign(
        code=f"{year}-{year + 1}",
        label=Text(fr=f"Candidatures pour l’année {year}-{year + 1}", en=f"Applications for {year}-{year + 1}"),
        starts_on=today - timedelta(days=90),
        ends_on=today + timedelta(days=365),
    )


def _with(campaigns: Campaigns, changed: Campaign) -> Campaigns:
    return Campaigns(tuple(changed if campaign.code == changed.code else campaign for campaign in campaigns.all))


def _faults(campaigns: Campaigns, campaign: Campaign) -> list[FieldError]:
    checks = Checks()
    checks.code("code", campaign.code, CAMPAIGN_CODE_LENGTH)
    checks.text("label", campaign.label, CAMPAIGN_LABEL_LENGTH)
    checks.in_order("starts_on", campaign.starts_on, "ends_on", campaign.ends_on)
    if campaigns.get(campaign.code) is None:
        checks.at_most("code", len(campaigns.all) + 1, MAX_CAMPAIGNS)
    return checks.faults
