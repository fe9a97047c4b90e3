"""Which document of a piece is shown: that which counts."""

from __future__ import annotations

from services.contracts.api.applications import PieceView
from services.contracts.api.deposited import DocumentView
from services.contracts.api.review import ReviewPiece


def document_of(piece: PieceView | ReviewPiece) -> DocumentView | None:
    """The registrar's, where they hold the piece and have given it; else what was deposited."""
    held = piece.registrar
    return held.document if held is not None and held.document is not None else piece.document


def superseded(piece: PieceView | ReviewPiece) -> str | None:
    """The name of a file that was deposited and is not shown, because the registrar has given another."""
    shown = document_of(piece)
    return piece.document.filename if piece.document is not None and shown is not piece.document else None
