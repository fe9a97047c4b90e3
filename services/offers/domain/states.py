"""The lives of campaigns and programmes, on one page; whatever is not in the tables is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class CampaignState(StrEnum):
    """Where a campaign stands."""

    PLANNED = "planned"
    ACTIVE = "active"
    """The one to which people apply."""
    CLOSED = "closed"


class CampaignAction(StrEnum):
    """What can be done with a campaign."""

    ACTIVATE = "activate"
    CLOSE = "close"
    """Another one was activated, or staff have ended it."""


CAMPAIGN_TABLE: Final[Mapping[tuple[CampaignState, CampaignAction], CampaignState]] = MappingProxyType(
    {
        (CampaignState.PLANNED, CampaignAction.ACTIVATE): CampaignState.ACTIVE,
        (CampaignState.ACTIVE, CampaignAction.ACTIVATE): CampaignState.ACTIVE,
        (CampaignState.ACTIVE, CampaignAction.CLOSE): CampaignState.CLOSED,
        (CampaignState.CLOSED, CampaignAction.CLOSE): CampaignState.CLOSED,
    }
)


class ProgrammeState(StrEnum):
    """Whether a programme is in the catalogue."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ProgrammeAction(StrEnum):
    """What can be done with a programme."""

    PUBLISH = "publish"
    LOAD = "load"
    """A file says what it is, which does not put back what staff took out."""
    WITHDRAW = "withdraw"


PROGRAMME_TABLE: Final[Mapping[tuple[ProgrammeState, ProgrammeAction], ProgrammeState]] = MappingProxyType(
    {
        (ProgrammeState.PUBLISHED, ProgrammeAction.PUBLISH): ProgrammeState.PUBLISHED,
        (ProgrammeState.PUBLISHED, ProgrammeAction.LOAD): ProgrammeState.PUBLISHED,
        (ProgrammeState.PUBLISHED, ProgrammeAction.WITHDRAW): ProgrammeState.WITHDRAWN,
        (ProgrammeState.WITHDRAWN, ProgrammeAction.PUBLISH): ProgrammeState.PUBLISHED,
        (ProgrammeState.WITHDRAWN, ProgrammeAction.LOAD): ProgrammeState.WITHDRAWN,
        (ProgrammeState.WITHDRAWN, ProgrammeAction.WITHDRAW): ProgrammeState.WITHDRAWN,
    }
)
