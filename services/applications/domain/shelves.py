"""What is asked of lists again and again, kept under names: on one's own shelf, or on that of a centre or commission.

A view says what is asked for and nothing of who may see it: the reach of who reads stands beside it in every question.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.contracts.refusals import NOT_FOUND, STALE_VERSION
from services.contracts.refusals.applications import NOT_YOUR_VIEW, TOO_MANY_VIEWS
from services.contracts.text import normal

MAX_VIEWS: Final = 30
"""Views on one shelf."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """What is asked for under a name; `by` is the account of who has written it last."""

    key: str
    name: str
    filter: Mapping[str, Any]
    sort: str | None
    columns: tuple[str, ...]
    by: str
    at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Shelf:
    """Views in order of their names, and the columns that its person has chosen."""

    views: tuple[SavedView, ...] = ()
    columns: tuple[str, ...] = ()

    def named(self, name: str) -> SavedView | None:
        """The view of that name, whatever its case and accents."""
        return next((view for view in self.views if view.key == key_of(name)), None)


def key_of(name: str) -> str:
    """By what two names are one: without case and accents, but with every mark."""
    plain = normal("NFKD", normal("NFKD", name).casefold())
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold()


def put(shelf: Shelf, view: SavedView, *, expected: int | None, rules: bool) -> Shelf:
    """Put a view in the place of the one of its name; `rules` is whether who does so may touch what others wrote.

    Raises TOO_MANY_VIEWS behind the 30th, NOT_YOUR_VIEW, and STALE_VERSION where another version is `expected`.
    """
    there = _checked(shelf, view.name, view.by, expected=expected, rules=rules)
    if there is None and len(shelf.views) >= MAX_VIEWS:
        raise TOO_MANY_VIEWS(limit=MAX_VIEWS)
    fresh = view if there is None else replace(view, version=there.version + 1)
    views = (*(each for each in shelf.views if each is not there), fresh)
    return replace(shelf, views=tuple(sorted(views, key=lambda each: each.key)))


def take_away(shelf: Shelf, name: str, by: str, *, expected: int | None, rules: bool) -> Shelf:
    """Take a view away; raises NOT_FOUND, NOT_YOUR_VIEW, STALE_VERSION."""
    there = _checked(shelf, name, by, expected=expected, rules=rules)
    if there is None:
        raise NOT_FOUND()
    return replace(shelf, views=tuple(each for each in shelf.views if each is not there))


def _checked(shelf: Shelf, name: str, by: str, *, expected: int | None, rules: bool) -> SavedView | None:
    there = shelf.named(name)
    if there is None and expected is not None:
        raise NOT_FOUND()
    if there is not None and not may_change(there, by, rules=rules):
        raise NOT_YOUR_VIEW()
    if there is not None and expected not in (None, there.version):
        raise STALE_VERSION(version=there.version)
    return there


def may_change(view: SavedView, by: str, *, rules: bool) -> bool:
    """Whether somebody may write over a view and take it away: who has written it, and who rules the shelf."""
    return rules or view.by == by
