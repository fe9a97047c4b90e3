"""What the minutes of a board's meeting say: for the service that makes a paper of them, and for nobody else."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.events.catalogue import Audience, Event, Part
from services.contracts.events.offers import TextPart


class MinutesVotes(Part):
    """How many members voted for what; who did is told to nobody."""

    favourable: int
    waitlist: int
    unfavourable: int
    abstention: int


class MinutesVoting(Part):
    """How the board voted: `secret`, or so that its members know who voted for what; how many were to vote at least."""

    secret: bool
    quorum: int


class MinutesLine(Part):
    """What was decided on a file, by the number of that; without a number its person was forgotten, without a `kind`
    nothing was decided.
    """

    number: Annotated[str | None, Field(examples=["AB12CD34"])] = None
    kind: str | None = None
    label: TextPart | None = None
    rank: int | None = None
    reason: TextPart | None = None
    conditions: list[TextPart] = Field(default_factory=list)
    votes: MinutesVotes | None = None
    group: TextPart | None = None


class MinutesProgramme(Part):
    """What was decided on the files of one programme, in the order in which they were looked at."""

    code: Annotated[str, Field(examples=["M1-MER"])]
    title: Annotated[TextPart, Field(examples=[{"fr": "Sciences de la mer"}])]
    lines: list[MinutesLine]


class MinutesRecusal(Part):
    """A member who had no part in some files, by their numbers; none is told of who was forgotten."""

    member: str
    name: str
    numbers: Annotated[list[str], Field(examples=[["AB12CD34"]])]


class MeetingClosed(Event, type="applications.meeting.closed.v1", key="meeting", audience=Audience.INTERNAL):
    """A meeting of a board was closed, or its minutes tell less than before, for somebody was forgotten (`version`).

    `day` is one of the institution's zone, `time` its hour and minutes. Decisions are those that were entered when it was
    closed, which may not have been validated: no candidate may hear of them by it.
    """

    meeting: str
    version: int
    commission: Annotated[str, Field(examples=["JURY-MER"])]
    title: str
    day: Annotated[str, Field(examples=["2027-06-01"])]
    time: Annotated[str, Field(examples=["14:30"])]
    place: str
    closed_at: str
    present: list[str]
    absent: list[str]
    recusals: list[MinutesRecusal]
    programmes: list[MinutesProgramme]
    voting: MinutesVoting | None = None
