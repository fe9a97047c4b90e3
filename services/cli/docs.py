"""`parvis docs`: writes what the documents say of the code from the code."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from services.cli.model_files import model_files

ROOT: Final = Path(__file__).parents[2]

GENERATORS: Final = {
    "docs/api/README.md": "services.cli.docs_generation:routes",
    "docs/api/access.md": "services.cli.docs_generation:access",
    "docs/api/fields.md": "services.cli.docs_generation:fields",
    "docs/operations/settings.md": "services.cli.docs_generation:settings",
    "docs/operations/catalogue.md": "services.cli.catalogue_page:catalogue",
    "docs/operations/parameters.md": "services.cli.parameters_page:parameters",
    "docs/operations/student-records.openapi.json": "services.cli.student_records_page:openapi",
    ".env.example": "services.cli.docs_generation:dot_env",
    "docs/states/applications.md": "services.cli.mails_page:states",
    "docs/states/meetings.md": "services.cli.meeting_states_page:meetings_page",
    "docs/operations/metrics.md": "services.cli.docs_generation:metrics_page",
    "docs/operations/logs.md": "services.cli.docs_generation:log_page",
    "docs/mails.md": "services.cli.mails_page:mails",
    "docs/acceptance.md": "services.cli.acceptance_page:acceptance",
    "deploy/rabbitmq/definitions.json": "services.cli.topology:definitions",
    "deploy/gateway/nginx.conf": "services.cli.gateway:deployed",
}
"""Document to the function that makes its text."""

FOLDERS: Final = {"docs/events": "services.cli.events:folder"}
"""Folder to the function that makes all that lies in it, by path below it; what is released there stays as it is."""
KEPT: Final = ("docs/events/released/",)


def generated() -> dict[str, bytes]:
    """Every generated document with the bytes that it should have."""
    texts = {path: str(_make(place)) for path, place in GENERATORS.items()}
    for folder, place in FOLDERS.items():
        texts |= {f"{folder}/{name}": text for name, text in _make(place).items()}
    return {path: text.encode() for path, text in texts.items()} | {
        path.relative_to(ROOT).as_posix(): content for path, content in model_files().items()
    }


async def docs(*, check: bool) -> int:
    """Write them all and take away what is no longer made, or say which differ."""
    texts = generated()
    stale = [path for path, text in texts.items() if not _is(ROOT / path, text)]
    for path in stale:
        click.echo(f"{'out of date: ' if check else 'written: '}{path}")
        if not check:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_bytes(texts[path])
    over = [path for path in _in_folders() if path not in texts and not path.startswith(KEPT)]
    for path in over:
        click.echo(f"{'no longer made: ' if check else 'removed: '}{path}")
        if not check:
            (ROOT / path).unlink()
    return 1 if (stale or over) and check else 0


def _in_folders() -> list[str]:
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    return [path.relative_to(ROOT).as_posix() for path in files]


def _make(place: str) -> Any:
    module, _, name = place.partition(":")
    make: Callable[[], Any] = getattr(importlib.import_module(module), name)
    return make()


def _is(path: Path, text: bytes) -> bool:
    return path.is_file() and path.read_bytes() == text
