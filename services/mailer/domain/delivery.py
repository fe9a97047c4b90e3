"""One mail to one person: when it may be tried, what became of it, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.contracts.backoff import Backoff
from services.contracts.refusals.mailer import WRONG_STATE
from services.mailer.domain.about import About
from services.mailer.domain.events import Bounced, DomainEvent, Failed, Outdated, Readdressed, Sent, SentAgain
from services.mailer.domain.gathering import Change, Gathered
from services.mailer.domain.priority import Priority
from services.mailer.domain.returns import Return, with_room
from services.mailer.domain.states import TABLE, Action, State

PAUSES: Final = Backoff(timedelta(seconds=30), timedelta(hours=1))
LINK_LEAVES_WITHIN: Final = timedelta(hours=1)
"""A mail that leaves later carries a fresh link instead (acceptance 116)."""
BLANK: Final = "…"
_IN_LINKS: Final = "?token="


def delivery_id(event: str, kind: str) -> str:
    """The delivery of one kind of mail that the event of this id asks for: the same for ever."""
    return f"{event}-{kind}"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written: subject, text and HTML, a one-time link with its secret left blank; that is in `secret`, sealed.

    Of letters that 0.1.0 has written the secret stands in clear, there and in the text.
    """

    subject: str
    text: str
    html: str
    secret: str = ""

    def with_secret(self, opened: str) -> Letter:
        """The letter as it travels: its one-time link leads somewhere."""
        blank, link = _IN_LINKS + BLANK, _IN_LINKS + opened
        return Letter(self.subject, self.text.replace(blank, link), self.html.replace(blank, link))

    def without_secret(self) -> Letter:
        """The letter as it is kept: the one-time link can no longer be used."""
        if not self.secret:
            return self
        return Letter(self.subject, self.text.replace(self.secret, BLANK), self.html.replace(self.secret, BLANK))


