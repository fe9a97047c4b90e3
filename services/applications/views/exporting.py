"""Lists of staff as files, streamed: what is read is sent, and no more than a page of it stands in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.applications.domain.exports import Export
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.views.cells import cells, headings
from services.applications.views.knowing import KnownFiles
from services.applications.views.listing import ListViews
from services.applications.views.workbook import workbook
from services.chassis.context import Actor
from services.chassis.http.places import Party, Places
from services.chassis.work.background import Tell
from services.contracts.api import filters as api
from services.contracts.api.columns import columns_in
from services.contracts.languages import Language
from services.contracts.refusals.applications import TOO_MANY_ROWS

MOST_ROWS: Final = 50_000
PAGE: Final = 100
"""Files that are read, and made cells of, in one."""
TOLD_EVERY: Final = 10
"""Pages after which it is told how far an export is."""
ALONE: Final = 0.0
"""Of the places that are free, beyond the first: nobody holds two."""


@dataclass(frozen=True, slots=True)
class ExportViews:
    """The files of a list with all that staff see of them, or some of it.

    What is written before it is sent stands in `folder`, or where the system has temporary files.
    """

    lists: ListViews
    files: KnownFiles
    programmes: ProgrammeCopies
    places: Places
    folder: Path | None = None

    async def lines(
        self, actor: Actor, query: api.ReviewExport, language: Language, *, most: int = MOST_ROWS
    ) -> AsyncGenerator[bytes, None]:
        """Comma-separated values (RFC 4180, UTF-8 with its mark), one line for each file.

        Raises TOO_MANY_ROWS past `most`, BUSY, TOO_MANY_AT_ONCE while one's own is under way, and as a list does.
        """
        columns = columns_in(query.columns)
        with ExitStack() as held:
            ids = await self._begun(held, actor, query, most)
            pages = self.pages(actor, ids, language, columns)
            chunks = csv_lines(headings(language, columns), pages, held.pop_all())
        await anext(chunks)
        return chunks

    async def workbook(
        self, actor: Actor, query: api.ReviewExport, language: Language, *, most: int = MOST_ROWS
    ) -> AsyncGenerator[bytes, None]:
        """The same as a workbook (XLSX); raises the same."""
        columns = columns_in(query.columns)
        with ExitStack() as held:
            ids = await self._begun(held, actor, query, most)
            pages = self.pages(actor, ids, language, columns)
            chunks = workbook(headings(language, columns), pages, held.pop_all(), self.folder)
        await anext(chunks)
        return chunks

    async def made(self, actor: Actor, export: Export, tell: Tell) -> AsyncGenerator[bytes, None]:
        """The bytes of an export that is made in the background, which is told how far it is; raises as the others do.

        No place is taken: it is made one after the other.
        """
        query, language = api.ReviewExport(**export.query), export.language
        columns, ids = columns_in(query.columns), await self.ids(actor, query)
        await tell(0, len(ids))
        pages = _telling(self.pages(actor, ids, language, columns), len(ids), tell)
        head, nothing = headings(language, columns), ExitStack()
        is_csv = export.format == "csv"
        chunks = csv_lines(head, pages, nothing) if is_csv else workbook(head, pages, nothing, self.folder)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    async def _begun(self, held: ExitStack, actor: Actor, query: api.ReviewExport, most: int) -> list[str]:
        """A place for it, and which files it is about: their ids alone, a few megabytes at most."""
        held.enter_context(self.places.take(Party(actor.asker, ALONE)))
        return await self.ids(actor, query, most)

    async def ids(self, actor: Actor, query: api.ReviewExport, most: int = MOST_ROWS) -> list[str]:
        """The files that it is about; raises TOO_MANY_ROWS past `most`, and as a list does."""
        # A file that moves behind the place that is read comes a second time.
        ids: dict[str, None] = {}
        async for id in self.lists.every(actor, query, query.sort):
            if id not in ids and len(ids) == most:
                raise TOO_MANY_ROWS(most=most)
            ids[id] = None
        return list(ids)

    async def pages(
        self, actor: Actor, ids: Sequence[str], language: str, columns: Sequence[str]
    ) -> AsyncGenerator[list[list[str]], None]:
        """The rows of these files, page by page; what has left the actor's reach meanwhile is left out."""
        reaches = await self.programmes.reaches(actor)
        for start in range(0, len(ids), PAGE):
            wanted = ids[start : start + PAGE]
            there = {saved.id: saved.state for saved in await self.files.applications.of_ids(wanted)}
            found = {id: file for id in wanted if (file := there.get(id)) and self.files.is_reached(reaches, file)}
            known = await self.files.beside(found, columns, reaches)
            yield [cells(each, language, self.files.zone, columns) for each in known.values()]


async def _telling(
    pages: AsyncGenerator[list[list[str]], None], total: int, tell: Tell
) -> AsyncGenerator[list[list[str]], None]:
    """The same pages; every few of them it is told how far it is."""
    async with aclosing(pages):
        number = 0
        async for rows in pages:
            yield rows
            number += 1
            if number % TOLD_EVERY == 0:
                await tell(min(number * PAGE, total), total)


async def csv_lines(
    head: Sequence[str], pages: AsyncGenerator[list[list[str]], None], held: ExitStack
) -> AsyncGenerator[bytes, None]:
    """The bytes of a table of these rows; `held` is let go of at its end."""
    with held:
        yield b""  # begun: what is begun lets go of its place however it ends
        async with aclosing(pages):
            yield b"\xef\xbb\xbf" + _lines([head])
            async for rows in pages:
                yield _lines(rows)


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
