"""What the cells of a deliberation mean, and which of them nobody has touched since they went out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, Final

import orjson

from services.applications.domain.decided import TypesInForce
from services.applications.domain.decisions import Said
from services.applications.routes.deciding import said_of
from services.applications.usecases.tables import plain
from services.applications.views.cells import cell
from services.chassis.http.jsonbody import parse_body
from services.contracts.api.decisions import DecisionGiven
from services.contracts.refusals import FieldError, RefusedError
from services.contracts.text_folding import fold

LAST_MONTH: Final = 12
_DIGITS: Final = 9
_TIME: Final = re.compile(r"(\d{1,2})\s*[:hH]\s*(\d{2})?(?::00)?", re.ASCII)
_FIELDS: Final = {
    "type": "decision",
    "appointment.place": "place",
    "appointment.day": "day",
    "appointment.time": "time",
}
"""Fields of a decision to the columns in which they stand."""


class Words:
    """What the cells of a table mean: types and reasons by their codes or by what they are called."""

    def __init__(self, types: TypesInForce, *, days_first: bool = False) -> None:
        """`days_first` if it is known that days of the table are written day first."""
        self._days_first = days_first
        self._types = _Called((each.code, each.fr, each.en) for each in types.types)
        reasons = types.reasons
        self._reasons = None if reasons is None else _Called((each.code, each.fr, each.en) for each in reasons)

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
        given: dict[str, Any] = {"type": self._types.code(cells["decision"])}
        if given["type"] is None:
            return None, (FieldError("decision", "unknown-decision-type"),)
        if reason := cells["reason"]:
            given["reason"] = reason if self._reasons is None else self._reasons.code(reason) or reason
        if comment := cells["comment"]:
            given["comment"] = comment
        if faults := [*_number(cells, given), *self._appointment(cells, given)]:
            return None, tuple(faults)
        try:
            said = said_of(parse_body(DecisionGiven, orjson.dumps(given)))
            return replace(said, group=cells.get("group") or None), ()
        except RefusedError as refusal:
            return None, tuple(replace(each, field=_FIELDS.get(each.field, each.field)) for each in refusal.fields)

    def _appointment(self, cells: Mapping[str, str], given: dict[str, Any]) -> Iterator[FieldError]:
        where = {name: cells[name] for name in ("place", "day", "time") if cells[name]}
        if not where:
            return
        if day := where.get("day"):
            if not self._days_first and _is_ambiguous(day):
                yield FieldError("day", "day-ambiguous")
                return
            if (read := _day(day)) is None:
                yield FieldError("day", "not-a-day")
                return
            where["day"] = read
        if "time" in where:
            where["time"] = _time(where["time"])
        given["appointment"] = where


def _is_untouched(text: str, stored: str) -> bool:
    return text == plain(cell(stored)) or (bool(text) and _day(text) == stored)


def _number(cells: Mapping[str, str], given: dict[str, Any]) -> Iterator[FieldError]:
    if not (rank := cells["rank"]):
        return
    if rank.isascii() and rank.isdigit() and len(rank) <= _DIGITS:
        given["rank"] = int(rank)
    else:
        yield FieldError("rank", "not-a-number")


class _Called:
    """Codes by all that they are called: exactly, then folded; by what two are called, none; a code is nobody's name."""

    def __init__(self, called: Iterable[tuple[str, str, str]]) -> None:
        self._exact = set[str]()
        codes: dict[str, str | None] = {}
        names: dict[str, str | None] = {}
        for code, *labels in called:
            self._exact.add(code)
            codes[fold(code)] = None if fold(code) in codes else code
            for label in {fold(label) for label in labels if label}:
                names[label] = None if label in names else code
        self._folded = names | codes

    def code(self, text: str) -> str | None:
        """The one that is meant; None of none, and of more than one."""
        return text if text in self._exact else self._folded.get(fold(text))


def _is_ambiguous(text: str) -> bool:
    """Whether a day is another one where the month stands first."""
    parts = [_number_in(part) for part in text.split("/")]
    return len(parts) == 3 and parts[0] != parts[1] and min(parts[:2]) > 0 and max(parts[:2]) <= LAST_MONTH


def tells_days_first(days: Iterable[str]) -> bool:
    """Whether a column can only have been written day first: one of its days shows it, and none the contrary."""
    read = [text.split("/") for text in days if text.count("/") == 2]
    firsts, seconds = ([_number_in(parts[place]) > LAST_MONTH for parts in read] for place in (0, 1))
    return any(firsts) and not any(seconds)


def _number_in(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _day(text: str) -> str | None:
    """A day as `YYYY-MM-DD`, also from `DD/MM/YYYY`."""
    parts = text.split("/")
    with suppress(ValueError):
        if len(parts) == 3:
            return date(int(parts[2]), int(parts[1]), int(parts[0])).isoformat()
        return date.fromisoformat(text).isoformat()
    return None


def _time(text: str) -> str:
    """`9:30` and `9h30` as `09:30`; anything else as it is, which is refused as no time."""
    if (found := _TIME.fullmatch(text)) is None:
        return text
    return f"{found[1]:0>2}:{found[2] or '00'}"
