"""The public API of counts: what stays of a campaign when its files are gone, and is the same before."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Code, View


class CountsPage(BaseModel):
    """Of which campaign, and which page of its programmes, in order of their codes."""

    model_config = ConfigDict(frozen=True)

    campaign: Annotated[
        Code | None,
        Field(
            description="The code of a campaign; without one the last, by their codes, to which there are or were files."
        ),
    ] = None
    centre: Annotated[Code | None, Field(description="The programmes of this centre alone, as it has them today.")] = (
        None
    )
    programme: Annotated[Code | None, Field(description="This programme alone, with its `days`.")] = None
    limit: Annotated[int, Field(ge=1, le=50, description="How many at most.")] = 20
    after: Annotated[Code | None, Field(description="The `next` of the page before.")] = None


class CountedCentre(View):
    """Where a programme belongs."""

    code: str
    label: str


class DayCounts(View):
    """How many files were opened on a day of the institution's zone, and how many handed over for the last time."""

    day: str
    opened: int
    submitted: int


class ProgrammeCounts(View):
    """Files to one programme in one campaign, as they stood last. They name nobody; a small one may still be of somebody."""

    programme: str
    title: str
    centre: Annotated[CountedCentre | None, Field(description="As it is called today.")] = None
    days: Annotated[
        list[DayCounts] | None, Field(description="Days on which there was anything; where one programme is asked for.")
    ] = None
    opened: Annotated[int, Field(description="All of them.")]
    cancelled: int
    submitted: Annotated[int, Field(description="Those that were handed over, whatever came then.")]
    complete: Annotated[int, Field(description="Those that were found complete and stayed so.")]
    favourable: Annotated[int, Field(description="By the decision that counts, whatever was answered.")]
    unfavourable: int
    ranked_waitlist: int
    waitlist: int
    shortlisted: int
    accepted: Annotated[int, Field(description="Of those with a favourable decision.")]
    withdrawn: int


class CampaignCounts(View):
    """The programmes of a campaign to which there are files, or were."""

    campaign: Annotated[str | None, Field(description="Absent where there never was a file.")] = None
    items: list[ProgrammeCounts]
    next: Annotated[str | None, Field(description="Give it as `after` for the next page; absent on the last one.")] = (
        None
    )
