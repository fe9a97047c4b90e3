"""Meetings of boards: when and where, on which files, who has no part in which, and what they have come to (ADR 102)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.basics import Body, Code, Day, Instant, View
from services.contracts.api.bulk import BulkRefusal
from services.contracts.api.decisions import DecisionId, GroupGiven, GroupView, Words
from services.contracts.api.texts import LINES, tidied
from services.contracts.decision_types import CODE, DecisionName
from services.contracts.limits import HIGHEST_RANK, MAX_MEETING_FILES, MOST_MEMBERS

MAX_MEETING_PROGRAMMES: Final = 50
MeetingStateName = Literal["open", "held", "closed"]
VotingName = Literal["secret", "open"]
FileId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,64}$")]
MemberId = Annotated[str, Field(pattern=ID_PATTERN, description="Account of a member of staff.")]
Clock = Annotated[
    str,
    Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="`HH:MM` of the institution's zone.", examples=["14:30"]
    ),
]

# --- asked ------------------------------------------------------------------------------------------------------


class MeetingPath(BaseModel):
    """Which meeting."""

    model_config = ConfigDict(frozen=True)

    meeting: FileId


class MeetingFilePath(MeetingPath):
    """Which file of it."""

    file: FileId


class RecusalPath(MeetingFilePath):
    """Who has no part in which file of it."""

    member: MemberId


class MeetingPage(BaseModel):
    """Which meetings: all, or those of a board."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    commission: Code | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    after: Annotated[
        str | None,
        Field(pattern=r"^\d{4}-\d{2}-\d{2}~[0-9a-z]{1,64}$", description="The `next` of the page before."),
    ] = None


class MeetingPlan(Body):
    """When and where a board meets, and on which of its programmes."""

    title: Annotated[
        str, Field(max_length=200, pattern=LINES, description="Empty: it is called by its board."), tidied(200)
    ] = ""
    day: Annotated[date, Field(description="At most 366 days from today; also one that is past.")]
    time: Clock
    place: Annotated[str, Field(min_length=1, max_length=200, pattern=LINES), tidied(200)]
    programmes: Annotated[
        list[Code],
        Field(
            min_length=1,
            max_length=MAX_MEETING_PROGRAMMES,
            description="All of the board, and within one's reach; one named twice counts once. Those of files that are "
            "on it must stay.",
        ),
    ]
    voting: Annotated[
        Literal["none", "secret", "open"] | None,
        Field(
            description="Whether members vote on each file, and whether it is told who voted for what. Without it, it stays "
            "as it is, at first `none`; once the meeting takes place, it cannot be another."
        ),
    ] = None
    quorum: Annotated[
        int | None,
        Field(
            ge=1,
            le=MOST_MEMBERS,
            description="How many are to vote on a file, at first 1; without it, it stays as it is.",
        ),
    ] = None


class NewMeeting(MeetingPlan):
    """The same of a board."""

    commission: Code


class MeetingFiles(Body):
    """Which files are to come behind those that are on it; those that are on it already stay where they are."""

    files: Annotated[
        list[FileId],
        Field(
            min_length=1,
            max_length=MAX_MEETING_FILES,
            description="Ids of applications that are complete, of its programmes: all or none of them.",
        ),
    ]


class MeetingMark(Body):
    """How far it is: it takes place, or is over, whereby the minutes are made."""

    state: Literal["held", "closed"]
    present: Annotated[
        list[MemberId],
        Field(default_factory=list, max_length=MOST_MEMBERS, description="Of `held`: who of the convened is there."),
    ]


class RecusalBody(Body):
    """Who has no part in which file of a meeting."""

    file: FileId
    member: Annotated[
        MemberId | None, Field(description="One who is convened: by managers alone. Without it one says so of oneself.")
    ] = None


