"""Copies of what colleagues know members of staff by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from collections.abc import Collection as AnyOf
from datetime import date
from typing import Any, Final

from services.chassis.events.copies import Copies
from services.chassis.ports import MAX_FIND, Collection, In, Store
from services.chassis.store.rows import BY_ID, every
from services.contracts.actors import Role
from services.contracts.api.identity import Grant
from services.contracts.events.accounts import GrantPart
from services.contracts.limits import MOST_MEMBERS

STAFF: Final = Collection("staff")


class StaffCopies:
    """Members of staff, by account."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._copies = Copies(store, STAFF, ("known_as", "acts", "grants"))

    async def keep(self, account: str, known_as: str | None, version: int, *, grants: Sequence[GrantPart]) -> None:
        """Keep how one is known and what they may do, unless it was told later; `version` is the event's."""
        kept = [grant.model_dump(exclude_none=True) for grant in grants]
        await self._copies.put(account, version, {"known_as": known_as, "acts": bool(kept), "grants": kept})

    async def grants(self, account: str, on: date) -> tuple[Grant, ...] | None:
        """What an account of staff may do on a day of the institution's, as far as it was told; None where that is not
        known, of somebody who may act: a release before kept nothing of it, and it is told anew.
        """
        row, day = await self._copies.get(account), on.isoformat()
        if row is not None and row.get("acts") and "grants" not in row:
            return None
        return tuple(
            Grant(role=each["role"], centres=each.get("centres"), commissions=each.get("commissions"))
            for each in (row or {}).get("grants", ())
            if each.get("since", day) <= day <= each.get("until", day)
        )

    async def acts(self, account: str) -> bool:
        """Whether this is an account of staff that may do anything."""
        row = await self._copies.get(account)
        return row is not None and bool(row["acts"])

    async def names(self, accounts: Iterable[str]) -> Mapping[str, str]:
        """How those are known of whom it was told, by account; `MAX_FIND` at most."""
        wanted = tuple(sorted(set(accounts)))[:MAX_FIND]
        rows = await self._store.find(STAFF.name, {"_id": In(wanted)}, sort=BY_ID, limit=MAX_FIND)
        return {row["_id"]: row["known_as"] for row in rows if row.get("known_as")}

    async def colleagues(self, most: int) -> Mapping[str, tuple[str, Sequence[GrantPart]]] | None:
        """Those who may do something and are known by a name, with what they may do, whenever; None: too many are kept."""
        rows = await self._store.find(STAFF.name, {}, sort=BY_ID, limit=most + 1)
        if len(rows) > most:
            return None
        return {
            row["_id"]: (row["known_as"], [GrantPart.model_validate(each) for each in row["grants"]])
            for row in rows
            if row.get("known_as") and row.get("grants")
        }

    async def on_board(self, commission: str, centres: AnyOf[str], day: date) -> dict[str, str]:
        """The members of a commission whose programmes are of these centres, on a day: by account, how each is known.

        `MOST_MEMBERS` at most.
        """
        found, on = dict[str, str](), day.isoformat()
        async for row in every(self._store, STAFF.name, {}):
            if any(_is_member(each, commission, centres, on) for each in row.get("grants", ())):
                found[row["_id"]] = row.get("known_as") or row["_id"]
                if len(found) == MOST_MEMBERS:
                    break
        return found

    async def departed(self, day: date) -> AsyncIterator[str]:
        """Those who had a function and have none on a day, or later; by account, also those who are erased."""
        on = day.isoformat()
        async for row in every(self._store, STAFF.name, {}):
            if not any(on <= each.get("until", on) for each in row.get("grants", ())) and not _is_told_anew(row):
                yield row["_id"]

    async def erase(self, account: str) -> None:
        """Forget one who is gone; of a candidate, who was never here, nothing is written."""
        if await self._copies.get(account) is not None:
            await self._copies.erase(account)


def _is_told_anew(row: Mapping[str, Any]) -> bool:
    """Whether a release before kept no more of somebody than that they may act."""
    return bool(row.get("acts")) and "grants" not in row


def _is_member(grant: Mapping[str, Any], commission: str, centres: AnyOf[str], on: str) -> bool:
    among, of = grant.get("commissions"), grant.get("centres")
    return (
        grant["role"] == Role.COMMISSION
        and grant.get("since", on) <= on <= grant.get("until", on)
        and (among is None or commission in among)
        and (of is None or bool({*of} & {*centres}))
    )
