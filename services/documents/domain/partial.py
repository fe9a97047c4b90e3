"""An upload that can go on where it was cut off: pieces of a file that come one after the other (ADR 82)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.contracts.refusals.documents import INCONSISTENT_LENGTH, PIECE_TOO_SMALL, WRONG_OFFSET
from services.documents.domain.uploads import DeclaredUpload

LEAST_PIECE: Final = 65536
"""Bytes that a piece has at least, but for the last one: what was cut off sooner is sent again."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of the file: the key of their object, and what they are."""

    object: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Partial:
    """How far an upload has come. From `due_at` on nothing of it is kept.

    `slot` is one of the few that a person has for uploads that are open; it is given back when the file was taken in.
    `taken` is the digest of the file that was: what is asked for then is its answer. An `ending` one is to nobody there.
    """

    account: str
    length: int
    media_type: str
    due_at: datetime
    filename: str | None = None
    part: bool = False
    pieces: tuple[Piece, ...] = ()
    slot: int | None = None
    taken: str | None = None
    ending: bool = False

    @property
    def offset(self) -> int:
        """Bytes that are safe."""
        return self.length if self.taken is not None else sum(piece.size for piece in self.pieces)

    @property
    def rest(self) -> int:
        """Bytes that are still to come."""
        return self.length - self.offset

    @property
    def offer(self) -> DeclaredUpload:
        """What was said of the file."""
        return DeclaredUpload(self.media_type, self.filename, self.length)


def begin(account: str, offer: DeclaredUpload, *, slot: int, now: datetime, keep: timedelta, part: bool) -> Partial:
    """An upload of which nothing has come; it goes after `keep`, however far it is by then."""
    return Partial(account, offer.size or 0, offer.media_type, now + keep, offer.filename, part, slot=slot)


def is_open(partial: Partial, now: datetime) -> bool:
    """Whether it is there for its owner."""
    return not partial.ending and now < partial.due_at


def check_piece(partial: Partial, offset: int, announced: int | None, *, last: bool) -> None:
    """Refuse a piece before its first byte: WRONG_OFFSET, INCONSISTENT_LENGTH, PIECE_TOO_SMALL.

    `announced` is how many bytes it is said to have, None where nothing is said; with the `last` one all must have come.
    """
    if offset != partial.offset:
        raise WRONG_OFFSET(offset=partial.offset)
    if announced is not None:
        check_size(partial, announced, last=last)


def check_size(partial: Partial, size: int, *, last: bool) -> None:
    """Refuse a piece that does not fit what was announced of the whole, or is too small to be kept as one."""
    if size > partial.rest or (last and size < partial.rest):
        raise INCONSISTENT_LENGTH(length=partial.length)
    if 0 < size < min(LEAST_PIECE, partial.rest):
        raise PIECE_TOO_SMALL(min_bytes=LEAST_PIECE)


def is_worth_keeping(partial: Partial, size: int) -> bool:
    """Whether so many bytes, behind which the line broke, are kept: a file of tiny pieces would be a pile of objects."""
    return size >= min(LEAST_PIECE, partial.rest) > 0


def append(partial: Partial, piece: Piece) -> Partial:
    """The upload with one more piece behind the others."""
    return replace(partial, pieces=(*partial.pieces, piece))


def take(partial: Partial, sha256: str) -> Partial:
    """The file was taken in: its pieces are needed no more."""
    return replace(partial, taken=sha256, slot=None)


def end(partial: Partial) -> Partial:
    """Nobody may go on with it: its bytes are about to go."""
    return replace(partial, ending=True)
