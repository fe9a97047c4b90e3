"""Admission under conditions: each is followed by itself, and nothing follows from one but what staff decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain import conditions, decisions
from services.applications.domain.condition_states import ConditionState
from services.applications.domain.conditioned import Condition, SaidCondition
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.enrolment import is_handed_over
from services.applications.domain.events import ConditionMarked, ConditionsDue, ConditionsTold, Decided
from services.applications.domain.model import Application
from services.applications.domain.states import DecisionKind, PlaceAction, PlaceState
from services.contracts.actors import Role
from services.contracts.conditions import MOST_CONDITIONS, ListedCondition
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import ZOE, on
from tests.unit.applications.test_decisions import LOU, TODAY, TOMORROW, answer, complete, enter, entry, validate

OPEN, MET, NOT_MET = ConditionState.OPEN, ConditionState.MET, ConditionState.NOT_MET
DEGREE = Condition({"fr": "Obtenir la licence"}, TODAY + timedelta(days=30))
LANGUAGE = Condition({"fr": "Niveau B2 en français", "en": "Level B2 in French"}, code="B2")
BOTH = (DEGREE, LANGUAGE)


def admitted(*given: Condition) -> Application:
    """Who has accepted a place under conditions."""
    offered = validate(complete(), entry(conditions=given or BOTH))[0]
    return answer(offered, PlaceAction.ACCEPT)[0]


def mark(file: Application, number: int, state: ConditionState, **how: Any) -> tuple[Application, tuple[Any, ...]]:
    asked: dict[str, Any] = {"decision": "d1", "role": Role.MANAGER, "by": LOU, "day": TODAY} | how
    if state is NOT_MET:
        asked.setdefault("reason", "Échec aux examens")
    day, decision = asked.pop("day"), asked.pop("decision")
    return conditions.mark(file, decision, number, state, on(day), **asked)


def slugs(given: EnteredDecision) -> list[tuple[str, str]]:
    with pytest.raises(RefusedError) as refused:
        enter(complete(), None, given)
    return [(each.field, each.slug) for each in refused.value.fields]


def test_a_favourable_decision_may_have_conditions_or_a_rank_and_no_other_one() -> None:
    assert enter(complete(), None, entry(conditions=BOTH)).conditions == BOTH
    ranked = entry(DecisionKind.RANKED_WAITLIST, conditions=BOTH)
    assert enter(complete(), None, ranked).conditions == BOTH
    waiting = validate(complete(), ranked)[0]
    assert (conditions.standing(waiting), conditions.due_on(waiting)) == (None, None), "of no place yet"
    for kind in set(DecisionKind) - set(conditions.CONDITIONAL):
        assert slugs(entry(kind, conditions=BOTH)) == [("conditions", "not-of-kind")]
    past, far = (Condition({"fr": "A"}, TODAY + timedelta(days=days)) for days in (-1, 367))
    assert slugs(entry(conditions=(past, far)))[0] == ("conditions.0.until", "day-past")
    assert ("conditions.1.until", "day-too-far") in slugs(entry(conditions=(past, far)))
    at_both_ends = (Condition({"fr": "A"}, TODAY), Condition({"fr": "B"}, TODAY + timedelta(days=366)))
    assert enter(complete(), None, entry(conditions=at_both_ends)).conditions == at_both_ends
    assert slugs(entry(conditions=(LANGUAGE, LANGUAGE))) == [("conditions.1.text", "repeated")]
    for again in (Condition({"fr": "niveau B2, en français"}), Condition({"fr": "LEVEL B2 IN FRENCH"})):
        assert slugs(entry(conditions=(LANGUAGE, again))) == [("conditions.1.text", "repeated")]
    many = tuple(Condition({"fr": str(number)}) for number in range(MOST_CONDITIONS + 1))
    assert enter(complete(), None, entry(conditions=many[1:])).conditions == many[1:]
    assert slugs(entry(conditions=many)) == [("conditions", "too-many")]


def test_a_condition_is_one_of_the_list_or_in_words_of_ones_own() -> None:
    listed = (ListedCondition("B2", "Niveau B2 en français", "Level B2 in French"),)
    said = [SaidCondition(text="Obtenir la licence", until=DEGREE.until), SaidCondition(code="B2")]
    assert conditions.conditions_of(said, listed) == BOTH
    for wrong, fault in (
        (SaidCondition(), ("conditions.0.text", "required")),
        (SaidCondition(code="B2", text="B2"), ("conditions.0.text", "not-of-kind")),
        (SaidCondition(code="C1"), ("conditions.0.code", "unknown-condition")),
    ):
        with pytest.raises(RefusedError) as refused:
            conditions.conditions_of([wrong], listed)
        assert [(each.field, each.slug) for each in refused.value.fields] == [fault]


def test_what_is_entered_already_is_entered_again_whatever_became_of_the_list() -> None:
    assert conditions.conditions_of([SaidCondition(code="B2")], (), BOTH) == (LANGUAGE,)
    renamed = (ListedCondition("B2", "Français courant"),)
    assert conditions.conditions_of([SaidCondition(code="B2")], renamed, BOTH) == (LANGUAGE,), "as it was entered"
    with pytest.raises(RefusedError):
        conditions.conditions_of([SaidCondition(code="B2")], (), (DEGREE,))


def test_a_condition_whose_day_has_passed_meanwhile_is_not_told_to_anybody() -> None:
    given = entry(conditions=(Condition({"fr": "A"}, TODAY),))
    assert isinstance(validate(complete(), given)[1][0], Decided)
    with pytest.raises(RefusedError) as refused:
        validate(complete(), given, day=TOMORROW)
    assert refused.value.slug.name == "condition-past"


def test_the_admission_is_final_once_every_condition_is_met() -> None:
    file = admitted()
    assert (conditions.standing(file), conditions.is_final(file)) == (OPEN, False)
    file, (happened,) = mark(file, 1, MET, on=TODAY - timedelta(days=3))
    assert happened == ConditionMarked("d1", 1, MET, final=False)
    assert mark(file, 1, MET) == (file, ()), "the same again"
    file, (happened,) = mark(file, 2, MET)
    assert happened == ConditionMarked("d1", 2, MET, final=True)
    assert file.decision is not None and [each.on for each in file.decision.followed] == [date(2027, 4, 30), TODAY]
    file, (happened,) = mark(file, 2, OPEN)
    assert (happened.final, conditions.standing(file)) == (False, OPEN)
    file, _ = mark(file, 2, NOT_MET)
    assert conditions.standing(file) is NOT_MET
    assert file.place is not None and file.place.state is PlaceState.ACCEPTED, "staff decide what follows"


def test_a_place_that_is_not_accepted_is_not_final_and_its_candidate_is_told_to_answer() -> None:
    offered = validate(complete(), entry(conditions=(LANGUAGE,)))[0]
    file, happened = mark(offered, 1, MET)
    assert (conditions.is_final(file), happened) == (False, (ConditionMarked("d1", 1, MET, final=False),))
    assert file.decision is not None and file.decision.answer_deadline is not None
    told = ConditionsTold(met=(LANGUAGE,), not_met=(), again=(), left=(), final=False, unanswered=True)
    assert conditions.gather(file, on(TODAY).instant)[1] == (replace(told, until=file.decision.answer_deadline),)
    accepted = answer(file, PlaceAction.ACCEPT)[0]
    told = replace(told, final=True, unanswered=False)
    assert conditions.gather(accepted, on(TODAY).instant)[1] == (told,)
    assert not conditions.is_final(answer(accepted, PlaceAction.WITHDRAW)[0])


@pytest.mark.parametrize(
    ("how", "slug"),
    [
        ({"role": Role.COMMISSION}, "action-forbidden"),
        ({"decision": "d0"}, "decision-changed"),
        ({"number": 3}, "not-found"),
        ({"on": TOMORROW}, "invalid-fields"),
        ({"state": NOT_MET, "reason": None}, "invalid-fields"),
        ({"state": OPEN, "on": TODAY}, "invalid-fields"),
    ],
)
def test_what_cannot_be_said_of_a_condition(how: dict[str, Any], slug: str) -> None:
    asked: dict[str, Any] = {"number": 1, "state": MET} | how
    with pytest.raises(RefusedError) as refused:
        mark(admitted(), asked.pop("number"), asked.pop("state"), **asked)
    assert refused.value.slug.name == slug


def test_of_a_place_that_was_given_up_nothing_is_followed_any_more() -> None:
    given_up = answer(admitted(), PlaceAction.WITHDRAW)[0]
    with pytest.raises(RefusedError) as refused:
        mark(given_up, 1, MET)
    assert refused.value.slug.name == "no-place"
    assert conditions.due_on(given_up) is None
    untold = answer(mark(admitted(), 1, MET)[0], PlaceAction.WITHDRAW)[0]
    told, happened = conditions.gather(untold, on(TOMORROW).instant)
    assert (told.conditions_untold, happened) == (None, ())


def test_what_is_found_is_told_in_one_and_what_is_taken_back_before_is_not() -> None:
    file = mark(mark(admitted(), 1, MET)[0], 2, NOT_MET)[0]
    assert conditions.gather(file, on(TODAY).instant - timedelta(seconds=1)) == (file, ())
    file, (told,) = conditions.gather(file, on(TODAY).instant)
    assert told == ConditionsTold(met=(DEGREE,), not_met=(LANGUAGE,), again=(), left=(), final=False)
    assert conditions.gather(file, on(TOMORROW).instant) == (file, ())
    file = mark(file, 2, MET)[0]
    back, happened = conditions.gather(mark(file, 2, NOT_MET)[0], on(TODAY).instant)
    assert happened == (), "the candidate knows that"
    last, (told,) = conditions.gather(mark(back, 2, MET)[0], on(TODAY).instant)
    assert told == ConditionsTold(met=(LANGUAGE,), not_met=(), again=(), left=(), final=True)
    _, (told,) = conditions.gather(mark(last, 1, OPEN)[0], on(TODAY).instant)
    assert told == ConditionsTold(met=(), not_met=(), again=(DEGREE,), left=(DEGREE,), final=False)


def test_of_each_condition_one_is_reminded_once_some_days_before() -> None:
    file = admitted()
    assert conditions.due_on(file) == DEGREE.until
    for day in (22, 31):  # eight days before, and the day after
        assert conditions.remind(file, on(TODAY + timedelta(days=day)), 7)[1] == ()
    week_before = on(TODAY + timedelta(days=23))
    assert conditions.remind(file, week_before, 0) == (file, ())
    assert conditions.remind(mark(file, 1, MET)[0], week_before, 7)[1] == ()
    reminded, happened = conditions.remind(file, week_before, 7)
    assert happened == (ConditionsDue((DEGREE,)),)
    assert conditions.remind(reminded, week_before, 7) == (reminded, ())
    assert conditions.due_on(reminded) is None
    passed = conditions.remind(file, on(TODAY + timedelta(days=31)), 7)[0]
    assert conditions.due_on(passed) is None, "nobody looks at it again"
    just_told = admitted(Condition({"fr": "A"}, TOMORROW))
    assert conditions.remind(just_told, on(TODAY), 7) == (just_told, ())


def test_who_is_admitted_under_conditions_is_handed_over_once_they_are_met_or_at_once() -> None:
    file = admitted(LANGUAGE)
    assert not is_handed_over(file)
    met = mark(file, 1, MET)[0]
    assert is_handed_over(met)
    assert not is_handed_over(mark(met, 1, OPEN)[0])
    offered = validate(complete(), entry(conditions=(LANGUAGE,)))[0]
    at_once = decisions.answer(offered, PlaceAction.ACCEPT, on(TODAY), ZOE, at_once=True)[0]
    assert is_handed_over(at_once) and not conditions.is_final(at_once)
    given_up = decisions.answer(at_once, PlaceAction.WITHDRAW, on(TODAY), ZOE, at_once=True)[0]
    assert given_up.place is not None and not given_up.place.at_once and not is_handed_over(given_up)


def test_what_is_known_of_a_condition_stays_where_only_the_rest_of_it_is_said_anew() -> None:
    earlier = TODAY - timedelta(days=20)
    file = mark(admitted(LANGUAGE), 1, MET, on=earlier, reason="Diplôme reçu")[0]
    again = mark(file, 1, MET, reason="Diplôme reçu le matin", day=TOMORROW)[0]
    assert again.decision is not None
    assert (again.decision.followed[0].on, again.decision.followed[0].reason) == (earlier, "Diplôme reçu le matin")
    failed = mark(again, 1, NOT_MET, day=TOMORROW)[0]
    assert failed.decision is not None and failed.decision.followed[0].on == TOMORROW, "another state, another day"


def test_the_day_of_a_condition_lies_in_the_years_before_its_decision() -> None:
    first = TODAY - conditions.EARLIEST
    assert mark(admitted(LANGUAGE), 1, MET, on=first)[1]
    with pytest.raises(RefusedError) as refused:
        mark(admitted(LANGUAGE), 1, MET, on=first - timedelta(days=1))
    assert [(each.field, each.slug) for each in refused.value.fields] == [("on", "day-too-early")]


def test_who_saw_a_condition_otherwise_than_it_is_marks_nothing_and_a_mail_meanwhile_is_no_matter() -> None:
    file = mark(mark(admitted(), 1, MET)[0], 2, MET)[0]
    told = conditions.gather(file, on(TODAY).instant)[0]
    assert mark(told, 2, NOT_MET, seen=[on(TODAY).instant].__contains__)[1]
    for otherwise in (None, on(TOMORROW).instant):
        with pytest.raises(RefusedError) as refused:
            mark(told, 2, NOT_MET, seen=[otherwise].__contains__)
        assert refused.value.slug.name == "stale-version"
    assert mark(admitted(), 1, MET, seen=[None].__contains__)[1], "nobody has marked it"
