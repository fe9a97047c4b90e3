"""How a list is arranged for its reader: which columns it has, and which views lead to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from services.contracts.api.filters import EVERY as EVERY_CAMPAIGN
from services.contracts.api.narrowing import ReviewChoices
from services.contracts.api.shelves import ReviewColumns, ReviewViews, SavedView, ViewFilter
from services.portal.pages.reviewing.narrowing import ASKED, EVERY, SORTS, WAITING, Narrowed, label_of
from services.portal.paths import REVIEW

USUAL: Final = ("file_number", "title", "state", "pieces_waiting", "submitted_at", "submission_deadline", "decision")
"""The columns that a list has by itself, as far as they are among those that can be chosen."""
_UNKEPT: Final = ("q", "personne")
"""What no view keeps: it names people."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """What the reader has chosen and kept."""

    columns: ReviewColumns
    views: ReviewViews

    def shown(self, asked: Narrowed) -> Narrowed:
        """What is asked for with the columns that are shown: those of the address, else those that were chosen."""
        return asked if asked.columns else replace(asked, columns=tuple(self.columns.chosen))

    def values(self, asked: Narrowed, choices: ReviewChoices) -> Mapping[str, Any]:
        """What the template shows of it."""
        labels = {each.code: each.label for each in self.columns.items}
        shown = self.shown(asked).columns
        shelves = [
            *(("centre", each) for each in choices.centres),
            *(("commission", each) for each in choices.commissions),
        ]
        return {
            "columns": [(code, labels[code]) for code in shown if code in labels],
            "all_columns": [(each.code, each.label, each.code in (shown or USUAL)) for each in self.columns.items],
            "columns_version": self.columns.version,
            "views": [_view(view, asked, choices) for view in self.views.items],
            "more_views": self.views.more,
            "shelves": [(f"{kind}:{each.code}", kind, each.label) for kind, each in shelves],
            "shown_query": self.shown(asked).address().partition("?")[2],
            "is_unkept": any(name in asked.filters for name in _UNKEPT),
        }


def filter_of(asked: Narrowed) -> ViewFilter:
    """The same as the API keeps it, unchecked."""
    query = {name: value for name, value in asked.query.items() if name in ViewFilter.model_fields}
    return ViewFilter.model_construct(_fields_set=set(query), **query)


def address_of(view: SavedView) -> str:
    """Where a view leads."""
    names = {theirs: ours for ours, theirs in ASKED.items()}
    given = view.filter.model_dump(exclude_none=True)
    asked = {"etat": given.pop("state", EVERY)}
    if "waiting" in given:
        given["waiting"] = next(word for word, meant in WAITING.items() if meant is given["waiting"])
    if given.get("campaign") == EVERY_CAMPAIGN:
        given["campaign"] = EVERY
    asked |= {names[name]: value for name, value in given.items()}
    if view.sort is not None:
        asked["tri"] = next(word for word, sort in SORTS.items() if sort == view.sort)
    if view.columns:
        asked["colonnes"] = ",".join(view.columns)
    return f"{REVIEW}?{urlencode(asked, safe=',')}"


def _view(view: SavedView, asked: Narrowed, choices: ReviewChoices) -> Mapping[str, Any]:
    address = address_of(view)
    kind = "centre" if view.centre else "commission" if view.commission else ""
    code = view.centre or view.commission or ""
    return {
        "name": view.name,
        "address": address,
        "current": address == asked.address(),
        "shelf": f"{kind}:{code}" if kind else "",
        "kind": kind,
        "label": label_of(kind, code, choices) if kind else "",
        "mine": view.mine,
        "version": view.version,
    }
