"""The tables hold: every state, action and role, inside them and outside."""

from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from services.applications.domain.asked import ANSWER_TABLE, AnswerAction, AnswerState, answer_after
from services.applications.domain.condition_states import TABLE as CONDITION_TABLE
from services.applications.domain.condition_states import ConditionState
from services.applications.domain.events import Verdict
from services.applications.domain.model import Application
from services.applications.domain.opening import cancel
from services.applications.domain.pieces import declare, deposit, remove
from services.applications.domain.pre_enrolment_states import SIS, TABLE, PreEnrolmentState
from services.applications.domain.review import extend, judge, mark, reopen
from services.applications.domain.states import (
    CANDIDATE,
    CLOCK,
    DECISION_TABLE,
    EDITABLE,
    EXAMINED,
    FILE_TABLE,
    PIECE_TABLE,
    PLACE_TABLE,
    DecisionKind,
    FileAction,
    FileRow,
    FileState,
    Party,
    PieceAction,
    PieceState,
    PlaceState,
    file_after,
    piece_after,
)
from services.applications.views.wording import word
from services.cli.mails_page import states
from services.contracts.actors import Role
from services.contracts.api import applications as api
from services.contracts.api import decisions
from services.contracts.api.condition_views import ConditionStateName
from services.contracts.languages import LANGUAGES, Language
from services.contracts.refusals import ErrorKind, RefusedError
from tests.unit.applications.builders import ZOE, document, draft, file_with, handed_over, on

FILE = {(row.action, row.role, row.before): row.after for row in FILE_TABLE}
PIECE = {(row.action, row.role, file, row.before): row.after for row in PIECE_TABLE for file in row.within}
ANSWER = {(row.action, row.role, file, row.before): row.after for row in ANSWER_TABLE for file in row.within}
TODAY = on(date(2027, 2, 1))


@pytest.mark.parametrize("before", [None, *FileState])
@pytest.mark.parametrize("role", [CANDIDATE, CLOCK, *Role])
@pytest.mark.parametrize("action", FileAction)
def test_a_file_moves_by_the_table_alone(action: FileAction, role: Party, before: FileState | None) -> None:
    if (action, role, before) in FILE:
        assert file_after(before, action, role) is FILE[action, role, before]
        return
    with pytest.raises(RefusedError) as refused:
        file_after(before, action, role)
    known = any((row.action, row.role) == (action, role) for row in FILE_TABLE)
    assert refused.value.slug.kind is (ErrorKind.CONFLICT if known else ErrorKind.FORBIDDEN)


@pytest.mark.parametrize("before", AnswerState)
@pytest.mark.parametrize("file", FileState)
@pytest.mark.parametrize("role", [CANDIDATE, *Role])
@pytest.mark.parametrize("action", AnswerAction)
def test_an_answer_moves_by_the_table_alone(
    action: AnswerAction, role: Party, file: FileState, before: AnswerState
) -> None:
    """Acceptance 71."""
    if (action, role, file, before) in ANSWER:
        assert answer_after(file, before, action, role) is ANSWER[action, role, file, before]
        return
    with pytest.raises(RefusedError) as refused:
        answer_after(file, before, action, role)
    known = any((row.action, row.role) == (action, role) for row in ANSWER_TABLE)
    assert refused.value.slug.kind is (ErrorKind.CONFLICT if known else ErrorKind.FORBIDDEN)


@pytest.mark.parametrize("before", PieceState)
@pytest.mark.parametrize("file", FileState)
@pytest.mark.parametrize("role", [CANDIDATE, CLOCK, *Role])
@pytest.mark.parametrize("action", PieceAction)
def test_a_piece_moves_by_the_table_alone(
    action: PieceAction, role: Party, file: FileState, before: PieceState
) -> None:
    if (action, role, file, before) in PIECE:
        assert piece_after(file, before, action, role) is PIECE[action, role, file, before]
        return
    with pytest.raises(RefusedError) as refused:
        piece_after(file, before, action, role)
    known = any((row.action, row.role) == (action, role) for row in PIECE_TABLE)
    assert refused.value.slug.kind is (ErrorKind.CONFLICT if known else ErrorKind.FORBIDDEN)


