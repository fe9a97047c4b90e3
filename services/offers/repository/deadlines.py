"""Deadlines that were moved, as a document of the store for each campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates
from services.chassis.ports import Collection, Document
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text
from services.offers.domain.deadlines import Deadlines, Move, Reach, Scope
from services.offers.domain.events import DeadlinesMoved
from services.offers.publications import deadline_events

DEADLINES: Final = Collection("deadlines", (OUTBOX_INDEX,))


class DeadlineRepository(Aggregates[Deadlines]):
    """What was moved, by the code of the campaign."""

    service: ClassVar[str] = "offers"
    collection: ClassVar[Collection] = DEADLINES
    identities: ClassVar[Mapping[str, str]] = {"moves": "scope"}

    def to_document(self, state: Deadlines) -> Document:
        """The moves in a list."""
        return {"revision": state.revision, "moves": [_move_row(move) for move in state.moves]}

    def from_document(self, document: Document) -> Deadlines:
        """The deadlines of the document."""
        return Deadlines(document["_id"], document["revision"], tuple(map(_move, document["moves"])))

    def publish(self, id: str, state: Deadlines, domain_event: DeadlinesMoved) -> Sequence[Event]:
        """The event of a move."""
        return deadline_events(id, state, domain_event)

    async def load(self, campaign: str) -> Deadlines:
        """What was moved in a campaign, if anything was."""
        saved = await self.get(campaign)
        return saved.state if saved else Deadlines(campaign)


def _move_row(move: Move) -> Document:
    return {
        "scope": f"{move.scope.reach.value}:{move.scope.code}",
        "submission_deadline": move.submission_deadline.isoformat(),
        "at": instant_text(move.at),
        "actor": move.actor,
        "reason": move.reason,
    }


def _move(row: Mapping[str, Any]) -> Move:
    reach, _, code = row["scope"].partition(":")
    day = date.fromisoformat(row["submission_deadline"])
    return Move(Scope(Reach(reach), code), day, instant(row["at"]), row["actor"], row["reason"])
