"""What the registrar holds is a validated piece, and nobody's to change (ADR 93)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain.copies import HeldDocument, Requirement
from services.applications.domain.events import (
    Change,
    MarkedIncomplete,
    Opened,
    Reopened,
    SubmissionDue,
    Verdict,
)
from services.applications.domain.held import brought, follow, without_expired
from services.applications.domain.held_events import PieceHeld
from services.applications.domain.model import Application, Document, Held, Moment, Piece, Submission
from services.applications.domain.opening import open_application
from services.applications.domain.pieces import declare, deposit, remove, reuse
from services.applications.domain.reminding import remind
from services.applications.domain.review import gather, judge, lapse, mark, reopen
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
    return heard(application, documents, NOW)[0]


def heard(
    application: Application, documents: Sequence[HeldDocument], moment: Moment, given: Document | None = None
) -> Change:
    """What news make of a file whose last submission has this document for the piece."""
    return follow(application, documents, moment, {} if given is None else {"bac": given})


def handed_over(application: Application, at: date = OPENS) -> Application:
    submission = freeze(application, STEPS, on(at))
    assert submission is not None
    return submit(application, "s1", replace(submission, receipt="signed"), ZOE)[0]


def given_back(application: Application, at: date = LAST) -> Application:
    return application.moved_to(FileState.INCOMPLETE, on(at).instant, KIM)


def test_an_application_that_is_opened_finds_what_is_held_there() -> None:
    opened, happened = open_application(card(held=(MARKS,)), offer(ASKED, requirement("cv")), "slot", NOW, ZOE)
    assert opened.piece("bac") == Piece(
        ASKED, PieceState.VALIDATED, held=Held("Relevé", PieceState.AWAITING, date(2022, 7, 5))
    )
    assert opened.piece("cv").state is PieceState.AWAITING and happened == (Opened(),)
    assert [block.code for block in blocking(opened, NOW)] == ["cv"]


def test_news_validate_a_piece_and_the_same_news_again_change_nothing() -> None:
    application, happened = heard(draft(ASKED), [MARKS], NOW)
    assert application.piece("bac").state is PieceState.VALIDATED and happened == (PieceHeld("bac", True),)
    assert can_submit(application, NOW)
    assert heard(application, [MARKS], on(LAST)) == (application, ())


def test_what_is_held_under_another_code_or_for_a_requirement_without_one_is_nothing() -> None:
    for asked, documents in ((ASKED, [replace(MARKS, code="RNBAC2")]), (requirement("bac"), [MARKS])):
        assert heard(draft(asked), documents, NOW) == (draft(asked), ())


def test_a_document_counts_on_its_last_day_and_no_longer_on_the_day_after() -> None:
    lasting = replace(MARKS, expires_on=LAST)
    application = held(lasting)
    looks: tuple[Callable[[date], Change], ...] = (
        lambda day: without_expired(application, on(day)),
        lambda day: heard(application, [lasting], on(day)),
    )
    for look in looks:
        assert look(LAST) == (application, ())
        after, happened = look(LAST + timedelta(days=1))
        assert after == draft(ASKED) and happened == (PieceHeld("bac", False),)
    late = on(LAST + timedelta(days=1))
    assert heard(draft(ASKED), [lasting], late) == (draft(ASKED), ())


def test_of_several_the_one_counts_that_does_so_longest() -> None:
    short, long = replace(MARKS, label="A", expires_on=LAST), replace(MARKS, label="B", expires_on=DEADLINE)
    for documents, label in (((short, long), "B"), ((long, short), "B"), ((long, replace(MARKS, label="C")), "C")):
        piece = held(*documents).piece("bac")
        assert piece.held is not None and piece.held.label == label


def test_what_the_registrar_says_otherwise_is_shown_as_it_says_now() -> None:
    application, happened = heard(held(MARKS), [replace(MARKS, label="Relevé corrigé")], on(LAST))
    piece = application.piece("bac")
    assert piece.held == Held("Relevé corrigé", PieceState.AWAITING, date(2022, 7, 5))
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
    back, happened = heard(application, (), NOW)
    assert back.piece("bac") == Piece(ASKED, PieceState.DEPOSITED, document())
    assert happened == (PieceHeld("bac", False),)


def test_a_file_stays_as_it_was_handed_over_whatever_becomes_of_what_is_held() -> None:
    submitted = handed_over(held(replace(MARKS, expires_on=LAST)))
    returned = given_back(submitted)
    late = on(DEADLINE)
    for file in (submitted, returned):
        assert heard(file, (), late) == (file, ())
        assert heard(file, [replace(MARKS, label="Autre")], late) == (file, ())
        assert without_expired(file, late) == (file, ())


def test_a_file_in_nobodys_hands_gains_nothing_either() -> None:
    without = handed_over(deposit(draft(ASKED), "bac", document(), NOW)[0])
    assert heard(without, [MARKS], NOW) == (without, ())


def test_what_came_while_a_file_was_given_back_can_go_until_it_is_handed_over_anew() -> None:
    empty = draft(requirement("bac", optional=True, registrar_code="RNBAC"))
    returned = given_back(handed_over(empty))
    gained, _ = heard(returned, [MARKS], on(LAST))
    assert gained.piece("bac").state is PieceState.VALIDATED
    assert heard(gained, (), on(DEADLINE))[0] == returned
    again = given_back(handed_over(gained, LAST), DEADLINE)
    assert heard(again, (), on(DEADLINE)) == (again, ())


def test_what_was_held_at_a_submission_is_so_for_ever_even_if_it_became_known_while_that_was_under_way() -> None:
    began = freeze(held(MARKS), STEPS, on(OPENS))
    assert began is not None
    later = on(LAST)
    application = heard(draft(ASKED), [MARKS], later)[0]
    returned = given_back(submit(application, "s1", replace(began, receipt="signed"), ZOE)[0])
    assert heard(returned, (), on(DEADLINE)) == (returned, ())


def submitted_with(verdict: Verdict | None) -> Application:
    """A file that was handed over with a document, of which staff have said that."""
    file = handed_over(deposit(draft(ASKED), "bac", document(), NOW)[0])
    return judge(file, "bac", verdict, None, NOW, role=Role.MANAGER, by=KIM)[0] if verdict else file


@pytest.mark.parametrize("verdict", [None, "validated"])
def test_a_document_that_was_handed_over_stays_unless_staff_have_refused_it(verdict: Verdict | None) -> None:
    returned = given_back(submitted_with(verdict))
    assert heard(returned, [MARKS], on(LAST), document()) == (returned, ())
    if verdict is None:
        other, _ = deposit(remove(returned, "bac", NOW)[0], "bac", document("doc-2"), NOW)
        assert heard(other, [MARKS], on(LAST), document())[0].piece("bac").held is not None


def marked(file: Application, state: FileState, submitted: Submission | None, *held: HeldDocument) -> Change:
    return mark(file, state, submitted, offer(ASKED), on(LAST), role=Role.MANAGER, by=KIM, held=held)


def test_a_file_that_is_given_back_has_what_the_registrar_told_meanwhile_and_asks_for_it_no_more() -> None:
    """The mail that gives it back names no piece as refused that the registrar holds."""
    refused = submitted_with("refused")
    back, happened = marked(refused, FileState.INCOMPLETE, None, MARKS)
    assert back.piece("bac").state is PieceState.VALIDATED and can_submit(back, on(LAST))
    assert happened == (PieceHeld("bac", True), MarkedIncomplete(DEADLINE, ()))
    for verdict in (None, "validated"):
        kept, _ = marked(submitted_with(verdict), FileState.INCOMPLETE, None, MARKS)
        assert kept.piece("bac").document == document() and kept.piece("bac").held is None
    back, happened = reopen(refused, "Erreur", offer(ASKED), on(LAST), role=Role.MANAGER, by=KIM, held=[MARKS])
    assert back.piece("bac").held is not None
    assert happened == (PieceHeld("bac", True), Reopened(DEADLINE))


def test_a_file_that_is_not_handed_over_anew_is_as_it_was_and_what_was_withdrawn_does_not_come_back() -> None:
    first = submitted_with("refused")
    submission = freeze(deposit(draft(ASKED), "bac", document(), NOW)[0], STEPS, NOW)
    gained, _ = marked(first, FileState.INCOMPLETE, None, MARKS)
    for after, happened in (
        marked(gained, FileState.SUBMITTED, submission),
        lapse(gained, submission, None, on(DEADLINE + timedelta(days=1)), KIM),
    ):
        assert after.pieces == first.pieces and happened[0] == PieceHeld("bac", False)
        back, said = marked(after, FileState.INCOMPLETE, None)
        assert back.pieces == first.pieces and said == (MarkedIncomplete(DEADLINE, ("bac",)),)


def test_what_was_said_of_a_document_is_not_told_while_the_registrar_holds_its_piece() -> None:
    gained, _ = heard(given_back(submitted_with("refused")), [MARKS], on(LAST), document())
    assert gained.untold is not None and gather(gained, on(LAST).instant)[1] == ()


def test_the_reminder_names_what_has_expired() -> None:
    day = DEADLINE - timedelta(days=1)
    application = held(replace(MARKS, expires_on=day - timedelta(days=1)))
    assert remind(application, DEADLINE, 1, on(day))[1] == (SubmissionDue(DEADLINE, ("bac",), ()),)


FILED = replace(MARKS, file="21404321/releve.pdf")


def brought_to(application: Application, came: Document, file: str = "21404321/releve.pdf") -> Change:
    """The file once bytes of that name have come."""
    return brought(application, file, came)


def test_bytes_stand_where_their_name_is_held_once_and_are_what_counts() -> None:
    scan = document("d9")
    application, happened = brought_to(held(FILED, given=True), scan)
    (piece,) = application.pieces
    assert piece.given == scan and piece.document == document()
    assert happened == (PieceHeld("bac", True, document="d9", sha256=scan.sha256),)
    assert brought_to(application, document("d10")) == (application, ())
    assert brought_to(held(MARKS), scan)[1] == () == brought_to(held(FILED), scan, "21404321/autre.pdf")[1]
    submission = freeze(application, STEPS, on(OPENS))
    assert submission is not None and dict(submission.pieces) == {"bac": scan}


def test_bytes_also_come_to_what_was_handed_over_and_go_when_another_file_is_named_or_none() -> None:
    scan = document("d9")
    late, happened = brought_to(handed_over(held(FILED)), scan)
    assert late.pieces[0].given == scan and len(happened) == 1
    application, _ = brought_to(held(FILED), scan)
    other, happened = heard(application, [replace(FILED, file="21404321/releve-2.pdf")], NOW)
    assert other.pieces[0].given is None and happened == (PieceHeld("bac", True, let_go="d9"),)
    same, happened = heard(application, [replace(FILED, label="Relevé signé")], NOW)
    assert same.pieces[0].given == scan and happened == (PieceHeld("bac", True),)
    free, happened = heard(application, [], NOW)
    assert free.pieces[0].given is None and happened == (PieceHeld("bac", False, let_go="d9"),)
