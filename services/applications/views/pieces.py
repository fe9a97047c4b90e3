"""How a piece is shown, and what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.applications.domain.model import Application, Document, Piece
from services.applications.domain.pieces import reusable
from services.applications.views.wording import text_in, word
from services.contracts.api import applications as api
from services.contracts.api.held import HeldView


def piece_view(application: Application, piece: Piece, others: Sequence[Application], language: str) -> api.PieceView:
    """A piece as its candidate sees it; `others` are their other applications."""
    asked = piece.requirement
    return api.PieceView(
        code=asked.code,
        label=text_in(asked.label, language),
        state=piece.state.value,
        state_label=word(piece.state, language),
        conditional=asked.conditional,
        common=asked.common,
        optional=asked.optional,
        max_bytes=asked.max_bytes,
        media_types=list(asked.media_types),
        model_document=asked.model_document,
        document=document_view(piece.document),
        comment=piece.comment if piece.held is None else None,
        registrar=held_view(piece),
        reusable=reusable(application, piece, others),
    )


def held_view(piece: Piece) -> HeldView | None:
    """What the registrar holds for a piece, as it is shown."""
    held = piece.held
    return None if held is None else HeldView(label=held.label, on=held.on, expires_on=held.expires_on)


def document_view(document: Document | None) -> api.DocumentView | None:
    """A deposited document as it is shown."""
    if document is None:
        return None
    fields: dict[str, Any] = {name: getattr(document, name) for name in api.DocumentView.model_fields}
    return api.DocumentView(**fields)
