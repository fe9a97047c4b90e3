"""Pre-enrolments as tables in a folder, from which the student records take them: a line for each person.

UTF-8, parted by semicolons, a head line with the names of `PreEnrolmentEntry`. A file is there whole or not at all; its name
comes from what it says, so that the same entries are the same file.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from services.chassis.fsync import make_folder, sync_folder
from services.chassis.ports.pre_enrolments import (
    DocumentAnswer,
    HeldThere,
    PreEnrolmentAnswer,
    PreEnrolmentsUnavailable,
)
from services.chassis.pre_enrolments import folder_documents
from services.chassis.pre_enrolments.returned import returned
from services.contracts.pre_enrolment_documents import DocumentEntry
from services.contracts.pre_enrolments import MOST_HELD, HeldDigest, HeldEntry, PreEnrolmentEntry, digest_of_held

COLUMNS: Final = tuple(PreEnrolmentEntry.model_fields)
MOST_RETURNED_BYTES: Final = 64 * 1024 * 1024
"""Of such a table, which may say more of each."""
ABANDONED_SECONDS: Final = 86_400
"""How old a file must be that a crash has left unfinished until it is taken away."""


class FolderPreEnrolments:
    """The folder, made where it is not there; who takes the files takes them away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def hand_over(self, entries: Sequence[PreEnrolmentEntry]) -> AsyncGenerator[PreEnrolmentAnswer, None]:
        """All of them in one file, which is on disk before the first answer."""
        if not entries:
            return
        try:
            await asyncio.to_thread(_write, self._folder, entries)
        except OSError as error:
            raise PreEnrolmentsUnavailable(type(error).__name__) from error
        for entry in entries:
            yield PreEnrolmentAnswer(entry, "taken")

    async def told(self, campaign: str) -> HeldThere:
        """By the table that who takes the files gives back: `returned/<campaign>.csv`."""
        return HeldThere(*await asyncio.to_thread(_told, self._folder, campaign))

    async def held(self, campaign: str) -> AsyncGenerator[HeldEntry, None]:
        """The lines of that table."""
        entries, _ = await asyncio.to_thread(_returned, self._folder, campaign)
        for entry in entries:
            yield entry

    async def put_document(self, entry: DocumentEntry, content: AsyncIterator[bytes]) -> DocumentAnswer:
        """A file in the folder of its person, which is on disk before the answer."""
        try:
            await folder_documents.put(self._folder, entry, content)
        except OSError as error:
            raise PreEnrolmentsUnavailable(type(error).__name__) from error
        return DocumentAnswer("taken")

    async def drop_document(self, entry: DocumentEntry) -> DocumentAnswer:
        """A line in the index, also where who takes the files has taken them away; the file goes where they have not."""
        try:
            await asyncio.to_thread(folder_documents.drop, self._folder, entry)
        except OSError as error:
            raise PreEnrolmentsUnavailable(type(error).__name__) from error
        return DocumentAnswer("taken")

    async def documents_told(self, campaign: str) -> HeldThere:
        """By another table that is given back: `returned/<campaign>.documents.csv`."""
        return HeldThere(*await asyncio.to_thread(folder_documents.told, self._folder, campaign))

    async def ping(self) -> None:
        """Return if files can be written there."""
        try:
            await asyncio.to_thread(make_folder, self._folder)
        except OSError as error:
            raise PreEnrolmentsUnavailable(type(error).__name__) from error
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise PreEnrolmentsUnavailable("nothing can be written there")

    async def close(self) -> None:
        """Return."""


def as_csv(entries: Sequence[PreEnrolmentEntry]) -> bytes:
    """The entries as a table; line ends are those of the standard of CSV (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, delimiter=";")
    writer.writeheader()
    for entry in sorted(entries, key=lambda each: each.key):
        writer.writerow({name: _cell(value) for name, value in entry.model_dump().items()})
    return text.getvalue().encode()


def _cell(value: str | int | None) -> str:
    """On one line, whatever somebody typed: programs that read lines would take it for two people."""
    return "" if value is None else " ".join(str(value).split())


def _told(folder: Path, campaign: str) -> tuple[HeldDigest, datetime]:
    entries, written = _returned(folder, campaign)
    return digest_of_held(entries), written


def _returned(folder: Path, campaign: str) -> tuple[Sequence[HeldEntry], datetime]:
    """Those whom a table names, in order, and when it was written."""

    def line(row: Mapping[str, str]) -> tuple[str, int]:
        entry = HeldEntry(reference=row["reference"], revision=int(row["revision"]))
        return entry.reference, entry.revision

    found, written = returned(folder, campaign, ".csv", line, most_bytes=MOST_RETURNED_BYTES, most_lines=MOST_HELD)
    return [HeldEntry(reference=each, revision=found[each]) for each in sorted(found)], written


def _write(folder: Path, entries: Sequence[PreEnrolmentEntry]) -> None:
    make_folder(folder)
    content = as_csv(entries)
    stamp = max(entry.asked_at for entry in entries).translate(str.maketrans("", "", "-:"))
    name = f"pre-enrolments-{stamp}-{hashlib.sha256(content).hexdigest()[:16]}.csv"
    unfinished = folder / f".{name}.{os.getpid()}.part"
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / name)
    sync_folder(folder)
    for left in folder.glob(".pre-enrolments-*.part"):
        with suppress(FileNotFoundError):  # another process has taken it away, or finished it
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()
