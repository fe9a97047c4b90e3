"""What is said of a piece with one of the institution's comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.contracts.piece_comments import PieceComment
from services.contracts.refusals import INVALID_FIELDS, FieldError

LONGEST: Final = 500
"""Characters of all that is said of one piece."""


def said(comments: Sequence[PieceComment], code: str, words: str | None, language: str, prefix: str = "") -> str:
    """The comment of that code among these, in the candidate's language, with `words` of one's own below it.

    Raises INVALID_FIELDS, of fields that begin with `prefix`: `unknown-comment`, `too-long`.
    """
    chosen = next((each for each in comments if each.code == code), None)
    if chosen is None:
        raise INVALID_FIELDS(fields=[FieldError(f"{prefix}comment_code", "unknown-comment")])
    text = chosen.text(language)
    if words is not None and len(text) + 1 + len(words) > LONGEST:
        raise INVALID_FIELDS(fields=[FieldError(f"{prefix}comment", "too-long", {"max": LONGEST - len(text) - 1})])
    return text if words is None else f"{text}\n{words}"
