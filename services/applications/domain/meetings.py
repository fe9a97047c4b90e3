"""Meetings of boards: when and where, on which files, who was there, and what was decided when it was closed (ADR 102)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from services.applications.domain.meeting_states import MeetingAction, MeetingState, meeting_after
from services.applications.domain.states import Party
from services.applications.domain.voting import Counts, Voting
from services.contracts.actors import Acting
from services.contracts.limits import MAX_MEETING_FILES
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.applications import TOO_MANY_FILES

FARTHEST: Final = timedelta(days=366)
"""So far from today a meeting may be planned, or have been: also one that has taken place is written down."""

Label = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When and where a board meets, and on which programmes, by code, and how it votes, if it does; `time` is an hour and
    minutes of the institution's.
    """

    title: str
    day: date
    time: str
    place: str
    programmes: tuple[str, ...]
    voting: Voting | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """When somebody did something, and who."""

    at: datetime
    by: Acting


@dataclass(frozen=True, slots=True)
class Line:
    """What the minutes say of a file: its number, what was decided, `kind` being None where nothing was, and the votes.

    Of who is gone only the kind stays.
    """

    file: str
    number: str | None
    programme: str
    kind: str | None = None
    label: Label | None = None
    rank: int | None = None
    reason: Label | None = None
    conditions: tuple[Label, ...] = ()
    votes: Counts | None = None
    group: Label | None = None


@dataclass(frozen=True, slots=True)
class Recused:
    """A member who had no part in a file; `name` is what they were known by."""

    member: str
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """What was so when a meeting was closed: it names no candidate, and no later decision changes it.

    `version` grows when somebody is forgotten of whom it told.
    """

    lines: tuple[Line, ...]
    titles: Mapping[str, Label]
    present: tuple[str, ...]
    absent: tuple[str, ...]
    recused: tuple[Recused, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a commission; `files` are applications in the order in which they are to be looked at.

    `present` are accounts of members; the rest of who is convened was not there.
    """

    commission: str
    plan: Plan
    planned: Act
    state: MeetingState = MeetingState.OPEN
    files: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    held: Act | None = None
    closed: Act | None = None
    minutes: Minutes | None = None


@dataclass(frozen=True, slots=True)
class MinutesTold:
    """A meeting was closed, or somebody was forgotten of whom its minutes told."""


def plan(commission: str, said: Plan, today: date, act: Act, *, role: Party) -> Meeting:
    """Plan a meeting; raises ACTION_FORBIDDEN, INVALID_FIELDS."""
    state = meeting_after(None, MeetingAction.PLAN, role)
    _check(said, today)
    return Meeting(commission, said, act, state)


def change(meeting: Meeting, said: Plan, kept: Collection[str], today: date, *, role: Party) -> Meeting:
    """Plan it otherwise; `kept` are the programmes of the files that are on it, which stay.

    Raises ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS.
    """
    state = meeting_after(meeting.state, MeetingAction.CHANGE, role)
    _check(said, today)
    if said.voting != meeting.plan.voting and meeting.state is not MeetingState.OPEN:
        raise INVALID_FIELDS(fields=[FieldError("voting", "vote-begun")])
    if not {*kept} <= {*said.programmes}:
        raise INVALID_FIELDS(fields=[FieldError("programmes", "has-files")])
    return replace(meeting, plan=said, state=state)


def _check(said: Plan, today: date) -> None:
    if said.day > today + FARTHEST:
        raise INVALID_FIELDS(fields=[FieldError("day", "day-too-far")])
    if said.day < today - FARTHEST:
        raise INVALID_FIELDS(fields=[FieldError("day", "day-too-early")])


def add(meeting: Meeting, files: Sequence[str], *, role: Party) -> Meeting:
    """Put files behind those that are on it, each once; raises ACTION_FORBIDDEN, WRONG_STATE, TOO_MANY_FILES."""
    state = meeting_after(meeting.state, MeetingAction.ADD_FILES, role)
    after = tuple(dict.fromkeys((*meeting.files, *files)))
    if len(after) > MAX_MEETING_FILES:
        raise TOO_MANY_FILES(limit=MAX_MEETING_FILES)
    return replace(meeting, files=after, state=state)


def remove(meeting: Meeting, file: str, *, role: Party) -> Meeting:
    """Take a file off it; one that is not on it is off it already. Raises ACTION_FORBIDDEN, WRONG_STATE."""
    state = meeting_after(meeting.state, MeetingAction.REMOVE_FILE, role)
    return replace(meeting, files=tuple(each for each in meeting.files if each != file), state=state)


def hold(meeting: Meeting, present: Sequence[str], convened: Collection[str], act: Act, *, role: Party) -> Meeting:
    """Say that it takes place, and who of the `convened` is there; said again, who is there by now.

    Raises ACTION_FORBIDDEN, WRONG_STATE, INVALID_FIELDS.
    """
    state = meeting_after(meeting.state, MeetingAction.HOLD, role)
    if not {*present} <= {*convened}:
        raise INVALID_FIELDS(fields=[FieldError("present", "not-convened")])
    return replace(meeting, state=state, present=tuple(sorted({*present})), held=meeting.held or act)


def close(meeting: Meeting, minutes: Minutes, act: Act, *, role: Party) -> tuple[Meeting, tuple[MinutesTold, ...]]:
    """Close it with these minutes; closed already it stays as it was. Raises ACTION_FORBIDDEN, WRONG_STATE."""
    state = meeting_after(meeting.state, MeetingAction.CLOSE, role)
    if meeting.minutes is not None:
        return meeting, ()
    return replace(meeting, state=state, closed=act, minutes=minutes), (MinutesTold(),)


def check_on(meeting: Meeting, file: str) -> None:
    """Raise NOT_FOUND for a file that is not on it."""
    if file not in meeting.files:
        raise NOT_FOUND()


def forget(meeting: Meeting, files: Collection[str]) -> tuple[Meeting, tuple[MinutesTold, ...]]:
    """Say nothing more of files whose persons are gone; in the minutes the kinds of their decisions stay, for the counts."""
    left = replace(meeting, files=tuple(each for each in meeting.files if each not in files))
    minutes = meeting.minutes
    if minutes is None or not any(line.file in files and line.number for line in minutes.lines):
        return left, ()
    lines = tuple(
        Line("", None, line.programme, line.kind, line.label) if line.file in files else line for line in minutes.lines
    )
    recused = tuple(each for each in minutes.recused if each.file not in files)
    fresh = replace(minutes, lines=lines, recused=recused, version=minutes.version + 1)
    return replace(left, minutes=fresh), (MinutesTold(),)