class OutcomeItem(Body):
    """What a meeting has come to on a file; without a `type` it is of the institution's first type of the `kind`."""

    file: FileId
    kind: Literal["favourable", "ranked_waitlist", "waitlist", "unfavourable"]
    type: Annotated[str | None, Field(pattern=CODE, description="The code of one of the institution's types.")] = None
    rank: Annotated[
        int | None,
        Field(
            ge=1, le=HIGHEST_RANK, description="That of who waits by rank; without it the next from `first_rank` on."
        ),
    ] = None
    group: GroupGiven = None
    reason: Annotated[Words | None, Field(description="As for one file.")] = None
    instead_of: Annotated[
        Literal[""] | DecisionId | None,
        Field(description="The id of the entered decision that was seen, empty for none; as for one file."),
    ] = None


class Outcome(Body):
    """What a meeting has come to for one of its programmes: files in their order, each decision entered as for one file."""

    programme: Code
    first_rank: Annotated[
        int,
        Field(
            ge=1,
            le=HIGHEST_RANK,
            description="That of the first without a `rank`, of each group; other such ones follow in order.",
        ),
    ] = 1
    items: Annotated[list[OutcomeItem], Field(min_length=1, max_length=MAX_MEETING_FILES)]


# --- shown ------------------------------------------------------------------------------------------------------


class MeetingRow(View):
    """A meeting in a list."""

    id: str
    commission: str
    title: str
    day: Day
    time: str
    place: str
    state: MeetingStateName
    state_label: str
    files: Annotated[int, Field(description="How many files are on it.")]


class MeetingList(View):
    """Meetings, the latest day first: a page may hold few, or none, and have a next one all the same."""

    items: list[MeetingRow]
    next: Annotated[str | None, Field(description="`after` of the next page, if there is one.")] = None


class MeetingProgramme(View):
    """A programme of a meeting."""

    code: str
    title: str
    groups: Annotated[list[GroupView], Field(description="Those of its waiting list, in order.")]


class BoardView(View):
    """A board, with those of its programmes that are within reach."""

    code: str
    label: Annotated[str, Field(description="What it is called, as programmes say it; its code where none does.")]
    programmes: list[MeetingProgramme]


class BoardList(View):
    """The boards for which one may plan a meeting."""

    items: list[BoardView]
    more: Annotated[bool, Field(description="There are more programmes within reach than the 500 that are looked at.")]


class MeetingMember(View):
    """Somebody who is convened."""

    account: str
    name: str
    present: bool
    me: Annotated[bool, Field(description="Whether it is oneself.")]


class RecusalView(View):
    """Somebody who has no part in a file."""

    member: str
    name: str
    at: Instant
    me: bool


class MeetingDecision(View):
    """What is decided on a file as one may see it."""

    id: str
    kind: DecisionName
    type: str | None = None
    label: str
    group: GroupView | None = None
    rank: int | None = None
    reason: str | None = None
    reason_code: str | None = None
    validated: bool


class MeetingFile(View):
    """A file of a meeting; of one that is beyond reach by now nothing but its id is told."""

    id: str
    file_number: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    programme: str | None = None
    state: str | None = None
    state_label: str | None = None
    note: Annotated[str | None, Field(description="What staff wrote beside it last.")] = None
    decision: Annotated[
        MeetingDecision | None, Field(description="What is entered, or where nothing is, what counts.")
    ] = None
    recusals: list[RecusalView]
    recused: Annotated[bool, Field(description="One has no part in it: no decision and no note of it is told.")]


class MeetingView(MeetingRow):
    """A meeting with its files in their order, and who is convened."""

    programmes: list[MeetingProgramme]
    items: list[MeetingFile]
    members: list[MeetingMember]
    voting: Annotated[VotingName | None, Field(description="How members vote on each file, if they do.")] = None
    quorum: Annotated[int | None, Field(description="How many are to vote on a file.")] = None
    manages: Annotated[bool, Field(description="Whether one plans, holds and closes it.")]
    convened: Annotated[bool, Field(description="Whether one is convened oneself.")]
    closed_at: Instant | None = None
    version: int


class OutcomeItemView(View):
    """What came of one file."""

    file: str
    result: Literal["changed", "unchanged", "refused"]
    rank: int | None = None
    refusal: BulkRefusal | None = None
    field: Annotated[str | None, Field(description="Which member of the item is refused, if it is one.")] = None


class OutcomeView(View):
    """What came of it, in the order that was given."""

    items: list[OutcomeItemView]
