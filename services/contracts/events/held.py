"""The event by which is told that the registrar holds what a piece asks for."""

from __future__ import annotations

from services.contracts.events.applications import ApplicationEvent


class PieceHeld(ApplicationEvent, type="applications.application.piece_held.v1", key="application"):
    """The registrar holds what a piece asks for, which so is validated, or says something else of it; or does no more.

    `document` is what came of its bytes, once they have come, with their SHA-256; `let_go` is the one that counts no more.
    """

    piece: str
    held: bool
    document: str | None = None
    sha256: str | None = None
    let_go: str | None = None
