"""Who may use a folder of databases: one suite as long as it lives, and commands of operations beside it or without.

There are two locks, which the kernel takes back when their holder dies. The file `lock` says that a suite lives. The folder
itself is locked by everybody: together by the suite and by those who read, alone by a command that writes without a suite.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from services.chassis.fsync import make_folder
from services.chassis.store.files import remove_empty_logs

log = structlog.get_logger()

LOCK: Final = "lock"
_PAUSE: Final = 0.05
_ATTEMPTS: Final = 10
"""A command that looks whether a suite lives holds the lock for an instant."""


class InUse(Exception):
    """A suite lives on the folder `args[0]`."""


@asynccontextmanager
async def owned(folder: Path, *, shared: bool = False) -> AsyncIterator[None]:
    """Hold a folder as a suite does, once no command writes there; raises InUse, OSError.

    `shared` is for a suite of several processes.
    """
    with ExitStack() as stack:
        make_folder(folder)
        lock = _opened(stack, folder / LOCK, os.O_RDWR | os.O_CREAT)
        for _ in range(_ATTEMPTS):
            if _locked(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
                break
            await asyncio.sleep(_PAUSE)
        else:
            raise InUse(folder)
        directory = _opened(stack, folder, os.O_RDONLY | os.O_DIRECTORY)
        await _lock_together(directory, folder)
        if not os.path.samestat(os.fstat(lock), (folder / LOCK).stat()):
            raise InUse(folder)  # somebody has put another folder in its place
        yield


@asynccontextmanager
async def held_alone(folder: Path) -> AsyncIterator[bool]:
    """Hold a folder alone, to write there, once other commands are through; False if a suite lives. Raises OSError."""
    waits = False
    with ExitStack() as stack:
        make_folder(folder)
        directory = _opened(stack, folder, os.O_RDONLY | os.O_DIRECTORY)
        while not (alone := _locked(directory, fcntl.LOCK_EX)):
            if is_owned(folder):
                break
            waits = waits or _tell_of_waiting(folder)
            await asyncio.sleep(_PAUSE)
        yield alone


@asynccontextmanager
async def visited(folder: Path) -> AsyncIterator[None]:
    """Be in a folder to read, beside a suite or without; nothing is left behind. Raises OSError."""
    with ExitStack() as stack:
        directory = _opened(stack, folder, os.O_RDONLY | os.O_DIRECTORY)
        await _lock_together(directory, folder)
        yield
        if _locked(directory, fcntl.LOCK_EX):
            await asyncio.to_thread(remove_empty_logs, folder)


def is_owned(folder: Path) -> bool:
    """Whether a suite lives on a folder; raises OSError."""
    with ExitStack() as stack:
        try:
            return not _locked(_opened(stack, folder / LOCK, os.O_RDWR), fcntl.LOCK_EX)
        except FileNotFoundError:
            return False


def _opened(stack: ExitStack, path: Path, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    stack.callback(os.close, descriptor)
    return descriptor


async def _lock_together(directory: int, folder: Path) -> None:
    waits = False
    while not _locked(directory, fcntl.LOCK_SH):
        waits = waits or _tell_of_waiting(folder)
        await asyncio.sleep(_PAUSE)


def _tell_of_waiting(folder: Path) -> bool:
    log.warning("stores.waiting", folder=str(folder), meaning="another command is at work there")
    return True


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
