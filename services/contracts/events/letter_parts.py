"""What is told of the letter that there is for a candidate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.catalogue import Part
from services.contracts.events.offers import TextPart


class ConditionPart(Part):
    """A condition under which somebody is admitted, to be met by the end of a day, if there is one."""

    label: TextPart
    until: str | None = None


class LetterPart(Part):
    """The letter that there is for a candidate: by which validated `decision` (its id), and when that was; of an admission
    also when the place was accepted. `reason` and `comment` are what was told to the candidate; `reason_label` is what the
    institution calls the reason, where it is of its list. An admission under `conditions` is `final` once all are met.
    `group` is what the group of the programme's waiting list is called that was named.
    """

    kind: Literal["admission", "rejection"]
    decision: str
    decided_at: str
    accepted_at: str | None = None
    reason: str | None = None
    comment: str | None = None
    reason_label: TextPart | None = None
    conditions: Annotated[list[ConditionPart], Field(default_factory=list, examples=[[]])]
    final: bool = True
    group: TextPart | None = None
