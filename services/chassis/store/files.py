"""The files of sqlite databases: made, and then opened by sqlite alone.

POSIX drops all locks that a process has on a file as soon as the process closes any descriptor of it. A second one on a
database, opened for whatever purpose, takes from sqlite what keeps another process from removing the log under it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path


def make_private(path: Path) -> None:
    """Make an empty database that nobody else can read, unless there is one; raises OSError.

    It gets its name after its descriptor is closed, so that no connection can be on it before. Its log inherits the mode.
    """
    if path.exists():
        return
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()


def uri(path: Path, mode: str) -> str:
    """What sqlite3 takes with `uri=True`; `mode` is `ro` or `rw`, neither of which makes a file that is not there."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def remove_empty_logs(folder: Path) -> None:
    """Have sqlite remove logs in which nothing stands, as readers leave them; for who holds the folder alone."""
    for path in folder.glob("*.sqlite"):
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and not log.stat().st_size:
            with closing(sqlite3.connect(uri(path, "rw"), uri=True)) as connection:
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def fold_logs(folder: Path) -> None:
    """Make each database one file that reading leaves as it is; for who holds a folder that nobody else knows of."""
    for path in folder.glob("*.sqlite"):
        with closing(sqlite3.connect(uri(path, "rw"), uri=True)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
