"""How a piece is shown, and what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from services.applications.domain.model import Application, Document, DocumentWarning, Piece
from services.applications.domain.pieces import reusable
from services.applications.views.wording import text_in, word
from services.chassis.texts.warning_words import warning_text
from services.contracts.api import applications as api
from services.contracts.api.deposited import DocumentView
from services.contracts.api.documents import UploadWarning, WarningName
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
        document=document_view(piece.document, language),
        comment=piece.comment if piece.held is None else None,
        registrar=held_view(piece, language),
        reusable=reusable(application, piece, others),
    )


def held_view(piece: Piece, language: str) -> HeldView | None:
    """What the registrar holds for a piece, as it is shown."""
    held = piece.held
    if held is None:
        return None
    document = document_view(held.document, language)
    return HeldView(label=held.label, on=held.on, expires_on=held.expires_on, document=document)


def document_view(document: Document | None, language: str) -> DocumentView | None:
    """A deposited document as it is shown, with what was noticed in it, as far as this release knows of such things."""
    if document is None:
        return None
    fields: dict[str, Any] = {name: getattr(document, name) for name in DocumentView.model_fields}
    noticed = tuple(_warning(each, language) for each in document.warnings if each.slug in get_args(WarningName))
    return DocumentView(**{**fields, "warnings": noticed or None})


def _warning(each: DocumentWarning, language: str) -> UploadWarning:
    text = warning_text(each.slug, each.page, each.dpi, language)
    return UploadWarning.model_validate({"slug": each.slug, "page": each.page, "dpi": each.dpi, "text": text})
