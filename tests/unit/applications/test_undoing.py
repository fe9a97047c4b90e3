"""Which act on many files undoes which, and that it does so only on files that stand as the act has left them (ADR 112)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import get_args

import pytest

from services.applications.domain.bulk import (
    BulkAct,
    BulkAction,
    BulkItem,
    BulkReminder,
    BulkVerdict,
    DecisionInBrief,
    FileStatus,
    PieceStatus,
    SaidVerdict,
    SheetAction,
    in_brief,
)
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.fees import Fees, FeesSaid, ItemAsSet
from services.applications.domain.marks import NOBODY
from services.applications.domain.model import Application, Judgement, Milestone
from services.applications.domain.sheets import Sheet
from services.applications.domain.states import DecisionAction, DecisionKind, FileAction, FileState, PieceState
from services.applications.domain.undoing import Doing, check_entered, check_stands, taken_back
from services.applications.routes.bulk import act_asked
from services.contracts.actors import Acting
from services.contracts.api.bulk import BulkActionName, BulkArgs
from services.contracts.refusals import ErrorCode, RefusedError
from services.contracts.refusals.applications import CHANGED_SINCE, NOT_PUT_BACK
from services.contracts.undoing import UNDOES, WhyNot, in_words
from tests.unit.applications.builders import draft, requirement

KIM, EVA = Acting("staff:kim"), Acting("staff:eva")
AT, DAY = datetime(2027, 2, 1, 9, tzinfo=UTC), date(2027, 5, 1)
SECOND = timedelta(seconds=1)
DOING = Doing(AT, AT + SECOND, KIM)
WAS = FileStatus(FileState.SUBMITTED, DAY)
FREE = Fees(ItemAsSet("FC", {"fr": "Formation continue"}), None, 1200)
PIECE = PieceStatus({"fr": "CV"}, PieceState.VALIDATED, "Bien")
FLAW = SaidVerdict("cv", "refused", "Flou")


def item(before: FileStatus | None, after: FileStatus | None = None) -> BulkItem:
    return BulkItem("a", 3, draft(), before, after, changed=True)


@pytest.mark.parametrize("name", get_args(BulkActionName))
def test_the_table_says_of_each_act_what_undoes_it_or_why_nothing_does(name: BulkActionName) -> None:
    """And what it says comes to pass: an act that is undone gives one that exists, every other one none."""
    assert UNDOES.keys() == {*get_args(BulkActionName)}
    undoing, act = UNDOES[name], act_asked(name, BulkArgs())
    assert (undoing.by is None) is (undoing.why_not is not None)
    assert f"`{name}` " in in_words()
    if undoing.by is None:
        assert undoing.why_not in get_args(WhyNot)
        return
    assert undoing.by in {*get_args(BulkActionName), "delete_decision"}
    if act.action is DecisionAction.ENTER:  # not by an act on the file: what was entered stands in no status
        return
    other = FileState.COMPLETE if name == "mark_submitted" else FileState.SUBMITTED
    before = replace(WAS, state=other, assignee="kim", fees=FREE, piece=PIECE)
    back = taken_back(replace(act, verdict=FLAW) if name == "judge" else act, item(before))
    back.check()
    assert back.action == act_asked(undoing.by, BulkArgs()).action


@pytest.mark.parametrize(
    ("act", "before", "back"),
    [
        (BulkAct(SheetAction.ASSIGN, assignee="eva"), replace(WAS, assignee=NOBODY), {"assignee": NOBODY}),
        (BulkAct(SheetAction.SET_FEES), replace(WAS, fees=FREE), {"fees": FeesSaid("FC", None, 1200)}),
        (BulkAct(SheetAction.SET_FEES), replace(WAS, fees=Fees()), {"fees": FeesSaid()}),
        (
            BulkAct(BulkVerdict.JUDGE, verdict=FLAW),
            replace(WAS, piece=replace(PIECE, state=PieceState.DEPOSITED, comment=None)),
            {"verdict": SaidVerdict("cv", "none")},
        ),
        (
            BulkAct(BulkVerdict.JUDGE, verdict=FLAW),
            replace(WAS, piece=PIECE),
            {"verdict": SaidVerdict("cv", "validated", "Bien")},
        ),
    ],
)
def test_what_takes_back_says_what_was_there_before(act: BulkAct, before: FileStatus, back: dict[str, object]) -> None:
    assert taken_back(act, item(before)) == BulkAct(act.action, **back)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("action", "before"),
    [
        (FileAction.MARK_COMPLETE, replace(WAS, state=FileState.INCOMPLETE)),
        (FileAction.MARK_COMPLETE, None),
        (FileAction.REOPEN, WAS),
        (FileAction.EXTEND, WAS),
        (BulkReminder.REMIND, WAS),
        (DecisionAction.VALIDATE, WAS),
        (DecisionAction.ENTER, WAS),
        (SheetAction.ASSIGN, WAS),
    ],
)
def test_what_cannot_be_put_back_says_so(action: BulkAction, before: FileStatus | None) -> None:
    """Also where a file was in its candidate's hands: it is not given back to them as if nothing had been said."""
    assert refused(lambda: taken_back(BulkAct(action), item(before))) == NOT_PUT_BACK


