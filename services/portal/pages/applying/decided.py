"""What pages show of a decision that counts, and of the conditions that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.api.applications import MOST_BEFORE
from services.contracts.api.condition_views import ConditionView
from services.contracts.api.decisions import DecisionView
from services.contracts.api.places import RankExplainedView
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.portal.showing import COLOURS, Text


def shown_decision(said: DecisionView | None, language: Language, zone: ZoneInfo) -> Mapping[str, Any] | None:
    """The decision and what it says, by the clock of `zone`; None as long as there is none."""
    if said is None:
        return None
    meeting = said.appointment
    when = meeting and datetime.combine(date.fromisoformat(meeting.day), time.fromisoformat(meeting.time), zone)
    pattern = catalogues().text(MOMENT, language)
    return {
        "label": said.label,
        "colour": COLOURS.get(said.kind, ""),
        "at": formats.moment(instant(said.validated_at), language, zone, pattern),
        "reason": said.reason,
        "comment": said.comment,
        "appeal": said.appeal,
        "rank": said.rank,
        "group": said.group and said.group.label,
        "place": meeting and meeting.place,
        "when": when and formats.moment(when, language, zone, pattern),
        "waits": said.kind == "ranked_waitlist",
        "final": said.final,
        "met": all(each.state == "met" for each in said.conditions),
        "conditions": [_condition(each, language) for each in said.conditions],
    }


def before(live_rank: int, said: DecisionView | None, text: Text, language: Language) -> str:
    """Who waits before somebody who waits by rank, in the list of their group, if they are in one."""
    if said is None or said.group is None:
        if live_rank == 1:
            return text(language, "waiting.next")
        if live_rank > MOST_BEFORE:
            return text(language, "waiting.many", most=MOST_BEFORE)
        return text(language, "waiting.before", count=live_rank - 1)
    group = said.group.label
    if live_rank == 1:
        return text(language, "waiting.next_in", group=group)
    if live_rank > MOST_BEFORE:
        return text(language, "waiting.many_in", most=MOST_BEFORE, group=group)
    return text(language, "waiting.before_in", count=live_rank - 1, group=group)


def unanswered(said: RankExplainedView | None, text: Text, language: Language) -> str:
    """How many places are offered and not answered, and until when at most, to who waits by rank."""
    if said is None:
        return ""
    if said.unanswered >= MOST_BEFORE:
        return text(language, "waiting.unanswered_many", most=MOST_BEFORE)
    if not said.unanswered:
        return text(language, "waiting.answered")
    if said.unanswered_until is None:
        return text(language, "waiting.unanswered", count=said.unanswered)
    day = formats.day(date.fromisoformat(said.unanswered_until), language)
    return text(language, "waiting.unanswered_until", count=said.unanswered, day=day)


def _condition(condition: ConditionView, language: Language) -> Mapping[str, Any]:
    """A condition of an admission, and what the institution has found of it."""
    return {
        "label": condition.label,
        "until": condition.until and formats.day(date.fromisoformat(condition.until), language),
        "state_label": condition.state_label,
        "colour": COLOURS.get(condition.state, ""),
        "on": condition.on and formats.day(date.fromisoformat(condition.on), language),
        "reason": condition.reason,
    }
