"""What has happened to a piece that the registrar holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PieceHeld:
    """The registrar holds what a piece asks for, says something else of it, or holds it no more.

    `document` is what came of its bytes, with their SHA-256; `let_go` the one of those that count no more.
    """

    piece: str
    held: bool
    document: str | None = None
    sha256: str | None = None
    let_go: str | None = None
