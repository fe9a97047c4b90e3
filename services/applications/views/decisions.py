"""Decisions, and what is answered to them, as candidates and as staff see them."""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.applications.domain.conditions import is_final
from services.applications.domain.copies import ListGroup
from services.applications.domain.decided import GroupAsDecided, TypesInForce
from services.applications.domain.decision_model import Appointment, EnteredDecision, ValidatedDecision
from services.applications.domain.decisions import answers, letter_given
from services.applications.domain.model import Application, Moment, Place
from services.applications.domain.offering import is_mere_offer
from services.applications.domain.states import DecisionKind, LetterKind, PlaceState
from services.applications.domain.waiting import waits
from services.applications.views.conditions import conditions_for_staff, conditions_shown
from services.applications.views.wording import text_in, word
from services.contracts.actors import staff_id
from services.contracts.api import decisions as api
from services.contracts.api.condition_views import ListedConditionView
from services.contracts.decision_reasons import DecisionReason
from services.contracts.instants import instant_text

_ANSWERS: Final = {PlaceState.ACCEPTED: "accept", PlaceState.WITHDRAWN: "withdraw"}


def decided(
    application: Application, moment: Moment, language: str, live_rank: int | None, letters: AnyOf[LetterKind]
) -> dict[str, Any]:
    """What a candidate's view says of the decision that counts; of one that is entered, nothing (acceptance 46).

    `live_rank` is that of who waits by rank, from 1; `letters` are those that the board gives.
    """
    decision = application.decision
    day = _answer_day(application, moment)
    possible = answers(application, moment)
    shown: dict[str, Any] = {
        "decision_label": word("pending", language),
        "answer_deadline": None if day is None else day.isoformat(),
        "can_answer": bool(possible),
        "possible_answers": [action.value for action in possible],
        "answer": _answer(application.place),
        "letter": letter_given(application, letters),
        "live_rank": live_rank,
        "can_leave_waitlist": waits(application),
        "left_waitlist": application.place is not None and application.place.state is PlaceState.LEFT,
    }
    if decision is None:
        return shown
    entered = decision.entered
    label = label_of(entered, language)
    view = api.DecisionView(
        **_type(entered, language),
        validated_at=instant_text(decision.at),
        reason=reason_of(entered, language),
        reason_code=entered.reason_code,
        comment=entered.comment,
        rank=entered.rank,
        group=group_view(entered.group, language),
        appointment=appointment_view(entered.appointment),
        conditions=conditions_shown(decision, language),
        final=is_final(application),
    )
    return shown | {"decision": entered.kind.value, "decision_label": label, "decided": view}


def _answer_day(application: Application, moment: Moment) -> date | None:
    """The last day for an answer as incidents have moved it; none of one that waits and is over: one may still answer."""
    decision, place = application.decision, application.place
    if decision is None:
        return application.programme.answer_deadline
    day = decision.answer_deadline
    if day is None or place is None or place.state is not PlaceState.OFFERED:
        return day
    waits = decision.unreached is not None and decision.unreached.holds
    return None if waits and moment.is_past(day) else moment.last(day)


def decided_by_staff(
    application: Application,
    entered: EnteredDecision | None,
    language: str,
    names: Mapping[str, str],
    letters: AnyOf[LetterKind],
) -> dict[str, Any]:
    """What staff see: also what is `entered` and waits to be validated. `names` are those of staff, by their accounts."""
    place = application.place
    return {
        "entered_decision": None
        if entered is None
        else api.EnteredDecisionView(
            **_entered(entered, language, names), conditions=conditions_for_staff(entered, None, language, names)
        ),
        "mere_offer": is_mere_offer(application),
        "decision": _validated(application.decision, language, names),
        "answer": _answer(place),
        "left_waitlist": application.left,
        "answered_at": instant_text(place.at) if place is not None and place.at is not None else None,
        "letter": letter_given(application, letters),
    }


def shown_types(types: TypesInForce, language: str) -> api.DecisionTypes:
    """The types that can be chosen."""
    return api.DecisionTypes(
        items=[
            api.DecisionTypeView(
                code=each.code,
                kind=each.kind,
                label=text_in(types.as_decided(each).label, language),
                reasoned=each.reasoned or each.kind == DecisionKind.UNFAVOURABLE.value,
                appeal=each.appeal and types.appeal is not None,
            )
            for each in types.types
        ],
        conditions=[
            ListedConditionView(code=each.code, label=text_in(each.label, language)) for each in types.conditions
        ],
        reasons=None if types.reasons is None else [_reason(each, language) for each in types.reasons],
    )


def _reason(reason: DecisionReason, language: str) -> api.DecisionReasonView:
    label = {"fr": reason.fr, "en": reason.en} if reason.en else {"fr": reason.fr}
    return api.DecisionReasonView(code=reason.code, label=text_in(label, language), kinds=list(reason.kinds))


def label_of(decision: EnteredDecision, language: str) -> str:
    """What a decision is called."""
    return word(decision.kind, language) if decision.label is None else text_in(decision.label, language)


def reason_of(decision: EnteredDecision, language: str) -> str | None:
    """Why it was decided so."""
    return None if decision.reason_label is None else text_in(decision.reason_label, language)


def group_view(group: GroupAsDecided | None, language: str) -> api.GroupView | None:
    """The group that a decision names, as it was called then."""
    return None if group is None else api.GroupView(code=group.code, label=text_in(group.label, language))


def groups_shown(groups: Sequence[ListGroup], language: str) -> list[api.GroupView]:
    """The groups of a programme's waiting list, in order."""
    return [api.GroupView(code=each.code, label=text_in(each.label, language)) for each in groups]


def _type(decision: EnteredDecision, language: str) -> dict[str, Any]:
    of = decision.type
    return {
        "kind": decision.kind.value,
        "type": decision.type_code,
        "label": label_of(decision, language),
        "appeal": None if of is None or of.appeal is None else text_in(of.appeal, language),
    }


def _answer(place: Place | None) -> str | None:
    return None if place is None else _ANSWERS.get(place.state)


def _entered(decision: EnteredDecision, language: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": decision.id,
        **_type(decision, language),
        "reason": reason_of(decision, language),
        "reason_code": decision.reason_code,
        "rank": decision.rank,
        "group": group_view(decision.group, language),
        "comment": decision.comment,
        "appointment": appointment_view(decision.appointment),
        "entered_at": instant_text(decision.at),
        "entered_by": decision.by.actor,
        "entered_by_name": names.get(staff_id(decision.by.actor)),
    }


def _validated(
    decision: ValidatedDecision | None, language: str, names: Mapping[str, str]
) -> api.ValidatedDecisionView | None:
    if decision is None:
        return None
    day, lost = decision.answer_deadline, decision.unreached
    return api.ValidatedDecisionView(
        **_entered(decision.entered, language, names),
        conditions=conditions_for_staff(decision.entered, decision.followed, language, names),
        validated_at=instant_text(decision.at),
        validated_by=decision.by.actor,
        validated_by_name=names.get(staff_id(decision.by.actor)),
        answer_deadline=None if day is None else day.isoformat(),
        unreached=None if lost is None else api.UnreachedView(at=instant_text(lost.at), why=lost.why, holds=lost.holds),
    )


def appointment_view(where: Appointment | None) -> api.AppointmentView | None:
    """Where and when somebody is expected, if they are."""
    return None if where is None else api.AppointmentView(place=where.place, day=where.day.isoformat(), time=where.time)
