"""The crash points of the suite, read off the code."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"
BY_THE_CLOCK = ("documents.erasing", "documents.bytes-erased")
"""Reached a week later, when what was never attached is erased."""
BY_ONE = (
    *("accounts.change-taken", "documents.piece-kept", "documents.piece-noted", "documents.partial-ending"),
    *("work.claimed", "work.made", "mailer.return-taken"),
)
"""Of what hardly anybody does: somebody of one's own goes there."""


@cache
def crash_labels() -> tuple[str, ...]:
    """Every label given to `failpoint` in the code; each call must give a literal, and no two the same."""
    labels = []
    for path in sorted(SERVICES.rglob("*.py")):
        code = path.read_text()
        if "failpoint" not in code:
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and _name(node.func) == "failpoint":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant), f"{path}:{node.lineno}: the label is not a literal"
                labels.append(str(argument.value))
    assert len(set(labels)) == len(labels), "a label names two places"
    return tuple(labels)


def reached_by_a_crowd() -> list[str]:
    """The labels at which people pass sooner or later who do what everybody does."""
    return [label for label in crash_labels() if label not in (*BY_THE_CLOCK, *BY_ONE)]


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
