"""Campaigns as a document of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates
from services.chassis.ports import Collection, Document
from services.contracts.events.catalogue import Event
from services.offers.domain.campaigns import Campaign, Campaigns
from services.offers.domain.events import CampaignEvent
from services.offers.domain.states import CampaignState
from services.offers.publications import campaign_events
from services.offers.repository.texts import text_of, text_row

CAMPAIGNS: Final = Collection("campaigns", (OUTBOX_INDEX,))

THE_CAMPAIGNS: Final = "campaigns"
"""The id of the one document that holds all campaigns."""


class CampaignRepository(Aggregates[Campaigns]):
    """The institution's campaigns, one document."""

    service: ClassVar[str] = "offers"
    collection: ClassVar[Collection] = CAMPAIGNS
    identities: ClassVar[Mapping[str, str]] = {"campaigns": "code"}
    only: ClassVar[str | None] = THE_CAMPAIGNS

    def to_document(self, state: Campaigns) -> Document:
        """All campaigns in a list."""
        return {"campaigns": [_campaign_row(campaign) for campaign in state.all]}

    def from_document(self, document: Document) -> Campaigns:
        """The campaigns of the document."""
        return Campaigns(tuple(_campaign(row) for row in document["campaigns"]))

    def publish(self, id: str, state: Campaigns, domain_event: CampaignEvent) -> Sequence[Event]:
        """The events of a campaign's facts."""
        return campaign_events(id, state, domain_event)

    async def load(self) -> Campaigns:
        """The campaigns as they stand."""
        saved = await self.get(THE_CAMPAIGNS)
        return saved.state if saved else Campaigns()


def _campaign_row(campaign: Campaign) -> Document:
    row: Document = {
        "code": campaign.code,
        "label": text_row(campaign.label),
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "state": campaign.state.value,
    }
    return row if campaign.closed_on is None else row | {"closed_on": campaign.closed_on.isoformat()}


def _campaign(row: Mapping[str, Any]) -> Campaign:
    return Campaign(
        code=row["code"],
        label=text_of(row["label"]),
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        state=CampaignState(row["state"]),
        closed_on=date.fromisoformat(row["closed_on"]) if "closed_on" in row else None,
    )
