"""The institution's own comments on pieces, one on a line, and what is said with one of them."""

from __future__ import annotations

import pytest

from services.applications.domain.commenting import LONGEST, said
from services.contracts.decision_rules import PieceComments
from services.contracts.parameter_rules import Unfit
from services.contracts.piece_comments import (
    LONGEST_COMMENT,
    MOST_COMMENTS,
    PieceComment,
    comment_line,
    comments_for,
    piece_comment,
)
from services.contracts.refusals import RefusedError

BLURRED = PieceComment("FLOU", "Illisible.", "Cannot be read.")


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        ("FLOU | Illisible. | Cannot be read.", BLURRED),
        ("FLOU|Illisible.", PieceComment("FLOU", "Illisible.")),
        (
            "CNI | Recto seul. |  | optional inactive mandatory",
            PieceComment("CNI", "Recto seul.", kinds=("mandatory", "optional"), active=False),
        ),
        (f"C | {'x' * LONGEST_COMMENT}", PieceComment("C", "x" * LONGEST_COMMENT)),
    ],
)
def test_a_line_says_a_comment_and_is_written_the_same(line: str, comment: PieceComment) -> None:
    assert piece_comment(line) == comment
    assert piece_comment(comment_line(comment)) == comment


@pytest.mark.parametrize(
    "line", ["", "C", "| A", "C |", "C | A | B | refused", "C | A | B | | D", f"C | {'x' * (LONGEST_COMMENT + 1)}"]
)
def test_what_is_no_comment_is_passed_over(line: str) -> None:
    assert comments_for([line, "FLOU | Illisible. | Cannot be read."], "mandatory") == (BLURRED,)


def test_comments_serve_for_the_pieces_that_they_are_for() -> None:
    lines = ["A | Un", "B | Deux | | conditional", "C | Trois | | inactive", "D | Quatre | | mandatory optional"]
    served = {kind: [each.code for each in comments_for(lines, kind)] for kind in ("mandatory", "conditional")}
    assert served == {"mandatory": ["A", "D"], "conditional": ["A", "B"]}


def test_no_two_of_a_list_are_alike_and_there_are_not_too_many() -> None:
    lines = [f"C{number} | Commentaire {number}" for number in range(MOST_COMMENTS)]
    assert len(PieceComments().read(lines)) == MOST_COMMENTS
    for given, slug in (
        ([*lines, "AUTRE | Un autre"], "too-many"),
        (["FLOU | Illisible", "flou | Coupé"], "repeated"),
        (["FLOU | Illisible", "COUPE | ILLISIBLE"], "labels-alike"),
        (["FLOU"], "not-a-piece-comment"),
    ):
        with pytest.raises(Unfit) as refused:
            PieceComments().read(given)
        assert refused.value.slug == slug


def test_words_of_ones_own_stand_below_as_far_as_there_is_room() -> None:
    room = LONGEST - len(BLURRED.en) - 1
    assert said([BLURRED], "FLOU", None, "fr") == "Illisible."
    assert said([BLURRED], "FLOU", "x" * room, "en") == f"Cannot be read.\n{'x' * room}"
    for code, words, fault in (
        ("FLOU", "x" * (room + 1), ("verdicts.1.comment", "too-long", {"max": room})),
        ("COUPE", None, ("verdicts.1.comment_code", "unknown-comment", {})),
    ):
        with pytest.raises(RefusedError) as refused:
            said([BLURRED], code, words, "en", "verdicts.1.")
        (wrong,) = refused.value.fields
        assert (wrong.field, wrong.slug, wrong.params) == fault
