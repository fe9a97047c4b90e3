"""Workbooks (XLSX) of any length: written row by row to a folder of their own, then sent, then gone."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Final

from xlsxwriter import Workbook

CHUNK: Final = 65536
WIDTH: Final = 20
"""Of columns, in characters."""
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class _Writer:
    """One workbook on its way, in a folder; every method blocks, and none is called while another is under way."""

    def __init__(self, within: Path | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="parvis-export-", dir=within))
        self.path = self.folder / "export.xlsx"
        self._book = Workbook(str(self.path), {**_OPTIONS, "tmpdir": str(self.folder)})
        self._sheet = self._book.add_worksheet()
        self._row = 0
        self._closed = False

    def head(self, headings: Sequence[str]) -> None:
        """The first row, which stays in sight."""
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(headings) - 1, WIDTH)
        for column, text in enumerate(headings):
            self._sheet.write_string(0, column, text, bold)
        self._row = 1

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Further rows; empty cells are left out."""
        for row in rows:
            for column, text in enumerate(row):
                if text:
                    self._sheet.write_string(self._row, column, text)
            self._row += 1

    def close(self) -> None:
        """Make the file whole."""
        self._closed = True
        self._book.close()

    def forget(self) -> None:
        """Let nothing stay, however far it has come."""
        if not self._closed:
            self._sheet._opt_close()  # noqa: SLF001 - what it writes to has no other way to be closed half-way
        shutil.rmtree(self.folder, ignore_errors=True)


async def workbook(
    headings: Sequence[str],
    pages: AsyncGenerator[list[list[str]], None],
    held: ExitStack,
    within: Path | None = None,
) -> AsyncGenerator[bytes, None]:
    """The bytes of a workbook with one sheet of these rows; `held` is let go of at its end, as its folder is.

    That folder is `within` another: the system's for temporary files where none is named.
    """
    with held:
        yield b""  # begun: what is begun lets go of its place however it ends
        writer = await asyncio.to_thread(_Writer, within)
        try:
            async with aclosing(pages):
                await asyncio.to_thread(writer.head, headings)
                async for rows in pages:
                    await asyncio.to_thread(writer.write, rows)
            await asyncio.to_thread(writer.close)
            with await asyncio.to_thread(writer.path.open, "rb") as file:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    yield chunk
        finally:
            writer.forget()  # at once, also while the request is cancelled: two files