ACCOUNT_CLOSED: Final = "account-closed"
"""Why a mail was withheld."""
BOUNCED: Final = "bounced"
"""Why a mail that was handed over needs a person."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail on its way. Answers go to `reply_to`; empty: to the institution.

    `sender` is the process that is handing it over. While there is a `gathering`, the mail takes in what else happens;
    `covers` are the ids of the events that it tells of, of which there may be several. `traceparent` is the trace context of
    what asked for it first, if there is one. Of a `farewell` nothing personal stays once it has come to its end. Tried again
    by a person, `retried_by`, it counts from then on as `created_at`; `written_at` says when that was first. It tells of
    the files that it is `about`. By `message`, the local part of its Message-ID, `returns` have told that it came back.
    """

    account: str
    kind: str
    language: str
    address: str
    name: str
    priority: Priority
    letter: Letter
    created_at: datetime
    due_at: datetime | None
    state: State = State.QUEUED
    attempts: int = 0
    sender: str = ""
    taken_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    gathering: Gathered | None = None
    covers: tuple[str, ...] = ()
    reply_to: str = ""
    traceparent: str = ""
    farewell: bool = False
    written_at: datetime | None = None
    retried_by: str = ""
    about: tuple[About, ...] = ()
    message: str = ""
    returns: tuple[Return, ...] = ()
    readdressed: bool = False

    def is_late(self, now: datetime) -> bool:
        """Whether a one-time link in it would be older than it may be (acceptance 116)."""
        return now - (self.written_at or self.created_at) > LINK_LEAVES_WITHIN

    def gather(self, change: Change, now: datetime) -> Delivery:
        """Tell of one more change; its letter is to be written anew. Raises WRONG_STATE when it takes in no more."""
        if self.gathering is None or now >= self.gathering.until or self.state is not State.QUEUED:
            raise WRONG_STATE(state=self.state.value)
        return replace(self, gathering=self.gathering.with_change(change), covers=(*self.covers, change.event))

    def close(self) -> Delivery:
        """Take in no more."""
        return replace(self, gathering=None)

    def take(self, sender: str, now: datetime, message: str = "") -> Delivery:
        """Begin to hand it over."""
        taken = replace(self._go(Action.TAKE), gathering=None)
        attempts = self.attempts + 1
        return replace(
            taken, sender=sender, taken_at=now, due_at=None, attempts=attempts, message=message or self.message
        )

    def is_taken(self, sender: str, now: datetime) -> bool:
        """Whether `take` with the same words is what was done to it last."""
        return self.state is State.SENDING and (self.sender, self.taken_at) == (sender, now)

    def confirm(self, now: datetime) -> tuple[Delivery, list[DomainEvent]]:
        """It was taken."""
        sent = replace(self._go(Action.CONFIRM), ended_at=now, letter=self.letter.without_secret(), sender="")
        if self.farewell:
            return sent.erase(now), [Sent()]
        for early in self.returns:  # told of before this was written down
            if early.final and self.taken_at is not None and early.at > self.taken_at:
                return replace(sent, state=State.BOUNCED, reason=BOUNCED), [Sent(), Bounced(early.is_hard)]
        return sent, [Sent(), SentAgain()] if self.retried_by and self.about else [Sent()]

    def come_back(
        self, said: Return, patience: timedelta, written_at: datetime | None = None
    ) -> tuple[Delivery, list[DomainEvent]]:
        """Another server tells that it has not arrived, or not yet; the same notice again changes nothing.

        It came back by a final notice, or by one more delay that was written, as it says itself and not in the future,
        once `patience` is at its end since the mail was sent: it may be read long after the mail has arrived. What is on
        its way anew keeps what is said in mind. Raises WRONG_STATE for what never went out.
        """
        is_over = said.final or self._has_waited(patience, written_at, said.at)
        room = with_room(self.returns, is_over=is_over)
        if any(each.id == said.id for each in self.returns) or room is None:
            return self, []
        after, returns = self._go(Action.COME_BACK), (*room, said)
        if after.state is self.state or not is_over:
            return replace(self, returns=returns), []
        return replace(after, returns=returns, reason=BOUNCED, ended_at=said.at), [Bounced(said.is_hard)]

    def _has_waited(self, patience: timedelta, written_at: datetime | None, now: datetime) -> bool:
        if self.ended_at is None or written_at is None or written_at > now:
            return False
        return written_at - self.ended_at >= patience

    def defer(self, now: datetime, timeout: timedelta) -> tuple[Delivery, list[DomainEvent]]:
        """It was not taken for now: try later, in growing pauses, or give up when `timeout` is at its end."""
        if now - self.created_at >= timeout:
            return self._fail(Action.GIVE_UP, "gave-up", now)
        return replace(self._go(Action.PUT_OFF), due_at=now + PAUSES.after(self.attempts), sender="", taken_at=None), []

    def refuse(self, now: datetime) -> tuple[Delivery, list[DomainEvent]]:
        """It was refused for good."""
        return self._fail(Action.GIVE_UP, "refused", now)

    def withhold(self, now: datetime) -> tuple[Delivery, list[DomainEvent]]:
        """Its account is closed: it is written and not sent, unless a person wants that once the account is open again."""
        kept, told = self._fail(Action.WITHHOLD, ACCOUNT_CLOSED, now)
        return replace(kept, due_at=None), told

    def spoil(self, now: datetime) -> tuple[Delivery, list[DomainEvent]]:
        """No mail could be made of it."""
        return self._fail(Action.GIVE_UP, "not-composed", now)

    def outdate(self, now: datetime) -> tuple[Delivery, list[DomainEvent]]:
        """It gives way to another mail, with a fresh link."""
        after = replace(self._go(Action.OUTDATE), ended_at=now, letter=self.letter.without_secret(), sender="")
        return after, [Outdated()]

    def mark_unknown(self, now: datetime) -> tuple[Delivery, list[DomainEvent]]:
        """Whether it was taken is not known, so it is never sent again by itself (nothing goes out twice)."""
        return self._fail(Action.LOSE_SIGHT, "unknown", now)

    def send_again(self, now: datetime) -> Delivery:
        """The hand-over was broken off before it began: try at once."""
        return replace(self._go(Action.PUT_OFF), due_at=now, sender="", taken_at=None)

    def readdress(self, address: str) -> tuple[Delivery, list[DomainEvent]]:
        """Its person is reached elsewhere by now: who has something to say in it is told so once, if it was lost.

        Without an `address` nobody knows where.
        """
        is_lost = self.state is State.BOUNCED or (self.state is State.FAILED and self.reason != ACCOUNT_CLOSED)
        if not is_lost or self.readdressed or not self.about or address in ("", self.address):
            return self, []
        return replace(self, readdressed=True), [Readdressed()]

    def retry(self, now: datetime, by: str, address: str = "") -> Delivery:
        """A person, as events name them, wants it tried again; raises WRONG_STATE unless it failed or came back.

        What tells of files goes to the `address` where its person is reached now, if that is known; other mails are about
        the address that they were written to.
        """
        written_at = self.written_at or self.created_at
        again = replace(self._go(Action.RETRY), due_at=now, ended_at=None, reason="")
        if self.about and address not in ("", self.address):
            again = replace(again, address=address, readdressed=False)
        return replace(again, created_at=now, written_at=written_at, retried_by=by)

    def erase(self, now: datetime) -> Delivery:
        """The person is gone: that there was a mail stays, to whom and what it said does not.

        Raises WRONG_STATE while it is being handed over.
        """
        erased = replace(
            self._go(Action.ERASE),
            gathering=None,
            address="",
            name="",
            reply_to="",
            letter=Letter("", "", ""),
            about=(),
            message="",
            returns=(),
            due_at=None,
        )
        return replace(erased, ended_at=self.ended_at or now)

    def hurry(self, now: datetime) -> Delivery:
        """A person wants what was put off tried at once; anything else stays as it is."""
        if self.state is State.QUEUED and self.attempts and self.due_at is not None and self.due_at > now:
            return replace(self, due_at=now)
        return self

    def _fail(self, action: Action, reason: str, now: datetime) -> tuple[Delivery, list[DomainEvent]]:
        failed = replace(self._go(action), ended_at=now, reason=reason, sender="")
        return failed.erase(now) if self.farewell else failed, [Failed(reason)]

    def _go(self, action: Action) -> Delivery:
        target = TABLE.get((self.state, action))
        if target is None:
            raise WRONG_STATE(state=self.state.value)
        return replace(self, state=target)
