"""What staff write of centres, boards and requirements, as documents of the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any, ClassVar, Final

from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.ports import MAX_FIND, Collection, Document, In, Index
from services.chassis.store.rows import every, readable
from services.contracts.events.catalogue import Event
from services.offers.domain.boards import Alerts, Letters
from services.offers.domain.calendar import Days
from services.offers.domain.events import CommissionChanged
from services.offers.domain.kept import Asked, Centre, Commission, KeptPart, Kind, Said
from services.offers.publications import kept_events
from services.offers.repository.programmes import (
    contact_of,
    contact_row,
    requirement_of,
    requirement_row,
    unit_of,
    unit_row,
)

KEPT: Final = Collection("parts", (OUTBOX_INDEX, Index("kind", ("kind", "code")), Index("due", ("due",))))


class KeptRepository(Aggregates[KeptPart]):
    """What is kept, by kind and code; `due` says that programmes have still to follow."""

    service: ClassVar[str] = "offers"
    collection: ClassVar[Collection] = KEPT

    def to_document(self, state: KeptPart) -> Document:
        """What is said, and what programmes may still say."""
        return {
            "kind": state.kind,
            "code": state.code,
            "due": state.before is not None,
            "revision": state.revision,
            "said": _row(state.said),
            "before": None if state.before is None else _row(state.before),
        }

    def from_document(self, document: Document) -> KeptPart:
        """What the document says."""
        kind, before = document["kind"], document["before"]
        said = _said(kind, document["said"])
        return KeptPart(
            kind, document["code"], document["revision"], said, None if before is None else _said(kind, before)
        )

    def publish(self, id: str, state: KeptPart, domain_event: CommissionChanged) -> Sequence[Event]:
        """What a board says of letters and alerts; of all else programmes tell that they have followed."""
        return kept_events(id, state, domain_event)

    async def one(self, kind: Kind, code: str) -> Versioned[KeptPart] | None:
        """What is kept of that kind by that code."""
        return await self.get(id_of(kind, code))

    async def some(self, named: Iterable[tuple[Kind, str]]) -> list[KeptPart]:
        """Those of these (1000 at most) that are kept and can be read."""
        ids = tuple(id_of(kind, code) for kind, code in named)
        rows = await self._store.find(KEPT.name, {"_id": In(ids)}, limit=MAX_FIND)
        return [saved.state for saved in readable(self.service, KEPT.name, rows, self.loaded)]

    async def of(self, kind: Kind) -> AsyncIterator[KeptPart]:
        """All of a kind that can be read, by code."""
        async for row in every(self._store, KEPT.name, {"kind": kind}, sort=(("code", 1),)):
            for saved in readable(self.service, KEPT.name, [row], self.loaded):
                yield saved.state

    async def how_many(self, kind: Kind, most: int) -> int:
        """How many of a kind there are, and `most` at most."""
        return await self._store.count(KEPT.name, {"kind": kind}, most=most)

    async def due(self, most: int) -> list[KeptPart]:
        """Some that programmes have still to follow."""
        rows = await self._store.find(KEPT.name, {"due": True}, limit=most)
        return [saved.state for saved in readable(self.service, KEPT.name, rows, self.loaded)]


def id_of(kind: Kind, code: str) -> str:
    """Under which id it is kept."""
    return f"{kind}:{code}"


def _row(said: Said) -> Document:
    match said:
        case Centre(unit, contact, days):
            given = {day.name: _plain(getattr(days, day.name)) for day in fields(Days)}
            return {"unit": unit_row(unit), "contact": contact_row(contact), "days": given}
        case Commission(unit, owner, contact, letters, alerts):
            row: Document = {"unit": unit_row(unit), "owner": owner, "contact": contact_row(contact)}
            row["letters"] = asdict(letters) | {"kinds": list(letters.kinds)}
            row["alerts"] = asdict(alerts) | {"on": list(alerts.on)}
            return row
        case Asked(requirement, owner):
            return {"requirement": requirement_row(requirement), "owner": owner}


def _said(kind: Kind, row: Mapping[str, Any]) -> Said:
    match kind:
        case "centre":
            return Centre(unit_of(row["unit"]), contact_of(row["contact"]), _days(row["days"]))
        case "commission":
            return Commission(
                unit_of(row["unit"]),
                row["owner"],
                contact_of(row["contact"]),
                _letters(row.get("letters", {})),
                _alerts(row.get("alerts", {})),
            )
        case "requirement":
            return Asked(requirement_of(row["requirement"]), row["owner"])
    raise TypeError(kind)


def _letters(row: Mapping[str, Any]) -> Letters:
    """As long as a board has said nothing, and of what a release before has kept, every letter is given."""
    if not row:
        return Letters()
    return Letters(tuple(row["kinds"]), row["signatory"], row["function"], row["signature"])


def _alerts(row: Mapping[str, Any]) -> Alerts:
    return Alerts(tuple(row["on"]), row["email"], row["language"]) if row else Alerts()


def _days(row: Mapping[str, Any]) -> Days:
    days: dict[str, Any] = {
        day.name: date.fromisoformat(value) if isinstance(value := row.get(day.name), str) else value
        for day in fields(Days)
    }
    return Days(**days)


def _plain(value: date | int | None) -> str | int | None:
    return value.isoformat() if isinstance(value, date) else value
