"""Damages files of sqlite as a failing disk or a careless hand would; nothing may run on them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from services.chassis.store.manifest import NAME


def databases(data: Path) -> set[str]:
    """The names of the database files."""
    return {path.name for path in data.glob("*.sqlite")}


def damage_table(path: Path, table: str) -> None:
    """Zero the root page of a table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))


def forget_identities(data: Path, *services: str) -> None:
    """Make stores as the first release left them; without a name all of them, and no manifest."""
    for name in services or [path.stem for path in data.glob("*.sqlite")]:
        with closing(sqlite3.connect(data / f"{name}.sqlite")) as connection:
            connection.execute("DROP TABLE identity")
    if not services:
        (data / NAME).unlink()
