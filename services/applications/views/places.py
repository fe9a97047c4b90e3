"""The places of programmes as their managers see them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.applications.domain import places as domain
from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.model import Moment
from services.applications.domain.places import First, Places
from services.applications.repository.applications import APPLICATIONS, ApplicationRepository
from services.applications.repository.campaigns import ClosedCampaigns
from services.applications.repository.cards import CardCopies
from services.applications.repository.places import PlacesRepository, Ranks, key_of
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
        taken, offered, count, rows = await asyncio.gather(
            self.ranks.taken(key), self.ranks.offered(key), self.ranks.waiting(key), self.ranks.listed(key, MOST)
        )
        can_be_read = {
            saved.id for saved in readable("applications", APPLICATIONS.name, rows, self.applications.loaded)
        }
        listed = [(place, row) for place, row in enumerate(rows, 1) if row["_id"] in can_be_read]
        accounts = {row["account"] for _, row in listed}
        names, passed = await asyncio.gather(self.cards.named(accounts), self.closed_accounts.among(accounts))
        open_ones = (row for _, row in listed if row["account"] not in passed)
        first = next((First(row["_id"], row["decision"]["entered"]["id"]) for row in open_ones), None)
        is_closed = await self.closed.holds(offer.campaign)
        stands = domain.stands(state, offer, version, taken, first, is_closed=is_closed)
        capacity = stands.capacity
        return api.PlacesView(
            programme=offer.programme.code,
            title=text_in(offer.programme.title, language),
            capacity=capacity,
            capacity_known=offer.places_known or state.told > version,
            offered=offered,
            accepted=max(0, taken - offered),
            free=None if capacity is None else max(0, capacity - taken),
            waiting_count=count,
            waiting=[
                _waiting(row, place, names.get(row["account"], {}), is_closed=row["account"] in passed)
                for place, row in listed
            ],
            automatic=automatic,
            promotes_until=None if state.until is None else state.until.isoformat(),
            can_promote=domain.hindrance(state, stands, moment) is None,
            version=0 if saved is None else saved.version,
            promoted=promoted,
        )


def _waiting(row: Row, place: int, identity: Mapping[str, Any], *, is_closed: bool) -> api.WaitingView:
    name = " ".join(identity[each] for each in ("given_name", "family_name") if identity.get(each))
    return api.WaitingView(
        application=row["_id"],
        name=name or None,
        file_number=row["file_number"],
        rank=row["waiting_rank"],
        live_rank=place,
        account_closed=is_closed,
    )
