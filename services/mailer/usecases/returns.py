"""Mails that came back: the mailbox is read by one replica at a time, and each notice counts once (ADR 108)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision, Versioned
from services.chassis.events.leases import Lease
from services.chassis.failpoints import failpoint
from services.chassis.ports import Bounces, BouncesUnavailable, MailboxPlace, ReturnedMails
from services.chassis.store.rows import UnreadableRow, tell
from services.contracts.backoff import Backoff
from services.contracts.refusals import BUSY, RefusedError
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.returns import Return
from services.mailer.repository.mailboxes import Mailboxes
from services.mailer.usecases.app import App
from services.mailer.usecases.notices import Notice, UnreadableNoticeError, comparable, read_notice

log = structlog.get_logger()

LOOK_SECONDS: Final = 60.0
LEASE_SECONDS: Final = 60.0
"""Longer than a mail takes to be read: while a server answers slowly nobody else begins."""
PAUSES: Final = Backoff(timedelta(minutes=1), timedelta(hours=1))
"""While the mailbox cannot be read."""


@dataclass(slots=True)
class ReturnReader:
    """Reads the mailbox, a few mails at a time."""

    app: App
    bounces: Bounces
    mailboxes: Mailboxes
    lease: Lease
    _failures: int = field(default=0, init=False)
    _not_before: datetime | None = field(default=None, init=False)

    async def read(self, command: CommandContext) -> int:
        """Take what has come back since, as a timer's work; answer how far that led, nothing once all is read.

        Raises BouncesUnavailable, after which it waits in growing pauses.
        """
        if self._not_before is not None and command.now < self._not_before <= command.now + PAUSES.longest:
            return 0
        if not await self.lease.hold():
            return 0
        try:
            done = await self._round(command)
        except BouncesUnavailable as error:
            self._failures += 1
            self._not_before = command.now + PAUSES.after(self._failures)
            log.warning("bounces.unavailable", error=str(error), failures=self._failures)
            raise
        self._failures, self._not_before = 0, None
        return done

    async def _round(self, command: CommandContext) -> int:
        place = await self.mailboxes.place()
        found = await self.bounces.read(place)
        understood: list[MailboxPlace] = []
        done = await self._take_all(found, place, understood, command)
        with suppress(BouncesUnavailable):  # a help for people who look in there, and nothing more
            if understood:
                await self.bounces.mark_seen(understood)
        return done

    async def _take_all(
        self, found: ReturnedMails, place: MailboxPlace, understood: list[MailboxPlace], command: CommandContext
    ) -> int:
        for at, content in found.mails:
            if not await self.lease.hold():
                return 0
            if await self._take(at, content, command):
                understood.append(at)
            failpoint("mailer.return-taken")
            if not await self.mailboxes.move(at):
                return 0  # another process is at it
        if found.until != place:
            await self.mailboxes.move(found.until)
        return 1 if found.mails or found.until.uid != place.uid else 0

    async def _take(self, at: MailboxPlace, content: bytes, command: CommandContext) -> bool:
        """Whether it told of one of our mails."""
        try:
            notice = await asyncio.to_thread(read_notice, content, self.app.settings.domain)
        except UnreadableNoticeError as error:  # it stays there, unseen, for a person
            log.warning("bounces.unreadable", uid=at.uid, error=str(error))
            return False
        if notice is None:
            log.info("bounces.not-a-notice", uid=at.uid)
            return False
        taken = False
        for mail in notice.mails:
            try:
                saved = await self.app.deliveries.by_message(mail)
                if saved is None or not _names(notice, saved.state):
                    log.warning("bounces.not-ours", uid=at.uid)
                    continue
                await take(self.app, saved, notice, command)
            except UnreadableRow as error:  # no time mends it, and behind it there are others
                tell("mailer", error)
                continue
            taken = True
        return taken


def _names(notice: Notice, delivery: Delivery) -> bool:
    """Whether it is about who was written to: nobody else can say that a mail has not arrived."""
    return bool(delivery.address) and comparable(delivery.address) in notice.failed | notice.delayed


async def take(app: App, saved: Versioned[Delivery], notice: Notice, command: CommandContext) -> None:
    """Note what is said of a delivery, once; who is reached elsewhere since it went out is told so at once.

    Raises BouncesUnavailable where others change the delivery all the time: the notice is read again.
    """
    address = comparable(saved.state.address)
    said = Return(notice.id, command.now, address in notice.failed, notice.status_of(address))
    patience = timedelta(days=app.parameters.in_force.mailer.delayed_days)
    own = CommandContext(command.now, f"{notice.id}-{saved.id}", command.actor)
    decide = partial(_decide, said, patience, notice.written_at, await app.directory.email_of(saved.state.account))
    try:
        outcome = await app.deliveries.change(saved.id, decide, own)
    except RefusedError as refusal:
        if refusal.slug is BUSY:
            raise BouncesUnavailable(BUSY.name) from None
        return  # it is gone, or its person is
    if outcome is not None and outcome.events:
        log.warning("mail.bounced", delivery=saved.id, kind=saved.state.kind)


def _decide(
    said: Return, patience: timedelta, written_at: datetime | None, email: str, delivery: Delivery
) -> Decision[Delivery]:
    returned, facts = delivery.come_back(said, patience, written_at)
    after, elsewhere = returned.readdress(email)
    return Decision(after, [*facts, *elsewhere])
