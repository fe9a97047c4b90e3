"""No task is started and forgotten: what outlives the call it is made in is kept running by the supervisor.

A task that dies unseen is how one odd mail ended all urgent mails (acceptance 103).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, files, having, listed, tree

STARTERS = ("create_task", "ensure_future", "run_coroutine_threadsafe")

ALLOWED = {
    "services/chassis/telemetry/supervisor.py:running": "the supervisor itself",
    "services/chassis/broker/amqp.py:consume": "catches everything and attaches anew; ends with the block that it serves",
    "services/chassis/broker/amqp.py:_attach": "a worker that fails is told of and takes the channel with it",
    "services/chassis/broker/amqp.py:_publish": "over before the call returns",
    "services/chassis/broker/local.py:publish": "over before the call returns",
    "services/chassis/broker/local.py:consume": "what it begins catches everything; ends with the block that it serves",
    "services/chassis/broker/local.py:_hand_out": "`hand_over` catches everything; ends with what has begun it",
    "services/chassis/store/batch_loader.py:get": "whatever befalls it is told to all who wait for its answer",
    "services/chassis/work/background.py:_holding": "a task group, over before the block that it holds for",
    "services/cli/control.py:_connected": "answers one order, whatever befalls it; is waited for at the end",
    "services/documents/usecases/inspection/pool.py:_start": "whatever befalls it ends its process, of which all hear",
    "services/mailer/usecases/sending.py:take_up": "what befalls a mail is its own end; the sender ends with its tasks",
    "services/mailer/usecases/sending.py:_wait": "over before the call returns",
    "services/mailer/usecases/sending.py:_hand_over": "over before the call returns, and outlives a cancellation",
    "services/applications/usecases/one_by_one.py:some_at_once": "a task group, over before the call returns",
    "services/offers/usecases/imports.py:import_programmes": "a task group, over before the call returns",
    "services/offers/usecases/kept.py:_followed": "a task group, over before the call returns",
}
"""Where else tasks are started, and why nothing can be lost with them."""


def test_groups_of_tasks_are_those_that_lose_no_cancellation() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in having(files("services"), "TaskGroup")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "TaskGroup"
    ]
    assert [each.partition(":")[0] for each in found] == ["services/chassis/telemetry/supervisor.py"], listed(found)


def started(file: Path) -> Iterator[tuple[str, int]]:
    """(innermost function, line) of every place that starts a task."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            if isinstance(child, ast.Attribute | ast.Name):
                name = child.attr if isinstance(child, ast.Attribute) else child.id
                if name in STARTERS:
                    yield inner, child.lineno
            yield from walk(child, inner)

    return walk(tree(file), "")


def places() -> dict[str, int]:
    return {
        f"{file.relative_to(ROOT)}:{function}": line
        for file in having(files("services"), *STARTERS)
        for function, line in started(file)
    }


def test_every_long_lived_task_is_kept_running_by_the_supervisor() -> None:
    found = places()
    assert not found.keys() - ALLOWED.keys(), listed(found.keys() - ALLOWED.keys())


def test_what_is_allowed_is_still_there() -> None:
    assert not ALLOWED.keys() - places().keys(), listed(ALLOWED.keys() - places().keys())


def test_a_task_that_is_started_is_found(tmp_path: Path) -> None:
    seed = tmp_path / "seed.py"
    seed.write_text(
        "import asyncio\nfrom asyncio import create_task\n"
        "async def f():\n    create_task(g())\nasync def h(loop):\n    loop.create_task(g())\n"
    )
    assert [function for function, _ in started(seed)] == ["f", "h"]
