"""The columns of one's lists, and the views that one has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from services.applications.domain.reach import Reach
from services.applications.domain.shelves import SavedView, Shelf, may_change
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.shelves import CENTRE, COMMISSION, PERSON, ShelfRepository
from services.applications.repository.staff import StaffCopies
from services.applications.views.cells import headings
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import MAX_FIND
from services.contracts.actors import Role
from services.contracts.api import shelves as api
from services.contracts.api.columns import COLUMNS
from services.contracts.instants import instant_text
from services.contracts.text_folding import fold

MOST_SHARED: Final = 300
"""Views of others that are told of."""


@dataclass(frozen=True, slots=True)
class ShelfViews:
    """What is kept of how staff look at lists."""

    shelves: ShelfRepository
    programmes: ProgrammeCopies
    staff: StaffCopies

    async def columns(self, actor: Actor, language: str) -> api.ReviewColumns:
        """All columns, and those that the actor has chosen."""
        return columns_view(await self.shelves.get(PERSON + actor.id), language)

    async def all(self, actor: Actor) -> api.ReviewViews:
        """The actor's own views by name, then those that are shared with them."""
        reaches = await self.programmes.reaches(actor)
        own = await self.shelves.get(PERSON + actor.id)
        mine = [] if own is None else [(own.id, view, True) for view in own.state.views]
        shared = sorted(
            ((shelf.id, view, rules) for shelf, rules in await self._shared(reaches) for view in shelf.state.views),
            key=lambda each: (fold(each[1].name), each[0]),
        )
        found = [*mine, *shared[:MOST_SHARED]]
        names = await self.staff.names(view.by for _, view, _ in found) if found else {}
        items = []
        for id, view, rules in found:
            with suppress(ValidationError):  # what was kept under other rules is left out, and not the whole list
                items.append(view_of(id, view, actor.id, names, rules=rules))
        return api.ReviewViews(items=items, more=len(shared) > MOST_SHARED)

    async def one(self, id: str, view: SavedView, actor: Actor) -> api.SavedView:
        """A view as its writer sees it."""
        return view_of(id, view, actor.id, await self.staff.names([view.by]), rules=True)

    async def _shared(self, reaches: Iterable[Reach]) -> list[tuple[Versioned[Shelf], bool]]:
        """The shelves of centres and commissions within reach, and whether one may touch what others have put there."""
        rules: dict[str, bool] = {}
        for reach in reaches:
            manages = reach.role is Role.MANAGER
            if reach.programmes is None:
                return [(shelf, manages) for shelf in await self.shelves.shared(MAX_FIND)]
            for row in await self.programmes.some(reach.programmes, MAX_FIND):
                ids = [CENTRE + row["programme"]["centre"]["code"]]
                if (commission := row.get("commission")) is not None:
                    ids.append(COMMISSION + commission)
                for id in ids:
                    rules[id] = rules.get(id, False) or manages
        return [(shelf, rules[shelf.id]) for shelf in await self.shelves.of_ids(sorted(rules))] if rules else []


def columns_view(shelf: Versioned[Shelf] | None, language: str) -> api.ReviewColumns:
    """The columns of a shelf among all."""
    labels = zip(COLUMNS, headings(language), strict=True)
    chosen = () if shelf is None else shelf.state.columns
    return api.ReviewColumns(
        items=[api.ColumnView(code=code, label=label) for code, label in labels],
        chosen=[code for code in chosen if code in COLUMNS],
        version=0 if shelf is None else shelf.version,
    )


def view_of(id: str, view: SavedView, reader: str, names: Mapping[str, str], *, rules: bool) -> api.SavedView:
    """A view on the shelf of that id."""
    whose, _, code = id.partition(":")
    return api.SavedView(
        name=view.name,
        centre=code if f"{whose}:" == CENTRE else None,
        commission=code if f"{whose}:" == COMMISSION else None,
        filter=api.ViewFilter(**view.filter),
        sort=view.sort,
        columns=[column for column in view.columns if column in COLUMNS],
        by=view.by,
        by_name=names.get(view.by),
        at=instant_text(view.at),
        mine=may_change(view, reader, rules=rules),
        version=view.version,
    )
