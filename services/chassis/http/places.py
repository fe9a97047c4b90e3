"""Places for work of one kind in a process, shared out so that nobody, whatever is sent, takes the last ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from services.chassis.clients import Client
from services.chassis.context import Actor
from services.chassis.refusals import TOO_MANY_AT_ONCE
from services.chassis.telemetry import metrics
from services.contracts.refusals import BUSY

NETWORK_SHARE: Final = 1.0
"""A network may hold as many places as are free: one alone takes half of all, the next half of the rest."""
ACCOUNT_SHARE: Final = 0.125
"""An account may hold an eighth of as many as are free: one alone takes a ninth of all, eight leave a third."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who holds places, and how many of them at most, as a part of those that are free."""

    name: str
    share: float


def network(client: Client | None) -> Party | None:
    """The party that a client belongs to; None where nothing tells one client from another."""
    return None if client is None else Party(client.network, NETWORK_SHARE)


def asker(actor: Actor) -> Party:
    """The party of somebody who is logged in."""
    return Party(actor.asker, ACCOUNT_SHARE)


class Places:
    """So many places; a party may hold one, and more while they are less than its share of those that are free.

    The bound of a party falls as the places fill: a lone one takes many, and however many come, some are left for the
    next. What has no party is bounded by the number of all places alone. The last places may be kept for who is known
    better: for others it is as if they were not there.
    """

    def __init__(self, kind: str, most: int, *, retry_seconds: int = 1) -> None:
        """`kind` is the word for metrics, `most` how many places there are; who gets none may ask in `retry_seconds`."""
        self._retry = retry_seconds
        self._kind = kind
        self._most = most
        self._taken = 0
        self._held: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many are taken."""
        return self._taken

    def take(self, *parties: Party | None, kept: int = 0) -> Place:
        """A place, counted for each of these, that is none of the last `kept` ones.

        Raises BUSY if none is free, TOO_MANY_AT_ONCE if it is beyond a share.
        """
        if self._taken >= self._most - kept:
            metrics.PLACES_REFUSED.labels(self._kind, "full").inc()
            raise BUSY(retry_after=self._retry)
        place = Place(self, kept)
        self._taken += 1
        try:
            for party in parties:
                if party is not None:
                    place.count_for(party)
        except BaseException:
            place.leave()
            raise
        return place

    def _count(self, party: Party, free: int) -> None:
        held = self._held[party.name]
        if held and held >= party.share * free:
            metrics.PLACES_REFUSED.labels(self._kind, "share").inc()
            raise TOO_MANY_AT_ONCE(retry_after=self._retry)
        self._held[party.name] = held + 1

    def _leave(self, parties: list[Party]) -> None:
        self._taken -= 1
        for party in parties:
            self._held[party.name] -= 1
            if not self._held[party.name]:
                del self._held[party.name]


class Place:
    """A place that is held until it is left; a context manager."""

    __slots__ = ("_kept", "_parties", "_places")

    def __init__(self, places: Places, kept: int) -> None:
        self._places: Places | None = places
        self._kept = kept
        self._parties: list[Party] = []

    def count_for(self, party: Party) -> None:
        """Let it count for somebody more; raises TOO_MANY_AT_ONCE, and is held all the same."""
        places = self._places
        if places is not None:
            places._count(party, places._most - self._kept - places._taken + 1)  # noqa: SLF001 - two halves of one thing
            self._parties.append(party)

    def leave(self) -> None:
        """Make room; a second time changes nothing."""
        places, self._places = self._places, None
        if places is not None:
            places._leave(self._parties)  # noqa: SLF001 - two halves of one thing

    def __enter__(self) -> Self:
        """The place is held already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Make room."""
        self.leave()
