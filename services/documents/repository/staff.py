"""Copies of what members of staff may do, for what is made in their name while they are away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Store
from services.contracts.api.identity import Grant
from services.contracts.events.accounts import GrantPart

STAFF: Final = Collection("staff")


class StaffCopies:
    """Members of staff, by account."""

    def __init__(self, store: Store) -> None:
        self._copies = Copies(store, STAFF, ("grants",))

    async def keep(self, account: str, version: int, grants: Sequence[GrantPart]) -> None:
        """Keep what one may do, unless it was told later; `version` is the event's."""
        kept = [grant.model_dump(exclude_none=True) for grant in grants]
        await self._copies.put(account, version, {"grants": kept})

    async def grants(self, account: str, on: date) -> tuple[Grant, ...] | None:
        """What an account of staff may do on a day of the institution's; None as long as nothing was told of them."""
        row, day = await self._copies.get(account), on.isoformat()
        if row is None:
            return None
        return tuple(
            Grant(role=each["role"], centres=each.get("centres"), commissions=each.get("commissions"))
            for each in row["grants"]
            if each.get("since", day) <= day <= each.get("until", day)
        )

    async def erase(self, account: str) -> None:
        """Forget one who is gone; of a candidate, who was never here, nothing is written."""
        if await self._copies.get(account) is not None:
            await self._copies.erase(account)
