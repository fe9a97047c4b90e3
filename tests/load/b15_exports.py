"""B15: 50,000 applications as a workbook and as a table, with every column, against the bare writers of the same rows.

What is measured is what a worker does: to find the files of the list, to read them and what is known beside them, to make
cells of them and to write those. The bare limit is the writer alone (xlsxwriter with constant memory, `csv`), given rows
that are made already. Memory is what the process holds more while it makes a workbook of all.
"""

from __future__ import annotations

import asyncio
import csv
import gc
import io
import time
import tracemalloc
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from xlsxwriter import Workbook

from services.applications.domain.exports import Export
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.listing import LISTING
from services.applications.routes.exporting import export_views
from services.applications.usecases.listing import keep_row
from services.applications.views.exporting import PAGE, ExportViews
from services.applications.wiring import use_cases
from services.chassis.context import Actor
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.contracts.actors import ActorKind
from services.contracts.api.columns import COLUMNS
from services.contracts.api.identity import Grant
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, Spread
from tests.load.population import settle_in

TITLE = "Exports of 50,000 applications, against the bare writers of the same rows"

MANY: Final = 50_000
BATCH: Final = 500
MOST_MEGABYTES: Final = 64.0
KIM: Final = Actor("kim", ActorKind.STAFF, grants=(Grant(role="manager"),))


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B15; some minutes for each round."""
    settings, number = Settings(data=bench.folder), bench.many(MANY)
    (person,) = await settle_in(settings, 1)
    async with opened(settings) as suite:
        ports = suite["applications"].ports
        app = use_cases(ports)
        await keep_row(app, person.application)
        for collection in (APPLICATIONS, LISTING):
            there = await ports.store.get(collection.name, person.application)
            assert there is not None
            unlike = {"active_key", "slot_key", "outbox_at", "outbox"}
            copy = {name: value for name, value in there.items() if name not in unlike}
            if collection is APPLICATIONS:
                copy["outbox"] = []
            for start in range(1, number, BATCH):
                ids = range(start, min(start + BATCH, number))
                await ports.store.append(collection.name, [copy | {"_id": f"{each:026}"} for each in ids])
        views = export_views(app, bench.folder)
        reader = views.pages(KIM, [person.application], "fr", COLUMNS)
        async with aclosing(reader):
            ((row,),) = [page async for page in reader]
        figures = []
        for kind in ("xlsx", "csv"):
            mine, theirs = await bench.in_turns(
                lambda kind=kind: _made(views, kind, number),  # type: ignore[misc]  # bound at once
                lambda kind=kind: _bare(bench, kind, row, number),  # type: ignore[misc]  # bound at once
            )
            times = [here / there for here, there in zip(mine, theirs, strict=True)]
            what = f"{kind}, {number:,} files"
            figures.append(Figure(what, Spread.of(mine), Spread.of(theirs), " s", Spread.of(times), None))
        peak = await _peak(views, number)
        goal = Goal(MOST_MEGABYTES, " MB")
        figures.append(Figure("memory of a workbook", Spread.of([peak]), None, " MB", Spread.of([peak]), goal))
        return figures


async def _made(views: ExportViews, format: str, number: int) -> float:
    """Seconds of one export."""
    begun, export = time.perf_counter(), _export(format)
    told = 0

    async def tell(done: int, total: int | None) -> None:
        nonlocal told
        told = total or 0

    async for _ in views.made(KIM, export, tell):
        pass
    assert told == number
    return time.perf_counter() - begun


async def _bare(bench: Bench, format: str, row: Sequence[str], number: int) -> float:
    """Seconds of the writer alone."""
    return await asyncio.to_thread(_workbook if format == "xlsx" else _table, bench, row, number)


def _workbook(bench: Bench, row: Sequence[str], number: int) -> float:
    begun = time.perf_counter()
    book = Workbook(str(bench.folder / "bare.xlsx"), {"constant_memory": True, "tmpdir": str(bench.folder)})
    sheet = book.add_worksheet()
    for at in range(number):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(at, column, text)
    book.close()
    return time.perf_counter() - begun


def _table(bench: Bench, row: Sequence[str], number: int) -> float:
    begun = time.perf_counter()
    with (bench.folder / "bare.csv").open("wb") as file:
        for _ in range(0, number, PAGE):
            text = io.StringIO()
            csv.writer(text).writerows([row] * PAGE)
            file.write(text.getvalue().encode())
    return time.perf_counter() - begun


async def _peak(views: ExportViews, number: int) -> float:
    """Megabytes that one export holds more than none at most, traced, which is slow."""
    gc.collect()
    tracemalloc.start()
    try:
        await _made(views, "xlsx", number)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _export(format: str) -> Export:
    """As if somebody had asked for everything."""
    asked = Export(account="kim", format=format, query={}, language="fr", asked_at=datetime(2027, 2, 1, tzinfo=UTC))
    return replace(asked, query={"state": "draft"})
