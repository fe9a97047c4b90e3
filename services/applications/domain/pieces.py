"""Depositing, removing and declaring pieces (product, section 4; acceptance 50-57, 63, 71).

Every command asks the table first, then whether it has been done already, then the last day, then its own limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.applications.domain.deadline import check_in_time
from services.applications.domain.events import Change, Deposited, Marked, Removed
from services.applications.domain.held import check_own
from services.applications.domain.model import Application, Document, Moment, Piece
from services.applications.domain.states import CANDIDATE, Party, PieceAction, PieceState, piece_after
from services.contracts.refusals.applications import (
    FILE_FROZEN,
    NOTHING_TO_REUSE,
    PIECE_NOT_CONDITIONAL,
    TOO_LARGE_FOR_PIECE,
    TYPE_NOT_ALLOWED,
)


def deposit(
    application: Application, code: str, document: Document, moment: Moment, *, role: Party = CANDIDATE
) -> Change:
    """Put a document into a piece; the document that is there already changes nothing.

    Raises NOT_FOUND, MANAGED_BY_REGISTRAR, FILE_FROZEN, PIECE_ALREADY_DEPOSITED, PIECE_VALIDATED, PIECE_NOT_APPLICABLE,
    DEADLINE_PASSED, TOO_LARGE_FOR_PIECE with `max_bytes`, TYPE_NOT_ALLOWED with `allowed`.
    """
    piece = application.piece(code)
    check_own(piece)
    if piece.state is PieceState.DEPOSITED and application.is_editable and _holds(piece, document):
        return application, ()
    after = piece_after(application.state, piece.state, PieceAction.DEPOSIT, role)
    check_in_time(application, moment)
    requirement = piece.requirement
    if document.size > requirement.max_bytes:
        raise TOO_LARGE_FOR_PIECE(max_bytes=requirement.max_bytes)
    if document.media_type not in requirement.media_types:
        raise TYPE_NOT_ALLOWED(allowed=list(requirement.media_types))
    changed = replace(piece, state=after, document=document, comment=None, comment_code=None, judged=None)
    return application.with_piece(changed), (Deposited(code, document.id, document.sha256),)


def remove(application: Application, code: str, moment: Moment, *, role: Party = CANDIDATE) -> Change:
    """Take the document out of a piece, so that another can be deposited; an empty piece stays as it is.

    What the reviewer said of the document stays until another takes its place: by it the candidate knows what to give.
    Raises NOT_FOUND, MANAGED_BY_REGISTRAR, FILE_FROZEN, PIECE_VALIDATED, PIECE_NOT_APPLICABLE, DEADLINE_PASSED.
    """
    piece = application.piece(code)
    check_own(piece)
    after = piece_after(application.state, piece.state, PieceAction.REMOVE, role)
    if piece.document is None:
        return application, ()
    check_in_time(application, moment)
    changed = replace(piece, state=after, document=None)
    return application.with_piece(changed), (Removed(code, piece.document.id),)


def declare(
    application: Application, code: str, moment: Moment, *, not_applicable: bool, role: Party = CANDIDATE
) -> Change:
    """Declare a conditional piece not applicable, or take that back; declared so already, it stays as it is.

    Raises NOT_FOUND, MANAGED_BY_REGISTRAR, PIECE_NOT_CONDITIONAL, FILE_FROZEN, PIECE_ALREADY_DEPOSITED, PIECE_VALIDATED,
    DEADLINE_PASSED.
    """
    piece = application.piece(code)
    check_own(piece)
    if not piece.requirement.conditional:
        raise PIECE_NOT_CONDITIONAL()
    action = PieceAction.DECLARE_NOT_APPLICABLE if not_applicable else PieceAction.DECLARE_APPLICABLE
    after = piece_after(application.state, piece.state, action, role)
    if after is piece.state:
        return application, ()
    check_in_time(application, moment)
    return application.with_piece(replace(piece, state=after)), (Marked(code, not_applicable),)


def reusable(application: Application, piece: Piece, others: Sequence[Application]) -> bool:
    """Whether `reuse` would fill this piece (acceptance 63: "already provided"), but for the last day."""
    waits = application.is_editable and piece.state is PieceState.AWAITING
    return waits and _given_elsewhere(piece, others) is not None


def reuse(application: Application, code: str, others: Sequence[Application], moment: Moment) -> Change:
    """Deposit what the same person gave last for the same common piece elsewhere.

    `others` are the person's other applications, the one opened last first. The choice is this application's own: what is
    done to the other one later does not change it. Raises NOTHING_TO_REUSE and whatever `deposit` raises.
    """
    piece = application.piece(code)
    check_own(piece)
    if not application.is_editable:
        raise FILE_FROZEN(state=application.state)
    document = _given_elsewhere(piece, others)
    if document is None:
        raise NOTHING_TO_REUSE()
    return deposit(application, code, document, moment)


def _given_elsewhere(piece: Piece, others: Sequence[Application]) -> Document | None:
    asked = piece.requirement
    if asked.can_be_shared:
        for other in others:
            for given in other.pieces if other.is_active else ():
                if given.requirement.common and given.requirement.code == asked.code and _fits(given.document, piece):
                    return given.document
    return None


def _fits(document: Document | None, piece: Piece) -> bool:
    requirement = piece.requirement
    return (
        document is not None
        and document.size <= requirement.max_bytes
        and document.media_type in requirement.media_types
    )


def _holds(piece: Piece, document: Document) -> bool:
    return piece.document is not None and piece.document.id == document.id
