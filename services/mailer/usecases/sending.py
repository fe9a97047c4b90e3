"""Sending: every queued mail is handed over once; what a crash left half-way is looked into, never guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final

import structlog

from services.chassis.clock import beyond
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.aggregates import Decision, Outcome, Versioned
from services.chassis.failpoints import failpoint
from services.chassis.ports import Document, MailRefused, MailTemporary, MailUnknown, OutgoingMail, StoreUnavailable
from services.chassis.retries import Retries
from services.chassis.security.sealing import is_sealed
from services.chassis.telemetry import metrics, tracing
from services.chassis.telemetry.spans import Attributes, Span, SpanKind
from services.chassis.telemetry.supervisor import end
from services.contracts.refusals import RefusedError
from services.contracts.spans import Attribute
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.events import DomainEvent
from services.mailer.domain.priority import Priority
from services.mailer.domain.states import State
from services.mailer.usecases.app import App
from services.mailer.usecases.mime import one_mail

log = structlog.get_logger()

Step = Callable[[Delivery], tuple[Delivery, list[DomainEvent]]]
"""What becomes of a delivery, and what others hear of it."""

POLL_SECONDS: Final = 2.0
FINISH_SECONDS: Final = 3.0
"""How long a mail that is going out when this process is to end may still take; within what draining leaves of 25 s."""
ABANDONED: Final = "abandoned-mails"
ABANDONED_AFTER: Final = timedelta(minutes=15)
"""A mail that another process took this long ago is looked into; a hand-over takes at most a few minutes."""


class Sender:
    """Sends what is due of one priority, so many mails at once.

    Each priority has one, so that urgent mails wait behind none; and of one priority, a mail whose server is slow takes its
    own place for as long as that lasts, and nobody else's (acceptance 103).
    """

    def __init__(self, app: App, priority: Priority) -> None:
        self._app = app
        self._priority = priority
        self._work = f"{priority.value}-mails"
        self._under_way: dict[str, asyncio.Task[bool | None]] = {}
        self._waited_longest: set[str] = set()

    async def run(self) -> None:
        """Send until cancelled; what is going out then comes to its end."""
        retries = Retries()
        try:
            while True:
                self._app.queued[self._priority].clear()
                try:
                    await self.take_up()
                    await self._wait()
                    self.let_go()
                    retries.succeeded()
                except StoreUnavailable as error:
                    log.warning("mailer.store-unavailable", error=type(error).__name__)
                    await retries.pause()
        finally:
            await end(self._under_way.values())
            self._under_way.clear()
            self._waited_longest.clear()

    async def take_up(self) -> int:
        """Begin with what is due, as far as there are places; answer with how many mails that is."""
        rows = await self._next()
        for row, known in rows:
            attempt = self._app.parking.attempt(self._work, row["_id"], partial(self._send, row), known)
            self._under_way[row["_id"]] = asyncio.create_task(attempt)
        return len(rows)

    async def finish(self) -> None:
        """Wait until all that was taken up is sent, put off, refused or parked."""
        if self._under_way:
            await asyncio.wait(self._under_way.values())
        self.let_go()

    def let_go(self) -> None:
        """Give back the places of mails that are done with; raises StoreUnavailable if one of them met that."""
        for id in [id for id, task in self._under_way.items() if task.done()]:
            self._waited_longest.discard(id)
            self._under_way.pop(id).result()

    async def _send(self, row: Document) -> bool:
        return await send(self._app, self._app.deliveries.loaded(row))

    async def _next(self) -> list[tuple[Document, Document | None]]:
        at_once = self._app.settings.at_once
        places = at_once - len(self._under_way)
        if not places:
            return []
        longest = await self._ready(places, newest=False)
        if len(longest) < places:
            return longest
        # Many wait: half of the places are for who asked last, whom a flood before them must not delay.
        room = max(0, (at_once + 1) // 2 - len(self._waited_longest))
        chosen = {row["_id"]: (row, known) for row, known in longest[:room]}
        newest = await self._ready(places, newest=True)
        self._waited_longest.update(chosen)
        for row, known in newest:
            if len(chosen) < places:
                chosen.setdefault(row["_id"], (row, known))
        return list(chosen.values())

    async def _ready(self, limit: int, *, newest: bool) -> list[tuple[Document, Document | None]]:
        due = self._app.deliveries.due(self._priority, self._app.clock.now(), newest=newest)
        others = (row async for row in due if row["_id"] not in self._under_way)
        return await self._app.parking.ready(self._work, others, limit)

    async def _wait(self) -> None:
        """Until a mail is done with, one is queued for which there is a place, or a while has passed."""
        queued = asyncio.create_task(self._app.queued[self._priority].wait())
        full = len(self._under_way) >= self._app.settings.at_once
        try:
            awaited = {*self._under_way.values(), *(() if full else (queued,))}
            await asyncio.wait(awaited, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end([queued])


async def tell_figures(app: App, command: CommandContext) -> int:
    """Show in the metrics how many mails wait, and how many need a person."""
    for state in (State.QUEUED, State.SENDING, State.FAILED, State.UNKNOWN):
        metrics.MAILS.labels(state.value).set(await app.deliveries.how_many(state))
    return 0


async def send(app: App, saved: Versioned[Delivery]) -> bool:
    """Hand over one mail; False if another process has taken it.

    Cancelled, it takes none, puts one back that has not begun to go out, and lets one that has come to its end.
    """
    async with app.mail.turn():  # only a mail that can be handed over is taken: what waits is nobody's
        with _traced(saved):
            return await _hand_over(app, saved)


def _traced(saved: Versioned[Delivery]) -> AbstractContextManager[Span]:
    attributes: Attributes = {
        Attribute.SERVICE: "mailer",
        Attribute.DELIVERY: saved.id,
        Attribute.MAIL_KIND: saved.state.kind,
    }
    return tracing.span("send mail", SpanKind.CLIENT, attributes, saved.state.traceparent or None)


async def _hand_over(app: App, saved: Versioned[Delivery]) -> bool:
    now = app.clock.now()
    if not await _write_down(app, saved.id, partial(_take, app.instance, now, _message(saved.id))):
        return False
    failpoint("mailer.taken")
    if app.templates.is_renewed(saved.state.kind) and saved.state.is_late(now):
        await _write_down(app, saved.id, await _late(app, saved))
        return True
    if (mail := await _composed(app, saved, now)) is None:
        return True
    begun = asyncio.Event()
    handing = asyncio.create_task(app.mail.send(mail, begun.set))
    try:
        await asyncio.wait([handing])
    except asyncio.CancelledError:
        if begun.is_set():
            await asyncio.wait([handing], timeout=FINISH_SECONDS)
        await end([handing])
        with suppress(StoreUnavailable):  # then it is looked into after the next start, as after a crash
            if not handing.cancelled():
                await _record(app, saved.id, _outcome(app, saved, handing))
            elif not begun.is_set():
                await _record(app, saved.id, lambda delivery: (delivery.send_again(app.clock.now()), []))
        raise
    lost_of = None if handing.exception() is None else saved.state.account
    await _write_down(app, saved.id, _outcome(app, saved, handing), lost_of)
    return True


async def _late(app: App, saved: Versioned[Delivery]) -> Step:
    """A mail whose link is too old: a fresh one is asked for once mails are taken again, and not each hour till then."""
    try:
        await app.mail.ping()
    except MailTemporary as error:
        log.warning("mail.put-off", error=str(error), delivery=saved.id, kind=saved.state.kind)
        timeout = timedelta(hours=app.settings.give_up_hours)
        return lambda delivery: delivery.defer(app.clock.now(), timeout)
    log.info("mail.outdated", delivery=saved.id, kind=saved.state.kind)
    return lambda delivery: delivery.outdate(app.clock.now())


def _outcome(app: App, saved: Versioned[Delivery], handing: asyncio.Task[None]) -> Step:
    """What becomes of a mail by how its hand-over ended."""
    id, kind = saved.id, saved.state.kind
    match handing.exception():
        case None:
            failpoint("mailer.handed-over")
            log.info("mail.sent", delivery=id, kind=kind)
            return lambda delivery: delivery.confirm(app.clock.now())
        case MailTemporary() as error:
            timeout = timedelta(hours=app.settings.give_up_hours)
            log.warning("mail.put-off", error=str(error), delivery=id, kind=kind)
            return lambda delivery: delivery.defer(app.clock.now(), timeout)
        case MailRefused():
            log.error("mail.refused", delivery=id, kind=kind)
            return lambda delivery: delivery.refuse(app.clock.now())
        case MailUnknown():
            log.error("mail.unknown", delivery=id, kind=kind)
        case error:  # a fault of ours, at whatever moment: nobody knows whether it went out, so a person must look
            log.error("mail.unknown", exc_info=error, delivery=id, kind=kind)
    return lambda delivery: delivery.mark_unknown(app.clock.now())


async def _composed(app: App, saved: Versioned[Delivery], now: datetime) -> OutgoingMail | None:
    """The mail as it travels; one that cannot be made is failed, and goes no further."""
    institution = app.parameters.in_force.institution
    sender = (institution.sender_name or institution.name, app.settings.sender)
    try:
        return one_mail(
            message_id(app, saved.id),
            sender,
            _whole(app, saved.state),
            now,
            reply_to=institution.contact,
            bounces=app.settings.bounces,
        )
    except Exception:  # whatever a stored letter does to the libraries, it is this mail's end and nobody else's
        log.exception("mail.not-composed", delivery=saved.id, kind=saved.state.kind)
        await _write_down(app, saved.id, lambda delivery: delivery.spoil(app.clock.now()), saved.state.account)
        return None


def _whole(app: App, delivery: Delivery) -> Delivery:
    """With the secret of its link in the letter; raises Unsealable."""
    secret = delivery.letter.secret
    if not is_sealed(secret):
        return delivery
    return replace(delivery, letter=delivery.letter.with_secret(app.sealer.open(secret)))


async def recover(app: App) -> int:
    """Before anything is sent, look into what this process took in an earlier life, or another one long ago."""

    async def left_behind(row: Document) -> bool:
        saved = app.deliveries.loaded(row)
        if saved.state.sender != app.instance and not _is_abandoned(app, saved):
            return False
        await _look_into(app, saved)
        return True

    return await app.parking.each(ABANDONED, app.deliveries.under_way(), left_behind, limit=1000)


def mails_under_way(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """Mails that some process is handing over, or was when it died."""
    return app.deliveries.under_way()


async def look_after_abandoned(app: App, row: Document, command: CommandContext) -> bool:
    """Look into a mail that a dead process has left, as a timer's work; what is under way is not touched."""
    saved = app.deliveries.loaded(row)
    if not _is_abandoned(app, saved):
        return False
    await _look_into(app, saved)
    return True


