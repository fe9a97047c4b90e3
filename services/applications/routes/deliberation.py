"""HTTP of a deliberation as a table: it goes out, and it comes back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final

import orjson

from services.applications.domain.decided import TypesInForce
from services.applications.domain.decisions import Said
from services.applications.domain.deliberation import WRITTEN, TableRow
from services.applications.routes.deciding import said_of
from services.applications.routes.exporting import export_views
from services.applications.routes.tables import Row, read_table
from services.applications.usecases import decisions, deliberation
from services.applications.usecases.app import App
from services.applications.usecases.deliberation import Brought
from services.applications.views.deliberation import COLUMNS, DeliberationViews, columns_by_heading
from services.chassis.http.jsonbody import parse_body
from services.chassis.http.raw_bodies import RawBody
from services.chassis.routing import Request, Response, Route
from services.contracts.api import deliberation as api
from services.contracts.api.decisions import DecisionGiven
from services.contracts.api.documents import attachment
from services.contracts.api.endpoints import deliberation as endpoints
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError
from services.contracts.refusals.applications import TABLE_LACKS_COLUMNS, TABLE_TOO_LARGE, TABLE_UNREADABLE
from services.contracts.text_folding import fold

_DIGITS: Final = 9
_SECONDS: Final = 60.0
"""In which the bytes of a table must have come."""
_NEEDED: Final = ("file_number", "programme", *WRITTEN, "stamp")
_FIELDS: Final = {
    "type": "decision",
    "appointment.place": "place",
    "appointment.day": "day",
    "appointment.time": "time",
}
"""Fields of a decision to the columns in which they stand."""


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
    if not query.dry_run and query.digest is None:
        raise INVALID_FIELDS(fields=[FieldError("digest", "required")])
    content = await RawBody(request.http).whole(api.MAX_TABLE_BYTES, _SECONDS, TABLE_TOO_LARGE)
    with views.exports.places.take():
        files = await views.ids(request.actor, query)
        rows = await asyncio.to_thread(_rows, content, decisions.types_in_force(app))
    brought = Brought(rows, files, _asked(content, query, decisions.types_in_force(app)))
    if query.dry_run or query.digest is None:
        items, digest = await deliberation.foresee(app, request.actor, brought, request.command)
    else:
        digest = query.digest
        items = await deliberation.carry_out(app, request.actor, brought, request.command, digest=digest)
    return Response(await views.shown(items, request.language, dry_run=query.dry_run, digest=digest))


def _asked(content: bytes, query: api.DeliberationScope, types: TypesInForce) -> str:
    """The table, whose files it is about, and what its words mean today."""
    told = hashlib.sha256(content)
    told.update(repr((query.programme, query.commission, types)).encode())
    return told.hexdigest()


def _rows(content: bytes, types: TypesInForce) -> list[TableRow]:
    """The rows of a table; raises TABLE_UNREADABLE, TABLE_LACKS_COLUMNS, TOO_MANY_ROWS."""
    rows = read_table(content, api.MAX_TABLE_ROWS)
    if not rows:
        raise TABLE_UNREADABLE()
    known = columns_by_heading()
    places: dict[str, int] = {}
    for place, heading in enumerate(rows[0][1]):
        if (column := known.get(fold(heading))) is not None:
            places.setdefault(column, place)
    if lacking := [column for column in _NEEDED if column not in places]:
        raise TABLE_LACKS_COLUMNS(columns=[COLUMNS[column] for column in lacking])
    words = _Words(types)
    return [words.row(each, places) for each in rows[1:]]


class _Words:
    """What the cells of a table mean: types and reasons by their codes or by what they are called."""

    def __init__(self, types: TypesInForce) -> None:
        self._types = _codes((each.code, each.fr, each.en) for each in types.types)
        reasons = types.reasons
        self._reasons = None if reasons is None else _codes((each.code, each.fr, each.en) for each in reasons)

    def row(self, row: Row, places: Mapping[str, int]) -> TableRow:
        """A row, and what is wrong with what it says."""
        number, texts = row
        cells = {column: texts[place] if place < len(texts) else "" for column, place in places.items()}
        wanted = {column: cells[column] for column in WRITTEN}
        said, faults = self._said(wanted) if any(wanted.values()) else (None, ())
        named = cells["file_number"].upper().replace(" ", "")
        return TableRow(number, named, cells["programme"], cells["stamp"], wanted, said, faults)

    def _said(self, cells: Mapping[str, str]) -> tuple[Said | None, tuple[FieldError, ...]]:
        if not cells["decision"]:
            return None, (FieldError("decision", "required"),)
        given: dict[str, Any] = {"type": self._types.get(fold(cells["decision"]))}
        if given["type"] is None:
            return None, (FieldError("decision", "unknown-decision-type"),)
        if reason := cells["reason"]:
            given["reason"] = reason if self._reasons is None else self._reasons.get(fold(reason), reason)
        if comment := cells["comment"]:
            given["comment"] = comment
        if faults := [*_number(cells, given), *_appointment(cells, given)]:
            return None, tuple(faults)
        try:
            return said_of(parse_body(DecisionGiven, orjson.dumps(given))), ()
        except RefusedError as refusal:
            return None, tuple(replace(each, field=_FIELDS.get(each.field, each.field)) for each in refusal.fields)


def _number(cells: Mapping[str, str], given: dict[str, Any]) -> Iterator[FieldError]:
    if not (rank := cells["rank"]):
        return
    if rank.isascii() and rank.isdigit() and len(rank) <= _DIGITS:
        given["rank"] = int(rank)
    else:
        yield FieldError("rank", "not-a-number")


def _appointment(cells: Mapping[str, str], given: dict[str, Any]) -> Iterator[FieldError]:
    where = {name: cells[name] for name in ("place", "day", "time") if cells[name]}
    if not where:
        return
    if day := where.get("day"):
        if (read := _day(day)) is None:
            yield FieldError("day", "not-a-day")
            return
        where["day"] = read
    if "time" in where:
        where["time"] = _time(where["time"])
    given["appointment"] = where


def _codes(called: Iterator[tuple[str, str, str]]) -> dict[str, str]:
    """Codes by all that they are called, folded; by what two are called, none; a code is nobody else's name."""
    found: dict[str, str | None] = {}
    codes: dict[str, str] = {}
    for code, *labels in called:
        codes[fold(code)] = code
        for label in {fold(label) for label in labels if label}:
            found[label] = None if label in found else code
    return {label: code for label, code in found.items() if code is not None} | codes


def _day(text: str) -> str | None:
    """A day as `YYYY-MM-DD`, also from `DD/MM/YYYY`."""
    parts = text.split("/")
    with suppress(ValueError):
        if len(parts) == 3:
            return date(int(parts[2]), int(parts[1]), int(parts[0])).isoformat()
        return date.fromisoformat(text).isoformat()
    return None


def _time(text: str) -> str:
    """`9:30` and `9h30` as `09:30`."""
    hours, _, minutes = text.replace("h", ":").partition(":")
    return f"{hours.strip():0>2}:{minutes.strip()[:2] or '00'}"
