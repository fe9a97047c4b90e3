"""What is told of the minutes of a meeting, to who makes a paper of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from services.applications.domain.meetings import Line, Meeting, Minutes
from services.contracts.events.catalogue import Event
from services.contracts.events.meetings import (
    MeetingClosed,
    MinutesLine,
    MinutesProgramme,
    MinutesRecusal,
    MinutesVotes,
    MinutesVoting,
)
from services.contracts.events.offers import TextPart
from services.contracts.instants import instant_text


def minutes_events(id: str, meeting: Meeting) -> Sequence[Event]:
    """All that the minutes say: file numbers and decisions, and of candidates no name."""
    minutes, closed = meeting.minutes, meeting.closed
    if minutes is None or closed is None:
        raise AssertionError("nothing is told of a meeting that is not closed")
    return [
        MeetingClosed(
            meeting=id,
            version=minutes.version,
            commission=meeting.commission,
            title=meeting.plan.title,
            day=meeting.plan.day.isoformat(),
            time=meeting.plan.time,
            place=meeting.plan.place,
            closed_at=instant_text(closed.at),
            present=list(minutes.present),
            absent=list(minutes.absent),
            recusals=_recusals(minutes),
            programmes=[
                MinutesProgramme(
                    code=code,
                    title=_text(title),
                    lines=[_line(line) for line in minutes.lines if line.programme == code],
                )
                for code, title in minutes.titles.items()
            ],
            voting=None if (rules := meeting.plan.voting) is None else MinutesVoting(**asdict(rules)),
        )
    ]


def without_minutes(event: Event) -> Event:
    """The event with nothing of what was decided: what may still be said is told anew."""
    if not isinstance(event, MeetingClosed):
        return event
    empty = [programme.model_copy(update={"lines": []}) for programme in event.programmes]
    return event.model_copy(update={"programmes": empty, "recusals": []})


def _recusals(minutes: Minutes) -> list[MinutesRecusal]:
    numbers = {line.file: line.number for line in minutes.lines}
    found: dict[str, MinutesRecusal] = {}
    for each in minutes.recused:
        told = found.setdefault(each.member, MinutesRecusal(member=each.member, name=each.name, numbers=[]))
        if (number := numbers.get(each.file)) is not None:
            told.numbers.append(number)
    return list(found.values())


def _line(line: Line) -> MinutesLine:
    return MinutesLine(
        number=line.number,
        kind=line.kind,
        label=None if line.label is None else _text(line.label),
        rank=line.rank,
        reason=None if line.reason is None else _text(line.reason),
        conditions=[_text(each) for each in line.conditions],
        votes=None if line.votes is None else MinutesVotes(**asdict(line.votes)),
        group=None if line.group is None else _text(line.group),
    )


def _text(label: Mapping[str, str]) -> TextPart:
    return TextPart(**{name: label[name] for name in ("fr", "en") if name in label})
