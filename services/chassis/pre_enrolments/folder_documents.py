"""Documents of who was handed over as files: a folder for each person, with a table of what is in it.

`documents/<reference>/index.csv` has a line for each document, as tables of people are written, and is there whole or not at
all; a file that it names is there before it. Who takes them takes the folder away.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from services.chassis.fsync import make_folder, sync_folder
from services.chassis.ports.pre_enrolments import PreEnrolmentsUnavailable
from services.chassis.pre_enrolments.returned import returned
from services.contracts.pre_enrolment_documents import DocumentEntry, HeldDocument, held_document_line
from services.contracts.pre_enrolments import HeldDigest

FOLDER: Final = "documents"
INDEX: Final = "index.csv"
COLUMNS: Final = (*DocumentEntry.model_fields, "file")
MOST_INDEX_BYTES: Final = 1024 * 1024
MOST_HELD_DOCUMENTS: Final = 2_000_000
MOST_RETURNED_BYTES: Final = 256 * 1024 * 1024
_ENDINGS: Final = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]")

Lines = dict[str, Mapping[str, str]]
"""Of an index, by document."""


async def put(root: Path, entry: DocumentEntry, content: AsyncIterator[bytes]) -> None:
    """Write one file and name it in the index; raises OSError, PreEnrolmentsUnavailable, and what `content` raises.

    Of a revision that is older than the one in the index nothing is written.
    """
    folder = root / FOLDER / quote(entry.reference, safe="")
    if not await asyncio.to_thread(_is_wanted, folder, entry):
        return
    name = _name(entry)
    unfinished = folder / f".{name}.part"
    file = await asyncio.to_thread(unfinished.open, "wb")
    digest, size = hashlib.sha256(), 0
    try:
        async for chunk in content:
            digest.update(chunk)
            size += len(chunk)
            await asyncio.to_thread(file.write, chunk)
        if (digest.hexdigest(), size) != (entry.sha256, entry.size):
            raise PreEnrolmentsUnavailable("other bytes than were announced")
        await asyncio.to_thread(file.flush)
        await asyncio.to_thread(_finish, folder, unfinished, name, entry)
    finally:
        await asyncio.to_thread(_leave, file, unfinished)


def drop(root: Path, entry: DocumentEntry) -> None:
    """Say so in the index, then take the file away; raises OSError, PreEnrolmentsUnavailable."""
    folder = root / FOLDER / quote(entry.reference, safe="")
    if not _is_wanted(folder, entry):
        return
    _index(folder, entry, "")
    _clear(folder, entry)
    sync_folder(folder)


def told(root: Path, campaign: str) -> tuple[HeldDigest, datetime]:
    """By `returned/<campaign>.documents.csv`, which who takes the files gives back; as the table of people."""

    def line(row: Mapping[str, str]) -> tuple[tuple[str, str], int]:
        held = HeldDocument(reference=row["reference"], document=row["document"], revision=int(row["revision"]))
        return (held.reference, held.document), held.revision

    found, written = returned(
        root, campaign, ".documents.csv", line, most_bytes=MOST_RETURNED_BYTES, most_lines=MOST_HELD_DOCUMENTS
    )
    digest = hashlib.sha256()
    for reference, document in sorted(found):
        digest.update(held_document_line(reference, document, found[reference, document]))
    return HeldDigest(count=len(found), sha256=digest.hexdigest()), written


def _name(entry: DocumentEntry) -> str:
    ending = _ENDINGS.get(entry.media_type or "", "")
    return f"{_FOREIGN.sub('_', entry.piece or '')[:40]}-{_FOREIGN.sub('_', entry.document)}{ending}"


def _is_wanted(folder: Path, entry: DocumentEntry) -> bool:
    make_folder(folder)
    there = _lines(folder).get(entry.document)
    return there is None or int(there["revision"]) <= entry.revision


def _lines(folder: Path) -> Lines:
    try:
        with (folder / INDEX).open(encoding="utf-8-sig", newline="") as file:
            if os.fstat(file.fileno()).st_size > MOST_INDEX_BYTES:
                raise PreEnrolmentsUnavailable("too large an index")
            rows = list(csv.DictReader(file, delimiter=";", strict=True))
            return {row["document"]: row for row in rows if int(row["revision"])}
    except FileNotFoundError:
        return {}
    except (csv.Error, KeyError, TypeError, ValueError):
        raise PreEnrolmentsUnavailable("an index that cannot be read") from None


def _finish(folder: Path, unfinished: Path, name: str, entry: DocumentEntry) -> None:
    """The bytes are durable under their name before the index says that they are there; unless it has a newer revision."""
    if not _is_wanted(folder, entry):
        return
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(folder / name)
    sync_folder(folder)
    _index(folder, entry, name)
    _clear(folder, entry)
    sync_folder(folder)


def _clear(folder: Path, entry: DocumentEntry) -> None:
    """Take away what is there of a document and not in the index: of an end between two writes nothing stays behind."""
    document, named = _FOREIGN.sub("_", entry.document), {line["file"] for line in _lines(folder).values()}
    for pattern in (f"*-{document}", f"*-{document}.*"):
        for left in folder.glob(pattern):
            if left.name not in named:
                left.unlink(missing_ok=True)


def _index(folder: Path, entry: DocumentEntry, file_name: str) -> None:
    there: Lines = _lines(folder)
    if entry.document in there and int(there[entry.document]["revision"]) > entry.revision:
        return  # somebody else said so since it was looked at: what was put for this one is cleared away
    said = {name: _cell(value) for name, value in entry.model_dump().items()} | {"file": file_name}
    lines: Lines = there | {entry.document: said}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines[document] for document in sorted(lines))
    unfinished = folder / f".{INDEX}.part"
    with unfinished.open("wb") as file:
        file.write(text.getvalue().encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / INDEX)


def _cell(value: str | int | None) -> str:
    return "" if value is None else " ".join(str(value).split())


def _leave(file: io.BufferedWriter, unfinished: Path) -> None:
    """Whatever has happened, no half of a file stays."""
    file.close()
    with suppress(FileNotFoundError):
        unfinished.unlink()
