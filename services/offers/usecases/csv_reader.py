"""Reading a table from a file of separated values, row by row, whatever is wrong with single rows."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from services.contracts.refusals.offers import DAMAGED_ARCHIVE, IMPORT_TOO_LONG
from services.offers.domain.mentions import Line

MAX_LINES: Final = 50_000
LINE_CHARACTERS: Final = 100_000
ROW_LINES: Final = 50
"""Lines that a row with line breaks in its cells may go over."""
_HEAD: Final = 1024
"""Bytes at the head of a file by which UTF-16 is known where no mark says so."""
_GZIP: Final = b"\x1f\x8b"
_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` makes of bytes that are no UTF-8."""


@contextmanager
def read_table(path: Path) -> Generator[Iterator[Line], None, None]:
    """The rows of a file in UTF-8, with or without byte order mark, plain or gzip, separated by `;`; the first is the head.

    A row that cannot be read is given with its fault instead of its cells. Rows are read one at a time, so that a large
    file needs no more memory than a small one. Raises IMPORT_TOO_LONG behind 50,000 lines, DAMAGED_ARCHIVE, OSError.
    """
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        plain = gzip.GzipFile(fileobj=file) if packed else file
        with io.TextIOWrapper(plain, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            try:
                yield rows_of(text)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise DAMAGED_ARCHIVE() from None


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or the code page of Western Windows (cp1252), whichever it is in.

    Bytes that mean nothing there are kept apart, as `surrogateescape` does. A file that holds more letters of UTF-8 than
    bytes that are none is in UTF-8 and damaged.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "surrogateescape" if mark == codecs.BOM_UTF8 else "replace")
    head = content[:_HEAD]
    if head[1::2].count(0) > len(head) // 4:
        return content.decode("utf-16-le", "replace")
    if head[::2].count(0) > len(head) // 4:
        return content.decode("utf-16-be", "replace")
    text = content.decode("utf-8", "surrogateescape")
    # One by one: a list of them would be a hundred times the file, and a search of all of it lets no other thread run.
    broken = letters = 0
    for character in text:
        if not character.isascii():
            broken, letters = (broken + 1, letters) if "\udc80" <= character <= "\udcff" else (broken, letters + 1)
    return text if letters >= broken else content.decode("cp1252", "surrogateescape")


def rows_of(text: TextIO, delimiter: str = ";") -> Iterator[Line]:
    """The rows of a table, one at a time, as `read_table` gives them."""
    lines = _Lines(text)
    width = 0
    while (first := lines.take()) is not None:
        number = lines.number
        if not first.strip():
            continue
        taken = [first]
        try:
            cells = _cells(taken, lines, delimiter)
        except csv.Error:
            cells = []
        if not cells or (len(taken) > 1 and len(cells) != width):
            # A quote that is not closed takes in the rows behind it: only the row that it stands in is at fault.
            lines.put_back(taken[1:])
            yield Line(number, (), "bad-quoting")
            continue
        width = width or len(cells)
        broken = any(_NOT_UTF8.search(cell) for cell in cells)
        yield Line(number, tuple(cells), "not-utf8-row" if broken else None)


def _cells(taken: list[str], lines: _Lines, delimiter: str) -> list[str]:
    """The cells of one row, which may go over several lines; the lines that it needed are added to `taken`."""

    def needed() -> Iterator[str]:
        yield taken[0]
        while len(taken) < ROW_LINES and (line := lines.take()) is not None:
            taken.append(line)
            yield line

    return next(csv.reader(needed(), delimiter=delimiter, strict=True), [])


class _Lines:
    """The lines of a file, none of them endless, and not endlessly many; some can be put back."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._back: list[str] = []
        self.number = 0

    def take(self) -> str | None:
        """The next line, None behind the last; `number` is its number. Raises IMPORT_TOO_LONG."""
        line = self._back.pop() if self._back else self._text.readline(LINE_CHARACTERS)
        if not line:
            return None
        self.number += 1
        if self.number > MAX_LINES or (len(line) == LINE_CHARACTERS and not line.endswith("\n")):
            raise IMPORT_TOO_LONG(max=MAX_LINES)
        return line

    def put_back(self, lines: list[str]) -> None:
        """Take these lines, the last that were taken, once more."""
        self._back += reversed(lines)
        self.number -= len(lines)
