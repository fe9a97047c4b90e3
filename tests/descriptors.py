"""Sees that no process of a test opens a database that it holds: closing the second descriptor drops sqlite's locks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

LOCKED: Final = (".sqlite", ".sqlite-shm")
"""What sqlite puts locks on; the log has none."""


class SecondDescriptorError(RuntimeError):
    """A database was opened beside sqlite, in the process that has it open (ADR 28)."""


def forbid_second_descriptors() -> None:
    """Raise SecondDescriptorError wherever this process does so from now on; a hook cannot be taken off again."""
    sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(arguments[0], str | os.PathLike):
        return
    path = os.fspath(arguments[0])
    if isinstance(path, str) and path.endswith(LOCKED) and str(Path(path).resolve()) in held():
        raise SecondDescriptorError(path)


def held(pid: int | str = "self") -> set[str]:
    """The names of all that a process holds open; those of files that nobody will find again end in ` (deleted)`."""
    names = set()
    for link in os.scandir(f"/proc/{pid}/fd"):
        try:
            names.add(str(Path(link.path).readlink()))
        except FileNotFoundError:
            continue
    return names
