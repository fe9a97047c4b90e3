"""Reading a table from a file of separated values, row by row, whatever is wrong with single rows."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.offers.domain.mentions import Line
from services.offers.domain.refusals import DAMAGED_ARCHIVE, IMPORT_TOO_LONG

MAX_LINES: Final = 200_000
LINE_CHARACTERS: Final = 100_000
_GZIP: Final = b"\x1f\x8b"
_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` makes of bytes that are no UTF-8."""


@contextmanager
def read_table(path: Path) -> Generator[Iterator[Line], None, None]:
    """The rows of a file in UTF-8, with or without byte order mark, plain or gzip, separated by `;`; the first is the head.

    A row that cannot be read is given with its fault instead of its cells. Rows are read one at a time, so that a large
    file needs no more memory than a small one. Raises IMPORT_TOO_LONG behind 200,000 lines, DAMAGED_ARCHIVE, OSError.
    """
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        plain = gzip.GzipFile(fileobj=file) if packed else file
        with io.TextIOWrapper(plain, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            try:
                yield _rows(text)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise DAMAGED_ARCHIVE() from None


def _rows(text: io.TextIOWrapper) -> Iterator[Line]:
    reader = csv.reader(_lines(text), delimiter=";", strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Line(first, (), "bad-quoting")
            continue
        if not cells:
            continue
        broken = any(_NOT_UTF8.search(cell) for cell in cells)
        yield Line(first, tuple(cells), "not-utf8-row" if broken else None)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines of the file, none of them endless, and not endlessly many."""
    for number in range(MAX_LINES + 1):
        line = text.readline(LINE_CHARACTERS)
        if not line:
            return
        if number == MAX_LINES or (len(line) == LINE_CHARACTERS and not line.endswith("\n")):
            raise IMPORT_TOO_LONG(max=MAX_LINES)
        yield line
