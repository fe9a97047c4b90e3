"""What values the parameters can have that say what decisions, the reasons for them and comments on pieces are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from services.contracts.conditions import MOST_LISTED, condition_line, listed_condition
from services.contracts.decision_reasons import MOST_REASONS, decision_reason
from services.contracts.decision_reasons import line_of as reason_line
from services.contracts.decision_types import MOST_TYPES, decision_type, line_of
from services.contracts.parameter_rules import Unfit
from services.contracts.piece_comments import MOST_COMMENTS, comment_line, piece_comment

Said = TypeVar("Said")
_BREAK: Final = re.compile(r"[\n;]")


@dataclass(frozen=True, slots=True)
class DecisionTypes:
    """Types of decisions, one on a line, as `contracts/decision_types.py` reads them; one at least can be chosen."""

    most: int = MOST_TYPES

    def read(self, given: object) -> tuple[str, ...]:
        """The lines in the order given; raises Unfit."""
        types = read_lines(given, self.most, decision_type, "not-a-decision-type")
        if len({each.code for each in types}) < len(types):
            raise Unfit("repeated")
        if not any(each.active for each in types):
            raise Unfit("too-few", min=1)
        return tuple(map(line_of, types))

    def holds(self, value: object) -> bool:
        """Whether these are texts, of which this release may understand less."""
        return are_texts(value)

    def __str__(self) -> str:
        return (
            f"at most {self.most} lines `CODE \\| KIND \\| FRENCH LABEL \\| ENGLISH LABEL \\| WORDS`, as text parted by "
            "`;`; the words are some of `reason`, `appeal`, `inactive`"
        )


@dataclass(frozen=True, slots=True)
class DecisionReasons:
    """Reasons for decisions, one on a line, as `contracts/decision_reasons.py` reads them; no two are called alike."""

    most: int = MOST_REASONS

    def read(self, given: object) -> tuple[str, ...]:
        """The lines in the order given; raises Unfit."""
        reasons = read_lines(given, self.most, decision_reason, "not-a-decision-reason")
        if len({each.code.casefold() for each in reasons}) < len(reasons):
            raise Unfit("repeated")
        labels = [label for each in reasons for label in each.labels]
        if len(set(labels)) < len(labels):
            raise Unfit("labels-alike")
        return tuple(map(reason_line, reasons))

    def holds(self, value: object) -> bool:
        """Whether these are texts, of which this release may understand less."""
        return are_texts(value)

    def __str__(self) -> str:
        return (
            f"at most {self.most} lines `CODE \\| FRENCH LABEL \\| ENGLISH LABEL \\| WORDS`, as text parted by `;`; the "
            "words are the kinds of decision that it is for, without any all of them, and `inactive`"
        )


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions of admissions, one on a line, as `contracts/conditions.py` reads them; no two are called alike."""

    most: int = MOST_LISTED

    def read(self, given: object) -> tuple[str, ...]:
        """The lines in the order given; raises Unfit."""
        conditions = read_lines(given, self.most, listed_condition, "not-a-condition")
        if len({each.code.casefold() for each in conditions}) < len(conditions):
            raise Unfit("repeated")
        labels = [label for each in conditions for label in each.labels]
        if len(set(labels)) < len(labels):
            raise Unfit("labels-alike")
        return tuple(map(condition_line, conditions))

    def holds(self, value: object) -> bool:
        """Whether these are texts, of which this release may understand less."""
        return are_texts(value)

    def __str__(self) -> str:
        return (
            f"at most {self.most} lines `CODE \\| FRENCH LABEL \\| ENGLISH LABEL \\| inactive`, as text parted by `;`, of "
            "which the last two may be left out"
        )


@dataclass(frozen=True, slots=True)
class PieceComments:
    """Comments on pieces, one on a line, as `contracts/piece_comments.py` reads them; no two say the same."""

    most: int = MOST_COMMENTS

    def read(self, given: object) -> tuple[str, ...]:
        """The lines in the order given; raises Unfit."""
        comments = read_lines(given, self.most, piece_comment, "not-a-piece-comment")
        if len({each.code.casefold() for each in comments}) < len(comments):
            raise Unfit("repeated")
        labels = [label for each in comments for label in each.labels]
        if len(set(labels)) < len(labels):
            raise Unfit("labels-alike")
        return tuple(map(comment_line, comments))

    def holds(self, value: object) -> bool:
        """Whether these are texts, of which this release may understand less."""
        return are_texts(value)

    def __str__(self) -> str:
        return (
            f"at most {self.most} lines `CODE \\| FRENCH TEXT \\| ENGLISH TEXT \\| WORDS`, as text parted by `;`; the words "
            "are the kinds of pieces that it is for (`mandatory`, `conditional`, `optional`), without any all of them, and "
            "`inactive`"
        )


def read_lines(given: object, most: int, said: Callable[[str], Said], slug: str) -> list[Said]:
    """What each line says; raises Unfit."""
    items: Any = _BREAK.split(given) if isinstance(given, str) else given
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise Unfit("wrong-type")
    lines = [item.strip() for item in items if item.strip()]
    if len(lines) > most:
        raise Unfit("too-many", max=most)
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(said(line))
        except ValueError:
            raise Unfit(slug, line=number) from None
    return found


def are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
