"""Decisions are entered and then validated, and the place that one offers is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain import decisions
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.decision_model import Appointment, EnteredDecision, ValidatedDecision
from services.applications.domain.events import Accepted, AnswerDue, Decided, Withdrawn
from services.applications.domain.model import Application, Place
from services.applications.domain.opening import cancel
from services.applications.domain.states import (
    DECISION_TABLE,
    DecisionAction,
    DecisionKind,
    DecisionState,
    FileState,
    LetterKind,
    Party,
    PieceState,
    PlaceAction,
    PlaceState,
    decision_after,
)
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import ZOE, file_with, offer, on

TODAY = date(2027, 5, 3)
TOMORROW = TODAY + timedelta(days=1)
KIM, LOU = Acting("staff:kim"), Acting("staff:lou")
SAID: dict[DecisionKind, dict[str, Any]] = {
    DecisionKind.FAVOURABLE: {},
    DecisionKind.UNFAVOURABLE: {"reason": "Niveau insuffisant"},
    DecisionKind.RANKED_WAITLIST: {"rank": 1},
    DecisionKind.WAITLIST: {},
    DecisionKind.SHORTLISTED: {"appointment": Appointment("Salle 12", TODAY, "14:30")},
}
"""What each kind asks for."""


def complete() -> Application:
    return file_with(FileState.COMPLETE, PieceState.VALIDATED)


def entry(kind: DecisionKind = DecisionKind.FAVOURABLE, id: str = "d1", **said: Any) -> EnteredDecision:
    return EnteredDecision(id, kind, on(TODAY).instant, KIM, **(SAID[kind] | said))


def enter(
    application: Application, there: EnteredDecision | None, given: EnteredDecision, instead_of: str | None = None
) -> EnteredDecision:
    return decisions.enter(application, there, given, on(TODAY), role=Role.COMMISSION, instead_of=instead_of)


def validate(
    application: Application, there: EnteredDecision | None, id: str = "d1", day: date = TODAY, **how: Any
) -> tuple[Application, tuple[Any, ...]]:
    asked: dict[str, Any] = {"role": Role.MANAGER, "by": LOU, "two_persons": False, "offer": offer()} | how
    return decisions.validate(application, there, id, asked.pop("offer"), on(day), **asked)


def answer(application: Application, action: PlaceAction, day: date = TODAY) -> tuple[Application, tuple[Any, ...]]:
    return decisions.answer(application, action, on(day), ZOE)


def offered() -> Application:
    return validate(complete(), entry())[0]


@pytest.mark.parametrize("kind", DecisionKind)
def test_a_decision_says_what_its_kind_asks_for_and_nothing_else(kind: DecisionKind) -> None:
    """Acceptance 79."""
    assert enter(complete(), None, entry(kind)) == entry(kind)
    for other, said in SAID.items():
        for name, value in said.items():
            saying: dict[str, Any] = {name: None if other is kind else value}
            changed = replace(entry(kind), **saying)
            with pytest.raises(RefusedError) as refused:
                enter(complete(), None, changed)
            slug = "required" if other is kind else "not-of-kind"
            assert [(each.field, each.slug) for each in refused.value.fields] == [(name, slug)]


@pytest.mark.parametrize(
    ("day", "slug"),
    [
        (TODAY - timedelta(days=1), "day-past"),
        (TODAY, None),
        (TODAY + timedelta(days=366), None),
        (TODAY + timedelta(days=367), "day-too-far"),
    ],
)
def test_nobody_is_expected_on_a_day_that_has_passed(day: date, slug: str | None) -> None:
    given = entry(DecisionKind.SHORTLISTED, appointment=Appointment("Salle 12", day, "14:30"))
    if slug is None:
        assert enter(complete(), None, given) == given
        return
    with pytest.raises(RefusedError) as refused:
        enter(complete(), None, given)
    assert [(each.field, each.slug) for each in refused.value.fields] == [("appointment.day", slug)]


def test_the_same_decision_again_is_the_one_that_is_entered_and_another_takes_its_place() -> None:
    assert enter(complete(), entry(), entry(id="d2")) == entry()
    other = entry(DecisionKind.WAITLIST, "d2")
    assert enter(complete(), entry(), other) == other
    assert enter(complete(), entry(), other, instead_of="d1") == other
    for seen in ("", "d0"):
        with pytest.raises(RefusedError, match="decision-changed"):
            enter(complete(), entry(), other, instead_of=seen)
    assert enter(complete(), None, other, instead_of="") == other


@pytest.mark.parametrize("state", FileState)
@pytest.mark.parametrize("role", [*Role, "candidate", "clock"])
@pytest.mark.parametrize("before", [None, *DecisionState])
@pytest.mark.parametrize("action", DecisionAction)
def test_what_is_outside_the_table_is_refused(
    state: FileState, role: Party, before: DecisionState | None, action: DecisionAction
) -> None:
    rows = {(row.action, row.role, file, row.before): row.after for row in DECISION_TABLE for file in row.within}
    if (action, role, state, before) in rows:
        assert decision_after(state, before, action, role) is rows[action, role, state, before]
        return
    with pytest.raises(RefusedError, match=r"action-forbidden|wrong-state|no-decision"):
        decision_after(state, before, action, role)


def test_a_validated_decision_counts_until_another_one_does() -> None:
    """Acceptance 78, 80: another one that is entered hides nothing; validating again is refused, and moves nothing."""
    decided, told = validate(complete(), entry())
    assert decided.decision == ValidatedDecision(entry(), on(TODAY).instant, LOU, TODAY + timedelta(days=14))
    assert (told, decided.place) == ((Decided(decided.decision),), Place(PlaceState.OFFERED))
    with pytest.raises(RefusedError, match="no-decision"):
        validate(decided, entry(), day=TOMORROW)
    with pytest.raises(RefusedError, match="no-decision"):
        decisions.delete(decided, entry(), role=Role.MANAGER, id=None)
    waiting = entry(DecisionKind.WAITLIST, "d2")
    assert enter(decided, entry(), waiting, instead_of="") == waiting
    assert decisions.pending(decided, waiting) == waiting
    replaced, _ = validate(answer(decided, PlaceAction.ACCEPT)[0], waiting, "d2")
    assert replaced.decision and replaced.decision.entered == waiting
    assert replaced.place == Place(PlaceState.WAITING, put_back_on=TODAY)


def test_what_was_read_is_validated_and_nothing_else() -> None:
    for id in ("d0", "d2"):
        with pytest.raises(RefusedError, match="decision-changed"):
            validate(complete(), entry(), id)
        with pytest.raises(RefusedError, match="decision-changed"):
            decisions.delete(complete(), entry(), role=Role.COMMISSION, id=id)
    decisions.delete(complete(), entry(), role=Role.COMMISSION, id="d1")
    with pytest.raises(RefusedError, match="no-decision"):
        validate(complete(), None)


def test_with_two_people_whoever_entered_a_decision_does_not_validate_it() -> None:
    """Acceptance 81."""
    with pytest.raises(RefusedError, match="second-person"):
        validate(complete(), entry(), by=KIM, two_persons=True)
    assert validate(complete(), entry(), by=LOU, two_persons=True)[1]
    assert validate(complete(), entry(), by=KIM, two_persons=False)[1]


def by_day(day: date | None) -> ProgrammeCopy:
    programme = offer()
    return replace(programme, programme=replace(programme.programme, answer_deadline=day, answer_delay_days=None))


@pytest.mark.parametrize(
    ("programme", "asked", "last"),
    [
        (offer(), None, TODAY + timedelta(days=14)),
        (None, None, TODAY + timedelta(days=14)),
        (by_day(TODAY), None, TODAY),
        (by_day(None), None, None),
        (offer(), TODAY, TODAY),
        (by_day(TODAY - timedelta(days=1)), TODAY, TODAY),
        (offer(), TODAY + timedelta(days=366), TODAY + timedelta(days=366)),
        (replace(by_day(TODAY + timedelta(days=365)), campaign="2028"), None, TODAY + timedelta(days=14)),
    ],
    ids=["delay", "its copy", "day", "none", "personal", "personal, the day is past", "farthest", "a year later"],
)
def test_a_place_may_be_answered_until_a_day(
    programme: ProgrammeCopy | None, asked: date | None, last: date | None
) -> None:
    """Acceptance 84."""
    decided, _ = validate(complete(), entry(), offer=programme, until=asked)
    assert decided.decision is not None
    assert decided.decision.answer_deadline == last


@pytest.mark.parametrize(
    ("programme", "asked", "slug"),
    [
        (by_day(TODAY - timedelta(days=1)), None, "day-past"),
        (offer(), TODAY - timedelta(days=1), "day-past"),
        (offer(), TODAY + timedelta(days=367), "day-too-far"),
    ],
)
def test_no_place_is_offered_until_a_day_that_has_passed(
    programme: ProgrammeCopy, asked: date | None, slug: str
) -> None:
    """Acceptance 89."""
    with pytest.raises(RefusedError) as refused:
        validate(complete(), entry(), offer=programme, until=asked)
    assert [(each.field, each.slug) for each in refused.value.fields] == [("answer_deadline", slug)]
    assert validate(complete(), entry(DecisionKind.WAITLIST), offer=programme, until=asked)[1], "it offers none"


def test_a_place_is_accepted_and_may_still_be_given_up() -> None:
    """Acceptance 83, 85: up to the last day inclusive; who has withdrawn cannot come back."""
    last = TODAY + timedelta(days=14)
    accepted, told = answer(offered(), PlaceAction.ACCEPT, last)
    assert (accepted.place and accepted.place.state, told) == (PlaceState.ACCEPTED, (Accepted(),))
    assert answer(accepted, PlaceAction.ACCEPT, last) == (accepted, ())
    assert decisions.answers(accepted, on(last)) == (PlaceAction.WITHDRAW,)
    withdrawn, told = answer(accepted, PlaceAction.WITHDRAW, last)
    assert (withdrawn.place and withdrawn.place.state, told) == (PlaceState.WITHDRAWN, (Withdrawn("candidate"),))
    assert answer(withdrawn, PlaceAction.WITHDRAW, last) == (withdrawn, ())
    with pytest.raises(RefusedError, match="no-place"):
        answer(withdrawn, PlaceAction.ACCEPT, last)
    assert decisions.answers(withdrawn, on(last)) == ()


def test_there_is_a_letter_while_the_place_is_accepted_and_of_what_was_refused() -> None:
    """Acceptance 86: what is only entered makes none, and takes none away."""
    accepted, _ = answer(offered(), PlaceAction.ACCEPT)
    withdrawn, _ = answer(accepted, PlaceAction.WITHDRAW)
    kinds = [decisions.letter(each) for each in (complete(), offered(), accepted, withdrawn)]
    assert kinds == [None, None, LetterKind.ADMISSION, None]
    of_others = {kind: decisions.letter(validate(complete(), entry(kind))[0]) for kind in DecisionKind}
    assert of_others.pop(DecisionKind.UNFAVOURABLE) is LetterKind.REJECTION
    assert set(of_others.values()) == {None}


@pytest.mark.parametrize("action", [PlaceAction.ACCEPT, PlaceAction.WITHDRAW])
def test_after_the_last_day_nothing_is_answered(action: PlaceAction) -> None:
    """Acceptance 83."""
    late = TODAY + timedelta(days=15)
    with pytest.raises(RefusedError, match="answer-late"):
        answer(offered(), action, late)
    assert decisions.answers(offered(), on(late)) == ()


@pytest.mark.parametrize("kind", [kind for kind in DecisionKind if kind is not DecisionKind.FAVOURABLE])
def test_no_other_decision_offers_a_place(kind: DecisionKind) -> None:
    decided, _ = validate(complete(), entry(kind))
    for application in (complete(), decided):
        assert decisions.answers(application, on(TODAY)) == ()
        with pytest.raises(RefusedError, match="no-place"):
            answer(application, PlaceAction.ACCEPT)


def test_a_draft_that_is_decided_on_is_not_given_up_and_one_with_an_entry_is_as_any_other() -> None:
    """Acceptance 45, 46: what is entered on one that was given up is void."""
    draft = file_with(FileState.DRAFT, PieceState.AWAITING)
    gone, _ = cancel(draft, on(TODAY), ZOE)
    assert decisions.pending(draft, entry()) == entry()
    assert decisions.pending(gone, entry()) is None
    with pytest.raises(RefusedError, match="wrong-state"):
        validate(gone, entry())
    with pytest.raises(RefusedError, match="decision-stands"):
        cancel(validate(draft, entry())[0], on(TODAY), ZOE)


LAST = TODAY + timedelta(days=14)


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        (LAST - timedelta(days=3), 2, False),
        (LAST - timedelta(days=2), 2, True),
        (LAST, 2, True),
        (LAST + timedelta(days=1), 2, False),
        (LAST, 0, False),
    ],
)
def test_one_is_reminded_once_of_a_place(day: date, days: int, due: bool) -> None:
    """Acceptance 88."""
    reminded, told = decisions.remind(offered(), on(day), days)
    assert told == ((AnswerDue(LAST),) if due else ())
    assert decisions.remind(reminded, on(day), days)[1] == told * (not due)
    assert decisions.remind(answer(offered(), PlaceAction.ACCEPT)[0], on(day), days)[1] == ()


def test_nobody_is_reminded_of_what_has_just_been_mailed() -> None:
    soon, _ = validate(complete(), entry(), until=TOMORROW)
    assert decisions.remind(soon, on(TODAY), 2) == (soon, ())
    assert decisions.remind(soon, on(TOMORROW), 2)[1] == (AnswerDue(TOMORROW),)


def test_a_place_that_nobody_answers_lapses_on_the_day_after() -> None:
    """Acceptance 89; what was answered, and what has no last day, stays."""
    for application, day in ((offered(), LAST), (answer(offered(), PlaceAction.ACCEPT)[0], LAST + timedelta(days=1))):
        assert decisions.lapse(application, on(day), ZOE) == (application, ())
    for_ever, _ = validate(complete(), entry(), offer=by_day(None))
    assert decisions.lapse(for_ever, on(date(2029, 1, 1)), ZOE) == (for_ever, ())
    lapsed, told = decisions.lapse(offered(), on(LAST + timedelta(days=1)), ZOE)
    assert (lapsed.place and lapsed.place.state, told) == (PlaceState.WITHDRAWN, (Withdrawn("day"),))
    assert decisions.lapse(lapsed, on(LAST + timedelta(days=9)), ZOE) == (lapsed, ())


@given(st.lists(st.sampled_from(["enter", "validate", "accept", "withdraw"]), max_size=12))
def test_a_place_is_answered_as_offered_last_and_never_after_a_withdrawal(acts: list[str]) -> None:
    application, entered, number = complete(), None, 0
    withdrawn = False
    for act in acts:
        try:
            if act == "enter":
                number += 1
                entered = enter(application, entered, entry(id=f"d{number}"))
            elif act == "validate":
                application, _ = validate(application, entered, entered.id if entered else "d0")
                withdrawn = False
            else:
                application, told = answer(application, PlaceAction(act))
                assert not (withdrawn and told)
                withdrawn = withdrawn or act is PlaceAction.WITHDRAW or act == PlaceAction.WITHDRAW.value
        except RefusedError:
            continue
    place = application.place
    assert (place is not None and place.state is PlaceState.WITHDRAWN) is withdrawn
    if application.decision is not None:
        assert decisions.pending(application, application.decision.entered) is None


def test_nobody_is_reminded_of_a_day_that_an_incident_has_moved_before_the_later_one_is_told() -> None:
    near = replace(on(LAST - timedelta(days=1)), prolonged=((LAST, LAST + timedelta(days=3)),))
    assert decisions.remind(offered(), replace(near, prolonged=()), 2)[1] == (AnswerDue(LAST),)
    assert decisions.remind(offered(), near, 2) == (offered(), ())
