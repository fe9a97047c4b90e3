"""What takes an act on a file back, and whether it stands as the act has left it (ADR 112).

What is taken back is compared by what it is, when it was said and by whom: later work of anybody is never written over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.applications.domain.bulk import (
    MARKS,
    BulkAct,
    BulkItem,
    BulkVerdict,
    FileStatus,
    SaidVerdict,
    SheetAction,
    in_brief,
)
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.events import Verdict
from services.applications.domain.fees import Fees, FeesSaid
from services.applications.domain.listing import assignee_of
from services.applications.domain.model import Application
from services.applications.domain.sheets import Sheet
from services.applications.domain.states import DecisionAction, FileAction, FileState, PieceState
from services.contracts.actors import Acting
from services.contracts.refusals.applications import CHANGED_SINCE, NOT_PUT_BACK

_BACK_TO: Final = {FileState.SUBMITTED: FileAction.MARK_SUBMITTED, FileState.COMPLETE: FileAction.MARK_COMPLETE}
_VERDICTS: Final[dict[PieceState, Verdict]] = {
    PieceState.DEPOSITED: "none",
    PieceState.VALIDATED: "validated",
    PieceState.REFUSED: "refused",
}


@dataclass(frozen=True, slots=True)
class Doing:
    """Between which instants an act on one file was done, and by whom."""

    since: datetime
    until: datetime
    by: Acting

    def is_of(self, at: datetime, by: Acting) -> bool:
        """Whether something was said by the act."""
        return self.since <= at <= self.until and by == self.by


def taken_back(act: BulkAct, came: BulkItem) -> BulkAct:
    """The act that puts a file back as it was before; raises NOT_PUT_BACK where none does."""
    before = came.before
    if before is None or act.action is DecisionAction.ENTER:
        raise NOT_PUT_BACK()
    if act.action in MARKS and before.state in _BACK_TO:
        return BulkAct(_BACK_TO[before.state])
    if act.action is SheetAction.ASSIGN and before.assignee is not None:
        return BulkAct(SheetAction.ASSIGN, assignee=before.assignee)
    if act.action is SheetAction.SET_FEES and before.fees is not None:
        return BulkAct(SheetAction.SET_FEES, fees=_said(before.fees))
    if act.verdict is not None and before.piece is not None and before.piece.state in _VERDICTS:
        verdict = SaidVerdict(act.verdict.code, _VERDICTS[before.piece.state], before.piece.comment)
        return BulkAct(BulkVerdict.JUDGE, verdict=verdict)
    raise NOT_PUT_BACK()


def check_stands(act: BulkAct, came: BulkItem, file: Application, sheet: Sheet | None, *, doing: Doing) -> None:
    """Raises CHANGED_SINCE where the file is not as the act has left it; not of decisions."""
    after = came.after
    if after is None or not _stands(act, came, after, file, sheet or Sheet(file.account), doing=doing):
        raise CHANGED_SINCE()


def check_entered(came: BulkItem, there: EnteredDecision | None, doing: Doing) -> EnteredDecision:
    """The decision that is entered, if it is the one that the act has entered; raises CHANGED_SINCE."""
    brief = None if came.after is None else came.after.decided
    if there is None or in_brief(there, counts=False) != brief or not doing.is_of(there.at, there.by):
        raise CHANGED_SINCE()
    return there


def _stands(act: BulkAct, came: BulkItem, after: FileStatus, file: Application, sheet: Sheet, *, doing: Doing) -> bool:
    if act.action is SheetAction.ASSIGN:
        return (assignee_of(sheet), sheet.assignee_version) == (after.assignee, came.said)
    if act.action is SheetAction.SET_FEES:
        return (sheet.fees, sheet.fees_version) == (after.fees, came.said)
    if act.verdict is not None and after.piece is not None:
        found = [each for each in file.pieces if each.requirement.code == act.verdict.code]
        if not found or (judged := found[0].judged) is None:
            return False
        seen = (found[0].state, found[0].comment, found[0].given and found[0].given.id)
        return seen == (after.piece.state, after.piece.comment, after.piece.document) and doing.is_of(
            judged.at, judged.by
        )
    last = file.history[-1]
    return act.action in MARKS and file.state is after.state is last.state and doing.is_of(last.at, last.by)


def _said(fees: Fees) -> FeesSaid:
    regime, exemption = (None if each is None else each.code for each in (fees.regime, fees.exemption))
    return FeesSaid(regime, exemption, fees.amount)
