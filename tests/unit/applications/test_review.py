"""Verdicts, giving a file back, its last day, and what counts when that has passed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.asked import Question, QuestionAnswer, QuestionKind
from services.applications.domain.events import Answered, DeadlineExtended, Deposited, Judged, MarkedSubmitted, Removed
from services.applications.domain.model import Application, Judgement, Submission
from services.applications.domain.pieces import declare, deposit, remove
from services.applications.domain.review import extend, judge, lapse, mark, reopen
from services.applications.domain.states import FileState, PieceState
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import DEADLINE, document, draft, handed_over, offer, on, requirement

KIM, CLOCK = Acting("staff:kim"), Acting("service:applications")
TODAY = date(2027, 2, 1)
LATE = DEADLINE + timedelta(days=1)
FROZEN = Submission(on(TODAY).instant, {"cv": document()}, {}, "receipt")
"""What the candidate has submitted."""


def question(code: str) -> Question:
    return Question(code, {"fr": code}, QuestionKind.TEXT, required=False)


def submitted(day: date = TODAY) -> Application:
    given, _ = deposit(draft(), "cv", document(), on(day))
    return handed_over(given, on(day))[0]


def incomplete(until: date | None = None, day: date = TODAY) -> Application:
    return mark(submitted(), FileState.INCOMPLETE, None, offer(), on(day), role=Role.MANAGER, by=KIM, until=until)[0]


def test_a_verdict_says_who_gave_it_and_the_same_again_changes_nothing() -> None:
    """Acceptance 55, 124."""
    judged, happened = judge(submitted(), "cv", "refused", "Illisible", on(TODAY), role=Role.MANAGER, by=KIM)
    piece = judged.piece("cv")
    assert (piece.state, piece.comment, happened) == (PieceState.REFUSED, "Illisible", (Judged("cv", "refused"),))
    assert piece.judged == Judgement(on(TODAY).instant, KIM)
    assert judge(judged, "cv", "refused", "Illisible", on(LATE), role=Role.MANAGER, by=KIM) == (judged, ())
    other, happened = judge(judged, "cv", "refused", "Page 2 manque", on(TODAY), role=Role.MANAGER, by=KIM)
    assert (other.piece("cv").comment, happened) == ("Page 2 manque", (Judged("cv", "refused"),))


def test_a_comment_stands_without_a_verdict_and_a_verdict_is_taken_back() -> None:
    """Acceptance 115."""
    commented, _ = judge(submitted(), "cv", "none", "Illisible", on(TODAY), role=Role.COMMISSION, by=KIM)
    assert (commented.piece("cv").state, commented.piece("cv").comment) == (PieceState.DEPOSITED, "Illisible")
    validated, _ = judge(commented, "cv", "validated", None, on(TODAY), role=Role.MANAGER, by=KIM)
    back, _ = judge(validated, "cv", "none", None, on(TODAY), role=Role.MANAGER, by=KIM)
    assert (back.piece("cv").state, back.piece("cv").comment) == (PieceState.DEPOSITED, None)


@pytest.mark.parametrize(
    ("day", "asked", "last"),
    [
        (TODAY, None, DEADLINE),
        (DEADLINE, None, DEADLINE),
        (LATE, None, LATE + timedelta(days=7)),
        (TODAY, TODAY, DEADLINE),
        (LATE, LATE, LATE),
        (TODAY, LATE, LATE),
    ],
    ids=["programme", "its last day", "past: seven days", "earlier has no effect", "past: today", "later"],
)
def test_a_file_that_is_given_back_has_a_last_day(day: date, asked: date | None, last: date) -> None:
    """Acceptance 72, 73, 75."""
    assert incomplete(asked, day).submission_deadline == last
    reopened, _ = reopen(submitted(), "erreur", offer(), on(day), role=Role.MANAGER, by=KIM, until=asked)
    assert (reopened.submission_deadline, reopened.history[-1].reason) == (last, "erreur")


def test_a_last_day_that_has_passed_and_a_status_of_tomorrow_are_refused() -> None:
    """Acceptance 72, 74, 75."""
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    with pytest.raises(RefusedError) as refused:
        incomplete(yesterday)
    assert [(each.field, each.slug) for each in refused.value.fields] == [("submission_deadline", "day-past")]
    with pytest.raises(RefusedError) as refused:
        reopen(submitted(), "erreur", offer(), on(TODAY), role=Role.MANAGER, by=KIM, until=yesterday)
    assert [each.slug for each in refused.value.fields] == ["day-past"]
    with pytest.raises(RefusedError) as refused:
        mark(submitted(), FileState.COMPLETE, None, offer(), on(TODAY), role=Role.MANAGER, by=KIM, on=tomorrow)
    assert [(each.field, each.slug) for each in refused.value.fields] == [("on", "day-in-future")]
    of_today, _ = mark(submitted(), FileState.COMPLETE, None, offer(), on(TODAY), role=Role.MANAGER, by=KIM, on=TODAY)
    assert of_today.history[-1].on == TODAY


def test_the_same_state_again_changes_nothing_but_a_later_last_day() -> None:
    """Acceptance 74."""
    given = incomplete()
    again = mark(given, FileState.INCOMPLETE, None, offer(), on(TODAY), role=Role.MANAGER, by=KIM)
    assert again == (given, ())
    longer, happened = mark(
        given, FileState.INCOMPLETE, None, offer(), on(TODAY), role=Role.MANAGER, by=KIM, until=LATE
    )
    assert (longer.submission_deadline, happened) == (LATE, (DeadlineExtended(LATE, "staff"),))


def test_one_application_gets_a_later_last_day_and_no_earlier_one() -> None:
    """Acceptance 73."""
    for day in (TODAY, DEADLINE):
        assert extend(draft(), offer(), day, on(TODAY), role=Role.MANAGER) == (draft(), ())
    longer, happened = extend(draft(), offer(), LATE, on(TODAY), role=Role.MANAGER)
    assert (longer.submission_deadline, happened) == (LATE, (DeadlineExtended(LATE, "staff"),))
    with pytest.raises(RefusedError, match="wrong-state"):
        extend(submitted(), offer(), LATE, on(TODAY), role=Role.MANAGER)
    with pytest.raises(RefusedError) as refused:
        extend(draft(), offer(), LATE, on(LATE + timedelta(days=1)), role=Role.MANAGER)
    assert [each.slug for each in refused.value.fields] == ["day-past"]


def test_what_was_submitted_last_counts_when_a_file_was_not_handed_over_anew() -> None:
    """Acceptance 72, 75."""
    emptied, _ = remove(incomplete(), "cv", on(TODAY))
    changed, _ = deposit(emptied, "cv", document("doc-2"), on(TODAY))
    assert lapse(changed, FROZEN, offer(), on(DEADLINE), CLOCK) == (changed, ())
    back, happened = lapse(changed, FROZEN, offer(), on(LATE), CLOCK)
    assert (back.state, back.piece("cv").document, back.history[-1].by) == (FileState.SUBMITTED, document(), CLOCK)
    assert happened == (Removed("cv", "doc-2"), Deposited("cv", "doc-1", "a" * 64), MarkedSubmitted("day"))
    assert lapse(back, FROZEN, offer(), on(LATE), CLOCK) == (back, ())
    assert lapse(emptied, FROZEN, offer(), on(LATE), CLOCK)[1] == (
        Deposited("cv", "doc-1", "a" * 64),
        MarkedSubmitted("day"),
    )


def test_a_programmes_later_last_day_is_taken_over_instead() -> None:
    """Acceptance 122."""
    moved = offer(submission_deadline=LATE)
    longer, happened = lapse(incomplete(), FROZEN, moved, on(LATE), CLOCK)
    assert (longer.state, longer.submission_deadline, happened) == (
        FileState.INCOMPLETE,
        LATE,
        (DeadlineExtended(LATE),),
    )


def test_a_draft_of_which_nothing_was_submitted_stays_one() -> None:
    """Acceptance 70."""
    assert lapse(draft(), None, offer(), on(LATE), CLOCK) == (draft(), ())


def test_a_file_is_as_it_was_submitted_when_staff_take_it_out_of_the_candidates_hands() -> None:
    asked = requirement(conditional=True)
    declared, _ = declare(draft(asked), "cv", on(TODAY), not_applicable=True)
    file, _ = handed_over(declared, on(TODAY))
    given, _ = mark(file, FileState.INCOMPLETE, None, offer(asked), on(TODAY), role=Role.MANAGER, by=KIM)
    applies, _ = declare(given, "cv", on(TODAY), not_applicable=False)
    changed, _ = deposit(applies, "cv", document(), on(TODAY))
    without = replace(FROZEN, pieces={})
    done, happened = mark(changed, FileState.COMPLETE, without, offer(asked), on(TODAY), role=Role.MANAGER, by=KIM)
    assert (done.state, done.piece("cv").state) == (FileState.COMPLETE, PieceState.NOT_APPLICABLE)
    assert happened[0] == Removed("cv", "doc-1")
    assert replace(done, state=file.state, history=file.history) == replace(file, submission_deadline=DEADLINE)


def test_answers_are_those_that_were_submitted_too() -> None:
    """Acceptance 71, 72."""
    file = replace(
        incomplete(), answers=(QuestionAnswer(question("why"), "Parce que"), QuestionAnswer(question("when")))
    )
    back, happened = lapse(file, replace(FROZEN, answers={"when": "Demain"}), offer(), on(LATE), CLOCK)
    assert {answer.question.code: answer.given for answer in back.answers} == {"why": None, "when": "Demain"}
    assert happened == (Answered("why", False), Answered("when", True), MarkedSubmitted("day"))
