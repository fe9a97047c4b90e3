"""Says how far a service has told its journals, and tells again what others have missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Final, NamedTuple

import structlog

from services.chassis.broker import signals
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.journal import Journal, JournalEntry
from services.chassis.events.outbox import waits
from services.chassis.events.parking import PARKED, Parking
from services.chassis.events.publisher import Progress, Publisher, messages, waves
from services.chassis.ports import Broker, Clock, Collection, DuplicateKey, Ids, Message, Place, PortError, Range, Store
from services.chassis.telemetry import metrics
from services.contracts.events.catalogue import CATALOGUE, Audience, Event
from services.contracts.instants import instant_text

log = structlog.get_logger()

REPLAYS: Final = Collection("replays")
"""What operations want told again to everybody: one document, gone when it is done."""
BY_HAND: Final = "by-hand"

BEAT_SECONDS: Final = 15.0
SOON_SECONDS: Final = 1.0
"""Until it is said again how far a journal is, if it could not be said that everything is in it."""
EXPIRES: Final = 60.0
LONGEST_COMMAND: Final = timedelta(seconds=60)
"""A command that arrived this long ago has been saved, or never will be."""
WAIT_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.02
PAGE: Final = 256

ANNOUNCING: Final = "announce"
"""Under this name is parked of what it cannot be told how it stands."""


class Present(NamedTuple):
    """How a type of internal event is told anew: `announce` causes it for one key, and `keys` are all that there are."""

    keys: Callable[[], AsyncGenerator[str, None]]
    announce: Callable[[str, CommandContext], Awaitable[None]]


class Teller:
    """The voice of one service's journals. `present` says how each type of internal event is told anew.

    Internal events are never sent as they were: they would bring back what is no longer so. One-time links, which have no
    present state, are never told again.
    """

    def __init__(
        self,
        service: str,
        store: Store,
        broker: Broker,
        clock: Clock,
        ids: Ids,
        *,
        aggregates: Sequence[str],
        journals: Mapping[Audience, Journal],
        publishers: Mapping[Audience, Publisher],
        present: Mapping[type[Event], Present],
        parking: Parking,
    ) -> None:
        self._service = service
        self._store = store
        self._broker = broker
        self._clock = clock
        self._ids = ids
        self._aggregates = aggregates
        self._journals = journals
        self._publishers = publishers
        self._present = {event.TYPE: how for event, how in present.items()}
        self._parking = parking
        self._asked: dict[str, Mapping[str, int]] = {}
        self._wanted = asyncio.Event()

    # --- how far it is ------------------------------------------------------------------------------------------

    async def keep_saying(self) -> None:
        """Say by and by how far the journals are that this process publishes, until cancelled."""
        while True:
            everything = False
            with suppress(PortError):
                everything = await self.say_position()
                await self._look_for_orders()
            await self._pause(BEAT_SECONDS if everything else SOON_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Wait for so long, or until the suite's clock says that it is over: of one that was moved, others wait to hear."""
        loop, over = asyncio.get_running_loop(), self._clock.now() + timedelta(seconds=seconds)
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and self._clock.now() < over:  # noqa: ASYNC110 - a clock tells nobody
            await asyncio.sleep(min(left, SOON_SECONDS))

    async def say_position(self) -> bool:
        """Say how far each journal is that this process publishes; answer whether it could say so of all, without rest."""
        everything = True
        for audience, publisher in self._publishers.items():
            until = instant_text(self._clock.now() - LONGEST_COMMAND)
            is_told = publisher.standing() is not None and await self._is_told(audience, until)
            if (standing := publisher.standing()) is not None:
                await self._say(audience, standing, until if is_told else None)
            everything &= is_told and standing is not None
        return everything

    async def _is_told(self, audience: Audience, until: str) -> bool:
        """Whether every event caused up to an instant is confirmed by the broker, or is after a moment.

        Not as long as there is something that cannot be told.
        """
        if any(row["state"] != "skipped" for row in (await self._parking.known(ANNOUNCING)).values()):
            return False
        for name in self._aggregates:
            if await self._store.count(name, {"outbox_at": Range(gt="", le=until)}):
                return False
        publisher, last = self._publishers[audience], await self._journals[audience].last()
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                while (at := publisher.standing()) is not None:
                    if at.position >= last:
                        return True
                    await asyncio.sleep(LOOK_SECONDS)
        return False

    async def _say(self, audience: Audience, standing: Progress, until: str | None) -> None:
        said = signals.Position(
            service=self._service,
            journal=self._journals[audience].collection,
            position=standing.position,
            heads=standing.heads,
            floor=standing.floor,
            until=until,
        )
        key, body = signals.position_key(self._service), said.model_dump_json(exclude_none=True).encode()
        await self._broker.publish([Message(signals.EXCHANGE, key, body, self._ids.new(), expires=EXPIRES)])

    # --- again --------------------------------------------------------------------------------------------------

    def ask(self, ask: signals.Ask) -> None:
        """Note what a consumer has missed; while it is being told, it asks in vain."""
        self._asked.setdefault(ask.consumer, ask.after)
        self._wanted.set()

    async def keep_telling(self) -> None:
        """Tell again what was asked for, one consumer after the other, until cancelled; who asks in vain asks again."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            for consumer, after in list(self._asked.items()):
                try:
                    await self.tell_again(consumer, after)
                except PortError as error:
                    log.warning("replay.failed", service=self._service, consumer=consumer, error=type(error).__name__)
                finally:
                    del self._asked[consumer]

    async def tell_again(self, consumer: str, after: Mapping[str, int]) -> int:
        """Tell a consumer, or everybody, what stands behind a row, for each type; answer how many rows were sent."""
        sent = 0
        for audience in Audience:
            wanted = {
                type: max(0, row)
                for type, row in after.items()
                if type in CATALOGUE
                and CATALOGUE[type].AUDIENCE is audience
                and signals.publisher_of(type) == self._service
            }
            if wanted:
                sent += await (self._send if audience is Audience.PUBLIC else self._announce)(consumer, wanted)
        log.warning("replay.done", service=self._service, consumer=consumer, types=sorted(after), rows=sent)
        metrics.EVENTS_SENT_AGAIN.labels(self._service).inc(sent)
        return sent

    async def _send(self, consumer: str, after: Mapping[str, int]) -> int:
        """Rows of the public journal, which is kept for ever, as they are."""
        last = await self._publishers[Audience.PUBLIC].position()
        reached, at, sent, whole = dict(after), min(after.values()), 0, True
        while entries := await self._rows(Audience.PUBLIC, at, last):
            at = entries[-1].position
            whole &= all(entry.is_readable or entry.type not in {"", *reached} for entry in entries)
            missed = [
                entry for entry in entries if entry.is_readable and entry.position > reached.get(entry.type, last)
            ]
            for wave in waves(missed):
                key = signals.again_key(self._service, consumer)
                await self._publish(messages(wave, signals.EXCHANGE, reached.__getitem__, key))
                reached |= {entry.type: entry.position for entry in wave}
                sent += len(wave)
        if whole:  # else nobody can say that he was told everything
            await self._say_no_more(consumer, reached, last)
        return sent

    async def _announce(self, consumer: str, after: Mapping[str, int]) -> int:
        """How things stand, for what internal events behind these rows were about, or for all if such rows are swept."""
        last = await self._publishers[Audience.INTERNAL].position()
        command = CommandContext(self._clock.now(), self._ids.new(), acting_service(self._service))
        at = min(after.values())
        is_swept, keys, sent = False, dict[str, dict[str, None]](), 0
        while entries := await self._rows(Audience.INTERNAL, at, last):
            is_swept |= entries[0].position > at + 1 or not all(entry.is_readable for entry in entries)
            at = entries[-1].position
            for entry in entries:
                if entry.position > after.get(entry.type, last):
                    keys.setdefault(entry.type, {})[entry.key.partition(":")[2]] = None
        for type in sorted(after.keys() & self._present.keys()):
            about = self._present[type].keys() if is_swept else _each(keys.get(type, ()))
            async with aclosing(about):
                async for key in about:
                    sent += await self._announce_one(type, key, command)
        if sent:
            await self._wait_published(instant_text(command.now))
        await self._say_no_more(consumer, after, last)
        return sent

    async def _announce_one(self, type: str, key: str, command: CommandContext) -> bool:
        """Tell how one thing stands; of one that cannot be read, others are told nevertheless."""

        async def announce() -> bool:
            await self._present[type].announce(key, command)
            return True

        item = f"{type}:{key}"
        known = await self._store.get(PARKED.name, f"{ANNOUNCING}:{item}")
        return bool(await self._parking.attempt(ANNOUNCING, item, announce, known))

    async def _wait_published(self, until: str) -> None:
        """Wait until what was caused up to an instant is with the broker, but for what cannot be relayed."""
        for name in self._aggregates:
            while await waits(self._store, self._parking, name, Range(gt="", le=until)):  # noqa: ASYNC110 - rest is seen by looking
                await asyncio.sleep(LOOK_SECONDS)
        journal, publisher = self._journals[Audience.INTERNAL], self._publishers[Audience.INTERNAL]
        last = await journal.last()
        while await publisher.position() < last:  # noqa: ASYNC110 - rest is seen by looking
            await asyncio.sleep(LOOK_SECONDS)

    async def _rows(self, audience: Audience, after: int, last: int) -> list[JournalEntry]:
        entries = await self._journals[audience].read(after, PAGE)
        return [entry for entry in entries if entry.position <= last]

    async def _say_no_more(self, consumer: str, reached: Mapping[str, int], last: int) -> None:
        """Say that up to `last` there is nothing else of these types."""
        key = signals.again_key(self._service, consumer)
        await self._publish(
            [
                Message(signals.EXCHANGE, key, b"", self._ids.new(), place=Place(type, row, last))
                for type, row in sorted(reached.items())
            ]
        )

    async def _publish(self, batch: Sequence[Message]) -> None:
        left = list(batch)
        while left:
            del left[: await self._broker.publish(left)]

    # --- by hand ------------------------------------------------------------------------------------------------

    async def _look_for_orders(self) -> None:
        """What `parvis replay` has asked for, if this is the process that publishes."""
        if self._publishers[Audience.PUBLIC].standing() is None:
            return
        if (order := await self._store.get(REPLAYS.name, BY_HAND)) is None:
            return
        own = [type for type in CATALOGUE if signals.publisher_of(type) == self._service]
        await self.tell_again(
            signals.EVERYBODY,
            {type: order["after"] if CATALOGUE[type].AUDIENCE is Audience.PUBLIC else 0 for type in own},
        )
        await self._store.delete(REPLAYS.name, BY_HAND, version=order["version"])


async def _each(keys: Iterable[str]) -> AsyncGenerator[str, None]:
    for key in keys:
        yield key


async def order_replay(store: Store, after: int) -> None:
    """Leave the order to tell everybody again what stands behind a row of the public journal, and how things stand."""
    while True:
        there = await store.get(REPLAYS.name, BY_HAND)
        if there is None:
            with suppress(DuplicateKey):
                await store.insert(REPLAYS.name, {"_id": BY_HAND, "version": 1, "after": after})
                return
        elif await store.replace(
            REPLAYS.name,
            there | {"version": there["version"] + 1, "after": min(after, there["after"])},
            version=there["version"],
        ):
            return