def _is_abandoned(app: App, saved: Versioned[Delivery]) -> bool:
    taken_at = saved.state.taken_at
    if taken_at is None:
        return False
    now = app.clock.now()
    if taken_at > beyond(now, timedelta()):
        return True  # by a clock that was ahead, and has been put right since
    if saved.state.sender == app.instance:
        return taken_at < app.began
    return now - taken_at >= ABANDONED_AFTER


async def _look_into(app: App, saved: Versioned[Delivery]) -> None:
    sent = await app.mail.was_sent(message_id(app, saved.id))
    if sent is None:
        log.error("mail.unknown", delivery=saved.id, kind=saved.state.kind)
    await _record(app, saved.id, partial(_found, sent, app.clock.now()))


def _take(sender: str, now: datetime, message: str, delivery: Delivery) -> tuple[Delivery, list[DomainEvent]]:
    """Take it, once: the answer to the first time may have been lost."""
    return (delivery if delivery.is_taken(sender, now) else delivery.take(sender, now, message)), []


def _found(sent: bool | None, now: datetime, delivery: Delivery) -> tuple[Delivery, list[DomainEvent]]:
    """What becomes of a mail that was left half-way, by what its transport says of it."""
    if sent is None:
        return delivery.mark_unknown(now)
    return delivery.confirm(now) if sent else (delivery.send_again(now), [])


