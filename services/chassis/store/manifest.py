"""The file beside the stores of one machine that says which of them belong together."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.chassis.fsync import make_folder, sync_folder

NAME: Final = "suite.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The suite's name, and the services whose stores have been begun."""

    suite: str
    services: tuple[str, ...]


def read_manifest(folder: Path) -> Manifest | None:
    """What the manifest of a folder says; None if there is none, or none that can be read: the stores say the same."""
    try:
        said = json.loads((folder / NAME).read_text())
        return Manifest(str(said["suite"]), tuple(map(str, said["services"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in place, durably and whole; raises OSError."""
    make_folder(folder)
    fresh = folder / f".{NAME}-{os.getpid()}"
    text = json.dumps({"suite": manifest.suite, "services": manifest.services})
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(folder / NAME)
    sync_folder(folder)
