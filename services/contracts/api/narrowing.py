"""What staff are told about lists of files beside the files: how many there are, and by what they can be narrowed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.api.applications import FileStateName
from services.contracts.api.basics import View


class StateCount(View):
    """How many files of one state there are."""

    state: FileStateName
    label: str
    files: Annotated[int, Field(description="1000 at most; of a search, and of one person's, 100.")]
    more: Annotated[bool, Field(description="There are more than these.")]


class ReviewCounts(View):
    """How many files there are, by the states that one sees."""

    items: list[StateCount]


class Choice(View):
    """Something that lists can be narrowed by."""

    code: str
    label: str


class CampaignChoice(Choice):
    """A campaign that lists can be narrowed to."""

    over: Annotated[bool, Field(description="It is closed.")]


class ReviewChoices(View):
    """What lists can be narrowed by within one's reach, by label."""

    centres: list[Choice]
    commissions: list[Choice]
    programmes: list[Choice]
    assignees: Annotated[
        list[Choice],
        Field(
            description="Members of staff who see some of the same files, by account; none where there are too many. Who "
            "is gone is not among them: files that they looked after stay under their account until they are given on."
        ),
    ]
    campaigns: Annotated[
        list[CampaignChoice], Field(description="The active one first, then those before it, the last to begin first.")
    ]
    regimes: Annotated[list[Choice], Field(description="Fee regimes, those too that are chosen no more.")]
    exemptions: Annotated[list[Choice], Field(description="Exemptions from fees, those too that are chosen no more.")]
    groups: Annotated[list[Choice], Field(description="Groups of the waiting lists of these programmes.")]
    more: Annotated[bool, Field(description="There are more programmes than the 500 that were looked at.")]