def test_the_tables_are_those_of_the_rules() -> None:
    """The rows, written down a second time in the words of the product's rules (section 4)."""
    draft_, submitted, incomplete, complete, cancelled = FileState
    assert {(row.action.value, row.before, row.after) for row in FILE_TABLE if row.role == CANDIDATE} == {
        ("open", None, draft_),
        ("submit", draft_, submitted),
        ("submit", incomplete, submitted),
        ("submit", submitted, submitted),
        ("submit", complete, complete),
        ("cancel", draft_, cancelled),
        ("cancel", cancelled, cancelled),
    }
    staff = {(row.action.value, row.before, row.after) for row in FILE_TABLE if row.role is Role.MANAGER}
    assert {move for move in staff if move[1] is None} == {("open", None, draft_), ("offer", None, complete)}
    assert {move for move in staff if move[0] == "reopen"} == {
        ("reopen", submitted, draft_),
        ("reopen", complete, draft_),
    }
    assert {move for move in staff if move[0] == "take_back_offer"} == {("take_back_offer", complete, cancelled)}
    assert {move for move in staff if move[0] == "extend"} == {("extend", state, state) for state in EDITABLE}
    examined = {submitted, incomplete, complete}
    for action, after in (("submitted", submitted), ("incomplete", incomplete), ("complete", complete)):
        moves = {move for move in staff if move[0] == f"mark_{action}"}
        assert moves == {(f"mark_{action}", before, after) for before in examined}
    assert {row.role for row in FILE_TABLE} == {CANDIDATE, Role.MANAGER, Role.SUPPORT, CLOCK}
    assert {row.role for row in PIECE_TABLE} == {CANDIDATE, Role.MANAGER, Role.SUPPORT, Role.COMMISSION}
    assert {(row.action.value, row.before, row.after) for row in FILE_TABLE if row.role == CLOCK} == {
        ("lapse", incomplete, submitted),
        ("lapse", draft_, submitted),
        ("take_back_offer", complete, cancelled),
    }
    assert set(EDITABLE) == {draft_, incomplete}
    assert set(EXAMINED) == examined
    awaiting, deposited, validated, refused, not_applicable = PieceState
    assert {(row.action.value, row.before, row.after) for row in PIECE_TABLE} == {
        ("deposit", awaiting, deposited),
        ("remove", deposited, awaiting),
        ("remove", refused, awaiting),
        ("remove", awaiting, awaiting),
        ("declare_not_applicable", awaiting, not_applicable),
        ("declare_not_applicable", not_applicable, not_applicable),
        ("declare_applicable", not_applicable, awaiting),
        ("declare_applicable", awaiting, awaiting),
        *(("validate", before, validated) for before in (deposited, validated, refused)),
        *(("refuse", before, refused) for before in (deposited, validated, refused)),
        *(("remark", before, deposited) for before in (deposited, validated, refused)),
    }


def test_a_cancelled_file_is_left_by_nobody() -> None:
    assert {row for row in FILE_TABLE if row.before is FileState.CANCELLED} == {
        FileRow(FileAction.CANCEL, CANDIDATE, FileState.CANCELLED, FileState.CANCELLED)
    }


def test_a_draft_is_examined_by_nobody() -> None:
    """Acceptance 70; what staff do to it is what its candidate would."""
    filling: set[FileAction | PieceAction] = {row.action for row in FILE_TABLE if row.role == CANDIDATE}
    filling |= {row.action for row in PIECE_TABLE if row.role == CANDIDATE}
    examination = [row for row in FILE_TABLE if isinstance(row.role, Role) and row.action is not FileAction.EXTEND]
    assert not [row for row in examination if row.before is FileState.DRAFT and row.action not in filling]
    assert not [row for row in PIECE_TABLE if FileState.DRAFT in row.within and row.action not in filling]