def message_id(app: App, delivery: str) -> str:
    """The Message-ID of a delivery, the same for ever."""
    return f"<{_message(delivery)}@{app.settings.domain}>"


def _message(delivery: str) -> str:
    return sha256(delivery.encode()).hexdigest()[:40]


async def _write_down(app: App, id: str, step: Step, lost_of: str | None = None) -> Outcome[Delivery] | None:
    """Record it however long the store is away: nobody else knows how far this mail has come."""
    retries = Retries()
    while True:
        try:
            return await _record(app, id, step, lost_of)
        except StoreUnavailable as error:
            log.warning("mail.not-recorded", delivery=id, error=type(error).__name__, failures=retries.failures + 1)
            await retries.pause()


async def _record(app: App, id: str, step: Step, lost_of: str | None = None) -> Outcome[Delivery] | None:
    """Write down what became of a mail; None if another process has done so, or the mail is gone.

    One that is `lost_of` an account may have gone to an address that is another one since.
    """
    email = "" if lost_of is None else await app.directory.email_of(lost_of)

    def decide(delivery: Delivery) -> Decision[Delivery]:
        after, domain_events = step(delivery)
        after, elsewhere = after.readdress(email)
        return Decision(after, [*domain_events, *elsewhere])

    command = CommandContext(app.clock.now(), id, acting_service("mailer"), traceparent=tracing.current())
    try:
        return await app.deliveries.change(id, decide, command)
    except RefusedError:
        return None
