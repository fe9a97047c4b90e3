"""Copies of candidates' cards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from services.applications.domain.copies import HeldDocument, ProfileCopy
from services.applications.repository.rows import fields
from services.chassis import ports
from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, In, Index, Range, Store
from services.chassis.store.rows import BY_ID, every, reading
from services.contracts.instants import instant_text

CARDS: Final = Collection("cards", (Index("again", ("look_again_at",)), Index("number", ("file_number",))))


class CardCopies:
    """The candidates' cards, by account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, CARDS, ("campaign", "file_number", "missing", "steps", "held"))

    async def of(self, account: str) -> ProfileCopy | None:
        """The card of one account; the caller has it from an access token."""
        return self.card_in(await self._copies.get(account))

    def asked(self, account: str) -> ports.Get:
        """The same as a question to be put beside others; `card_in` reads the answer."""
        return self._copies.asked(account)

    def card_in(self, row: ports.Document | None) -> ProfileCopy | None:
        """The card that stands in a row."""
        if (row := self._copies.copy_in(row)) is None:
            return None
        with reading(CARDS.name, row):
            held = tuple(_held_in(each) for each in row.get("held", ()))
            return ProfileCopy(
                row["_id"], row["campaign"], row["file_number"], tuple(row["missing"]), row["steps"], held
            )

    async def numbered(self, file_number: str) -> ProfileCopy | None:
        """The card of the account with that file number; for staff, who may know who it is."""
        rows = await self._store.find(CARDS.name, {"file_number": file_number}, sort=(("file_number", 1),), limit=1)
        return await self.of(rows[0]["_id"]) if rows else None

    async def named(self, accounts: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """The step `identity` of those accounts that have given it, by account; `MAX_FIND` at most."""
        given = await self.steps(accounts)
        return {account: steps["identity"] for account, steps in given.items() if "identity" in steps}

    async def steps(self, accounts: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """The whole profile of these accounts, `MAX_FIND` at most, by account; of who is gone there is none."""
        where = {"_id": In(tuple(sorted(set(accounts))))}
        rows = await self._store.find(CARDS.name, where, sort=BY_ID, limit=ports.MAX_FIND)
        return {row["_id"]: row["steps"] for row in rows if "steps" in row}

    async def keep(self, card: ProfileCopy, version: int) -> None:
        """Keep a card unless a newer one is here; `version` is the publisher's."""
        row = fields(card) | {"missing": list(card.missing), "held": [_held_out(each) for each in card.held]}
        del row["account"]
        await self._copies.put(card.account, version, row)

    async def erase(self, account: str, look_again: datetime) -> None:
        """Forget a card for ever; at an instant it is looked again whether anything of the account is left."""
        await self._copies.erase(account, look_again_at=instant_text(look_again))

    async def is_erased(self, account: str) -> bool:
        """Whether the person is gone."""
        return await self._copies.is_erased(account)

    def erased(self, now: datetime) -> AsyncIterator[ports.Document]:
        """Marks of those who are gone, where it is time to look again."""
        where = {"look_again_at": Range(le=instant_text(now))}
        return every(self._store, CARDS.name, where, sort=(("look_again_at", 1),))

    async def looked_again(self, mark: ports.Document) -> None:
        """Nothing is left of this one."""
        done = {name: value for name, value in mark.items() if name != "look_again_at"}
        await self._store.replace(CARDS.name, done | {"version": mark["version"] + 1}, version=mark["version"])


def _held_out(held: HeldDocument) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields(held).items()
        if value is not None
    }


def _held_in(out: Mapping[str, Any]) -> HeldDocument:
    days = {name: date.fromisoformat(out[name]) for name in ("on", "expires_on") if name in out}
    return HeldDocument(out["code"], out["label"], **days, file=out.get("file"))
