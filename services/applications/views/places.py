"""The places of programmes as their managers see them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.applications.domain import passing_on
from services.applications.domain import places as domain
from services.applications.domain.copies import ListGroup, ProgrammeCopy
from services.applications.domain.model import Moment
from services.applications.domain.places import First, Occupancy, Places
from services.applications.repository.applications import APPLICATIONS, ApplicationRepository
from services.applications.repository.campaigns import ClosedCampaigns
from services.applications.repository.cards import CardCopies
from services.applications.repository.places import PlacesRepository, Ranks, key_of, list_key
from services.applications.views.wording import text_in
from services.chassis.events.closed_accounts import ClosedAccounts
from services.chassis.ports import Document as Row
from services.chassis.store.rows import readable
from services.contracts.api import places as api

MOST: Final = 200
"""How many of those who wait are listed."""


@dataclass(frozen=True, slots=True)
class PlacesViews:
    """The questions that managers ask of a programme's places."""

    ranks: Ranks
    places: PlacesRepository
    cards: CardCopies
    applications: ApplicationRepository
    closed: ClosedCampaigns
    closed_accounts: ClosedAccounts

    async def shown(
        self,
        known: tuple[ProgrammeCopy, int],
        moment: Moment,
        language: str,
        *,
        automatic: bool,
        promoted: str | None = None,
    ) -> api.PlacesView:
        """How a programme stands now: the copy of it, with its publisher's version."""
        offer, version = known
        key = key_of(offer.campaign, offer.programme.code)
        saved = await self.places.get(key)
        state = saved.state if saved is not None else Places(offer.campaign, offer.programme.code)
        taken, offered = await asyncio.gather(self.ranks.taken(key), self.ranks.offered(key))
        is_closed = await self.closed.holds(offer.campaign)
        whole = domain.stands(state, offer, version, taken, None, is_closed=is_closed)
        lists = [
            await self._list(key, group, whole, MOST // (len(offer.groups) + 1)) for group in (*offer.groups, None)
        ]
        stands = [each.stands for each in lists]
        elsewhere = await self.ranks.waiting_elsewhere(key, [each.code for each in offer.groups])
        nexts = [_next(state, each, stands, moment, passes_on=offer.passes_on) for each in stands]
        capacity = whole.capacity
        return api.PlacesView(
            programme=offer.programme.code,
            title=text_in(offer.programme.title, language),
            capacity=capacity,
            capacity_known=offer.places_known or state.told > version,
            offered=offered,
            accepted=max(0, taken - offered),
            free=None if capacity is None else max(0, capacity - taken),
            waiting_count=sum(each.count for each in lists) + elsewhere,
            waiting=[row for each in lists for row in each.rows],
            groups=[
                _group(each, next, language)
                for each, next in zip(lists, nexts, strict=True)
                if offer.groups and (each.group is not None or each.count)
            ],
            passes_on=offer.passes_on,
            elsewhere=elsewhere,
            automatic=automatic,
            promotes_until=None if state.until is None else state.until.isoformat(),
            can_promote=any(next is not None for next in nexts),
            version=0 if saved is None else saved.version,
            promoted=promoted,
        )

    async def _list(self, key: str, group: ListGroup | None, whole: Occupancy, most: int) -> _List:
        """One list of a programme that stands so, and how many of the first on it are shown."""
        code = None if group is None else group.code
        listing = list_key(key, code)
        count, rows = await asyncio.gather(self.ranks.waiting(listing), self.ranks.listed(listing, most))
        can_be_read = {
            saved.id for saved in readable("applications", APPLICATIONS.name, rows, self.applications.loaded)
        }
        listed = [(place, row) for place, row in enumerate(rows, 1) if row["_id"] in can_be_read]
        accounts = {row["account"] for _, row in listed}
        names, passed = await asyncio.gather(self.cards.named(accounts), self.closed_accounts.among(accounts))
        open_ones = (row for _, row in listed if row["account"] not in passed)
        first = next((First(row["_id"], row["decision"]["entered"]["id"]) for row in open_ones), None)
        shown = [
            _waiting(row, place, names.get(row["account"], {}), is_closed=row["account"] in passed, group=code)
            for place, row in listed
        ]
        stands, offered = replace(whole, first=first), 0
        if group is not None:
            taken, offered = await asyncio.gather(
                self.ranks.taken_of(key, group.code), self.ranks.offered(key, group=group.code)
            )
            stands = replace(stands, group=group.code, group_places=group.places, group_taken=taken)
        return _List(group, stands, offered, count, shown)


@dataclass(frozen=True, slots=True)
class _List:
    group: ListGroup | None
    stands: Occupancy
    offered: int
    count: int
    rows: Sequence[api.WaitingView]


def _next(state: Places, own: Occupancy, lists: Sequence[Occupancy], moment: Moment, *, passes_on: bool) -> str | None:
    """The application of who is next on a list, if a place can be offered to them now."""
    if own.first is None:
        return None
    stands = passing_on.free_place_for(own.first.application, lists, passes_on=passes_on)
    return own.first.application if domain.hindrance(state, stands, moment) is None else None


def _group(of: _List, next: str | None, language: str) -> api.GroupPlacesView:
    group, taken = of.group, of.stands.group_taken
    places = None if group is None else group.places
    return api.GroupPlacesView(
        code=None if group is None else group.code,
        label=None if group is None else text_in(group.label, language),
        places=places,
        offered=of.offered,
        accepted=max(0, taken - of.offered),
        free=None if places is None else max(0, places - taken),
        waiting_count=of.count,
        next=next,
    )


def _waiting(
    row: Row, place: int, identity: Mapping[str, Any], *, is_closed: bool, group: str | None
) -> api.WaitingView:
    name = " ".join(identity[each] for each in ("given_name", "family_name") if identity.get(each))
    return api.WaitingView(
        application=row["_id"],
        name=name or None,
        file_number=row["file_number"],
        rank=row["waiting_rank"],
        live_rank=place,
        group=group,
        account_closed=is_closed,
    )
