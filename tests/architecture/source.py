"""Python files of the repository, read as syntax trees."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files(*folders: str) -> list[Path]:
    """The Python files below the folders, named from the root of the repository."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def having(among: Iterable[Path], *words: str) -> Iterator[Path]:
    """Those of the files in whose text one of the words stands: to walk through the trees of all takes a second."""
    for file in among:
        text = file.read_text(encoding="utf-8")
        if any(word in text for word in words):
            yield file


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(module: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, full name of what is imported), whether at the top or inside a function."""
    for node in _statements(module):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=origin, names=names, level=0):
                yield from ((node.lineno, f"{origin}.{name.name}") for name in names)


def _statements(module: ast.AST) -> Iterator[ast.AST]:
    """All statements, however deep, without the expressions in them, which are nine tenths of a tree."""
    waiting = [module]
    while waiting:
        node = waiting.pop()
        yield node
        for blocks in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, blocks, None)
            if isinstance(inner, list):
                waiting.extend(inner)


def calls(module: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every call whose function is a plain dotted name."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            yield node.lineno, name


def dotted(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr) if head := dotted(value):
            return f"{head}.{attr}"
    return ""


def place(file: Path, line: int) -> str:
    shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name
    return f"{shown}:{line}"


def listed(findings: Iterable[str]) -> str:
    return "\n".join(sorted(findings))
