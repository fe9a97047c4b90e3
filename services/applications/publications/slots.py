"""How pieces are told to those who make papers of them."""

from __future__ import annotations

from services.applications.domain.model import Document, HeldLine, Piece
from services.applications.domain.states import PieceState
from services.contracts.events import applications as published
from services.contracts.events.offers import TextPart


def standing_slot(piece: Piece) -> published.SlotPart:
    """A piece as it stands."""
    held = piece.held
    if held is None:
        return slot(piece, piece.state.value, piece.document, piece.comment)
    on, expires_on = (None if day is None else day.isoformat() for day in (held.on, held.expires_on))
    said = published.HeldPart(label=held.label, on=on, expires_on=expires_on, file=held.file)
    return slot(piece, piece.state.value, held.document).model_copy(update={"held": said})


def held_slot(piece: Piece, line: HeldLine) -> published.SlotPart:
    """A piece that was submitted without a document, because the registrar held one."""
    said = published.HeldPart(label=line.label, on=None if line.on is None else line.on.isoformat())
    return slot(piece, PieceState.VALIDATED.value, None).model_copy(update={"held": said})


def slot(piece: Piece, state: str, document: Document | None, comment: str | None = None) -> published.SlotPart:
    """A piece in some state, with what stands in it."""
    return published.SlotPart(
        code=piece.requirement.code,
        label=TextPart.model_validate(piece.requirement.label),
        state=state,
        document=None
        if document is None
        else published.GivenPart(
            id=document.id, filename=document.filename, media_type=document.media_type, size=document.size
        ),
        comment=comment,
    )
