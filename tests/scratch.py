"""Where tests write: in memory where there is room, which waits for no disk.

A process that is killed loses nothing there either; only a loss of power could tell the difference, which no test brings.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
ROOM: Final = 4 * 2**30
"""Bytes that must be free in it: a whole run needs a part of them at a time."""


def choose() -> None:
    """Let `tempfile`, and with it pytest, the servers and all children, write where it is best."""
    if found := best(os.environ):
        os.environ["TMPDIR"] = str(found)
        tempfile.tempdir = None


def best(environment: Mapping[str, str], memory: Path = MEMORY) -> Path | None:
    """A folder in memory; None where there is none with room, or TMPDIR says where."""
    return memory if "TMPDIR" not in environment and has_room(memory) else None


def has_room(memory: Path, room: int = ROOM) -> bool:
    """Whether it is there, lets us write and run programs, and has so many bytes left."""
    try:
        there = os.statvfs(memory)
    except OSError:
        return False
    may_run = not there.f_flag & (os.ST_NOEXEC | os.ST_RDONLY)
    return may_run and os.access(memory, os.W_OK | os.X_OK) and there.f_bavail * there.f_frsize >= room
