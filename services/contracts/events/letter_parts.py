"""What is told of the letter that there is for a candidate."""

from __future__ import annotations

from typing import Literal

from services.contracts.events.catalogue import Part
from services.contracts.events.offers import TextPart


class LetterPart(Part):
    """The letter that there is for a candidate: by which validated `decision` (its id), and when that was; of an admission
    also when the place was accepted. `reason` and `comment` are what was told to the candidate; `reason_label` is what the
    institution calls the reason, where it is of its list.
    """

    kind: Literal["admission", "rejection"]
    decision: str
    decided_at: str
    accepted_at: str | None = None
    reason: str | None = None
    comment: str | None = None
    reason_label: TextPart | None = None
