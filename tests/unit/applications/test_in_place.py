"""What staff gave in a candidate's place is not lost by marking the file, nor told when it is not there (acceptance 94)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.events import ActsTold, MarkedComplete
from services.applications.domain.hands import Hand
from services.applications.domain.in_place import noted, tell, undone
from services.applications.domain.model import Application, Submission
from services.applications.domain.pieces import deposit, remove
from services.applications.domain.review import lapse, mark
from services.applications.domain.states import FileState, PieceState
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import DEADLINE, document, draft, handed_over, offer, on

KIM, CLOCK = Acting("staff:kim"), Acting("service:applications")
MANAGER = Hand(Role.MANAGER, "Apporté au guichet")
TODAY = date(2027, 2, 1)
NOON = on(TODAY)
FROZEN = Submission(NOON.instant, {"cv": document()}, {}, "receipt")


def given_back() -> Application:
    """A file that staff have given back, and taken the document out of since."""
    given, _ = deposit(draft(), "cv", document(), NOON)
    back, _ = mark(handed_over(given, NOON)[0], FileState.INCOMPLETE, None, offer(), NOON, role=Role.MANAGER, by=KIM)
    return noted(remove(back, "cv", NOON, role=Role.MANAGER), MANAGER, NOON.instant, KIM)[0]


def brought() -> Application:
    """The same, with another document that staff have put in."""
    change = deposit(given_back(), "cv", document("doc-2"), NOON, role=Role.MANAGER)
    return noted(change, MANAGER, NOON.instant, KIM)[0]


@pytest.mark.parametrize("state", [FileState.COMPLETE, FileState.SUBMITTED])
def test_marking_refuses_what_staff_have_given_and_not_handed_over(state: FileState) -> None:
    with pytest.raises(RefusedError, match="filled-in-not-submitted"):
        mark(brought(), state, FROZEN, offer(), NOON, role=Role.MANAGER, by=KIM)


def test_what_was_handed_over_taken_out_or_found_good_is_in_no_ones_way() -> None:
    """What staff took out comes back, and loses nothing; what they have validated stays."""
    done, happened = mark(given_back(), FileState.COMPLETE, FROZEN, offer(), NOON, role=Role.MANAGER, by=KIM)
    assert (done.piece("cv").document, happened[-1]) == (document(), MarkedComplete())
    found_good = brought().with_piece(replace(brought().piece("cv"), state=PieceState.VALIDATED))
    done, _ = mark(found_good, FileState.COMPLETE, FROZEN, offer(), NOON, role=Role.MANAGER, by=KIM)
    assert done.piece("cv").document == document("doc-2")
    new = replace(FROZEN, pieces={"cv": document("doc-2")})
    assert mark(brought(), FileState.COMPLETE, new, offer(), NOON, role=Role.MANAGER, by=KIM)[0].piece("cv").document


def test_what_the_candidate_has_put_in_place_of_it_is_their_own() -> None:
    """Acceptance 72: of what they have begun, and not handed over, what was submitted last counts as ever."""
    own, _ = deposit(remove(brought(), "cv", NOON)[0], "cv", document("doc-3"), NOON)
    done, _ = mark(own, FileState.COMPLETE, FROZEN, offer(), NOON, role=Role.MANAGER, by=KIM)
    assert done.piece("cv").document == document()
    assert tell(own, NOON.instant)[1] == ()


def test_what_the_last_day_has_taken_out_is_not_told_as_if_it_were_there() -> None:
    assert tell(brought(), NOON.instant)[1] == (ActsTold(("cv",), (), (), (), answered=False, submitted=False),)
    back, _ = lapse(brought(), FROZEN, offer(), on(DEADLINE + timedelta(days=1)), CLOCK)
    heard, happened = tell(back, NOON.instant)
    assert (heard.in_place.untold, happened) == (None, ())
    assert undone(brought()) == [] and undone(given_back()) == []
    assert undone(heard) == [heard.in_place.acts[-1]], "its candidate reads that it is not there"
