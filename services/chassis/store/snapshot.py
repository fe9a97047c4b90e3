"""Copies sqlite stores as they all were at one moment, beside processes that go on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from services.chassis.fsync import sync_folder
from services.chassis.ports import StoreUnavailable
from services.chassis.store.files import make_private, uri

_BUSY_SECONDS: Final = 30.0


def snapshot(files: Sequence[Path], folder: Path) -> None:
    """Copy the files into `folder`, under their names, durably; blocks, so it is for a thread.

    What one service has heard of another is in the copies exactly if it has been said: for an instant nobody may write to
    any of the files, and that instant is copied. Raises StoreUnavailable if writers give no way or the disk is full.
    """
    try:
        with ExitStack() as stack:
            fences = [stack.enter_context(closing(_connect(file))) for file in files]
            readers = [stack.enter_context(closing(_connect(file))) for file in files]
            for fence in fences:
                fence.execute("BEGIN IMMEDIATE")
            for reader in readers:
                reader.execute("BEGIN")
                reader.execute(
                    "SELECT count(*) FROM sqlite_schema"
                ).fetchone()  # from here on it sees this moment alone
            for fence in fences:
                fence.execute("ROLLBACK")
            for reader, file in zip(readers, files, strict=True):
                _copy(reader, folder / file.name)
        sync_folder(folder)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(str(error)) from error


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(uri(file, "rw"), uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _copy(reader: sqlite3.Connection, target: Path) -> None:
    if target.exists():
        raise StoreUnavailable(f"{target.name} is there already")
    make_private(target)
    with closing(sqlite3.connect(uri(target, "rw"), uri=True)) as copy:
        copy.execute("PRAGMA synchronous = FULL")
        reader.backup(copy)
        (answer,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise StoreUnavailable(f"{target.name}: {answer}")
