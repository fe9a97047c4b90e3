"""Every line of the log says what is declared in `services/contracts/log_lines.py`, and nothing declared is said nowhere.

So no key comes to the log without somebody's decision that it names nobody (no personal data outside their places).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from services.contracts.log_lines import CONTEXT, EVENTS, KEYS
from tests.architecture.source import ROOT, dotted, files, imports, listed, place, tree

METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
ALWAYS = CONTEXT | {"exc_info"}
THE_ROOM = ROOT / "services/chassis/telemetry"
"""Where lines are made ready, of whatever they tell."""


@dataclass
class Said:
    """What a file tells the log: keys by event, and what cannot be read off it."""

    lines: list[tuple[int, str, frozenset[str]]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


@cache
def said(file: Path) -> Said:
    found = Said()
    if not ("structlog" in (text := file.read_text(encoding="utf-8")) or "logging" in text or "Sampled" in text):
        return found
    module = tree(file)
    loggers = {name for name, _ in made(module, "structlog.get_logger")}
    sampled = {name: call.args[0] for name, call in made(module, "Sampled")}
    read: set[int] = set()
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        target = node.func
        ways = [target.body, target.orelse] if isinstance(target, ast.IfExp) else [target]
        owners = {dotted(way.value) for way in ways if isinstance(way, ast.Attribute)}
        if owners <= loggers and owners and all(isinstance(w, ast.Attribute) and w.attr in METHODS for w in ways):
            read |= {id(way.value) for way in ways if isinstance(way, ast.Attribute)}
            take(found, node, node.args[0] if node.args else None)
        elif isinstance(target, ast.Attribute) and target.attr == "tell" and dotted(target.value) in sampled:
            take(found, node, sampled[dotted(target.value)])
        elif dotted(target).startswith("structlog.contextvars."):
            take(found, node, None, context=True)
    found.unreadable += [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Name | ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and dotted(node) in loggers
        and id(node) not in read
    ]
    found.unreadable += [
        line for line, name in imports(module) if name == "logging" or name.startswith(("structlog.", "logging."))
    ]
    return found


def made(module: ast.AST, maker: str) -> Iterator[tuple[str, ast.Call]]:
    """(dotted name, call) of what is assigned from a call of `maker`."""
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[target], value=ast.Call() as call) if dotted(call.func) == maker:
                yield dotted(target), call
            case ast.AnnAssign(target=target, value=ast.Call() as call) if dotted(call.func) == maker:
                yield dotted(target), call


def take(found: Said, call: ast.Call, event: ast.expr | None, *, context: bool = False) -> None:
    events = [event.body, event.orelse] if isinstance(event, ast.IfExp) else [event]
    keys = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
    plain = len(call.args) <= 1 and len(keys) == len(call.keywords)
    for one in events:
        match one:
            case ast.Constant(value=str(name)) if plain and not context:
                found.lines.append((call.lineno, name, keys - ALWAYS))
            case None if context and plain and keys <= CONTEXT:
                pass
            case _:
                found.unreadable.append(call.lineno)


def findings(file: Path, events: Mapping[str, frozenset[str]] = EVENTS) -> Iterator[str]:
    told = said(file)
    yield from (f"{place(file, line)} cannot be read off" for line in told.unreadable)
    for line, event, keys in told.lines:
        if event not in events:
            yield f"{place(file, line)} event {event!r}"
        elif over := keys - events[event]:
            yield f"{place(file, line)} {event!r} with {sorted(over)}"


def everywhere() -> list[Path]:
    return [file for file in files("services") if not file.is_relative_to(THE_ROOM) or file.name == "supervisor.py"]


def test_no_line_says_what_is_not_declared() -> None:
    assert not (found := [finding for file in everywhere() for finding in findings(file)]), listed(found)


def test_what_is_declared_is_said_somewhere() -> None:
    told: dict[str, set[str]] = {event: set() for event in EVENTS}
    for file in everywhere():
        for _, event, keys in said(file).lines:
            told[event] |= keys | {""}
    unsaid = {event: over for event, keys in EVENTS.items() if (over := ((keys - {"more"}) | {""}) - told[event])}
    assert not unsaid


def test_every_key_is_described_and_every_description_needed() -> None:
    assert frozenset().union(*EVENTS.values(), CONTEXT) == KEYS.keys()


@pytest.mark.parametrize(
    "seed",
    [
        'log.info("thing.done", email="zoe")',
        'log.info("thing.undone")',
        'log.info(f"thing.done {1}")',
        'log.info("thing.done", **everything)',
        'log.info("thing.done %s", "zoe")',
        "log.bind(email=1)",
        'tell = log.info\ntell("thing.done")',
        '(log.info if 1 else log.error)("thing.done", email="zoe")',
        'log.info("thing.done" if 1 else "thing.undone")',
        'structlog.contextvars.bind_contextvars(email="zoe")',
        'kinds = Sampled("thing.done")\nkinds.tell(email="zoe")',
        'import logging\nlogging.getLogger().info("zoe")',
        "from structlog import get_logger",
    ],
)
def test_a_line_that_says_more_is_found(tmp_path: Path, seed: str) -> None:
    file = tmp_path / "seed.py"
    file.write_text(f"import structlog\nlog = structlog.get_logger()\n{seed}\n")
    assert list(findings(file, {"thing.done": frozenset({"count"})}))


def test_a_line_that_says_what_is_declared_is_not(tmp_path: Path) -> None:
    file = tmp_path / "seed.py"
    file.write_text(
        'import structlog\nlog = structlog.get_logger()\nlog.info("thing.done", count=1, event_id="a")\n'
        'log.exception("thing.done")\nlog.error("thing.done", exc_info=error)\n'
        'structlog.contextvars.bind_contextvars(correlation="c")\nkinds = Sampled("thing.done")\nkinds.tell(count=1)\n'
    )
    assert not list(findings(file, {"thing.done": frozenset({"count"})}))
