"""`parvis docs`: writes what the documents say of the code from the code."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

ROOT: Final = Path(__file__).parents[2]

GENERATORS: Final = {
    "docs/events/README.md": "services.cli.pages:events",
    "docs/api/README.md": "services.cli.pages:routes",
    "docs/operations/settings.md": "services.cli.pages:settings",
    "docs/states/applications.md": "services.applications.views.states:states_page",
    "docs/mails.md": "services.cli.pages:mails",
    "deploy/rabbitmq/definitions.json": "services.cli.topology:definitions",
}
"""Document to the function that makes its text."""


def generated() -> dict[str, str]:
    """Every generated document with the text that it should have."""
    texts = {}
    for path, place in GENERATORS.items():
        module, _, name = place.partition(":")
        make: Callable[[], str] = getattr(importlib.import_module(module), name)
        texts[path] = make()
    return texts


async def docs(*, check: bool) -> int:
    """Write them all, or say which differ."""
    texts = generated()
    stale = [path for path, text in texts.items() if not _is(ROOT / path, text)]
    for path in stale:
        click.echo(f"{'out of date: ' if check else 'written: '}{path}")
        if not check:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(texts[path])
    return 1 if stale and check else 0


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text
