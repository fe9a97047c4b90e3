"""What the registrar holds is a validated piece, and nobody's to change (ADR 93)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain.copies import HeldDocument, Requirement
from services.applications.domain.events import Change, Opened, PieceHeld
from services.applications.domain.held import follow, without_expired
from services.applications.domain.model import Application, Held, Piece
from services.applications.domain.opening import open_application
from services.applications.domain.pieces import declare, deposit, remove, reuse
from services.applications.domain.restoring import as_submitted
from services.applications.domain.review import judge
from services.applications.domain.states import FileState, PieceState
from services.applications.domain.submission import blocking, can_submit, freeze, submit
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import DEADLINE, OPENS, STEPS, ZOE, card, document, draft, offer, on, requirement

NOW = on(OPENS)
LAST = date(2027, 3, 1)
MARKS = HeldDocument("RNBAC", "Relevé", date(2022, 7, 5))
ASKED = requirement("bac", registrar_code="RNBAC")
KIM = Acting("staff:kim")


def held(*documents: HeldDocument, asked: Requirement = ASKED, given: bool = False) -> Application:
    """A draft of which that has become known, with a document that was deposited before."""
    application = draft(asked)
    if given:
        application, _ = deposit(application, "bac", document(), NOW)
    return follow(application, documents, NOW)[0]


def handed_over(application: Application, at: date = OPENS) -> Application:
    submission = freeze(application, STEPS, on(at))
    assert submission is not None
    return submit(application, "s1", replace(submission, receipt="signed"), ZOE)[0]


def given_back(application: Application, at: date = LAST) -> Application:
    return application.moved_to(FileState.INCOMPLETE, on(at).instant, KIM)


def test_an_application_that_is_opened_finds_what_is_held_there() -> None:
    opened, happened = open_application(card(held=(MARKS,)), offer(ASKED, requirement("cv")), "slot", NOW, ZOE)
    assert opened.piece("bac") == Piece(
        ASKED, PieceState.VALIDATED, held=Held("Relevé", NOW.instant, PieceState.AWAITING, date(2022, 7, 5))
    )
    assert opened.piece("cv").state is PieceState.AWAITING and happened == (Opened(),)
    assert [block.code for block in blocking(opened, NOW)] == ["cv"]


def test_news_validate_a_piece_and_the_same_news_again_change_nothing() -> None:
    application, happened = follow(draft(ASKED), [MARKS], NOW)
    assert application.piece("bac").state is PieceState.VALIDATED and happened == (PieceHeld("bac", True),)
    assert can_submit(application, NOW)
    assert follow(application, [MARKS], on(LAST)) == (application, ())


def test_what_is_held_under_another_code_or_for_a_requirement_without_one_is_nothing() -> None:
    for asked, documents in ((ASKED, [replace(MARKS, code="RNBAC2")]), (requirement("bac"), [MARKS])):
        assert follow(draft(asked), documents, NOW) == (draft(asked), ())


def test_a_document_counts_on_its_last_day_and_no_longer_on_the_day_after() -> None:
    lasting = replace(MARKS, expires_on=LAST)
    application = held(lasting)
    looks: tuple[Callable[[date], Change], ...] = (
        lambda day: without_expired(application, on(day)),
        lambda day: follow(application, [lasting], on(day)),
    )
    for look in looks:
        assert look(LAST) == (application, ())
        after, happened = look(LAST + timedelta(days=1))
        assert after == draft(ASKED) and happened == (PieceHeld("bac", False),)
    late = on(LAST + timedelta(days=1))
    assert follow(draft(ASKED), [lasting], late) == (draft(ASKED), ())


def test_of_several_the_one_counts_that_does_so_longest() -> None:
    short, long = replace(MARKS, label="A", expires_on=LAST), replace(MARKS, label="B", expires_on=DEADLINE)
    for documents, label in (((short, long), "B"), ((long, short), "B"), ((long, replace(MARKS, label="C")), "C")):
        piece = held(*documents).piece("bac")
        assert piece.held is not None and piece.held.label == label


def test_what_the_registrar_says_otherwise_is_shown_as_it_says_now() -> None:
    application, happened = follow(held(MARKS), [replace(MARKS, label="Relevé corrigé")], on(LAST))
    piece = application.piece("bac")
    assert piece.held == Held("Relevé corrigé", NOW.instant, PieceState.AWAITING, date(2022, 7, 5))
    assert happened == (PieceHeld("bac", True),)


COMMANDS: dict[str, Callable[[Application], Any]] = {
    "deposit": lambda file: deposit(file, "bac", document("doc-2"), NOW),
    "deposit the same": lambda file: deposit(file, "bac", document(), NOW),
    "remove": lambda file: remove(file, "bac", NOW),
    "remove by staff": lambda file: remove(file, "bac", NOW, role=Role.MANAGER),
    "declare": lambda file: declare(file, "bac", NOW, not_applicable=True),
    "reuse": lambda file: reuse(file, "bac", [], NOW),
    "judge": lambda file: judge(handed_over(file), "bac", "refused", None, NOW, role=Role.MANAGER, by=KIM),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nobody_gives_takes_out_or_judges_a_piece_that_is_held(command: Callable[[Application], Any]) -> None:
    asked = requirement("bac", conditional=True, registrar_code="RNBAC")
    with pytest.raises(RefusedError, match="managed-by-registrar"):
        command(held(MARKS, asked=asked, given=True))


def test_a_document_given_before_is_kept_and_not_handed_over_and_comes_back() -> None:
    application = held(MARKS, given=True)
    assert application.piece("bac").document == document() and application.piece("bac").given is None
    submission = freeze(application, STEPS, NOW)
    assert submission is not None and dict(submission.pieces) == {}
    back, happened = follow(application, (), NOW)
    assert back.piece("bac") == Piece(ASKED, PieceState.DEPOSITED, document())
    assert happened == (PieceHeld("bac", False),)


def test_a_file_stays_as_it_was_handed_over_whatever_becomes_of_what_is_held() -> None:
    submitted = handed_over(held(replace(MARKS, expires_on=LAST)))
    returned = given_back(submitted)
    late = on(DEADLINE)
    for file in (submitted, returned):
        assert follow(file, (), late) == (file, ())
        assert follow(file, [replace(MARKS, label="Autre")], late) == (file, ())
        assert without_expired(file, late) == (file, ())


def test_a_file_in_nobodys_hands_gains_nothing_either() -> None:
    without = handed_over(deposit(draft(ASKED), "bac", document(), NOW)[0])
    assert follow(without, [MARKS], NOW) == (without, ())


def test_what_came_while_a_file_was_given_back_can_go_until_it_is_handed_over_anew() -> None:
    returned = given_back(handed_over(deposit(draft(ASKED), "bac", document(), NOW)[0]))
    gained, _ = follow(returned, [MARKS], on(LAST))
    assert gained.piece("bac").state is PieceState.VALIDATED
    assert follow(gained, (), on(DEADLINE))[0] == returned
    again = given_back(handed_over(gained, LAST), DEADLINE)
    assert follow(again, (), on(DEADLINE)) == (again, ())


def test_a_file_that_lapses_keeps_what_is_held_as_it_keeps_what_staff_have_validated() -> None:
    first = deposit(draft(ASKED), "bac", document(), NOW)[0]
    submission = freeze(first, STEPS, NOW)
    gained, _ = follow(given_back(handed_over(first)), [MARKS], on(LAST))
    assert as_submitted(gained, submission) == (gained, ())
