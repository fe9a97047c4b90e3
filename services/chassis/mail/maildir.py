"""The embedded transport: a standard Maildir (`new`, `cur`, `tmp`), which any mail reader can open.

A mail's file is named by its Message-ID: handing it over again is a no-op, also after a reader has moved it to `cur`.
"""

from __future__ import annotations

import asyncio
import email
import hashlib
import heapq
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from typing import Final, TypeVar

from services.chassis.fsync import make_folder, sync_folder
from services.chassis.mail.addresses import check_addresses
from services.chassis.ports import MailTemporary, MailUnknown, OutgoingMail

T = TypeVar("T")

_STALE_SECONDS: Final = 36 * 3600
"""After which the definition of Maildir lets anyone remove what lies in `tmp`."""

_NAME: Final = re.compile(r"[0-9a-f]{32}")
_MAX_HEADER: Final = 64 * 1024


class MaildirMail:
    """Delivers into the Maildir `folder`; raises MailTemporary if it cannot be made.

    `read_only`: the folder is left as it is, and empty if it is not there.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="maildir")
        self._closed = False
        if read_only:
            return
        try:
            for name in ("new", "cur", "tmp"):
                make_folder(folder / name)
            for entry in os.scandir(folder / "tmp"):
                if time.time() - entry.stat().st_mtime > _STALE_SECONDS:
                    Path(entry.path).unlink(missing_ok=True)
        except OSError as error:
            raise MailTemporary(str(error.strerror)) from error

    def turn(self) -> AbstractAsyncContextManager[None]:
        """As many as come: one thread takes them in turn."""
        return nullcontext()

    async def send(self, mail: OutgoingMail, begun: Callable[[], object] | None = None) -> None:
        """Deliver once; raises MailTemporary before the mail can be seen, MailUnknown after, MailRefused."""
        check_addresses(mail)
        if begun is not None:
            begun()
        await self._run(lambda: self._deliver(mail))

    async def was_sent(self, message_id: str) -> bool | None:
        """Whether the mail lies in `new` or `cur`."""
        return await self._run(lambda: _find(self._folder, _name(message_id)) is not None)

    async def ping(self) -> None:
        """Return if a file can be delivered; raises MailTemporary."""

        def work() -> None:
            path = self._temporary()
            path.write_bytes(b"ping")
            path.unlink()
            os.scandir(self._folder / "new").close()

        await self._run(work)

    async def close(self) -> None:
        """Finish what was begun and end the thread."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise MailTemporary("closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except OSError as error:
            raise MailTemporary(str(error.strerror)) from error

    def _temporary(self) -> Path:
        return self._folder / "tmp" / f"{time.time_ns()}.{os.getpid()}.{secrets.token_hex(8)}"

    def _deliver(self, mail: OutgoingMail) -> None:
        name = _name(mail.message_id)
        if _find(self._folder, name) is not None:
            return
        temporary = self._temporary()
        try:
            with open(temporary, "xb", opener=_private) as file:
                # As every delivery agent does: the envelope on top, lines ended as this system ends them.
                file.write(f"Return-Path: <{mail.sender}>\nDelivered-To: {mail.recipient}\n".encode())
                file.write(mail.content.replace(b"\r\n", b"\n"))
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, self._folder / "new" / name)
        except FileExistsError:
            return
        finally:
            temporary.unlink(missing_ok=True)
        try:
            sync_folder(self._folder / "new")
        except OSError as error:
            raise MailUnknown(str(error.strerror)) from error


@dataclass(frozen=True, slots=True)
class MailSummary:
    """A mail in a list; `name` is what `Mailbox.read` takes."""

    name: str
    received: datetime
    recipient: str
    subject: str


class Mailbox:
    """Reads the Maildir `folder`; marks nothing as seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def newest(self, limit: int) -> list[MailSummary]:
        """The last `limit` mails, newest first."""
        return await asyncio.to_thread(self._newest, limit)

    async def read(self, name: str) -> EmailMessage | None:
        """One mail by the name that a list gave."""
        if not _NAME.fullmatch(name):
            return None
        return await asyncio.to_thread(self._read, name)

    def _newest(self, limit: int) -> list[MailSummary]:
        entries = ((entry.stat().st_mtime_ns, entry.path) for entry in _entries(self._folder))
        return [_summary(Path(path), received) for received, path in heapq.nlargest(limit, entries)]

    def _read(self, name: str) -> EmailMessage | None:
        path = _find(self._folder, name)
        if path is None:
            return None
        with path.open("rb") as file:
            return email.message_from_binary_file(file, policy=default)


def _name(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:32]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _find(folder: Path, name: str) -> Path | None:
    path = folder / "new" / name
    if path.exists():
        return path
    if not (folder / "cur").is_dir():
        return None  # before the first mail
    # A reader that has shown a mail moves it and adds its flags: `cur/<name>:2,S`.
    return next((entry for entry in (folder / "cur").iterdir() if entry.name.startswith(name)), None)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    for part in ("new", "cur"):
        if not (folder / part).is_dir():
            continue  # before the first mail
        yield from (entry for entry in os.scandir(folder / part) if _NAME.match(entry.name))


def _summary(path: Path, received: int) -> MailSummary:
    with path.open("rb") as file:
        headers = BytesHeaderParser(policy=default).parsebytes(file.read(_MAX_HEADER))
    return MailSummary(
        name=path.name[:32],
        received=datetime.fromtimestamp(received / 1e9, UTC),
        recipient=str(headers["Delivered-To"] or ""),
        subject=str(headers["Subject"] or ""),
    )
