"""What staff have said of pieces is told once, with the next state or after a while (acceptance 114)."""

from dataclasses import replace
from datetime import timedelta

from services.applications.domain.events import MarkedComplete, Reopened, VerdictsGathered
from services.applications.domain.model import Application, Piece
from services.applications.domain.review import gather, judge, lapse, mark, reopen
from services.applications.domain.states import FileState, PieceState
from services.contracts.actors import Role
from tests.unit.applications.builders import DEADLINE, document, draft, offer, on, requirement
from tests.unit.applications.test_review import FROZEN, KIM, TODAY, submitted

NOW = on(TODAY).instant
A_WHILE = timedelta(minutes=5)


def judged(
    file: Application, code: str, verdict: str, comment: str | None = None, after: timedelta = timedelta(0)
) -> Application:
    moment = replace(on(TODAY), instant=NOW + after)
    return judge(file, code, verdict, comment, moment, role=Role.MANAGER, by=KIM)[0]  # type: ignore[arg-type]


def test_all_that_was_said_since_the_first_is_told_in_one_and_once() -> None:
    file = judged(judged(submitted(), "cv", "validated"), "cv", "refused", "Illisible", A_WHILE)
    assert gather(file, NOW - timedelta(seconds=1)) == (file, ())
    told, happened = gather(file, NOW)
    assert happened == (VerdictsGathered((), ("cv",), ()),)
    assert gather(told, NOW + A_WHILE) == (told, ())
    again = judged(told, "cv", "none", "Mieux", 2 * A_WHILE)
    assert gather(again, NOW + A_WHILE) == (again, ())
    assert gather(again, NOW + 2 * A_WHILE)[1] == (VerdictsGathered((), (), ("cv",)),)


def test_what_was_taken_back_and_left_no_comment_is_not_told() -> None:
    file = judged(judged(submitted(), "cv", "refused"), "cv", "none", None, A_WHILE)
    told, happened = gather(file, NOW)
    assert (told.untold, happened) == (None, ())
    assert gather(draft(requirement()), NOW)[1] == ()


def test_of_two_verdicts_given_at_once_neither_is_lost_whichever_is_kept_first() -> None:
    two = replace(
        submitted(), pieces=(*submitted().pieces, Piece(requirement("letter"), PieceState.DEPOSITED, document()))
    )
    file = judged(judged(two, "letter", "validated", None, A_WHILE), "cv", "refused")
    assert gather(file, NOW)[1] == (VerdictsGathered(("letter",), ("cv",), ()),)


def test_a_state_tells_what_was_said_before_it_and_nothing_is_told_twice() -> None:
    """The mail that gives a file back names what is refused itself; the others say nothing of pieces."""
    said = VerdictsGathered(("cv",), (), ())
    complete, happened = mark(
        judged(submitted(), "cv", "validated"), FileState.COMPLETE, None, offer(), on(TODAY), role=Role.MANAGER, by=KIM
    )
    assert happened == (said, MarkedComplete())
    back, happened = reopen(
        judged(complete, "cv", "refused"), "slip", offer(), on(TODAY), role=Role.MANAGER, by=KIM, until=DEADLINE
    )
    assert happened == (VerdictsGathered((), ("cv",), ()), Reopened(DEADLINE))
    incomplete, happened = mark(
        judged(submitted(), "cv", "refused"), FileState.INCOMPLETE, None, offer(), on(TODAY), role=Role.MANAGER, by=KIM
    )
    assert [type(each).__name__ for each in happened] == ["MarkedIncomplete"]
    for file in (complete, back, incomplete):
        assert gather(file, NOW + A_WHILE) == (file, ())
    late = judged(incomplete, "cv", "none", "Mieux", A_WHILE)
    lapsed, happened = lapse(late, FROZEN, offer(), on(DEADLINE + timedelta(days=1)), KIM)
    assert VerdictsGathered((), (), ("cv",)) in happened and lapsed.untold is None
