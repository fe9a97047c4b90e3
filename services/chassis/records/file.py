"""Student records from files that the registrar's system leaves in a folder: JSON, or tables as spreadsheets save them.

Every `*.json` is a list of records; `students.csv` has a row for each student, with columns named by the members of a
record (`identity.family_name`), `internal_record.csv` the rows of all of them, and `documents.csv` the documents that the
registrar holds of them, both by `student_number`. Their bytes are below `files`, in a folder for each student number.
"""

from __future__ import annotations

import asyncio
import csv
import json
import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from pydantic import ValidationError

from services.chassis.ports.records import RecordFile, RecordsUnavailable, WrongRecord
from services.chassis.records.matching import of_person, of_student, plain, without_wrong_documents, wrong_places
from services.contracts.student_records import FILE_PATTERN, StudentRecord

MOST_JSON_BYTES: Final = 4 * 2**20
"""Of one list: it is read in one piece, while nothing else of the process goes on. Tables are read row by row."""
MOST_BYTES: Final = 64 * 2**20
"""Of all files together."""
SETTLED_SECONDS: Final = 5.0
"""How long a file must have stayed as it is until it is believed to be whole."""
SAMPLES: Final = Path(__file__).with_name("samples")
"""The records of the made-up students of the development ENT."""
STUDENTS: Final = "students.csv"
INTERNAL_RECORD: Final = "internal_record.csv"
DOCUMENTS: Final = "documents.csv"
FILES: Final = "files"
"""The folder in the folder that has one for each student, with the documents of which there are bytes."""
CHUNK_BYTES: Final = 256 * 1024


@dataclass(slots=True)
class _Index:
    """The records as they were read, not yet checked: one that is wrong is the trouble of one person alone."""

    by_number: dict[str, list[Any]] = field(default_factory=dict)
    by_national: dict[tuple[str, str], list[Any]] = field(default_factory=dict)


class FileRecords:
    """The records of a folder; files are read again when one of them has changed, and is written no more."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[object, _Index] | None = None
        self._reading = asyncio.Lock()

    async def by_student_number(self, number: str) -> StudentRecord | None:
        """The record of a number of the university's own."""
        return of_student(_one((await self._index()).by_number.get(number, [])), number)

    async def by_national_number(self, number: str, birth_date: str) -> StudentRecord | None:
        """The record that bears both."""
        found = (await self._index()).by_national.get((plain(number) or "", birth_date), [])
        return of_person(_one(found), number, birth_date)

    @asynccontextmanager
    async def file(self, number: str, name: str) -> AsyncIterator[RecordFile]:
        """The bytes of a document, as they are on disk."""
        try:
            opened = await asyncio.to_thread(_opened, self._folder, number, name)
        except OSError as error:
            raise RecordsUnavailable(type(error).__name__) from error
        try:
            yield _Opened(opened)
        finally:
            await asyncio.to_thread(opened.close)

    async def ping(self) -> None:
        """Return if the files can be read."""
        await self._index()

    async def close(self) -> None:
        """Return."""

    async def _index(self) -> _Index:
        async with self._reading:
            try:
                self._read = await asyncio.to_thread(_read, self._folder, self._read)
            except (OSError, ValueError, RecursionError) as error:
                raise RecordsUnavailable(type(error).__name__) from error
            return self._read[1]


