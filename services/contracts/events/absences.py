"""That a service was away: told by itself once it is there again, to who judges what people lost by it (ADR 120)."""

from __future__ import annotations

from services.contracts.events.catalogue import Audience, Event


class WasAway(Event):
    """What every service says of its own absence: the last instant at which it was seen working, and the first again."""

    service: str
    begins: str
    ends: str


class AccountsWasAway(WasAway, type="accounts.service.was_away.v1", key="service", audience=Audience.INTERNAL):
    """No process of accounts worked for five minutes or more: nobody could log in or register."""


class DocumentsWasAway(WasAway, type="documents.service.was_away.v1", key="service", audience=Audience.INTERNAL):
    """No process of documents worked for five minutes or more: nobody could deposit or read a document."""
