"""Incidents: when candidates could not work, and the last days that are moved because of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from services.contracts.api.basics import Body, Instant, View
from services.contracts.api.dry_runs import DryRun, Foreseen, WholeDigest
from services.contracts.api.past import written_as_instant
from services.contracts.api.texts import LINES, one_line_end, tidied
from services.contracts.incidents import LONGEST_REASON

MOST_PROGRAMMES: Final = 1000
"""That an answer names; all are counted."""

IncidentState = Literal["open", "extended", "dismissed"]
IncidentSource = Literal["stopped", "declared", "failing"]
At = Annotated[AwareDatetime, BeforeValidator(written_as_instant)]
Reason = Annotated[
    str,
    Field(max_length=LONGEST_REASON, pattern=LINES, description="1 to 500 characters, for staff."),
    tidied(LONGEST_REASON),
    BeforeValidator(one_line_end),
]


class IncidentPath(BaseModel):
    """Which incident."""

    model_config = ConfigDict(frozen=True)

    incident: Annotated[str, Field(pattern=r"^[a-z]{1,20}-[0-9-]{1,60}$", description="Its id.")]


class DeclaredIncident(BaseModel):
    """An incident that nothing has measured: from when until when, and what it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: Annotated[At, Field(description="RFC 3339.")]
    ends: Annotated[At, Field(description="RFC 3339; it must be over, and at most 14 days long and 60 days ago.")]
    reason: Reason


class ExtensionBody(Body):
    """By how much the last days that it touched are moved: first as a dry run, then with the digest which that gave."""

    hours: Annotated[int, Field(ge=0, le=1000, description="At least what was lost, in whole hours, and at most 168.")]
    reason: Reason = ""
    dry_run: DryRun = False
    digest: WholeDigest = None


class DismissalBody(Body):
    """Why an incident has kept nobody from anything."""

    reason: Reason


class MovedDay(View):
    """A last day that an incident touched, and the one that counts in its place, or would."""

    before: date
    after: date


class IncidentView(View):
    """An incident."""

    id: Annotated[str, Field(examples=["stopped-1806786000"])]
    source: Annotated[
        IncidentSource,
        Field(
            description="`stopped`: the service was away; `failing`: it answered by failures; `declared`: staff say so."
        ),
    ]
    service: Annotated[str | None, Field(description="Which one was away, or failed.", examples=["applications"])] = (
        None
    )
    begins: Instant
    ends: Instant
    seconds: Annotated[int, Field(ge=0, description="For how long.")]
    state: Annotated[IncidentState, Field(description="`open`: nobody has judged it yet.")]
    hours: Annotated[int | None, Field(description="By how many its last days were moved.")] = None
    least_hours: Annotated[int, Field(description="What was lost, in whole hours: they are moved by no less.")]
    days: Annotated[list[MovedDay], Field(description="Where they were moved to, or would be now by the least hours.")]
    reason: str | None = None
    judged_at: Instant | None = None
    by: Annotated[str | None, Field(description="Account of who has declared or judged it.")] = None
    version: int


class IncidentList(View):
    """The last incidents, the newest first."""

    items: list[IncidentView]
    more: Annotated[bool, Field(description="There are more than the 100 that are told.")]


class ProlongedView(View):
    """What everybody may know of incidents."""

    until: Annotated[
        date | None, Field(description="The latest day to which incidents have moved last days; none once it is over.")
    ] = None


class TouchedProgramme(View):
    """A programme whose last day is touched, or some of whose files have one that is."""

    code: str
    title: str
    submission_deadline: Annotated[date | None, Field(description="Its own, where that is touched.")] = None
    files: Annotated[int, Field(ge=0, description="In their candidates' hands, with a last day that is touched.")]
    answers: Annotated[int, Field(ge=0, description="Places offered, whose last day for an answer is touched.")]


class ExtensionView(Foreseen):
    """What comes, or came, of moving the last days: 1,000 programmes are named, and all are counted."""

    hours: int
    days: list[MovedDay]
    programmes: list[TouchedProgramme]
    touched: Annotated[int, Field(ge=0, description="Programmes.")]
    files: Annotated[int, Field(ge=0)]
    answers: Annotated[int, Field(ge=0)]
    people: Annotated[int, Field(ge=0)]
    mails: Annotated[int, Field(ge=0, description="One for each file.")]
