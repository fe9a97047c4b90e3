"""What a service tells once for each of many things, when it has done with it all that was to be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Aggregates, Decision
from services.chassis.ports import Document, DuplicateKey
from services.contracts.events.catalogue import Event


class Confirmations(Aggregates[str]):
    """A row of some dozen bytes for each, under its id, from which the event is told that says so."""

    def event(self, id: str) -> Event:
        """The event that confirms it."""
        raise NotImplementedError

    async def confirm(self, id: str, command: CommandContext) -> None:
        """Tell it, unless that was done."""
        try:
            await self.add(id, Decision(id, [id]), command)
        except DuplicateKey:
            return

    def to_document(self, state: str) -> Document:
        """Nothing but its id."""
        return {}

    def from_document(self, document: Document) -> str:
        """The id."""
        return str(document["_id"])

    def publish(self, id: str, state: str, domain_event: Any) -> Sequence[Event]:
        """The one event."""
        return [self.event(id)]