def marked(at: timedelta = SECOND, by: Acting = KIM, state: FileState = FileState.COMPLETE) -> Application:
    file = draft(requirement("cv"))
    return replace(file, state=state, history=(*file.history, Milestone(AT + at, state, by)))


def judged(comment: str | None = "Flou", at: timedelta = SECOND, by: Acting = KIM) -> Application:
    file = draft(requirement("cv"))
    piece = replace(file.pieces[0], state=PieceState.REFUSED, comment=comment, judged=Judgement(AT + at, by))
    return file.with_piece(piece)


MARKED = (BulkAct(FileAction.MARK_COMPLETE), replace(WAS, state=FileState.COMPLETE))
JUDGED = (BulkAct(BulkVerdict.JUDGE, verdict=FLAW), replace(WAS, piece=PieceStatus({}, PieceState.REFUSED, "Flou")))
GIVEN = (BulkAct(SheetAction.ASSIGN, assignee="eva"), replace(WAS, assignee="eva"))
SET = (BulkAct(SheetAction.SET_FEES), replace(WAS, fees=FREE))


@pytest.mark.parametrize(
    ("done", "file", "sheet", "stands"),
    [
        (MARKED, marked(), None, True),
        (MARKED, marked(timedelta()), None, True),
        (MARKED, marked(2 * SECOND), None, False),
        (MARKED, marked(by=EVA), None, False),
        (MARKED, marked(state=FileState.INCOMPLETE), None, False),
        (JUDGED, judged(), None, True),
        (JUDGED, judged("Illisible"), None, False),
        (JUDGED, judged(at=2 * SECOND), None, False),
        (JUDGED, judged(by=EVA), None, False),
        (JUDGED, draft(requirement("cv")), None, False),
        (JUDGED, draft(), None, False),
        (GIVEN, draft(), Sheet("zoe", assignee="eva"), True),
        (GIVEN, draft(), Sheet("zoe", assignee="kim"), False),
        (GIVEN, draft(), Sheet("zoe", assignee="eva", assignee_version=2), False),  # given to another, and back
        (GIVEN, draft(), None, False),
        (SET, draft(), Sheet("zoe", fees=FREE), True),
        (SET, draft(), Sheet("zoe", fees=replace(FREE, amount=900)), False),
        (SET, draft(), Sheet("zoe", fees=FREE, fees_version=2), False),
    ],
)
def test_only_what_stands_as_it_was_left_is_put_back(
    done: tuple[BulkAct, FileStatus], file: Application, sheet: Sheet | None, stands: bool
) -> None:
    act, after = done
    slug = refused(lambda: check_stands(act, item(WAS, after), file, sheet, doing=DOING))
    assert slug == (None if stands else CHANGED_SINCE)


def test_a_decision_is_taken_away_if_it_is_the_one_that_was_entered() -> None:
    there = EnteredDecision(id="d", kind=DecisionKind.WAITLIST, at=AT, by=KIM)
    came = item(WAS, replace(WAS, decided=in_brief(there, counts=False)))
    assert check_entered(came, there, DOING) == there
    for other in (
        None,
        replace(there, by=EVA),
        replace(there, at=AT + 2 * SECOND),
        replace(there, kind=DecisionKind.FAVOURABLE),
    ):
        assert refused(partial(check_entered, came, other, DOING)) == CHANGED_SINCE
    validated = item(WAS, replace(WAS, decided=DecisionInBrief(DecisionKind.WAITLIST, None, None, counts=True)))
    assert refused(lambda: check_entered(validated, there, DOING)) == CHANGED_SINCE


def refused(do: Callable[[], object]) -> ErrorCode | None:
    try:
        do()
    except RefusedError as refusal:
        return refusal.slug
    return None
