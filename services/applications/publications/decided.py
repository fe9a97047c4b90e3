"""What applications tells of decisions, of answers to them, and of the letter that there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from services.applications.domain import conditions, events
from services.applications.domain.conditioned import Condition
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import letter
from services.applications.domain.model import Application
from services.applications.domain.states import DecisionKind, Label
from services.contracts.events import applications as published
from services.contracts.events import conditions as told
from services.contracts.events.letter_parts import ConditionPart, LetterPart
from services.contracts.events.offers import TextPart
from services.contracts.instants import instant_text


def of_decision(common: Mapping[str, str], domain_event: events.Settled) -> published.ApplicationEvent:
    """The event that says a fact of a decision, of what was answered to it, or of what follows from it."""
    match domain_event:
        case events.Decided(decision, because):
            return published.ApplicationDecided(
                **common,
                because=because,
                decision=decision.entered.kind.value,
                answer_deadline=None if decision.answer_deadline is None else decision.answer_deadline.isoformat(),
                type=decision.entered.type_code,
                label=None if decision.entered.type is None else _text(decision.entered.type.label),
                appeal=None if decision.entered.type is None else _text(decision.entered.type.appeal),
                reason=None if decision.entered.listed is None else _text(decision.entered.listed.label),
                conditional=_is_conditional(decision.entered),
                **_appointment(decision.entered),
            )
        case events.Accepted():
            return published.ApplicationAccepted(**common)
        case events.Withdrawn(because):
            return published.ApplicationWithdrawn(**common, because=because)
        case events.LeftWaitlist():
            return published.ApplicationLeftWaitlist(**common)
        case events.AnswerDue(day, outage):
            return published.AnswerDue(**common, answer_deadline=day.isoformat(), incident=outage or None)
        case events.EnrolmentInstructed(links, messages):
            message = TextPart.model_validate(messages) if messages["fr"] else None
            return published.EnrolmentInstructed(**common, link=TextPart.model_validate(links), message=message)
        case _:
            assert_never(domain_event)


def conditions_set(common: Mapping[str, str], decided: events.Decided) -> Sequence[told.ConditionsSet]:
    """The event that says under which conditions a place is offered, if one is, and under any."""
    decision, of = decided.decision, decided.decision.entered.type
    if not _is_conditional(decision.entered):
        return []
    return [
        told.ConditionsSet(
            **common,
            conditions=_parts(decision.entered.conditions),
            answer_deadline=None if decision.answer_deadline is None else decision.answer_deadline.isoformat(),
            label=None if of is None else _text(of.label),
            appeal=None if of is None else _text(of.appeal),
            reason=None if decision.entered.listed is None else _text(decision.entered.listed.label),
            promoted=decided.because == "rank",
        )
    ]


def of_conditions(common: Mapping[str, str], domain_event: events.Conditioned) -> published.ApplicationEvent:
    """The event that says a fact of the conditions of an admission."""
    match domain_event:
        case events.ConditionMarked(decision, number, state, final):
            return told.ConditionMarked(**common, decision=decision, number=number, state=state.value, final=final)
        case events.ConditionsTold(met, not_met, again, left, final, unanswered, until):
            return told.ConditionsTold(
                **common,
                met=_parts(met),
                not_met=_parts(not_met),
                again=_parts(again),
                left=_parts(left),
                final=final,
                unanswered=unanswered,
                answer_deadline=None if until is None else until.isoformat(),
            )
        case events.ConditionsDue(awaited):
            return told.ConditionsDue(**common, conditions=_parts(awaited))
        case _:
            assert_never(domain_event)


def _is_conditional(decision: EnteredDecision) -> bool:
    return decision.kind is DecisionKind.FAVOURABLE and bool(decision.conditions)


def _parts(conditions: Sequence[Condition]) -> list[ConditionPart]:
    return [
        ConditionPart(
            label=TextPart.model_validate(each.label), until=None if each.until is None else each.until.isoformat()
        )
        for each in conditions
    ]


def _text(text: Label | None) -> TextPart | None:
    return None if text is None else TextPart.model_validate(text)


def _appointment(decision: EnteredDecision) -> dict[str, str]:
    if (where := decision.appointment) is None:
        return {}
    return {"place": where.place, "day": where.day.isoformat(), "time": where.time}


def letter_of(application: Application) -> LetterPart | None:
    """The letter that there is for its candidate."""
    kind, decision, place = letter(application), application.decision, application.place
    if kind is None or decision is None:
        return None
    return LetterPart(
        kind=kind.value,
        decision=decision.entered.id,
        decided_at=instant_text(decision.at),
        accepted_at=None if place is None or place.at is None else instant_text(place.at),
        reason=decision.entered.reason,
        reason_label=None if decision.entered.listed is None else _text(decision.entered.listed.label),
        comment=decision.entered.comment,
        conditions=_parts(decision.entered.conditions),
        final=conditions.is_final(application),
        group=None if decision.entered.group is None else _text(decision.entered.group.label),
    )
