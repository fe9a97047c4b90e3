"""What staff do in a candidate's place inside a file is kept with it, and told to the candidate (acceptance 94, ADR 83)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from services.applications.domain.asked import AnswerAction
from services.applications.domain.events import (
    ActsTold,
    Answered,
    Change,
    Deposited,
    DomainEvent,
    Marked,
    Removed,
    Submitted,
)
from services.applications.domain.hands import Act, Hand, InPlace
from services.applications.domain.model import Application
from services.applications.domain.states import CANDIDATE, FileAction, FileState, PieceAction, PieceState
from services.contracts.actors import Acting
from services.contracts.refusals.applications import FILLED_IN_NOT_SUBMITTED

KEPT: Final = 60
"""Acts that stand on a file, the newest; its trail has them all."""
ANSWERING: Final = frozenset({AnswerAction.ANSWER, AnswerAction.TAKE_BACK})
GIVING: Final = frozenset({PieceAction.DEPOSIT, PieceAction.DECLARE_NOT_APPLICABLE, AnswerAction.ANSWER})
"""Acts by which something comes into a file."""


def noted(change: Change, hand: Hand, at: datetime, by: Acting) -> Change:
    """The change with what staff did by it in the candidate's place; one by the candidate's own hand as it is."""
    application, happened = change
    if hand.role == CANDIDATE:
        return change
    done = [
        Act(at, by, *said, hand.reason, each.document if isinstance(each, Deposited) else "")
        for each in happened
        if (said := _said(each)) is not None
    ]
    if not done:
        return change
    # Of two that were done at once the later one may be kept first.
    there = application.in_place
    known = InPlace((*there.acts, *done)[-KEPT:], min(there.untold or at, at))
    return replace(application, in_place=known), happened


def tell(application: Application, before: datetime) -> Change:
    """Tell the candidate in one what staff did in their place, if the first of it was done at this instant or earlier.

    Of what was done to one piece, the last is told, unless it is not so any more; of a file that was given up, nothing.
    """
    since = application.in_place.untold
    if since is None or since > before:
        return application, ()
    heard = replace(application, in_place=replace(application.in_place, untold=None))
    standing = [act for act in _last(application, since) if _stands(application, act)]
    if not standing or application.state is FileState.CANCELLED:
        return heard, ()

    def of(action: PieceAction) -> tuple[str, ...]:
        return tuple(act.what for act in standing if act.action == action)

    told = ActsTold(
        deposited=of(PieceAction.DEPOSIT),
        removed=of(PieceAction.REMOVE),
        not_applicable=of(PieceAction.DECLARE_NOT_APPLICABLE),
        applicable=of(PieceAction.DECLARE_APPLICABLE),
        answered=any(act.action in ANSWERING for act in standing),
        submitted=any(act.action == FileAction.SUBMIT for act in standing),
    )
    return heard, (told,)


def check_handed_over(application: Application, happening: Sequence[DomainEvent], since: datetime) -> None:
    """Raises FILLED_IN_NOT_SUBMITTED where what is `happening` takes out what staff gave `since` in the candidate's place.

    They have not handed it over, and would lose it; what they have taken out comes back, which loses nothing.
    """
    for each in happening:
        if not isinstance(each, Removed | Answered | Marked):
            continue
        answered, what = isinstance(each, Answered), each.question if isinstance(each, Answered) else each.piece
        for act in _last(application, since):
            is_given = act.action in GIVING and (act.action in ANSWERING, act.what) == (answered, what)
            if is_given and _stands(application, act):
                raise FILLED_IN_NOT_SUBMITTED()


def undone(application: Application) -> list[Act]:
    """What staff gave in the candidate's place, and have not taken back themselves, that is not in the file any more."""
    last = _last(application, datetime.min.replace(tzinfo=UTC))
    return [act for act in last if act.action in GIVING and not _stands(application, act)]


def _last(application: Application, since: datetime) -> list[Act]:
    """What staff have done last to each piece and question from then on; these may have the same code."""
    acts = application.in_place.acts
    return list({(act.action in ANSWERING, act.what): act for act in acts if act.at >= since}.values())


def _stands(application: Application, act: Act) -> bool:
    """Whether it is still so: the candidate may have done otherwise since, or the file be again as it was submitted."""
    if act.action == FileAction.SUBMIT:
        return True
    if act.action in ANSWERING:
        given = next((each.given for each in application.answers if each.question.code == act.what), None)
        return (given is not None) is (act.action == AnswerAction.ANSWER)
    piece = next((each for each in application.pieces if each.requirement.code == act.what), None)
    if piece is None:
        return False
    match act.action:
        case PieceAction.DEPOSIT:
            # What was done by an earlier release names no document.
            return piece.document is not None and act.document in ("", piece.document.id)
        case PieceAction.REMOVE:
            return piece.document is None
        case _:
            return (piece.state is PieceState.NOT_APPLICABLE) is (act.action == PieceAction.DECLARE_NOT_APPLICABLE)


def _said(happened: DomainEvent) -> tuple[str, str] | None:
    """What was done, and to what."""
    match happened:
        case Deposited(piece):
            return PieceAction.DEPOSIT, piece
        case Removed(piece):
            return PieceAction.REMOVE, piece
        case Marked(piece, not_applicable):
            return PieceAction.DECLARE_NOT_APPLICABLE if not_applicable else PieceAction.DECLARE_APPLICABLE, piece
        case Answered(question, answered):
            return AnswerAction.ANSWER if answered else AnswerAction.TAKE_BACK, question
        case Submitted():
            return FileAction.SUBMIT, ""
        case _:
            return None
