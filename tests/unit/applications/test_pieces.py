"""Depositing, removing, declaring and taking over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.deadline import effective_deadline, extended
from services.applications.domain.events import DeadlineExtended, Deposited, Marked, Removed
from services.applications.domain.model import Application, Piece
from services.applications.domain.pieces import declare, deposit, remove, reusable, reuse
from services.applications.domain.states import FileState, PieceState, ProgrammeState
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import DEADLINE, LIMIT, document, draft, file_with, offer, on, requirement

IN_TIME, LATE = on(DEADLINE), on(date(2027, 4, 16))


def test_a_deposited_piece_holds_its_document() -> None:
    """Acceptance 51."""
    application, domain_events = deposit(draft(), "cv", document(), IN_TIME)
    assert application.piece("cv") == Piece(requirement(), PieceState.DEPOSITED, document())
    assert domain_events == (Deposited("cv", "doc-1", "a" * 64),)


def test_the_same_document_again_changes_nothing() -> None:
    once, _ = deposit(draft(), "cv", document(), IN_TIME)
    assert deposit(once, "cv", document(), IN_TIME) == (once, ())


def test_a_second_document_waits_until_the_first_is_removed() -> None:
    """Acceptance 50, 51."""
    once, _ = deposit(draft(), "cv", document(), IN_TIME)
    with pytest.raises(RefusedError, match="piece-already-deposited"):
        deposit(once, "cv", document("doc-2"), IN_TIME)
    emptied, domain_events = remove(once, "cv", IN_TIME)
    assert domain_events == (Removed("cv", "doc-1"),)
    assert emptied == draft()
    again, _ = deposit(emptied, "cv", document("doc-2"), IN_TIME)
    assert again.piece("cv").document == document("doc-2")


def test_removing_from_an_empty_piece_changes_nothing() -> None:
    assert remove(draft(), "cv", LATE) == (draft(), ())


def test_a_piece_that_is_not_asked_for_is_not_found() -> None:
    commands: tuple[Callable[[], object], ...] = (
        lambda: deposit(draft(), "photo", document(), IN_TIME),
        lambda: remove(draft(), "photo", IN_TIME),
        lambda: declare(draft(), "photo", IN_TIME, not_applicable=True),
        lambda: reuse(draft(), "photo", [], IN_TIME),
    )
    for command in commands:
        with pytest.raises(RefusedError, match="not-found"):
            command()


def test_a_document_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    """Acceptance 48."""
    assert deposit(draft(), "cv", document(size=LIMIT), IN_TIME)[1]
    with pytest.raises(RefusedError, match="too-large-for-piece") as refused:
        deposit(draft(), "cv", document(size=LIMIT + 1), IN_TIME)
    assert refused.value.members == {"max_bytes": LIMIT}


def test_a_type_that_the_piece_does_not_take_is_refused_with_those_that_it_takes() -> None:
    """Acceptance 49."""
    assert deposit(draft(), "cv", document(media_type="image/jpeg"), IN_TIME)[1]
    with pytest.raises(RefusedError, match="type-not-allowed") as refused:
        deposit(draft(), "cv", document(media_type="image/png"), IN_TIME)
    assert refused.value.members == {"allowed": ["application/pdf", "image/jpeg"]}


def test_the_day_of_the_deadline_counts_and_the_day_after_does_not() -> None:
    """Acceptance 54."""
    optional = draft(requirement(conditional=True))
    given, _ = deposit(optional, "cv", document(), IN_TIME)
    declared, _ = declare(optional, "cv", IN_TIME, not_applicable=True)
    assert remove(given, "cv", IN_TIME)[1]
    assert declare(declared, "cv", IN_TIME, not_applicable=False)[1]
    commands: tuple[Callable[[], object], ...] = (
        lambda: deposit(optional, "cv", document(), LATE),
        lambda: remove(given, "cv", LATE),
        lambda: declare(optional, "cv", LATE, not_applicable=True),
        lambda: declare(declared, "cv", LATE, not_applicable=False),
    )
    for command in commands:
        with pytest.raises(RefusedError, match="deadline-passed") as refused:
            command()
        assert refused.value.members == {"deadline": DEADLINE}


def test_a_conditional_piece_can_be_declared_not_applicable_and_back() -> None:
    """Acceptance 53."""
    optional = draft(requirement(conditional=True))
    declared, domain_events = declare(optional, "cv", IN_TIME, not_applicable=True)
    assert (declared.piece("cv").state, domain_events) == (PieceState.NOT_APPLICABLE, (Marked("cv", True),))
    assert declare(declared, "cv", IN_TIME, not_applicable=True) == (declared, ())
    with pytest.raises(RefusedError, match="piece-not-applicable"):
        deposit(declared, "cv", document(), IN_TIME)
    back, domain_events = declare(declared, "cv", IN_TIME, not_applicable=False)
    assert (back, domain_events) == (optional, (Marked("cv", False),))
    assert declare(back, "cv", IN_TIME, not_applicable=False) == (back, ())


def test_a_piece_with_a_document_applies() -> None:
    """Acceptance 53."""
    given, _ = deposit(draft(requirement(conditional=True)), "cv", document(), IN_TIME)
    with pytest.raises(RefusedError, match="piece-already-deposited"):
        declare(given, "cv", IN_TIME, not_applicable=True)


def test_a_piece_asked_of_everybody_cannot_be_declared() -> None:
    """Acceptance 53."""
    for not_applicable in (True, False):
        with pytest.raises(RefusedError, match="piece-not-conditional"):
            declare(draft(), "cv", IN_TIME, not_applicable=not_applicable)


def test_a_refused_piece_of_an_incomplete_file_is_removed_and_replaced() -> None:
    """Acceptance 57."""
    application = file_with(FileState.INCOMPLETE, PieceState.REFUSED)
    application = application.with_piece(replace(application.piece("cv"), comment="Illisible"))
    with pytest.raises(RefusedError, match="piece-already-deposited"):
        deposit(application, "cv", document("doc-2"), IN_TIME)
    emptied, _ = remove(application, "cv", IN_TIME)
    assert emptied.piece("cv").comment == "Illisible", "what is wrong is still said where the next one is given"
    replaced, _ = deposit(emptied, "cv", document("doc-2"), IN_TIME)
    assert replaced.piece("cv").state is PieceState.DEPOSITED
    assert replaced.piece("cv").comment is None


def test_a_refused_document_is_not_taken_for_deposited_again() -> None:
    application = file_with(FileState.INCOMPLETE, PieceState.REFUSED)
    with pytest.raises(RefusedError, match="piece-already-deposited"):
        deposit(application, "cv", document(), IN_TIME)


# --- common pieces ----------------------------------------------------------------------------------------------

COMMON = requirement(common=True)


def given_elsewhere(code: str = "cv") -> Application:
    return deposit(draft(replace(COMMON, code=code)), code, document("doc-9", size=500), IN_TIME)[0]


def test_a_common_piece_given_once_is_taken_over_and_stays_when_the_other_changes() -> None:
    """Acceptance 63."""
    other, here = given_elsewhere(), draft(COMMON)
    assert reusable(here, here.piece("cv"), [other])
    taken, domain_events = reuse(here, "cv", [other], IN_TIME)
    assert domain_events == (Deposited("cv", "doc-9", "a" * 64),)
    remove(other, "cv", IN_TIME)
    assert taken.piece("cv").document == document("doc-9", size=500)
    assert not reusable(taken, taken.piece("cv"), [other])
    assert reuse(taken, "cv", [other], IN_TIME) == (taken, ())


def test_the_application_opened_last_gives_the_document() -> None:
    newer = draft(COMMON, pieces=(Piece(COMMON, PieceState.DEPOSITED, document("doc-10")),))
    taken, _ = reuse(draft(COMMON), "cv", [newer, given_elsewhere()], IN_TIME)
    assert taken.piece("cv").document == document("doc-10")


@pytest.mark.parametrize(
    "others",
    [
        [],
        [draft(COMMON)],
        [given_elsewhere(code="photo")],
        [deposit(draft(requirement()), "cv", document(), IN_TIME)[0]],
        [replace(given_elsewhere(), state=FileState.CANCELLED)],
        [draft(COMMON, pieces=(Piece(COMMON, PieceState.DEPOSITED, document(size=LIMIT + 1)),))],
        [draft(COMMON, pieces=(Piece(COMMON, PieceState.DEPOSITED, document(media_type="image/png")),))],
    ],
    ids=["none", "empty", "another piece", "not common there", "cancelled", "too large here", "wrong type here"],
)
def test_where_nothing_suits_nothing_is_taken_over(others: list[Application]) -> None:
    here = draft(COMMON)
    assert not reusable(here, here.piece("cv"), others)
    with pytest.raises(RefusedError, match="nothing-to-reuse"):
        reuse(here, "cv", others, IN_TIME)


def test_a_piece_of_its_own_takes_nothing_over() -> None:
    here = draft(requirement())
    assert not reusable(here, here.piece("cv"), [given_elsewhere()])
    with pytest.raises(RefusedError, match="nothing-to-reuse"):
        reuse(here, "cv", [given_elsewhere()], IN_TIME)


def test_a_common_piece_that_is_wanted_anew_takes_nothing_over() -> None:
    """Acceptance 63."""
    here = draft(replace(COMMON, per_application=True))
    assert not reusable(here, here.piece("cv"), [given_elsewhere()])
    with pytest.raises(RefusedError, match="nothing-to-reuse"):
        reuse(here, "cv", [given_elsewhere()], IN_TIME)


def test_a_frozen_file_takes_nothing_over() -> None:
    """Acceptance 71."""
    here = draft(COMMON, state=FileState.SUBMITTED)
    assert not reusable(here, here.piece("cv"), [given_elsewhere()])
    with pytest.raises(RefusedError, match="file-frozen") as refused:
        reuse(here, "cv", [given_elsewhere()], IN_TIME)
    assert refused.value.members == {"state": FileState.SUBMITTED}


def test_a_document_of_exactly_the_limit_of_here_is_taken_over() -> None:
    other = draft(COMMON, pieces=(Piece(COMMON, PieceState.DEPOSITED, document(size=LIMIT)),))
    assert reuse(draft(COMMON), "cv", [other], IN_TIME)[1]


# --- a deadline that is moved -----------------------------------------------------------------------------------


def test_a_later_deadline_of_the_programme_takes_effect() -> None:
    assert effective_deadline(draft(), offer(submission_deadline=date(2027, 5, 1))) == date(2027, 5, 1)


@pytest.mark.parametrize(
    "now",
    [
        None,
        offer(submission_deadline=date(2027, 4, 1)),
        offer(submission_deadline=date(2027, 5, 1), state=ProgrammeState.WITHDRAWN),
        replace(offer(submission_deadline=date(2028, 5, 1)), campaign="2028"),
    ],
    ids=["unknown", "earlier", "withdrawn", "next campaign"],
)
def test_the_promised_day_stays(now: ProgrammeCopy | None) -> None:
    assert effective_deadline(draft(), now) == DEADLINE


def test_the_application_takes_the_later_day_over_once() -> None:
    longer, domain_events = extended(draft(), date(2027, 5, 1))
    assert (longer.submission_deadline, domain_events) == (date(2027, 5, 1), (DeadlineExtended(date(2027, 5, 1)),))
    assert extended(longer, date(2027, 5, 1)) == (longer, ())


def test_a_frozen_file_has_no_use_for_a_later_day() -> None:
    frozen = draft(state=FileState.SUBMITTED)
    assert extended(frozen, date(2027, 5, 1)) == (frozen, ())
