"""The public API of campaigns for staff: what a year leaves to the next."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.dry_runs import DryRun, Foreseen, WholeDigest
from services.contracts.api.offers import Campaign, Code, View

MOST_ITEMS: Final = 1_000
"""Programmes of each result that an answer names; all are counted."""


class StaffCampaign(Campaign):
    """A campaign as it is kept."""

    label_fr: str
    label_en: Annotated[str | None, Field(description="Absent where it has no name of its own in English.")] = None
    closed_on: Annotated[date | None, Field(description="The day on which it was closed.")] = None


class StaffCampaigns(View):
    """All campaigns, the newest first."""

    items: list[StaffCampaign]


class RolloverBody(BaseModel):
    """Whose programmes are carried into a campaign, and how their days are moved."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    source: Annotated[Code, Field(max_length=20, description="The campaign that they are in now.")]
    shift: Annotated[
        Literal["weekday", "date"],
        Field(description="Days come 52 weeks later, or on the same day of the month of the next year."),
    ]
    dry_run: DryRun = False
    digest: WholeDigest = None


class MovedDay(View):
    """A day of a programme, as it was and as it would be."""

    name: str
    before: date
    after: date
    weekend: Annotated[bool, Field(description="Whether the new one is a Saturday or a Sunday.")]


class RolloverFault(View):
    """Why a programme is not carried over."""

    field: str
    slug: str
    message: Annotated[str, Field(description="The rule in words, in the language asked for.")]


class RolledProgramme(View):
    """What comes, or came, of one programme; one that is there already has no days."""

    code: str
    title: str
    result: Literal["carried", "present", "refused"]
    days: Annotated[list[MovedDay], Field(examples=[[]])]
    faults: Annotated[list[RolloverFault], Field(examples=[[]])]


class RolloverView(Foreseen):
    """What comes, or came, of the programmes of a campaign: 1,000 of each result are named, and all counted."""

    source: Campaign
    target: Annotated[Campaign, Field(description="Nothing is carried into it before it is active.")]
    carried: Annotated[int, Field(ge=0)]
    present: Annotated[int, Field(ge=0, description="In the target already; they stay as they are.")]
    refused: Annotated[int, Field(ge=0)]
    weekends: Annotated[int, Field(ge=0, description="Carried programmes with a day on a weekend.")]
    items: list[RolledProgramme]
