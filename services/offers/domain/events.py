"""What happened to campaigns, programmes, deadlines and the institution's parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CampaignActivated:
    """The campaign of this code is the active one now."""

    code: str


@dataclass(frozen=True, slots=True)
class CampaignClosed:
    """The campaign of this code is over."""

    code: str


@dataclass(frozen=True, slots=True)
class ProgrammePublished:
    """The programme stands in the catalogue, for the first time or again after a withdrawal."""


@dataclass(frozen=True, slots=True)
class ProgrammeChanged:
    """Something of a published programme is different now."""


@dataclass(frozen=True, slots=True)
class ProgrammeWithdrawn:
    """The programme left the catalogue."""


@dataclass(frozen=True, slots=True)
class ParametersChanged:
    """Some of the institution's parameters are others now."""


@dataclass(frozen=True, slots=True)
class DeadlinesMoved:
    """A last day for submitting is another one now."""


@dataclass(frozen=True, slots=True)
class CommissionChanged:
    """A board has another name, other letters, or is told of something else by mail."""


CampaignEvent = CampaignActivated | CampaignClosed
ProgrammeEvent = ProgrammePublished | ProgrammeChanged | ProgrammeWithdrawn
DomainEvent = CampaignEvent | ProgrammeEvent | ParametersChanged | DeadlinesMoved | CommissionChanged
