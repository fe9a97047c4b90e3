"""Verdicts, giving a file back, its last day, and what counts when that has passed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.asked import FilledForm, Form, FormAnswer, Question, QuestionAnswer, QuestionKind
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.events import (
    Answered,
    DeadlineExtended,
    Deposited,
    Judged,
    Marked,
    MarkedComplete,
    MarkedSubmitted,
    Removed,
    VerdictsGathered,
)
from services.applications.domain.model import Application, Judgement, Piece, Submission
from services.applications.domain.pieces import declare, deposit, remove
from services.applications.domain.review import extend, judge, lapse, mark, reopen
from services.applications.domain.states import FileState, PieceState
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import DEADLINE, DELIVERY, document, draft, handed_over, offer, on, requirement

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


def test_a_verdict_on_a_document_that_is_not_there_any_more_is_refused() -> None:
    """Acceptance 55: it is not given to the one that has taken its place."""
    judged, _ = judge(submitted(), "cv", "validated", None, on(TODAY), role=Role.MANAGER, by=KIM, document="doc-1")
    assert judged.piece("cv").state is PieceState.VALIDATED
    for file in (submitted(), judged):
        with pytest.raises(RefusedError, match="document-changed"):
            judge(file, "cv", "validated", None, on(TODAY), role=Role.MANAGER, by=KIM, document="doc-0")


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


def test_a_last_day_is_at_most_366_days_away() -> None:
    """Acceptance 72, 73, 75: a slip of the pen is refused, for a day that was given is never taken back."""
    farthest = TODAY + timedelta(days=366)
    assert incomplete(farthest).submission_deadline == farthest
    assert extend(draft(), offer(), farthest, on(TODAY), role=Role.MANAGER)[0].submission_deadline == farthest
    too_far = farthest + timedelta(days=1)
    for give in (
        lambda: incomplete(too_far),
        lambda: reopen(submitted(), "erreur", offer(), on(TODAY), role=Role.MANAGER, by=KIM, until=too_far),
        lambda: extend(draft(), offer(), too_far, on(TODAY), role=Role.MANAGER),
    ):
        with pytest.raises(RefusedError) as refused:
            give()
        assert [(each.field, each.slug) for each in refused.value.fields] == [("submission_deadline", "day-too-far")]


@pytest.mark.parametrize(
    ("published", "asked", "last"),
    [
        (offer(), None, LATE + timedelta(days=30)),
        (offer(), LATE, LATE),
        (offer(), TODAY, DEADLINE),
        (replace(offer(), campaign="2028"), TODAY, TODAY),
        (None, TODAY, TODAY),
    ],
    ids=["none named", "named", "before the programme's", "another campaign", "not published"],
)
def test_a_new_round_has_its_own_last_day(published: ProgrammeCopy | None, asked: date | None, last: date) -> None:
    """Acceptance 72, 75: one that this file alone had before does not bind staff who name another."""
    file = replace(submitted(), submission_deadline=LATE + timedelta(days=30))
    given, _ = mark(file, FileState.INCOMPLETE, None, published, on(TODAY), role=Role.MANAGER, by=KIM, until=asked)
    assert given.submission_deadline == last
    reopened, _ = reopen(file, "erreur", published, on(TODAY), role=Role.MANAGER, by=KIM, until=asked)
    assert reopened.submission_deadline == last


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


def test_a_document_that_staff_have_validated_stays_and_one_that_they_have_not_goes_with_what_was_said_of_it() -> None:
    """Acceptance 55, 72, 74: a file that is found complete without having been handed over anew."""
    asked = (requirement("cv"), requirement("letter"))
    given, _ = deposit(draft(*asked), "cv", document(), on(TODAY))
    given, _ = deposit(given, "letter", document("doc-l"), on(TODAY))
    file, _ = handed_over(given, on(TODAY))
    file, _ = mark(file, FileState.INCOMPLETE, None, offer(*asked), on(TODAY), role=Role.MANAGER, by=KIM)
    for code, verdict in (("cv", "validated"), ("letter", "refused")):
        emptied, _ = remove(file, code, on(TODAY))
        changed, _ = deposit(emptied, code, document(f"new-{code}"), on(TODAY))
        file, _ = judge(changed, code, verdict, "Lu", on(TODAY), role=Role.MANAGER, by=KIM)  # type: ignore[arg-type]
    held = replace(FROZEN, pieces={"cv": document(), "letter": document("doc-l")})
    done, happened = mark(file, FileState.COMPLETE, held, offer(*asked), on(TODAY), role=Role.MANAGER, by=KIM)
    assert done.piece("cv") == file.piece("cv")
    assert done.piece("letter") == Piece(requirement("letter"), PieceState.DEPOSITED, document("doc-l"))
    said, put_back = VerdictsGathered(("cv",), ("letter",), ()), Deposited("letter", "doc-l", "a" * 64)
    assert happened == (said, Removed("letter", "new-letter"), put_back, MarkedComplete())


def test_a_declaration_is_the_one_that_was_submitted_too() -> None:
    """Acceptance 63, 72."""
    asked = requirement(conditional=True)
    declared, _ = declare(draft(asked), "cv", on(TODAY), not_applicable=True)
    file, _ = handed_over(declared, on(TODAY))
    given, _ = mark(file, FileState.INCOMPLETE, None, offer(asked), on(TODAY), role=Role.MANAGER, by=KIM)
    applies, _ = declare(given, "cv", on(TODAY), not_applicable=False)
    back, happened = lapse(applies, replace(FROZEN, pieces={}), offer(asked), on(LATE), CLOCK)
    assert back.piece("cv") == file.piece("cv")
    assert happened == (Marked("cv", not_applicable=True), MarkedSubmitted("day"))
    with_document, _ = deposit(draft(asked), "cv", document(), on(TODAY))
    file, _ = handed_over(with_document, on(TODAY))
    given, _ = mark(file, FileState.INCOMPLETE, None, offer(asked), on(TODAY), role=Role.MANAGER, by=KIM)
    emptied, _ = remove(given, "cv", on(TODAY))
    lacking, _ = declare(emptied, "cv", on(TODAY), not_applicable=True)
    back, happened = lapse(lacking, FROZEN, offer(asked), on(LATE), CLOCK)
    assert back.piece("cv") == file.piece("cv")
    assert happened == (
        Marked("cv", not_applicable=False),
        Deposited("cv", "doc-1", "a" * 64),
        MarkedSubmitted("day"),
    )


@pytest.mark.parametrize("state", [PieceState.AWAITING, PieceState.NOT_APPLICABLE])
def test_an_optional_piece_without_a_document_stays_as_it_is_declared(state: PieceState) -> None:
    """A submission says nothing of it: it may have been declared, or not."""
    optional = Piece(requirement(conditional=True, optional=True), state)
    file = replace(incomplete(), pieces=(optional,))
    assert lapse(file, replace(FROZEN, pieces={}), offer(), on(LATE), CLOCK)[0].piece("cv") == optional


def test_forms_are_filled_in_as_they_were_submitted_too() -> None:
    """Acceptance 64, 72: a form that was filled in anew, and one that was not filled in when the file was submitted."""
    old, new = (FormAnswer("Pourquoi ?", "La mer"),), (FormAnswer("Pourquoi ?", "Le lac"),)
    forms = [Form(code, {"fr": code}, "https://survey.example/1", required=False) for code in ("plans", "wishes")]
    later = replace(DELIVERY, id="msg_2", filled_in_at=on(LATE).instant, received_at=on(LATE).instant, answers=new)
    file = replace(incomplete(), forms=tuple(FilledForm(form).filled_in(later) for form in forms))
    back, happened = lapse(file, replace(FROZEN, forms={"plans": old}), offer(), on(LATE), CLOCK)
    put_back = replace(later, received_at=FROZEN.submitted_at, answers=old)
    assert (back.form("plans").delivery, happened) == (put_back, (MarkedSubmitted("day"),))
    assert not back.form("plans").counts(later), "the message that was undone is known"
    assert back.form("wishes") == FilledForm(forms[1], None, ("msg_2",), since=later), "nothing is lost"
    assert (back.form("plans").since, back.form("plans").differs) == (later, True)