class _Opened:
    """A file that is being read, by a thread."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    async def readany(self) -> bytes:
        """Some bytes, none at the end; raises RecordsUnavailable."""
        try:
            return await asyncio.to_thread(self._file.read, CHUNK_BYTES)
        except OSError as error:
            raise RecordsUnavailable(type(error).__name__) from error


def _opened(folder: Path, number: str, name: str) -> BinaryIO:
    """The file of a student, which cannot be one of another; raises WrongRecord, RecordsUnavailable, OSError."""
    if not re.fullmatch(FILE_PATTERN, number) or not re.fullmatch(FILE_PATTERN, name):
        raise WrongRecord("a name that is none")
    of_students = folder / FILES
    path = of_students / number / name
    if not of_students.is_dir():
        raise RecordsUnavailable("no folder of files")
    if not path.is_file() or path.resolve().parent != (of_students / number).resolve():
        raise WrongRecord("no such file")
    if time.time() - path.stat().st_mtime < SETTLED_SECONDS:
        raise RecordsUnavailable("being written")
    return path.open("rb")


def _read(folder: Path, known: tuple[object, _Index] | None) -> tuple[object, _Index]:
    """What the files hold, as known if none of them has changed since, or as long as one is being written.

    Raises OSError, ValueError, RecordsUnavailable.
    """
    tables = tuple(folder / name for name in (STUDENTS, INTERNAL_RECORD, DOCUMENTS))
    files = [*sorted(folder.glob("*.json")), *(table for table in tables if table.is_file())]
    if not files:
        raise RecordsUnavailable("no files")
    states = [(file.name, file.stat()) for file in files]
    if sum(state.st_size for _, state in states) > MOST_BYTES or any(
        state.st_size > MOST_JSON_BYTES for name, state in states if name.endswith(".json")
    ):
        raise RecordsUnavailable("too large")
    mark = tuple((name, state.st_mtime_ns, state.st_size, state.st_ino) for name, state in states)
    if known is not None and known[0] == mark:
        return known
    now = time.time()
    if any(now - state.st_mtime < SETTLED_SECONDS for _, state in states):
        if known is not None:
            return known
        raise RecordsUnavailable("being written")
    index = _Index()
    for record in _records(folder, files):
        identity = record.get("identity")
        number, of = record.get("student_number"), identity if isinstance(identity, Mapping) else {}
        national, birth_date = of.get("national_student_number"), of.get("birth_date")
        if isinstance(number, str):
            index.by_number.setdefault(number, []).append(record)
        if isinstance(national, str) and isinstance(birth_date, str):
            index.by_national.setdefault((plain(national) or "", birth_date), []).append(record)
    return mark, index


def _records(folder: Path, files: Iterable[Path]) -> Iterable[Mapping[str, Any]]:
    for file in files:
        if file.suffix == ".json":
            listed = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
                raise RecordsUnavailable("no list of records")
            yield from listed
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in _table(folder / INTERNAL_RECORD):
        rows.setdefault(str(row.pop("student_number", "")), []).append(_with_number(row, "year"))
    documents: dict[str, list[Mapping[str, Any]]] = {}
    for row in _table(folder / DOCUMENTS, "student_number", "code", "label"):
        tidy = {name: value.strip() for name, value in row.items()}
        documents.setdefault(tidy.pop("student_number", ""), []).append(tidy)
    for row in _table(folder / STUDENTS):
        record = _nested(row)
        if isinstance(studies := record.get("baccalaureate"), dict):
            record["baccalaureate"] = _with_number(studies, "year")
        number = str(record.get("student_number"))
        yield record | {"internal_record": rows.get(number, []), "documents": documents.get(number, [])}


def _table(file: Path, *needed: str) -> list[dict[str, Any]]:
    """The rows of a table, empty cells left out; its columns are parted by semicolons, or by commas.

    Raises RecordsUnavailable where one that is `needed` is missing: such a table does not say that there is nothing.
    """
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        delimiter = ";" if ";" in lines.readline() else ","
        lines.seek(0)
        try:
            reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
            rows, columns = list(reader), {name.strip().lower() for name in reader.fieldnames or ()}
        except csv.Error as error:
            raise RecordsUnavailable("no table") from error
    if not columns.issuperset(needed):
        raise RecordsUnavailable(f"{file.name} without its columns")
    if any(None in row for row in rows):
        raise RecordsUnavailable("cells without a column")
    return [{name.strip().lower(): value for name, value in row.items() if value} for row in rows]


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in row.items():
        part, _, member = name.partition(".")
        if member:
            nested.setdefault(part, {})[member] = value
        else:
            nested[part] = value
    return nested


def _with_number(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The row with a number where the table has its digits; what is none stays, and is refused with its record."""
    text = row.get(name, "")
    return {**row, name: int(text)} if text.isascii() and text.isdigit() and len(text) <= 4 else dict(row)


def _one(found: list[Any]) -> StudentRecord | None:
    """The one record that there is; raises WrongRecord for several, and for one that is wrong."""
    if not found:
        return None
    if len(found) > 1:
        raise WrongRecord("several records")
    try:
        return StudentRecord.model_validate(found[0])
    except ValidationError as error:
        if (right := without_wrong_documents(found[0], error)) is not None:
            return StudentRecord.model_validate(right)
        raise WrongRecord(f"no record: {wrong_places(error)}") from None
