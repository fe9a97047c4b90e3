"""Follows what is received of other services' journals, notices what is missing, and asks for it by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from pydantic import ValidationError

from services.chassis.broker import signals
from services.chassis.events import heard
from services.chassis.events.heard import Hearing
from services.chassis.ports import (
    Broker,
    BrokerUnavailable,
    Clock,
    Ids,
    Message,
    MessageHandler,
    PortError,
    Store,
    StoreUnavailable,
)
from services.chassis.telemetry import metrics
from services.contracts.backoff import Backoff
from services.contracts.events.catalogue import CATALOGUE, Event
from services.contracts.instants import instant, instant_text

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
TIMEOUT: Final = 3.0
"""Seconds for which something may seem to be missing: other handlers may still be at work."""
ASKS: Final = Backoff(timedelta(seconds=10), timedelta(minutes=5))
"""Seconds until the same is asked for again."""
TWICE: Final = 2

Consume = Callable[[MessageHandler], AbstractAsyncContextManager[None]]


@dataclass(slots=True)
class _Followed:
    """One journal of another service, as far as this process knows it."""

    types: frozenset[str]
    hearing: Hearing = field(default_factory=Hearing)
    changed: bool = False
    said: signals.Position | None = None
    behind_since: float | None = None
    ask_at: float = 0.0
    asked: int = 0
    went_back: int = 0
    look_up: bool = True
    complete: bool = False
    """Whether nothing was missing once since this process hears: until then it is what a stop has left."""

    def missing(self) -> dict[str, int]:
        """The types of which something is not here that was said to be there, and up to where it is."""
        if self.said is None:
            return {}
        said = self.said
        reached = {type: self.hearing.reached(type) for type in self.types}
        return {type: at for type, at in reached.items() if at < said.heads.get(type, said.floor)}


class Listener:
    """The ear of one service, in the one process that receives for it.

    `on_ask` is told what another service wants to be sent again. `from_now` are types whose past is of no interest to a
    service that has never heard of them, because it acts on what it hears.
    """

    def __init__(
        self,
        service: str,
        store: Store,
        broker: Broker,
        clock: Clock,
        ids: Ids,
        *,
        listens: Iterable[type[Event]],
        from_now: Iterable[type[Event]] = (),
        on_ask: Callable[[signals.Ask], None],
        timeout: float = TIMEOUT,
        asks: Backoff = ASKS,
    ) -> None:
        self._service = service
        self._store = store
        self._broker = broker
        self._clock = clock
        self._ids = ids
        self._from_now = frozenset(event.TYPE for event in from_now)
        self._on_ask = on_ask
        self._timeout = timeout
        self._asks = asks
        self._followed = {name: _Followed(types) for name, types in heard.types_by_journal(listens).items()}

    @asynccontextmanager
    async def consume(self, consume: Consume, handler: MessageHandler) -> AsyncIterator[None]:
        """Receive: signals are taken here, events handed on and then noted; what is known is kept at the end."""
        for name, followed in self._followed.items():
            followed.hearing, followed.look_up = await heard.load(self._store, name), True
            followed.complete = False
        async with consume(partial(self._receive, handler)):
            yield
        await self._keep_all()
        for followed in self._followed.values():
            followed.said, followed.behind_since = None, None  # another process hears from now on

    async def keep_looking(self) -> None:
        """Look every second, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (StoreUnavailable, BrokerUnavailable) as error:
                log.warning("listener.unavailable", service=self._service, error=type(error).__name__)

    async def look(self) -> None:
        """Compare what was said with what is here; keep what is new, ask for what has been missing for a while."""
        for name, followed in self._followed.items():
            await self._look_up(name, followed)
            self._compare(followed)
        await self._keep_all()
        for followed in self._followed.values():
            await self._ask(followed)

    async def _look_up(self, name: str, followed: _Followed) -> None:
        """See, after each signal, what a person has ordered meanwhile."""
        if not followed.look_up:
            return
        there = await heard.load(self._store, name)
        followed.look_up = False
        if there.orders:
            followed.hearing.join(there)
            followed.hearing.orders = ()
            followed.changed = True
            log.warning("heard.ordered", service=self._service, journal=name, orders=there.orders)

    async def _receive(self, handler: MessageHandler, message: Message) -> None:
        if message.exchange == signals.EXCHANGE and message.place is None:
            self._take(message)
            return
        if message.body or message.place is None:  # a row that cannot be read has a place and nothing in it
            await handler(message)
        place = message.place
        if place is None or (event := CATALOGUE.get(place.type)) is None:
            return
        followed = self._followed.get(heard.journal_of(event))
        if followed is not None and place.type in followed.types:
            self._note(followed, place.type, place.after, place.position)

    def _take(self, message: Message) -> None:
        """A signal; one that cannot be read is passed over, since others will follow."""
        try:
            if message.routing_key.endswith(".position"):
                said = signals.Position.model_validate_json(message.body)
                if (followed := self._followed.get(f"{said.service}.{said.journal}")) is not None:
                    self._hear(followed, said)
                return
            ask = signals.Ask.model_validate_json(message.body)
            if message.routing_key == signals.ask_key(ask.consumer, self._service):  # which the broker lets it use
                self._on_ask(ask)
        except ValidationError:
            log.warning("signal.unreadable", service=self._service, key=message.routing_key[:64])

    def _hear(self, followed: _Followed, said: signals.Position) -> None:
        for type in followed.types:
            self._note(followed, type, said.heads.get(type, said.floor), said.position)
        followed.said, followed.look_up = said, True
        self._look_back(followed, said)
        self._compare(followed)

    def _note(self, followed: _Followed, type: str, after: int, position: int) -> None:
        if type in self._from_now and type not in followed.hearing.spans:
            after = 0
        followed.changed |= followed.hearing.add(type, after, position)

    def _look_back(self, followed: _Followed, said: signals.Position) -> None:
        """A journal that was put back to an earlier state tells new events under old numbers, which prove nothing."""
        ahead = any(followed.hearing.reached(type) > said.position for type in followed.types)
        followed.went_back = followed.went_back + 1 if ahead else 0
        if followed.went_back >= TWICE:  # once, it may be that what was sent behind the signal was faster
            log.error("journal.went-back", service=self._service, source=said.service, journal=said.journal)
            followed.hearing.doubt(instant_text(self._clock.now()))
            followed.went_back, followed.changed = 0, True

    def _compare(self, followed: _Followed) -> None:
        said, now = followed.said, asyncio.get_running_loop().time()
        if followed.hearing.until > instant_text(self._clock.now()):
            followed.hearing.until, followed.changed = "", True  # this clock, or another one, was ahead
        if said is None:
            return
        metrics.JOURNAL_WENT_BACK.labels(self._service, said.service, said.journal).set(
            bool(followed.hearing.went_back)
        )
        if followed.missing():
            followed.behind_since = now if followed.behind_since is None else followed.behind_since
            return
        followed.behind_since, followed.asked, followed.ask_at, followed.complete = None, 0, 0.0, True
        if said.until is not None and not followed.went_back:
            self._believe(followed, said.service, said.until)
        followed.said = None

    def _believe(self, followed: _Followed, source: str, until: str) -> None:
        """That all is here up to an instant, but for one that has not come: whoever says so has another clock."""
        now = self._clock.now()
        ahead = max(0.0, (instant(until) - now).total_seconds())
        metrics.CLOCK_AHEAD.labels(self._service, source).set(ahead)
        if ahead:
            log.error("clock.ahead", service=self._service, source=source, seconds=round(ahead))
        elif until > followed.hearing.until and followed.hearing.is_sound:
            followed.hearing.until, followed.changed = until, True

    async def _ask(self, followed: _Followed) -> None:
        now, said = asyncio.get_running_loop().time(), followed.said
        if said is None or followed.behind_since is None:
            return
        if now - followed.behind_since < self._timeout or now < followed.ask_at:
            return
        followed.asked += 1
        followed.ask_at = now + self._asks.after(followed.asked).total_seconds()
        expires = self._asks.after(followed.asked + 1).total_seconds()
        ask = signals.Ask(consumer=self._service, after=followed.missing())
        # What a stop has left behind comes by itself; what stays away, or was lost on the way, is somebody's to look into.
        if followed.asked == 1 and not followed.complete:
            log.info("events.missed", service=self._service, source=said.service, types=sorted(ask.after))
        else:
            log.warning("events.missed", service=self._service, source=said.service, types=sorted(ask.after))
        metrics.EVENTS_MISSED.labels(self._service, said.service).inc()
        key = signals.ask_key(self._service, said.service)
        body = ask.model_dump_json().encode()
        await self._broker.publish([Message(signals.EXCHANGE, key, body, self._ids.new(), expires=expires)])

    async def _keep_all(self) -> None:
        for name, followed in self._followed.items():
            if followed.changed:
                followed.changed = False
                try:
                    await heard.keep(self._store, name, followed.hearing)
                except PortError:
                    followed.changed = True
                    raise
