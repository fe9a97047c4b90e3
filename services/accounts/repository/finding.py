"""Finding people among all accounts: each part of a search runs along one index, and a page reads so many rows at most."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from services.accounts.domain.account import Account
from services.accounts.domain.finding import PARTS, Part, is_found_before, keys_of
from services.accounts.domain.states import GONE
from services.accounts.repository.accounts import ACCOUNTS, AccountRepository
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import Range, Sort, Store
from services.chassis.store.rows import PAGE, every, page_of, readable

MOST_LOOKED_AT: Final = 1000
"""Rows for one page: where an earlier part has found them all, the page is short, and the next one goes on."""
MADE_AT_ONCE: Final = 200
"""Accounts of an earlier release that are made findable in one go."""

SORTS: Final[Mapping[Part, Sort]] = {
    "file_number": (("file_number", 1),),
    "family_key": (("family_key", 1),),
    "given_key": (("given_key", 1),),
    "address": (("address", 1), ("created_at", 1)),
}
_LAST: Final = "\U0010ffff"
"""Behind whatever goes on with a text."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a search has come: in which part, and behind which row, by what it is sorted by and its id."""

    part: Part
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Those who were found, and where the next page begins, if there may be more."""

    people: Sequence[Versioned[Account]]
    next: Place | None


def beginning_with(part: Part, start: str) -> Mapping[str, Range]:
    """The rows whose member begins so."""
    return {part: Range(ge=start, lt=start + _LAST)}


class Finder:
    """Looks for people, part after part."""

    def __init__(self, store: Store, accounts: AccountRepository) -> None:
        self._store = store
        self._accounts = accounts

    async def page(
        self, wanted: Mapping[Part, str], place: Place | None, limit: int, is_shown: Callable[[Account], bool]
    ) -> FoundPage:
        """Up to `limit` people whom one may be shown, behind a place; nobody comes twice."""
        rows = self._looked_at(wanted, place, limit, is_shown)
        return FoundPage(*await page_of(rows, limit, MOST_LOOKED_AT))

    async def _looked_at(
        self, wanted: Mapping[Part, str], place: Place | None, limit: int, is_shown: Callable[[Account], bool]
    ) -> AsyncGenerator[tuple[Place, Versioned[Account] | None], None]:
        """The place of each row, part after part, with the one whom it is of where that one is shown."""
        for part in PARTS[0 if place is None else PARTS.index(place.part) :]:
            if part not in wanted:
                continue
            behind = place.behind if place is not None and place.part == part and place.behind else None
            rows = every(
                self._store,
                ACCOUNTS.name,
                beginning_with(part, wanted[part]),
                sort=SORTS[part],
                page=max(limit + 1, PAGE),
                after=behind,
            )
            async with aclosing(rows):
                async for row in rows:
                    read = readable("accounts", ACCOUNTS.name, [row], self._accounts.loaded)
                    shown = [each for each in read if is_shown(each.state) and not is_found_before(row, part, wanted)]
                    behind = (*(row[name] for name, _ in SORTS[part]), row["_id"])
                    yield Place(part, behind), next(iter(shown), None)

    async def make_findable(self) -> int:
        """Have accounts that an earlier release has written found by their names; answer how many were not."""
        rows = await self._store.find(ACCOUNTS.name, {}, sort=SORTS["family_key"], limit=MADE_AT_ONCE)
        done = 0
        for row in rows:
            if "family_key" in row:
                break
            for saved in readable("accounts", ACCOUNTS.name, [row], self._accounts.loaded):
                if saved.state.state in GONE:
                    continue
                person = saved.state.person
                keys = keys_of(person.family_name, person.given_name)
                changed = row | keys | {"version": row["version"] + 1}
                done += await self._store.replace(ACCOUNTS.name, changed, version=row["version"])
        return done
