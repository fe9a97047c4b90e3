"""Tables that come from spreadsheets, read into texts within bounds that are known before the work is done.

Nothing of a workbook is evaluated: of a formula the value is read that stands beside it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import IO, Any, Final

import structlog
from openpyxl import load_workbook

from services.contracts.refusals import RefusedError
from services.contracts.refusals.applications import TABLE_HAS_SHEETS, TABLE_UNREADABLE, TOO_MANY_ROWS

log = structlog.get_logger()

MAX_COLUMNS: Final = 60
"""Those behind are not looked at."""
MAX_UNPACKED: Final = 24 * 2**20
"""Bytes of all parts of a workbook together."""
MAX_PARTS: Final = 200
MAX_ELEMENTS: Final[Mapping[bytes, int]] = {b"c": 200_000, b"si": 100_000, b"row": 20_000, b"xf": 5_000}
"""Of all parts together: cells, shared texts, rows and formats, each of which costs their reader far more than its bytes."""
MAX_TAGS: Final = 1_500_000
MAX_OTHER_TAGS: Final = 50_000
"""Of elements that are neither these nor what stands in them."""
_WITHIN: Final = (b"c", b"si", b"row", b"v", b"t", b"is", b"f", b"r")
_TAG: Final = re.compile(rb"</?(?:[\w.-]+:)?([\w.-]+)")
_CHUNK: Final = 2**18
_OTHER_SIGNS: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\x4c\x6f\xa7\x94")
"""How XML begins whose tags cannot be counted as bytes: UTF-16 and EBCDIC."""
_LAST_ROW: Final = 2**20
"""Of any spreadsheet."""
_BLANK_ROWS: Final = 1_000
"""That may stand between others, as spreadsheets leave them where lines were emptied."""
_WORKBOOK: Final = b"PK\x03\x04"
_ENCODINGS: Final = ("utf-8-sig", "cp1252")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[int, list[str]]
"""The number of a row in its table, from 1, and its cells."""


def read_table(content: bytes, most: int) -> list[Row]:
    """The rows of a table that hold something, the headings first, `most` beneath them; a workbook's first sheet.

    Raises TABLE_UNREADABLE, TOO_MANY_ROWS, TABLE_HAS_SHEETS. It blocks, for a second or two at the bounds.
    """
    return [*_within(_workbook(content, most) if is_workbook(content) else _lines(content), most)]


def is_workbook(content: bytes) -> bool:
    """Whether it begins as workbooks do."""
    return content.startswith(_WORKBOOK)


def _within(rows: Iterable[Sequence[str]], most: int) -> Iterator[Row]:
    found = 0
    for number, row in enumerate(rows, 1):
        if not any(row):
            continue
        found += 1
        if found > most + 1:
            raise TOO_MANY_ROWS(most=most)
        last = max(place for place, cell in enumerate(row) if cell)
        yield number, list(row[: last + 1])


def _lines(content: bytes) -> Iterator[list[str]]:
    text = _text(content)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [plain(cell) for cell in line[:MAX_COLUMNS]]
    except csv.Error:
        raise TABLE_UNREADABLE() from None


def _text(content: bytes) -> str:
    """The text in UTF-8, or as the spreadsheets of Windows in Europe write it, which leaves five bytes without a sign."""
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TABLE_UNREADABLE()


def _workbook(content: bytes, most: int) -> Iterator[list[str]]:
    """Its rows; raises TOO_MANY_ROWS, for far below something may stand as well."""
    last = most + _BLANK_ROWS + 2
    for number, row in enumerate(_cells(content), 1):
        if number <= last:
            yield [plain(_said(cell)) for cell in row]
        elif any(plain(_said(cell)) for cell in row if cell is not None):
            raise TOO_MANY_ROWS(most=most)


def _cells(content: bytes) -> Iterator[Sequence[Any]]:
    """The rows of a workbook's first sheet, as its reader gives them; raises TABLE_UNREADABLE.

    What stands on another sheet would not be entered, and nobody would see it: raises TABLE_HAS_SHEETS.
    """
    try:
        _check_size(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        first, *others = book.worksheets
        for place, sheet in enumerate(others, 2):
            if any(plain(_said(cell)) for row in _of_sheet(sheet) for cell in row if cell is not None):
                raise TABLE_HAS_SHEETS(sheet=place)
        yield from _of_sheet(first)
    except (MemoryError, RefusedError):
        raise
    except Exception as error:  # what a broken or hostile workbook does to its reader has no end of names
        log.info("table.unreadable", service="applications", error=type(error).__name__)
        raise TABLE_UNREADABLE() from error


def _of_sheet(sheet: Any) -> Iterator[Sequence[Any]]:
    sheet.reset_dimensions()  # what a file says of its own extent is believed by nobody
    yield from sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS, values_only=True)


def _check_size(content: bytes) -> None:
    """Raises ValueError: no more is unpacked of a part than it says of itself, and no more is in it than may be read."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise ValueError("too large")
        found: Counter[bytes] = Counter()
        for part in parts:
            with packed.open(part) as opened:
                _count(opened, found)


def _count(part: IO[bytes], found: Counter[bytes]) -> None:
    """Add the tags of a part; raises ValueError once there are too many."""
    kept, begun = b"", False
    while chunk := part.read(_CHUNK):
        if not begun and chunk.startswith(_OTHER_SIGNS):
            raise ValueError("unreadable signs")
        begun = True
        if b"<!DOCTYPE" in (data := kept + chunk):
            raise ValueError("a document type")
        # A tag that is cut stays for the next chunk; one that has no end within its chunk is none of a spreadsheet's.
        cut = data.rfind(b"<")
        data, kept = (data, b"") if cut < 0 or b">" in data[cut:] else (data[:cut], data[cut:])
        if len(kept) > _CHUNK:
            raise ValueError("a tag without an end")
        _add(data, found)
    _add(kept, found)


def _add(data: bytes, found: Counter[bytes]) -> None:
    found[b""] += data.count(b"<")
    names = Counter(_TAG.findall(data))
    closing = Counter(re.findall(rb"</(?:[\w.-]+:)?(c|si|row|xf)\b", data))
    for name in _WITHIN:
        found[b"within"] += names[name]
    for name, most in MAX_ELEMENTS.items():
        found[name] += names[name] - closing[name]
        if found[name] > most:
            raise ValueError("too many elements")
    if found[b""] > MAX_TAGS or found[b""] - found[b"within"] > MAX_OTHER_TAGS:
        raise ValueError("too many tags")


def _said(value: Any) -> str:
    """A cell as it would have been typed."""
    match value:
        case None | bool():
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case _:
            return str(value)


def plain(cell: str) -> str:
    """The text of a cell, without the sign by which what looks like a formula goes out as a text."""
    cell = cell.replace("\r\n", "\n").replace("\r", "\n").strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
