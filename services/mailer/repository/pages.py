"""Pages of mails of which some are kept, the newest first."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final, Protocol

from services.chassis.events.aggregates import Versioned
from services.chassis.ports import Sort, Where
from services.chassis.store.rows import page_of
from services.contracts.instants import instant_text
from services.mailer.domain.delivery import Delivery

NEWEST: Final[Sort] = (("created_at", -1), ("_id", -1))
READ_AT_ONCE: Final = 100
"""Mails that are read at once; to one person there are some dozens in a campaign."""
MOST_READ: Final = 2000
"""Mails that are looked at for one page of those of everybody."""

Place = tuple[str, str]
"""Where a page begins: behind the mail of this instant and id."""


class Listed(Protocol):
    """How mails are read."""

    async def __call__(self, where: Where, *, sort: Sort, limit: int, after: Place | None) -> list[Versioned[Delivery]]:
        """So many of them, in that order, behind a place."""


def place_of(saved: Versioned[Delivery]) -> Place:
    """Where a mail stands in a list of the newest."""
    return instant_text(saved.state.created_at), saved.id


async def kept(
    listed: Listed,
    where: Where,
    keep: Callable[[Delivery], bool],
    limit: int,
    after: Place | None,
    *,
    most: int = sys.maxsize,
) -> tuple[list[Versioned[Delivery]], Place | None]:
    """Those that `keep` holds for; where `most` were looked at and there may be more, the place comes along behind which."""
    found, last = await page_of(_looked_at(listed, where, keep, after, limit), limit, most)
    return found, None if last is None else place_of(last)


async def _looked_at(
    listed: Listed, where: Where, keep: Callable[[Delivery], bool], after: Place | None, limit: int
) -> AsyncGenerator[tuple[Versioned[Delivery], Versioned[Delivery] | None], None]:
    """Each mail, twice where it is kept; none behind a full page, of which nobody asks whether there are more."""
    while read := await listed(where, sort=NEWEST, limit=READ_AT_ONCE, after=after):
        for saved in read:
            is_kept = keep(saved.state)
            limit -= is_kept
            yield saved, saved if is_kept else None
            if not limit:
                return
        if len(read) < READ_AT_ONCE:
            return
        after = place_of(read[-1])


async def merged(
    listed: Listed, runs: Sequence[Where], keep: Callable[[Delivery], bool], limit: int, after: Place | None
) -> tuple[list[Versioned[Delivery]], Place | None]:
    """The same of several `runs`, of all of which `MOST_READ` are looked at, and of each `READ_AT_ONCE` at least."""
    most = max(READ_AT_ONCE, MOST_READ // max(1, len(runs)))
    found: dict[str, Versioned[Delivery]] = {}
    until: Place | None = None
    for run in runs:
        those, stopped = await kept(listed, run, keep, limit, after, most=most)
        found |= {saved.id: saved for saved in those}
        until = max(filter(None, (until, stopped)), default=None)
    page = sorted(found.values(), key=place_of, reverse=True)
    if until is not None:  # behind it, of some run nothing is known yet
        page = [saved for saved in page if place_of(saved) >= until]
    return page[:limit], until
