"""What the registrar holds counts as a validated piece, as long as the file is not handed over (ADR 93)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from services.applications.domain.copies import HeldDocument, Requirement
from services.applications.domain.events import Change, PieceHeld
from services.applications.domain.model import Application, Held, Moment, Piece
from services.applications.domain.states import PieceState
from services.contracts.refusals.applications import MANAGED_BY_REGISTRAR


def follow(application: Application, documents: Iterable[HeldDocument], moment: Moment) -> Change:
    """The application with what the registrar holds now, in the candidate's hands; the same again changes nothing.

    What it holds no more, or what has expired, is the candidate's own again, unless it was handed over so.
    """
    if not application.is_editable:
        return application, ()
    there, happened = tuple(documents), list[PieceHeld]()
    for piece in application.pieces:
        found = _newest(piece.requirement, there, moment.due)
        after = _released(application, piece) if found is None else _taken(application, piece, found, moment)
        if after is not piece:
            application = application.with_piece(after)
            happened.append(PieceHeld(piece.requirement.code, after.held is not None))
    return application, tuple(happened)


def without_expired(application: Application, moment: Moment) -> Change:
    """The application without what has expired since, where it was not handed over so."""
    if not application.is_editable:
        return application, ()
    happened = list[PieceHeld]()
    for piece in application.pieces:
        if piece.held is not None and _is_past(piece.held.expires_on, moment.due):
            after = _released(application, piece)
            if after is not piece:
                application = application.with_piece(after)
                happened.append(PieceHeld(piece.requirement.code, held=False))
    return application, tuple(happened)


def check_own(piece: Piece) -> None:
    """Raises MANAGED_BY_REGISTRAR for a piece that the registrar holds: nobody gives, takes out or judges another."""
    if piece.held is not None:
        raise MANAGED_BY_REGISTRAR()


def _taken(application: Application, piece: Piece, found: HeldDocument, moment: Moment) -> Piece:
    there = piece.held
    if there is None:
        held = Held(found.label, moment.instant, piece.state, found.on, found.expires_on)
        return replace(piece, state=PieceState.VALIDATED, held=held)
    now = replace(there, label=found.label, on=found.on, expires_on=found.expires_on)
    return piece if now == there or _is_handed_over(application, there) else replace(piece, held=now)


def _released(application: Application, piece: Piece) -> Piece:
    if piece.held is None or _is_handed_over(application, piece.held):
        return piece
    return replace(piece, state=piece.held.before, held=None)


def _is_handed_over(application: Application, held: Held) -> bool:
    return bool(application.submissions) and held.since <= application.submissions[-1].submitted_at


def _newest(requirement: Requirement, documents: Iterable[HeldDocument], day: date) -> HeldDocument | None:
    """Of those that count for it on a day, the one that does so longest."""
    if requirement.registrar_code is None:
        return None
    fitting = [
        each for each in documents if each.code == requirement.registrar_code and not _is_past(each.expires_on, day)
    ]
    return max(fitting, key=lambda each: each.expires_on or date.max, default=None)


def _is_past(last: date | None, day: date) -> bool:
    return last is not None and last < day
