"""What was submitted last, put back in place of what a candidate has begun since (acceptance 72, 75)."""

from __future__ import annotations

from dataclasses import replace

from services.applications.domain.events import Answered, Change, Deposited, DomainEvent, Marked, Removed
from services.applications.domain.held import released, told
from services.applications.domain.model import Application, Document, Piece, Submission
from services.applications.domain.states import PieceState


def as_submitted(application: Application, submitted: Submission | None) -> Change:
    """The application with the documents, forms and answers that were submitted last, whatever has been done since.

    A document that staff have validated stays: they have read it, and found it good. What the registrar came to hold since
    goes, and comes anew when the file is given back. None: nobody has changed anything.
    """
    if submitted is None:
        return application, ()
    undone: list[DomainEvent] = []
    for answer in application.answers:
        said = submitted.answers.get(answer.question.code)
        if answer.given != said:
            undone.append(Answered(answer.question.code, said is not None))
            application = application.with_answer(replace(answer, given=said))
    for filled in application.forms:
        said_there = submitted.forms.get(filled.form.code)
        application = application.with_form(filled.put_back(said_there, submitted.submitted_at))
    for there in application.pieces:
        piece = released(there)
        if piece is not there:
            undone.append(told(there, piece))
            application = application.with_piece(piece)
        if piece.state is PieceState.VALIDATED:
            continue
        back = _put_back(piece, submitted.pieces.get(piece.requirement.code))
        undone += _between(piece, back)
        application = application.with_piece(back)
    return application, tuple(undone)


def _put_back(piece: Piece, given: Document | None) -> Piece:
    """The piece with the document that was submitted; what staff said of another one goes with that."""
    if given is None:
        after = _without_document(piece)
        return piece if after is piece.state else Piece(piece.requirement, after)
    if piece.document == given:
        return piece
    return Piece(piece.requirement, PieceState.DEPOSITED, given)


def _without_document(piece: Piece) -> PieceState:
    """How a piece without a document was submitted; an optional one may have been declared not applicable, or not."""
    if piece.requirement.optional:
        return piece.state if piece.document is None else PieceState.AWAITING
    return PieceState.NOT_APPLICABLE if piece.requirement.conditional else PieceState.AWAITING


def _between(piece: Piece, back: Piece) -> list[DomainEvent]:
    """What happens to a piece that is put back, in the order in which a candidate could do it."""
    code, steps = piece.requirement.code, list[DomainEvent]()
    if piece.document is not None and piece.document != back.document:
        steps.append(Removed(code, piece.document.id))
    declared = back.state is PieceState.NOT_APPLICABLE
    if declared != (piece.state is PieceState.NOT_APPLICABLE):
        steps.append(Marked(code, declared))
    if back.document is not None and piece.document != back.document:
        steps.append(Deposited(code, back.document.id, back.document.sha256))
    return steps
