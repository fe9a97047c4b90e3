"""What sqlite finds damaged in a file of its own."""

from __future__ import annotations

import math
import sqlite3
from threading import Timer
from typing import Final

MOST: Final = 10
"""Findings that are told; a torn file has thousands."""


def damage(connection: sqlite3.Connection, seconds: float) -> list[str]:
    """Look for so long at most, and tell what was found by then; blocks. Without a bound, indexes and rows are read too."""
    thorough = seconds == math.inf
    watch = None if thorough else Timer(seconds, connection.interrupt)
    try:
        if watch is not None:
            watch.start()
        check = f"PRAGMA {'integrity' if thorough else 'quick'}_check({MOST})"
        said = [line for (text,) in connection.execute(check) for line in str(text).splitlines()]
        found = [line for line in said if line != "ok" and not line.startswith("***")]
        return (found or _unreadable_rows(connection))[:MOST] if thorough else found[:MOST]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            return []
        raise
    except sqlite3.DatabaseError as error:
        return [str(error)]
    finally:
        if watch is not None:
            watch.cancel()
            watch.join()


def _unreadable_rows(connection: sqlite3.Connection) -> list[str]:
    """Rows that sqlite has as they were written, and that are no documents."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = []
    for table in tables:
        rows = connection.execute(f'SELECT id FROM "{table}" WHERE NOT json_valid(doc) LIMIT {MOST}')  # noqa: S608 - its own names
        found += [f"{table} {id} is not a document" for (id,) in rows]
    return found
