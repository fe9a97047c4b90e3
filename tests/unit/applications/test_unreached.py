"""A decision whose mail has not arrived: its last day waits, if the institution wants that, for another address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.applications.domain import decisions
from services.applications.domain.decision_model import EnteredDecision, Unreached
from services.applications.domain.events import Accepted, AnswerDue, Change, Decided, Withdrawn
from services.applications.domain.mail_lost import MailLost, MailSentAgain, ToldAnew
from services.applications.domain.states import DecisionKind, FileState, PlaceAction, PlaceState
from services.applications.domain.unreached import lose, reach, resend
from services.applications.repository.rows import validated_in, validated_out
from services.contracts.actors import Role
from tests.unit.applications.builders import ZOE, offer, on
from tests.unit.applications.test_decisions import LAST, LOU, TODAY, answer, complete, entry, offered, validate

AFTER = LAST + timedelta(days=1)
MAIL = ("decision-favourable", "decision-unfavourable")


def test_a_last_day_that_waits_withdraws_nobody_and_may_still_be_answered() -> None:
    held, told = lose(offered(), MAIL, "hard", on(TODAY), holds=True)
    assert told == (MailLost("hard", held=True),)
    assert decisions.lapse(held, on(AFTER), ZOE) == (held, ())
    assert decisions.remind(held, on(LAST), 2) == (held, ())
    assert decisions.unanswered_until(held) is None
    assert answer(held, PlaceAction.ACCEPT, AFTER)[1] == (Accepted(),)
    assert lose(held, MAIL, "soft", on(TODAY), holds=False) == (held, ()), "once for each decision"


def test_without_that_the_last_day_is_what_it_was() -> None:
    lost, told = lose(offered(), MAIL, "refused", on(TODAY), holds=False)
    assert told == (MailLost("refused", held=False),)
    assert decisions.unanswered_until(lost) == LAST
    assert decisions.lapse(lost, on(AFTER), ZOE)[1] == (Withdrawn("day"),)


@pytest.mark.parametrize("days", [0, 1])
def test_a_day_that_is_over_does_not_begin_to_wait(days: int) -> None:
    assert lose(offered(), MAIL, "hard", on(LAST + timedelta(days=days)), holds=True)[1] == (
        MailLost("hard", held=not days),
    )


def test_what_has_no_place_or_is_answered_has_nothing_to_wait_for() -> None:
    refused = validate(complete(), entry(DecisionKind.UNFAVOURABLE))[0]
    for file in (refused, answer(offered(), PlaceAction.ACCEPT)[0]):
        assert lose(file, MAIL, "hard", on(TODAY), holds=True)[1] == (MailLost("hard", held=False),)
    assert lose(complete(), MAIL, "hard", on(TODAY), holds=True) == (complete(), ())


def test_at_another_address_the_decision_is_told_anew_with_as_many_days_as_before() -> None:
    held = lose(offered(), MAIL, "hard", on(TODAY), holds=True)[0]
    late = TODAY + timedelta(days=40)
    anew, told = reach(held, on(late))
    assert anew.decision is not None
    assert told == (Decided(anew.decision), ToldAnew())
    assert (anew.decision.answer_deadline, anew.decision.unreached) == (late + (LAST - TODAY), None)
    assert reach(anew, on(late)) == (anew, ())
    assert decisions.lapse(anew, on(late + (LAST - TODAY) + timedelta(days=1)), ZOE)[1] == (Withdrawn("day"),)


@pytest.mark.parametrize("again", [reach, lambda file, moment: resend(file, MAIL, moment)], ids=["reach", "resend"])
def test_who_is_not_reached_twice_has_no_more_days_than_who_is_not_reached_once(again: Callable[..., Change]) -> None:
    file, days = offered(), LAST - TODAY
    for waited in (40, 42):
        now = on(TODAY + timedelta(days=waited))
        file = again(lose(file, MAIL, "hard", now if waited == 42 else on(TODAY), holds=True)[0], now)[0]
    assert file.decision is not None
    assert file.decision.answer_deadline == TODAY + timedelta(days=42) + days
    assert validated_in(validated_out(file.decision)) == file.decision


@pytest.mark.parametrize(("waited", "holds"), [(0, True), (1, True), (40, True), (0, False), (40, False)])
def test_a_mail_that_is_sent_once_more_ends_what_waited_for_it(waited: int, holds: bool) -> None:
    """With as many days as before, which are told where that mail says fewer, until it comes back as well."""
    held = lose(offered(), MAIL, "hard", on(TODAY), holds=holds)[0]
    now = on(TODAY + timedelta(days=waited))
    later = LAST + timedelta(days=waited if holds else 0)
    again, told = resend(held, MAIL, now)
    assert again.decision is not None
    assert (again.decision.unreached, again.decision.answer_deadline) == (None, later)
    assert told == ((AnswerDue(later),) if later > LAST else ()) + (MailSentAgain(),)
    assert resend(again, MAIL, now) == (again, ())
    assert resend(held, {"promotion"}, now) == (held, ()), "a mail of something else"
    assert decisions.lapse(again, on(later + timedelta(days=1)), ZOE)[1] == (Withdrawn("day"),)
    assert lose(again, MAIL, "hard", now, holds=holds)[1] == (MailLost("hard", held=holds),)


def test_what_was_answered_meanwhile_keeps_its_day() -> None:
    accepted = answer(lose(offered(), MAIL, "hard", on(TODAY), holds=True)[0], PlaceAction.ACCEPT)[0]
    assert resend(accepted, MAIL, on(AFTER))[1] == (MailSentAgain(),)


def test_who_was_promoted_is_told_so_anew_and_a_day_that_did_not_wait_stays() -> None:
    lost = replace(lose(offered(), MAIL, "hard", on(TODAY), holds=False)[0], promotion="d1")
    anew, told = reach(lost, on(TODAY + timedelta(days=3)))
    assert anew.decision is not None
    assert told == (Decided(anew.decision, "rank"), ToldAnew())
    assert anew.decision.answer_deadline == LAST


def test_another_decision_has_a_mail_of_its_own() -> None:
    held = lose(offered(), MAIL, "hard", on(TODAY), holds=True)[0]
    again = validate(held, entry(id="d2"), "d2", AFTER)[0]
    assert again.place is not None
    assert again.decision is not None
    assert (again.place.state, again.decision.unreached) == (PlaceState.OFFERED, None)


@pytest.mark.parametrize(
    ("decided", "promoted", "mail", "is_told"),
    [
        (entry(DecisionKind.WAITLIST), False, "decision-favourable", False),
        (entry(DecisionKind.WAITLIST), False, "decision-waitlist", True),
        (entry(), True, "decision-waitlist", False),
        (entry(), True, "decision-favourable", False),
        (entry(), True, "promotion", True),
        (entry(), False, "promotion", False),
    ],
)
def test_the_late_return_of_an_earlier_mail_says_nothing_of_the_decision_that_counts(
    decided: EnteredDecision, promoted: bool, mail: str, is_told: bool
) -> None:
    file = validate(complete(), decided)[0]
    if promoted:
        file = replace(file, promotion=decided.id)
    assert bool(lose(file, {mail}, "hard", on(TODAY), holds=True)[1]) is is_told


def test_what_is_answered_given_up_or_over_is_not_offered_once_more() -> None:
    lost = lose(offered(), MAIL, "hard", on(TODAY), holds=False)[0]
    accepted = answer(lost, PlaceAction.ACCEPT)[0]
    withdrawn = answer(lost, PlaceAction.WITHDRAW)[0]
    lapsed = decisions.lapse(lost, on(AFTER), ZOE)[0]
    given_up = replace(lost, state=FileState.CANCELLED)
    for file in (accepted, withdrawn, lapsed, given_up, lost):
        assert reach(file, on(AFTER)) == (file, ())
    assert reach(lost, on(LAST))[1]


def test_a_day_that_waits_is_no_earlier_than_an_incident_has_moved_it() -> None:
    held = lose(offered(), MAIL, "hard", on(TODAY), holds=True)[0]
    later = LAST + timedelta(days=9)
    moment = replace(on(TODAY + timedelta(days=1)), prolonged=((LAST, later),))
    anew = reach(held, moment)[0].decision
    assert anew is not None
    assert anew.answer_deadline == later


def test_a_day_that_nobody_has_judged_yet_still_begins_to_wait() -> None:
    moment = replace(on(AFTER), unjudged=frozenset({LAST}))
    assert lose(offered(), MAIL, "hard", moment, holds=True)[1] == (MailLost("hard", held=True),)


def test_it_is_kept() -> None:
    held = lose(offered(), MAIL, "hard", on(TODAY), holds=True)[0].decision
    assert held is not None
    assert held.unreached == Unreached(on(TODAY).instant, "hard", holds=True)
    assert validated_in(validated_out(held)) == held
    assert "unreached" not in validated_out(replace(held, unreached=None))


def test_a_decision_of_the_hours_around_midnight_was_told_on_the_institutions_day() -> None:
    """At half past midnight in Paris it is still the day before by UTC: that would be a day more to answer."""
    night = replace(on(TODAY), instant=on(TODAY).instant - timedelta(hours=12, minutes=30))
    assert night.instant.date() == TODAY - timedelta(days=1)
    file, _ = decisions.validate(
        complete(), entry(), "d1", offer(), night, role=Role.MANAGER, by=LOU, two_persons=False
    )
    assert file.decision is not None and file.decision.told_on == TODAY
    assert offered().decision.told_on is None  # type: ignore[union-attr]  # as most, of which the instant tells it
    late = on(TODAY + timedelta(days=40))
    anew, _ = reach(lose(file, MAIL, "hard", on(TODAY), holds=True)[0], late)
    assert anew.decision is not None and file.decision.answer_deadline is not None
    assert anew.decision.answer_deadline == late.day + (file.decision.answer_deadline - TODAY)
