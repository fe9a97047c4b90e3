"""What the cells of a deliberation mean, and which of them nobody has touched since they went out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, Final

import orjson

from services.applications.domain.decided import TypesInForce
from services.applications.domain.decisions import Said
from services.applications.routes.deciding import said_of
from services.applications.routes.tables import plain
from services.applications.views.cells import cell
from services.chassis.http.jsonbody import parse_body
from services.contracts.api.decisions import DecisionGiven
from services.contracts.refusals import FieldError, RefusedError
from services.contracts.text_folding import fold

_DIGITS: Final = 9
_FIELDS: Final = {
    "type": "decision",
    "appointment.place": "place",
    "appointment.day": "day",
    "appointment.time": "time",
}
"""Fields of a decision to the columns in which they stand."""


class Words:
    """What the cells of a table mean: types and reasons by their codes or by what they are called."""

    def __init__(self, types: TypesInForce) -> None:
        self._types = _codes((each.code, each.fr, each.en) for each in types.types)
        reasons = types.reasons
        self._reasons = None if reasons is None else _codes((each.code, each.fr, each.en) for each in reasons)

    def carried(self, cells: Mapping[str, str], stored: Mapping[str, str]) -> Mapping[str, str]:
        """The cells, with what is stored where nobody has written: what goes out is guarded against formulas."""
        return {
            column: stored[column] if _is_untouched(text, stored[column]) else text for column, text in cells.items()
        }

    def said(self, cells: Mapping[str, str]) -> tuple[Said | None, tuple[FieldError, ...]]:
        """What a row says, and what is wrong with its cells."""
        if not any(cells.values()):
            return None, ()
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


def _is_untouched(text: str, stored: str) -> bool:
    return text == plain(cell(stored)) or (bool(text) and _day(text) == stored)


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
