"""Decisions that are entered, apart from the applications: candidates see, and cause, the same with them and without."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from services.applications.domain.decision_model import EnteredDecision
from services.applications.repository.rows import decision_in, decision_out
from services.applications.repository.taking_part import OfFiles
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX, Versioned
from services.chassis.ports import Collection, In, Index
from services.chassis.store.rows import BY_ID, every
from services.contracts.events.catalogue import Event

DECISIONS: Final = Collection("decisions", (OUTBOX_INDEX, Index("account", ("account",))))


@dataclass(frozen=True, slots=True)
class Entry:
    """The decision that was entered last on the application of the same id, if it was not taken away."""

    account: str
    entered: EnteredDecision | None = None
    adopted: str | None = None
    """The id of the decision that came last from the file of an offer, also where staff have taken it away since."""


class DecisionRepository(OfFiles[Entry]):
    """What is entered, by the id of the application; nobody is told of it."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = DECISIONS

    def to_document(self, state: Entry) -> ports.Document:
        """`entered` is there where something is, `adopted` where something came from an offer."""
        document: ports.Document = {"account": state.account}
        if state.adopted is not None:
            document["adopted"] = state.adopted
        return document if state.entered is None else document | {"entered": decision_out(state.entered)}

    def from_document(self, document: ports.Document) -> Entry:
        """What `to_document` wrote."""
        entered = document.get("entered")
        return Entry(document["account"], None if entered is None else decision_in(entered), document.get("adopted"))

    def publish(self, id: str, state: Entry, domain_event: Any) -> Sequence[Event]:
        """None: it would say that there is something to be known."""
        raise AssertionError("nothing is told of what is entered")

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is entered, without who did so, which entries say by themselves."""
        entered = document.get("entered") or {}
        return {"entered": {name: value for name, value in entered.items() if name not in ("at", "by")}}

    def action(self, happened: Sequence[Any], after: Mapping[str, Any]) -> str | None:
        """Nothing happens that could be told."""
        return "enter_decision" if "entered" in after else "delete_decision"

    async def entered(self, id: str) -> EnteredDecision | None:
        """What was entered last on an application."""
        return self.entered_in(await self.document(id))

    def entered_in(self, row: ports.Document | None) -> EnteredDecision | None:
        """The same, of its row."""
        return None if row is None else self.loaded(row).state.entered

    async def of_ids(self, ids: Sequence[str]) -> Mapping[str, EnteredDecision]:
        """The same of these applications, `MAX_FIND` at most; the caller knows whose they are."""
        found = await self.listed({"_id": In(tuple(ids))}, sort=BY_ID, limit=ports.MAX_FIND) if ids else []
        return {saved.id: saved.state.entered for saved in found if saved.state.entered is not None}

    async def entries(self, ids: Sequence[str]) -> Mapping[str, Versioned[Entry]]:
        """The same as they are kept, with the keys of what was done to them."""
        found = await self.listed({"_id": In(tuple(ids))}, sort=BY_ID, limit=ports.MAX_FIND) if ids else []
        return {saved.id: saved for saved in found}

    async def take_back(self, id: str) -> None:
        """Forget what was entered for an application that did not come about."""
        if (saved := await self.get(id)) is not None:
            await self.remove(id, saved.version)

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All that is entered on the applications of an account."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1),))
