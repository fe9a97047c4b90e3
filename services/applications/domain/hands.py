"""By whose hand a candidate's file is filled in: their own, or one of staff in their place, who say why (ADR 83)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.applications.domain.states import CANDIDATE, Party
from services.contracts.actors import Acting


@dataclass(frozen=True, slots=True)
class Hand:
    """In which role somebody does what is the candidate's to do; of staff also the `reason`, which the candidate reads."""

    role: Party = CANDIDATE
    reason: str = ""


OWN: Final = Hand()
"""The candidate's own."""


@dataclass(frozen=True, slots=True)
class Act:
    """What staff did in the candidate's place: when, who, the `action` in the words of the tables of states, and why.

    `what` is the code of the piece or question, empty of the submission; `document` is the id of one that was deposited.
    """

    at: datetime
    by: Acting
    action: str
    what: str
    reason: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class InPlace:
    """What staff did last in the candidate's place, the newest last; since when no mail has told the candidate."""

    acts: tuple[Act, ...] = ()
    untold: datetime | None = None


UNTOUCHED: Final = InPlace()
"""Staff did nothing."""