def test_staff_fill_in_in_the_candidates_place_what_the_candidate_may_and_give_nothing_up() -> None:
    """Nobody but a manager or support does, in the very states (acceptance 47)."""

    filling = {*PIECE_COMMANDS, FileAction.SUBMIT, AnswerAction.ANSWER, AnswerAction.TAKE_BACK}

    def moves(role: Party) -> set[tuple[object, ...]]:
        files = {(row.action, row.before, row.after) for row in FILE_TABLE if row.role == role}
        pieces = {(row.action, row.within, row.before, row.after) for row in PIECE_TABLE if row.role == role}
        answers = {(row.action, row.within, row.before, row.after) for row in ANSWER_TABLE if row.role == role}
        return {move for move in (*files, *pieces, *answers) if move[0] in filling}

    assert moves(Role.MANAGER) == moves(Role.SUPPORT) == moves(CANDIDATE)
    assert not any(moves(role) for role in set(Role) - {Role.MANAGER, Role.SUPPORT})
    assert {row.role for row in FILE_TABLE if row.action is FileAction.CANCEL} == {CANDIDATE}


# --- the candidate's commands do what the tables say -------------------------------------------------------------

PIECE_COMMANDS: dict[PieceAction, Callable[[Application], Application]] = {
    PieceAction.DEPOSIT: lambda state: deposit(state, "cv", document("doc-new"), TODAY)[0],
    PieceAction.REMOVE: lambda state: remove(state, "cv", TODAY)[0],
    PieceAction.DECLARE_NOT_APPLICABLE: lambda state: declare(state, "cv", TODAY, not_applicable=True)[0],
    PieceAction.DECLARE_APPLICABLE: lambda state: declare(state, "cv", TODAY, not_applicable=False)[0],
}
FILE_COMMANDS: dict[FileAction, Callable[[Application], Application]] = {
    FileAction.SUBMIT: lambda state: handed_over(state, TODAY)[0],
    FileAction.CANCEL: lambda state: cancel(state, TODAY, ZOE)[0],
}


def marked(application: Application, state: FileState, role: Role) -> Application:
    return mark(application, state, None, None, TODAY, role=role, by=ZOE)[0]


STAFF_PIECE_COMMANDS: dict[PieceAction, Verdict] = {
    PieceAction.VALIDATE: "validated",
    PieceAction.REFUSE: "refused",
    PieceAction.REMARK: "none",
}
STAFF_FILE_COMMANDS: dict[FileAction, Callable[[Application, Role], Application]] = {
    FileAction.MARK_SUBMITTED: lambda state, role: marked(state, FileState.SUBMITTED, role),
    FileAction.MARK_INCOMPLETE: lambda state, role: marked(state, FileState.INCOMPLETE, role),
    FileAction.MARK_COMPLETE: lambda state, role: marked(state, FileState.COMPLETE, role),
    FileAction.EXTEND: lambda state, role: extend(state, None, date(2027, 5, 1), TODAY, role=role)[0],
    FileAction.REOPEN: lambda state, role: reopen(state, "by mistake", None, TODAY, role=role, by=ZOE)[0],
}


@pytest.mark.parametrize(("action", "file", "piece"), list(product(PIECE_COMMANDS, FileState, PieceState)))
def test_every_command_on_a_piece_keeps_to_the_table(action: PieceAction, file: FileState, piece: PieceState) -> None:
    application = file_with(file, piece)
    after = PIECE.get((action, CANDIDATE, file, piece))
    if after is not None:
        changed = PIECE_COMMANDS[action](application)
        assert (changed.state, changed.piece("cv").state) == (file, after)
        return
    with pytest.raises(RefusedError) as refused:
        PIECE_COMMANDS[action](application)
    assert refused.value.slug.kind is ErrorKind.CONFLICT
    if file not in EDITABLE:
        assert refused.value.slug.name == "file-frozen"


