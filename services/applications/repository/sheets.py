"""What staff keep beside files, each sheet in a document of its own: the application and its version stay as they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from services.applications.domain.fees import NOTHING, Fees, ItemAsSet
from services.applications.domain.sheets import Note, Sheet, SheetEvent
from services.applications.publications import sheet_events
from services.applications.repository.rows import fields
from services.applications.repository.taking_part import OfFiles
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX
from services.chassis.ports import Collection, In, Index
from services.chassis.store.evolution import members
from services.chassis.store.rows import BY_ID, chunks, every
from services.contracts.actors import Acting
from services.contracts.events.catalogue import Event
from services.contracts.fee_lists import amount_of
from services.contracts.instants import instant, instant_text

SHEETS: Final = Collection("sheets", (OUTBOX_INDEX, Index("account", ("account",)), Index("assignee", ("assignee",))))
BY_ASSIGNEE: Final = (("assignee", 1),)


class SheetRepository(OfFiles[Sheet]):
    """The sheets, by the id of their application; who asks has been let through to that."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = SHEETS
    identities: ClassVar[Mapping[str, str]] = {"notes": "id"}

    def to_document(self, state: Sheet) -> ports.Document:
        """`assignee` and `fees` are there while there are any, `assignee_version` and `fees_version` once there were."""
        document: ports.Document = {
            "account": state.account,
            "notes": [
                {"id": note.id, "text": note.text, "at": instant_text(note.at), "by": fields(note.by)}
                for note in state.notes
            ],
            "tags": list(state.tags),
        }
        if state.assignee is not None:
            document["assignee"] = state.assignee
        for name in ("assignee_version", "fees_version"):
            if version := getattr(state, name):
                document[name] = version
        return document if state.fees == NOTHING else document | {"fees": fees_out(state.fees)}

    def from_document(self, document: ports.Document) -> Sheet:
        """What `to_document` wrote."""
        return Sheet(
            document["account"],
            tuple(
                Note(note["id"], note["text"], instant(note["at"]), Acting(**members(Acting, note["by"])))
                for note in document["notes"]
            ),
            tuple(document["tags"]),
            document.get("assignee"),
            fees_in(document.get("fees", {})),
            document.get("fees_version", 0),
            document.get("assignee_version", 0),
        )

    def publish(self, id: str, state: Sheet, domain_event: SheetEvent) -> Sequence[Event]:
        """Nobody is told."""
        return sheet_events(id, state, domain_event)

    def picture(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Notes by their ids, tags, whose the file is, and fees as they are called."""
        told = document.get("fees", {})
        fees = {name: _called(told[name]) for name in ("regime", "exemption") if name in told}
        if "amount_cents" in told:
            fees["amount"] = amount_of(told["amount_cents"])
        return {
            **({"fees": fees} if fees else {}),
            "notes": {note["id"]: note["text"] for note in document["notes"]},
            "tags": document["tags"],
            "assignee": document.get("assignee"),
        }

    async def of_ids(self, ids: Sequence[str]) -> Mapping[str, Sheet]:
        """Those beside these files, `MAX_FIND` at most, by file; the caller knows whose they are."""
        found = await self.listed({"_id": In(tuple(ids))}, sort=BY_ID, limit=ports.MAX_FIND) if ids else []
        return {saved.id: saved.state for saved in found}

    async def looked_after(self, accounts: AsyncIterator[str], most: int) -> frozenset[str]:
        """Those of these accounts who look after files, `most` at most."""
        found = set[str]()
        async for asked in chunks(accounts):
            left = sorted(asked)
            while left and (rows := await self._first_of(left)):
                found.add(last := rows[0]["assignee"])
                if len(found) == most:
                    return frozenset(found)
                left = left[bisect_right(left, last) :]
        return frozenset(found)

    async def _first_of(self, accounts: Sequence[str]) -> Sequence[ports.Document]:
        where = {"assignee": In(tuple(accounts))}
        return await self._store.find(self.collection.name, where, sort=BY_ASSIGNEE, limit=1, fields=("assignee",))

    def rows_of(self, account: str) -> AsyncIterator[ports.Document]:
        """All sheets beside files of an account, in nobody's name."""
        return every(self._store, self.collection.name, {"account": account}, sort=(("account", 1),))


def fees_out(fees: Fees) -> dict[str, Any]:
    """What is said of fees, as it is kept."""
    found: dict[str, Any] = {
        name: {"code": item.code, "label": dict(item.label)}
        for name, item in (("regime", fees.regime), ("exemption", fees.exemption))
        if item is not None
    }
    return found if fees.amount is None else found | {"amount_cents": fees.amount}


def fees_in(document: Mapping[str, Any]) -> Fees:
    """What `fees_out` wrote."""
    return Fees(_item_in(document.get("regime")), _item_in(document.get("exemption")), document.get("amount_cents"))


def _called(item: Mapping[str, Any]) -> str:
    return f"{item['label']['fr']} ({item['code']})"


def _item_in(document: Mapping[str, Any] | None) -> ItemAsSet | None:
    return None if document is None else ItemAsSet(document["code"], dict(document["label"]))
