"""What the registrar holds counts as a validated piece, as long as the file is not handed over (ADR 93)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from services.applications.domain.copies import HeldDocument, Requirement
from services.applications.domain.events import Change
from services.applications.domain.held_events import PieceHeld
from services.applications.domain.model import Application, Document, Held, Moment, Piece
from services.applications.domain.states import PieceState
from services.contracts.refusals.applications import MANAGED_BY_REGISTRAR


def follow(
    application: Application, documents: Sequence[HeldDocument], moment: Moment, given: Mapping[str, Document]
) -> Change:
    """The application with what the registrar holds now, in the candidate's hands; the same again changes nothing.

    `given` are the documents of the submission that counts, by their pieces: one of these that staff have not refused stays.
    What the registrar holds no more, or what has expired, is the candidate's own again, unless it was handed over so.
    """
    if not application.is_editable:
        return application, ()
    happened = list[PieceHeld]()
    for piece in application.pieces:
        found = _newest(piece.requirement, documents, moment.due)
        after = released(piece) if found is None else _taken(piece, found, given.get(piece.requirement.code))
        if after is not piece:
            application = application.with_piece(after)
            happened.append(told(piece, after))
    return application, tuple(happened)


def brought(application: Application, file: str, document: Document) -> Change:
    """The application with the bytes of what the registrar holds, also once it was handed over; twice is once.

    What was held at a submission is known there by its name: what its bytes say is shown beside it from when they come.
    """
    happened = list[PieceHeld]()
    for piece in application.pieces:
        held = piece.held
        if held is not None and held.file == file and held.document is None:
            after = replace(piece, held=replace(held, document=document))
            application = application.with_piece(after)
            happened.append(told(piece, after))
    return application, tuple(happened)


def told(piece: Piece, after: Piece) -> PieceHeld:
    """What is told of a piece that the registrar has, or had: the document that is new there, and the one that goes."""
    was, now = (each.held.document if each.held is not None else None for each in (piece, after))
    came, goes = (now, was) if now != was else (None, None)
    return PieceHeld(
        piece.requirement.code,
        after.held is not None,
        document=came.id if came is not None else None,
        sha256=came.sha256 if came is not None else None,
        let_go=goes.id if goes is not None else None,
    )


def without_expired(application: Application, moment: Moment) -> Change:
    """The application without what has expired since, where it was not handed over so."""
    if not application.is_editable:
        return application, ()
    happened = list[PieceHeld]()
    for piece in application.pieces:
        if piece.held is not None and _is_past(piece.held.expires_on, moment.due):
            after = released(piece)
            if after is not piece:
                application = application.with_piece(after)
                happened.append(told(piece, after))
    return application, tuple(happened)


def check_own(piece: Piece) -> None:
    """Raises MANAGED_BY_REGISTRAR for a piece that the registrar holds: nobody gives, takes out or judges another."""
    if piece.held is not None:
        raise MANAGED_BY_REGISTRAR()


def released(piece: Piece) -> Piece:
    """The piece as the candidate has it by themselves, unless the registrar held it when the file was handed over."""
    if piece.held is None or piece.held.handed_over:
        return piece
    return replace(piece, state=piece.held.before, held=None)


def handed_over(piece: Piece) -> Piece:
    """The piece as it is handed over: what is held there then is held there for ever."""
    return piece if piece.held is None else replace(piece, held=replace(piece.held, handed_over=True))


def _taken(piece: Piece, found: HeldDocument, given: Document | None) -> Piece:
    there = piece.held
    if there is None:
        if piece.document is not None and piece.document == given and piece.state is not PieceState.REFUSED:
            return piece
        return replace(
            piece,
            state=PieceState.VALIDATED,
            held=Held(found.label, piece.state, found.on, found.expires_on, file=found.file),
        )
    now = replace(there, label=found.label, on=found.on, expires_on=found.expires_on, file=found.file)
    if now.file != there.file:
        now = replace(now, document=None)
    return piece if now == there or there.handed_over else replace(piece, held=now)


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
