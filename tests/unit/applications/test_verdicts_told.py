"""What staff have said of pieces is told once, with the next state or after a while (acceptance 114)."""

from dataclasses import replace
from datetime import timedelta

from services.applications.domain.events import VerdictsGathered
from services.applications.domain.model import Application
from services.applications.domain.review import gather, judge, mark
from services.applications.domain.states import FileState
from services.contracts.actors import Role
from tests.unit.applications.builders import draft, offer, on, requirement
from tests.unit.applications.test_review import KIM, TODAY, submitted

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


def test_nothing_is_told_of_what_was_taken_back_and_nothing_twice_with_a_state() -> None:
    file = judged(judged(submitted(), "cv", "refused"), "cv", "none", None, A_WHILE)
    told, happened = gather(file, NOW)
    assert (told.untold, happened) == (None, ())
    complete, _ = mark(
        judged(submitted(), "cv", "validated"), FileState.COMPLETE, None, offer(), on(TODAY), role=Role.MANAGER, by=KIM
    )
    assert gather(complete, NOW + A_WHILE) == (complete, ())
    assert gather(draft(requirement()), NOW)[1] == ()
