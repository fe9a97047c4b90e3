"""What staff do in a candidate's place inside a file is kept with it, and told to the candidate (acceptance 94, ADR 83)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
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
from services.applications.domain.states import CANDIDATE, FileAction, PieceAction
from services.contracts.actors import Acting

KEPT: Final = 60
"""Acts that stand on a file, the newest; its trail has them all."""
ANSWERING: Final = frozenset({AnswerAction.ANSWER, AnswerAction.TAKE_BACK})


def noted(change: Change, hand: Hand, at: datetime, by: Acting) -> Change:
    """The change with what staff did by it in the candidate's place; one by the candidate's own hand as it is."""
    application, happened = change
    if hand.role == CANDIDATE:
        return change
    done = [Act(at, by, *said, hand.reason) for each in happened if (said := _said(each)) is not None]
    if not done:
        return change
    # Of two that were done at once the later one may be kept first.
    there = application.in_place
    known = InPlace((*there.acts, *done)[-KEPT:], min(there.untold or at, at))
    return replace(application, in_place=known), happened


def tell(application: Application, before: datetime) -> Change:
    """Tell the candidate in one what staff did in their place, if the first of it was done at this instant or earlier.

    Of what was done to one piece, the last is told.
    """
    since = application.in_place.untold
    if since is None or since > before:
        return application, ()
    # A piece and a question may have the same code.
    last = {(act.action in ANSWERING, act.what): act.action for act in application.in_place.acts if act.at >= since}

    def of(action: PieceAction) -> tuple[str, ...]:
        return tuple(what for (_, what), done in last.items() if done == action)

    told = ActsTold(
        deposited=of(PieceAction.DEPOSIT),
        removed=of(PieceAction.REMOVE),
        not_applicable=of(PieceAction.DECLARE_NOT_APPLICABLE),
        applicable=of(PieceAction.DECLARE_APPLICABLE),
        answered=any(done in ANSWERING for done in last.values()),
        submitted=FileAction.SUBMIT in last.values(),
    )
    return replace(application, in_place=replace(application.in_place, untold=None)), (told,)


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
