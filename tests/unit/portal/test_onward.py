"""Where one goes on from a file: by its pieces, by what it needs, by the list that was left, and what has changed of it."""

from __future__ import annotations

from typing import Any, TypeVar

import pytest

from services.contracts.api.basics import View
from services.contracts.api.deposited import DocumentView
from services.contracts.api.review import ReviewPiece, ReviewRow, ReviewView
from services.portal.pages.reviewing.narrowing import Narrowed
from services.portal.pages.reviewing.noticing import AS_SEEN, address_of, changed
from services.portal.pages.reviewing.onward import after_verdict, behind_in, needed
from services.portal.pages.reviewing.showing import next_piece

V = TypeVar("V", bound=View)


def made(model: type[V], **values: Any) -> V:
    """A view of which only this is known."""
    unchecked: Any = model
    view: V = unchecked.model_construct(**values)
    return view


def view(state: str, *states: str) -> ReviewView:
    """A file with a piece in each of these states; `held` by the registrar: nobody judges it."""
    pieces = [
        made(
            ReviewPiece,
            code=str(number),
            state="deposited" if each == "held" else each,
            document=None if each == "awaiting" else made(DocumentView, id="d"),
            registrar="diploma" if each == "held" else None,
        )
        for number, each in enumerate(states)
    ]
    return made(ReviewView, id="f", state=state, pieces=pieces)


@pytest.mark.parametrize(
    ("states", "code", "piece"),
    [
        (("deposited", "validated", "deposited"), "", "0"),
        (("deposited", "validated", "deposited"), "0", "2"),
        (("deposited", "validated", "deposited"), "2", "0"),
        (("deposited", "validated", "refused"), "0", None),
        (("deposited", "held", "awaiting"), "0", None),
        ((), "", None),
    ],
)
def test_the_next_piece_is_one_that_waits_round_to_the_beginning(
    states: tuple[str, ...], code: str, piece: str | None
) -> None:
    assert next_piece(view("submitted", *states), code) == (piece and f"/gestion/f/pieces/{piece}")


@pytest.mark.parametrize(
    ("state", "states", "wanted"),
    [
        ("submitted", ("validated", "validated"), "complete"),
        ("submitted", ("validated", "refused"), "incomplete"),
        ("submitted", ("refused", "deposited"), None),
        ("submitted", ("held", "validated"), "complete"),
        ("complete", ("refused",), "incomplete"),
        ("complete", ("validated",), None),
        ("incomplete", ("refused",), None),
        ("draft", ("validated",), None),
    ],
)
def test_an_examined_file_needs_a_state_that_only_managers_give_it(
    state: str, states: tuple[str, ...], wanted: str | None
) -> None:
    file = view(state, *states)
    assert needed(file) == wanted
    there = after_verdict(file, "0", manages=True)
    assert there.endswith("/etat") == (wanted is not None)
    assert not after_verdict(file, "0", manages=False).endswith("/etat")


@pytest.mark.parametrize(
    ("id", "known", "there", "back", "wanted"),
    [
        ("a", "abc", "abc", False, "b"),
        ("c", "abc", "abc", False, None),
        ("a", "abc", "bc", False, "b"),  # it has left the list
        ("a", "abc", "c", False, "c"),  # and so has the next one
        ("c", "abc", "def", False, "d"),  # and all of the page: others have come up
        ("c", "abc", "xa", True, None),  # one has paged back: what came up stands before
        ("?", "abc", "abc", False, "a"),  # one has come from elsewhere
        ("?", "", "", False, None),
    ],
)
def test_the_next_file_is_found_of_one_that_has_left_the_list(
    id: str, known: str, there: str, back: bool, wanted: str | None
) -> None:
    assert behind_in(id, known, there, back=back) == wanted


@pytest.mark.parametrize(
    ("then", "now", "count"),
    [
        ("a1 b1", "a1 b1", 0),
        ("a1 b1", "b1 a1", 0),
        ("a1 b1", "a2 b2", 2),
        ("a1 b1", "b1", 1),
        ("a1 b1", "a1 b1 c1", 1),
        ("a1 b1", "b2 c1", 2),  # one has gone, and another has come up in its place
        ("", "a1", 1),
        ("", "", 0),
    ],
)
def test_it_is_counted_how_many_files_of_a_list_have_changed(then: str, now: str, count: int) -> None:
    was, has = ([made(ReviewRow, id=each[0], state=each[1]) for each in files.split()] for files in (then, now))
    address = address_of(Narrowed("draft", {}, "", {}), was)
    seen = address.partition("&vu=")[2]
    assert AS_SEEN.fullmatch(seen) and changed(seen, has) == count


def test_what_was_seen_is_said_of_two_hundred_files_at_most() -> None:
    assert AS_SEEN.fullmatch("x" * 1600) and not AS_SEEN.fullmatch("x" * 1608) and not AS_SEEN.fullmatch("é" * 8)
