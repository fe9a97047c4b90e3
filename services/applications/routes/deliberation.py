"""HTTP of a deliberation as a table: it goes out, and it comes back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final

from services.applications.domain.decided import TypesInForce
from services.applications.domain.deliberation import WRITTEN, TableRow
from services.applications.routes.deliberation_words import Words, tells_days_first
from services.applications.routes.exporting import export_views
from services.applications.usecases import decisions, deliberation
from services.applications.usecases.app import App
from services.applications.usecases.deliberation import Brought
from services.applications.usecases.table_reading import read_apart
from services.applications.usecases.tables import Row
from services.applications.views.deliberation import COLUMNS, DeliberationViews, columns_by_heading
from services.applications.views.exporting import ALONE
from services.chassis.http.places import Party
from services.chassis.http.raw_bodies import RawBody
from services.chassis.routing import Request, Response, Route
from services.contracts.api import deliberation as api
from services.contracts.api.documents import attachment
from services.contracts.api.endpoints import deliberation as endpoints
from services.contracts.premises import confirmed
from services.contracts.refusals.applications import TABLE_LACKS_COLUMNS, TABLE_TOO_LARGE, TABLE_UNREADABLE
from services.contracts.text_folding import fold

_SECONDS: Final = 60.0
"""In which the bytes of a table must have come."""
_NEEDED: Final = ("file_number", "programme", *(column for column in WRITTEN if column != "group"), "stamp")
"""Tables that went out before there were groups have none: what is stored stays."""


def routes(app: App) -> Sequence[Route]:
    """The routes."""
    exports = export_views(app)
    views = DeliberationViews(exports, app.applications, app.decisions, app.cards)
    return [
        Route(endpoints.TABLE_CSV, partial(_table, views)),
        Route(endpoints.TABLE_XLSX, partial(_workbook, views)),
        Route(endpoints.READ, partial(_read, app, views)),
    ]


async def _table(views: DeliberationViews, request: Request) -> Response[None]:
    scope = request.query(api.DeliberationScope)
    return _sent(request, api.CSV, "csv", await views.lines(request.actor, scope, request.language))


async def _workbook(views: DeliberationViews, request: Request) -> Response[None]:
    scope = request.query(api.DeliberationScope)
    return _sent(request, api.XLSX, "xlsx", await views.workbook(request.actor, scope, request.language))


def _sent(request: Request, media_type: str, ending: str, chunks: AsyncIterator[bytes]) -> Response[None]:
    scope = request.query(api.DeliberationScope)
    of = "-".join(code for code in (scope.commission, scope.programme) if code)
    headers = {
        "Content-Type": media_type,
        "Content-Language": request.language,
        "Content-Disposition": attachment(f"deliberation-{of}-{request.command.now:%Y-%m-%d}.{ending}"),
    }
    return Response(stream=chunks, headers=headers)


async def _read(app: App, views: DeliberationViews, request: Request) -> Response[api.DeliberationView]:
    query = request.query(api.DeliberationQuery)
    digest = confirmed(dry_run=query.dry_run, digest=query.digest)
    content = await RawBody(request.http).whole(api.MAX_TABLE_BYTES, _SECONDS, TABLE_TOO_LARGE)
    with views.exports.places.take(Party(request.actor.asker, ALONE)):
        files = await views.ids(request.actor, query)
        rows = await asyncio.to_thread(_rows, await read_apart(content, api.MAX_TABLE_ROWS, app.table_places))
    types = decisions.types_in_force(app)
    words = Words(types, days_first=tells_days_first(row.cells["day"] for row in rows))
    brought = Brought(rows, files, _asked(content, query, types), words)
    if digest is None:
        items, digest = await deliberation.foresee(app, request.actor, brought, request.command)
    else:
        items = await deliberation.carry_out(app, request.actor, brought, request.command, digest=digest)
    return Response(await views.shown(items, request.language, dry_run=query.dry_run, digest=digest))


def _asked(content: bytes, query: api.DeliberationScope, types: TypesInForce) -> str:
    """The table, whose files it is about, and what its words mean today."""
    told = hashlib.sha256(content)
    told.update(repr((query.programme, query.commission, types)).encode())
    return told.hexdigest()


def _rows(rows: Sequence[Row]) -> list[TableRow]:
    """What the rows of a table say; raises TABLE_UNREADABLE, TABLE_LACKS_COLUMNS."""
    if not rows:
        raise TABLE_UNREADABLE()
    known = columns_by_heading()
    places: dict[str, int] = {}
    for place, heading in enumerate(rows[0][1]):
        if (column := known.get(fold(heading))) is not None:
            places.setdefault(column, place)
    if lacking := [column for column in _NEEDED if column not in places]:
        raise TABLE_LACKS_COLUMNS(columns=[COLUMNS[column] for column in lacking])
    return [_row(each, places) for each in rows[1:]]


def _row(row: Row, places: Mapping[str, int]) -> TableRow:
    number, texts = row
    cells = {column: texts[place] if place < len(texts) else "" for column, place in places.items()}
    wanted: dict[str, str] = {column: cells[column] for column in WRITTEN if column in cells}
    named = cells["file_number"].upper().replace(" ", "")
    return TableRow(number, named, cells["programme"], cells["stamp"], wanted)
