"""An upload that goes on: which piece fits, which is worth keeping, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.refusals import RefusedError
from services.documents.domain import partial as partials
from services.documents.domain.partial import LEAST_PIECE, Partial, Piece
from services.documents.domain.uploads import DeclaredUpload

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LENGTH = 3 * LEAST_PIECE


def begun(length: int = LENGTH, *sizes: int) -> Partial:
    """An upload of which pieces of these sizes have come."""
    offer = DeclaredUpload("application/pdf", "cv.pdf", length)
    partial = partials.begin("ann", offer, slot=3, now=NOW, keep=DAY, part=False)
    for number, size in enumerate(sizes):
        partial = partials.append(partial, Piece(f"documents/{number}", size, "0" * 64))
    return partial


def refusal(partial: Partial, offset: int, announced: int | None, *, last: bool = False) -> str:
    """The slug by which a piece is refused, or nothing."""
    try:
        partials.check_piece(partial, offset, announced, last=last)
    except RefusedError as refused:
        return refused.slug.name
    return ""


def test_what_was_said_of_the_file_is_what_is_taken_in() -> None:
    partial = begun()
    assert partial.offer == DeclaredUpload("application/pdf", "cv.pdf", LENGTH)
    assert (partial.offset, partial.rest, partial.slot, partial.due_at) == (0, LENGTH, 3, NOW + DAY)
    assert begun(LENGTH, LEAST_PIECE, 70_000).offset == LEAST_PIECE + 70_000


@pytest.mark.parametrize(
    ("offset", "announced", "last", "why"),
    [
        (LEAST_PIECE, LEAST_PIECE, False, ""),
        (LEAST_PIECE, None, False, ""),
        (LEAST_PIECE, 0, False, ""),
        (LEAST_PIECE, 2 * LEAST_PIECE, True, ""),
        (LEAST_PIECE - 1, LEAST_PIECE, False, "wrong-offset"),
        (LEAST_PIECE + 1, None, True, "wrong-offset"),
        (LEAST_PIECE, LEAST_PIECE - 1, False, "piece-too-small"),
        (LEAST_PIECE, 1, False, "piece-too-small"),
        (LEAST_PIECE, 2 * LEAST_PIECE + 1, False, "inconsistent-length"),
        (LEAST_PIECE, 2 * LEAST_PIECE - 1, True, "inconsistent-length"),
        (LEAST_PIECE, 0, True, "inconsistent-length"),
    ],
)
def test_a_piece_begins_where_the_last_one_ended_and_fits(
    offset: int, announced: int | None, last: bool, why: str
) -> None:
    assert refusal(begun(LENGTH, LEAST_PIECE), offset, announced, last=last) == why


def test_the_last_piece_may_be_as_small_as_it_is() -> None:
    partial = begun(LEAST_PIECE + 2, LEAST_PIECE)
    assert refusal(partial, LEAST_PIECE, 1) == "piece-too-small"
    assert refusal(partial, LEAST_PIECE, 2) == refusal(partial, LEAST_PIECE, 2, last=True) == ""


@pytest.mark.parametrize(
    ("partial", "size", "kept"),
    [
        (begun(), LEAST_PIECE, True),
        (begun(), LEAST_PIECE - 1, False),
        (begun(LEAST_PIECE + 2, LEAST_PIECE), 2, True),
        (begun(LEAST_PIECE + 2, LEAST_PIECE), 1, False),
        (begun(LEAST_PIECE, LEAST_PIECE), 0, False),
    ],
)
def test_what_came_before_a_line_broke_is_kept_if_it_is_worth_it(partial: Partial, size: int, kept: bool) -> None:
    assert partials.is_worth_keeping(partial, size) is kept


def test_what_was_taken_in_is_whole_and_gives_its_slot_back() -> None:
    taken = partials.take(begun(LENGTH, LENGTH), "f" * 64)
    assert (taken.offset, taken.rest, taken.slot, taken.taken) == (LENGTH, 0, None, "f" * 64)


def test_it_is_there_until_its_day_is_over_or_it_is_let_go() -> None:
    partial = begun()
    assert partials.is_open(partial, NOW + DAY - timedelta(milliseconds=1))
    assert not partials.is_open(partial, NOW + DAY)
    assert not partials.is_open(partials.end(partial), NOW)
    assert partials.end(partial) == replace(partial, ending=True)
