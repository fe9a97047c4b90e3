"""The crash points of the suite, read off the code."""

from __future__ import annotations

import ast
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"


def crash_labels() -> list[str]:
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
    return labels


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