@pytest.mark.parametrize(("action", "file"), list(product(FILE_COMMANDS, FileState)))
def test_every_command_on_a_file_keeps_to_the_table(action: FileAction, file: FileState) -> None:
    application = file_with(file, PieceState.DEPOSITED)
    after = FILE.get((action, CANDIDATE, file))
    if after is not None:
        assert FILE_COMMANDS[action](application).state is after
        return
    with pytest.raises(RefusedError, match="wrong-state") as refused:
        FILE_COMMANDS[action](application)
    assert refused.value.members == {"state": file}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("action", "file", "piece"), list(product(STAFF_PIECE_COMMANDS, FileState, PieceState)))
def test_every_verdict_keeps_to_the_table(action: PieceAction, file: FileState, piece: PieceState, role: Role) -> None:
    """Acceptance 55."""
    application, verdict = file_with(file, piece), STAFF_PIECE_COMMANDS[action]
    after = PIECE.get((action, role, file, piece))
    if after is not None:
        judged, _ = judge(application, "cv", verdict, "Vu", TODAY, role=role, by=ZOE)
        assert (judged.state, judged.piece("cv").state, judged.piece("cv").comment) == (file, after, "Vu")
        return
    with pytest.raises(RefusedError):
        judge(application, "cv", verdict, "Vu", TODAY, role=role, by=ZOE)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("action", "file"), list(product(STAFF_FILE_COMMANDS, FileState)))
def test_every_command_of_staff_on_a_file_keeps_to_the_table(action: FileAction, file: FileState, role: Role) -> None:
    application = file_with(file, PieceState.DEPOSITED)
    after = FILE.get((action, role, file))
    if after is not None:
        assert STAFF_FILE_COMMANDS[action](application, role).state is after
        return
    with pytest.raises(RefusedError):
        STAFF_FILE_COMMANDS[action](application, role)


# --- labels, API, documentation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("states", [FileState, PieceState, AnswerState])
def test_every_state_has_a_label_of_its_own(
    language: Language, states: type[FileState | PieceState | AnswerState]
) -> None:
    assert len({word(state, language) for state in states}) == len(states)


def test_french_screens_say_what_the_guides_say() -> None:
    """Acceptance 42, 51, 53, 69."""
    assert word(FileState.DRAFT, "fr") == word(PieceState.AWAITING, "fr") == "En attente"
    assert word(FileState.SUBMITTED, "fr") == "Réceptionné"
    assert word(PieceState.DEPOSITED, "fr") == "Transmise"
    assert word(PieceState.NOT_APPLICABLE, "fr") == "Non concerné"


def test_the_api_names_the_same_states() -> None:
    assert get_args(api.FileStateName) == tuple(state.value for state in FileState)
    assert get_args(api.AnswerStateName) == tuple(state.value for state in AnswerState)
    assert get_args(decisions.DecisionName) == tuple(kind.value for kind in DecisionKind)
    assert get_args(ConditionStateName) == tuple(state.value for state in ConditionState)
    assert get_args(api.PieceStateName) == tuple(state.value for state in PieceState)


def test_the_documentation_is_made_of_the_tables() -> None:
    page = Path(__file__).parents[3] / "docs/states/applications.md"
    assert page.read_text(encoding="utf-8") == states()


def test_the_documentation_names_every_state_and_every_row() -> None:
    page = states()
    states_of = (FileState, PieceState, AnswerState, DecisionKind, PlaceState, PreEnrolmentState, ConditionState)
    assert all(f"| `{state.value}` |" in page for kind in states_of for state in kind)
    parties = (CANDIDATE, CLOCK, SIS, *Role)
    rows = [line for line in page.splitlines() if any(f" | {role} | " in line for role in parties)]
    tables = (FILE_TABLE, PIECE_TABLE, ANSWER_TABLE, DECISION_TABLE, PLACE_TABLE, TABLE, CONDITION_TABLE)
    assert len(rows) == sum(map(len, tables))


def test_a_file_without_pieces_may_be_handed_over_at_once() -> None:
    assert handed_over(draft(pieces=()), TODAY)[0].state is FileState.SUBMITTED
